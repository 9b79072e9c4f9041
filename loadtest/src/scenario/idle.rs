//! Clients that have joined and say nothing: what does one cost in memory?

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{Setup, fill_rooms};
use crate::{
    client::Client,
    fault::Fault,
    live::{Live, Progress},
    process::Process,
    report::{IdleReport, Report},
    statistics::{median, slope},
    target::Names,
};

/// Readings of one figure; their median counts.
const READINGS: usize = 5;
const BETWEEN_READINGS: Duration = Duration::from_millis(300);
const BETWEEN_SOAK_READINGS: Duration = Duration::from_secs(10);

/// Measures the server's resident memory at `baseline` clients and at all of them, and then, if a soak is asked for, how it
/// grows while nothing happens.
///
/// # Errors
/// When nothing can be measured. Wrong answers are faults in the report.
pub async fn run_idle(setup: &Setup, baseline: usize, soak: Option<Duration>) -> anyhow::Result<Report> {
    setup.check()?;
    ensure!(baseline < setup.clients, "--baseline: expected fewer than --clients ({})", setup.clients);
    let process = setup.process.context("--pid: needed to read the server's memory")?;
    let live = Arc::new(Live::default());
    let progress = Progress::show(format!("idle ({})", setup.target.wire.name()), live.clone());
    let names = Names::new(rand::random());
    let mut held = JoinSet::new();

    let baseline_rooms = baseline / setup.room_size;
    let mut measured = Vec::new();
    for rooms in [0..baseline_rooms, baseline_rooms..setup.rooms()] {
        for client in fill_rooms(setup, &names, rooms, &live).await.into_iter().flatten() {
            held.spawn(hold(client, live.clone()));
        }
        sleep(setup.settle).await;
        measured.push((live.present(), resident(process).await?));
    }
    let growth_kib = match soak {
        Some(duration) => Some(growth_per_client_hour(process, duration, live.present()).await?),
        None => None,
    };
    held.shutdown().await;
    drop(progress);

    let ((few, few_kib), (many, many_kib)) = (measured[0], measured[1]);
    ensure!(many > few, "no client stayed: {:?}", live.faults().snapshot());
    let details = IdleReport {
        baseline_clients: few,
        baseline_rss_kib: few_kib,
        rss_kib: many_kib,
        kib_per_client: (many_kib - few_kib) / (many - few) as f64,
        growth_kib_per_client_hour: growth_kib,
    };
    Ok(Report::new("idle", setup, &live, details))
}

/// Keeps a client in its room: pings are answered, cursors acknowledged. Nothing should be said.
async fn hold(mut client: Client, live: Arc<Live>) {
    let fault = match client.receive().await {
        Ok(parcel) => Fault::Unexpected(format!("{parcel:?} in a silent room")),
        Err(fault) => fault,
    };
    live.fault(&fault);
    live.left();
}

async fn resident(process: Process) -> anyhow::Result<f64> {
    let mut readings = Vec::with_capacity(READINGS);
    for _ in 0..READINGS {
        readings.push(process.rss_kib()? as f64);
        sleep(BETWEEN_READINGS).await;
    }
    median(&readings).context("no reading")
}

async fn growth_per_client_hour(process: Process, duration: Duration, clients: u64) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let mut readings = vec![(0.0, resident(process).await?)];
    while begun.elapsed() < duration {
        sleep(BETWEEN_SOAK_READINGS.min(duration)).await;
        readings.push((begun.elapsed().as_secs_f64() / 3_600.0, resident(process).await?));
    }
    Ok(slope(&readings).context("--soak: too short")? / clients as f64)
}
