//! Everyone's connection is cut in the same moment, and everyone comes back.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{Setup, fill_rooms, relay};
use crate::{
    client::{Absent, Client, Return},
    fault::Fault,
    live::{Live, Progress},
    report::{Report, StormReport},
    target::Names,
};

/// Attempts of one client before it gives up; a wrong answer ends them at once.
const ATTEMPTS: u32 = 10;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A room's clients with the way each of them came back, or how many of them did not.
type Returned = Result<Vec<(Client, Return)>, Fault>;

/// Cuts every connection and measures until everybody is back; then each room of two proves that it works.
///
/// # Errors
/// When nothing can be measured. Who does not come back is a fault in the report.
pub async fn run_storm(setup: &Setup) -> anyhow::Result<Report> {
    setup.check()?;
    let live = Arc::new(Live::default());
    let progress = Progress::show(format!("storm ({})", setup.target.wire.name()), live.clone());
    let (cut, cut_signal) = watch::channel(false);
    let mut tasks = JoinSet::new();
    for room in fill_rooms(setup, &Names::new(rand::random()), 0..setup.rooms(), &live).await {
        tasks.spawn(weather(room, cut_signal.clone(), live.clone()));
    }
    sleep(setup.settle).await;

    live.measure();
    let begun = Instant::now();
    cut.send_replace(true);
    let mut report = StormReport::default();
    let mut rooms = Vec::new();
    while let Some(returned) = tasks.join_next().await {
        match returned? {
            Ok(clients) => rooms.push(clients),
            Err(fault) => live.fault(&fault),
        }
    }
    report.seconds_until_all_back = begun.elapsed().as_secs_f64();
    report.read_times(live.latencies());
    live.stop();

    for room in rooms {
        report.count(room.iter().map(|(_, how)| *how));
        let mut clients: Vec<Client> = room.into_iter().map(|(client, _)| client).collect();
        match prove(&mut clients, &live).await {
            Ok(()) => report.rooms_proved += 1,
            Err(fault) => live.fault(&fault),
        }
    }
    drop(progress);
    Ok(Report::new("storm", setup, &live, report))
}

async fn weather(room: Vec<Client>, cut: watch::Receiver<bool>, live: Arc<Live>) -> Returned {
    let clients = room.into_iter().map(|client| hold_and_return(client, cut.clone(), &live));
    futures_util::future::try_join_all(clients).await
}

async fn hold_and_return(
    mut client: Client,
    mut cut: watch::Receiver<bool>,
    live: &Live,
) -> Result<(Client, Return), Fault> {
    tokio::select! {
        received = client.receive() => {
            live.left();
            return Err(match received {
                Ok(parcel) => Fault::Unexpected(format!("{parcel:?} in a silent room")),
                Err(fault) => fault,
            });
        }
        // The sender lives until every room is back.
        signal = cut.wait_for(|is_cut| *is_cut) => drop(signal),
    }
    let cut_at = Instant::now();
    live.left();
    let returned = come_back(client.cut()).await?;
    live.entered(1);
    live.latency(cut_at.elapsed());
    Ok(returned)
}

async fn come_back(mut absent: Absent) -> Result<(Client, Return), Fault> {
    let mut pause = FIRST_PAUSE;
    for _ in 1..ATTEMPTS {
        absent = match absent.come_back().await {
            Ok(returned) => return Ok(returned),
            Err((absent, fault)) if fault.may_pass() => absent,
            Err((_, fault)) => return Err(fault),
        };
        let jitter = rand::random_range(0.5..1.0);
        sleep(pause.mul_f64(jitter)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    absent.come_back().await.map_err(|(_, fault)| fault)
}

/// The first two of a room negotiate once.
async fn prove(room: &mut [Client], live: &Live) -> Result<(), Fault> {
    relay::negotiate(&mut room[..2], &mut 0, live).await
}
