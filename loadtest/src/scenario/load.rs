//! Closed loops: relay and fan-out.

use std::{sync::Arc, time::Instant};

use anyhow::ensure;
use tokio::{task::JoinSet, time::sleep};

use super::{Setup, fanout, fill_rooms, relay};
use crate::{
    client::Client,
    content::Kind,
    fault::Fault,
    live::{Live, Progress},
    report::{LoadReport, Report},
    target::Names,
};

/// Which closed loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exchange {
    /// See [`relay`].
    Relay,
    /// See [`fanout`], with messages of this kind.
    Fanout(Kind),
}

impl Exchange {
    fn name(self) -> &'static str {
        match self {
            Self::Relay => "relay",
            Self::Fanout(_) => "fanout",
        }
    }
}

/// Plays a closed loop in every room and measures what the server spends per message that was delivered.
///
/// # Errors
/// When nothing can be measured. Wrong answers are faults in the report.
pub async fn run_load(setup: &Setup, exchange: Exchange) -> anyhow::Result<Report> {
    setup.check()?;
    ensure!(exchange != Exchange::Relay || setup.room_size == 2, "--room-size: relay is between two");
    let live = Arc::new(Live::default());
    let progress = Progress::show(format!("{} ({})", exchange.name(), setup.target.wire.name()), live.clone());
    let rooms = fill_rooms(setup, &Names::new(rand::random()), 0..setup.rooms(), &live).await;

    let mut tasks = JoinSet::new();
    for room in rooms {
        tasks.spawn(play(room, exchange, live.clone()));
    }
    sleep(setup.settle).await;
    let cpu_before = setup.process.map(|process| process.cpu_seconds()).transpose()?;
    let (delivered_before, begun) = (live.deliveries(), Instant::now());
    live.measure();
    sleep(setup.duration).await;
    let cpu_after = setup.process.map(|process| process.cpu_seconds()).transpose()?;
    let (messages, seconds) = (live.deliveries() - delivered_before, begun.elapsed().as_secs_f64());
    live.stop();
    while let Some(played) = tasks.join_next().await {
        played?;
    }
    drop(progress);

    ensure!(messages > 0, "no message was delivered: {:?}", live.faults().snapshot());
    let cpu_us = cpu_before.zip(cpu_after).map(|(before, after)| (after - before) * 1e6 / messages as f64);
    Ok(Report::new(exchange.name(), setup, &live, LoadReport::new(messages, seconds, cpu_us, live.latencies())))
}

async fn play(mut room: Vec<Client>, exchange: Exchange, live: Arc<Live>) {
    if let Err(fault) = play_until_stopped(&mut room, exchange, &live).await {
        live.fault(&fault);
    }
}

async fn play_until_stopped(room: &mut [Client], exchange: Exchange, live: &Live) -> Result<(), Fault> {
    let mut number = 0;
    while !live.is_stopped() {
        match exchange {
            Exchange::Relay => relay::negotiate(room, &mut number, live).await?,
            Exchange::Fanout(kind) => fanout::go_round(room, kind, &mut number, live).await?,
        }
    }
    for client in room {
        client.settle().await?;
    }
    Ok(())
}
