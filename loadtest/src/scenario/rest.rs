//! Applications use the REST API of the server whose rooms people talk in: how fast is it, and what do the people feel?
//!
//! The rooms speak at a steady pace, so that they ask the same of the server without requests and with them. The
//! applications have a thread of their own, so that their work is no delay of the sockets that is measured.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use futures_util::future::join_all;
use tokio::{
    runtime,
    sync::watch,
    task::{JoinSet, spawn_blocking},
    time::{MissedTickBehavior, interval_at, sleep},
};

use super::{Setup, fanout::speak, fill_rooms};
use crate::{
    application::{Application, Part, Times},
    client::Client,
    content::Kind,
    fault::Fault,
    histogram::Histogram,
    http::{Server, bearer},
    live::{Live, Progress},
    process::allow_sockets,
    report::{Latency, Report, RestReport, SocketsReport, Turn},
    target::{Names, Wire},
};

const BETWEEN_LOOKS: Duration = Duration::from_millis(1);

/// What is asked of the REST API.
#[derive(Debug, Clone, Copy)]
pub struct RestLoad {
    /// HTTP clients that ask at the same time, one request after the other each.
    pub applications: usize,
    /// Time between two messages in a room.
    pub pace: Duration,
    /// How often the sockets are measured alone and then beside the requests.
    pub turns: usize,
}

/// Where the latencies of messages go that are sent now; nowhere between measurements.
type Measured = Option<Arc<Histogram>>;

/// Plays the rooms, in turn without and with requests.
///
/// # Errors
/// When nothing can be measured. Wrong answers are faults in the report.
pub async fn run_rest(setup: &Setup, load: RestLoad) -> anyhow::Result<Report> {
    setup.check()?;
    ensure!(load.applications >= 1, "--applications: expected at least 1");
    ensure!(load.turns >= 1, "--turns: expected at least 1");
    ensure!(!load.pace.is_zero(), "--pace: expected more than nothing");
    ensure!(matches!(setup.target.wire, Wire::Antiphon(_)), "--format: the floor has no REST API");
    allow_sockets(setup.clients + load.applications)?;
    let (server, api) = (server(setup), setup.target.url.api()?.to_owned());
    let token = setup.target.tokens.issue_admin("application").context("the REST API")?;
    let authorization = bearer(&token)?;
    let live = Arc::new(Live::default());
    let progress = Progress::show(format!("rest ({})", setup.target.wire.name()), live.clone());
    let rooms = fill_rooms(setup, &Names::new(rand::random()), 0..setup.rooms(), &live).await;
    ensure!(!rooms.is_empty(), "no room could be filled: {:?}", live.faults().snapshot());
    let members: Vec<Vec<_>> =
        rooms.iter().map(|room| room.iter().map(|client| client.member().clone()).collect()).collect();

    let (measured, measured_now) = watch::channel(None);
    let mut tasks = JoinSet::new();
    let begun = tokio::time::Instant::now();
    for (index, room) in rooms.into_iter().enumerate() {
        // Rooms do not speak all in one moment.
        let first = begun + load.pace * index as u32 / setup.rooms() as u32;
        tasks.spawn(talk(room, (first, load.pace), measured_now.clone(), live.clone()));
    }
    live.measure();
    sleep(setup.settle).await;

    let (all_times, mut turns) = (Times::default(), Vec::with_capacity(load.turns));
    let run: u32 = rand::random();
    for turn in 0..load.turns {
        let (quiet, ()) = measure(setup, &measured, sleep(setup.duration)).await?;
        let parts = (0..load.applications).map(|index| Part {
            prefix: format!("api-{run:08x}-{turn}-{index}"),
            authorization: authorization.clone(),
            api: api.clone(),
            beside: members[index % members.len()].clone(),
        });
        let applications = Applications { server: server.clone(), parts: parts.collect(), duration: setup.duration };
        let faults = live.clone();
        let (loaded, times) = measure(setup, &measured, spawn_blocking(move || applications.run(&faults))).await?;
        let times = times??;
        turns.push(Turn {
            quiet,
            requests: times.all().count(),
            requests_per_second: times.all().count() as f64 / loaded.seconds,
            rest: Latency::of(times.all()),
            loaded,
        });
        all_times.add(&times);
    }
    live.stop();
    while let Some(talked) = tasks.join_next().await {
        talked?;
    }
    drop(progress);
    ensure!(live.deliveries() > 0, "no message was delivered: {:?}", live.faults().snapshot());
    Ok(Report::new("rest", setup, &live, RestReport::new(load.applications, &all_times, turns)))
}

fn server(setup: &Setup) -> Server {
    let target = &setup.target;
    Server { address: target.url.address, authority: target.url.authority.clone(), patience: target.patience }
}

/// What the sockets see, and the server spends, while `work` is done.
async fn measure<T>(
    setup: &Setup,
    measured: &watch::Sender<Measured>,
    work: impl Future<Output = T>,
) -> anyhow::Result<(SocketsReport, T)> {
    let latencies = Arc::new(Histogram::default());
    let cpu = || setup.process.map(|process| process.cpu_seconds()).transpose();
    let (cpu_before, begun) = (cpu()?, Instant::now());
    measured.send_replace(Some(latencies.clone()));
    let done = work.await;
    // Rooms that are slower than that have to speak too.
    let heard_by = Instant::now() + setup.target.patience;
    while latencies.count() == 0 && Instant::now() < heard_by {
        sleep(BETWEEN_LOOKS).await;
    }
    measured.send_replace(None);
    let (seconds, cpu_after) = (begun.elapsed().as_secs_f64(), cpu()?);
    let cpu_seconds = cpu_before.zip(cpu_after).map(|(before, after)| after - before);
    Ok((SocketsReport::new(seconds, &latencies, cpu_seconds), done))
}

/// A room's members speak in turn, at its pace.
async fn talk(
    mut room: Vec<Client>,
    (first, pace): (tokio::time::Instant, Duration),
    measured: watch::Receiver<Measured>,
    live: Arc<Live>,
) {
    let talked = async {
        let mut ticks = interval_at(first, pace);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut number: u32 = 0;
        while !live.is_stopped() {
            ticks.tick().await;
            number = number.wrapping_add(1);
            let latencies = measured.borrow().clone();
            let heard = |latency| {
                live.delivered(latency);
                if let Some(latencies) = &latencies {
                    latencies.record_time(latency);
                }
            };
            let speaker = number as usize % room.len();
            speak(&mut room, speaker, Kind::Chat, number, heard).await?;
        }
        for client in &mut room {
            client.settle().await?;
        }
        Ok::<(), Fault>(())
    };
    if let Err(fault) = talked.await {
        live.fault(&fault);
    }
}

/// Everyone who uses the REST API in one turn.
struct Applications {
    server: Server,
    parts: Vec<Part>,
    duration: Duration,
}

impl Applications {
    /// Each goes through its cycle until the time is up, and at least once. Blocks.
    fn run(self, live: &Live) -> anyhow::Result<Times> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build().context("a runtime")?;
        let (times, until) = (Times::default(), Instant::now() + self.duration);
        let each = self.parts.into_iter().map(|part| {
            let (server, times) = (&self.server, &times);
            async move {
                if let Err(fault) = use_api(server, part, until, times).await {
                    live.fault(&fault);
                }
            }
        });
        runtime.block_on(join_all(each));
        Ok(times)
    }
}

async fn use_api(server: &Server, part: Part, until: Instant, times: &Times) -> Result<(), Fault> {
    let mut application = Application::connect(server, part).await?;
    for number in 1.. {
        application.cycle(number, times).await?;
        if Instant::now() >= until {
            break;
        }
    }
    Ok(())
}
