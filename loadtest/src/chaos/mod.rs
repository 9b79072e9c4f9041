//! Real server processes that are broken in turn, while [`crate::verify`] watches what becomes of the clients' messages.

pub mod engine;
pub mod gate;
pub mod plan;
pub mod replica;

use std::{io::Write as _, io::stderr, time::Duration};

use anyhow::{Context as _, ensure};
use rand::{SeedableRng as _, rngs::StdRng};
use rustix::process::Signal;
use tokio::time::{Instant, sleep, timeout};

use self::{
    engine::{Engine, Sharing},
    gate::{Gate, Passage},
    plan::{Fault, Kind, Plan, Victim},
    replica::{Recipe, Replica},
};
use crate::{
    process::allow_sockets,
    verify::{
        Recorder, Run, Setup,
        report::{Broken, Report},
    },
};

/// How long clients may take to be talking before the first thing is broken.
const WARM_UP: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(100);

/// A client's own, two of the gate that it goes through, and one for those that are on the move.
const SOCKETS_PER_CLIENT: usize = 4;

/// Deliveries for each client before the first thing is broken.
const WARM: u64 = 3;

/// What is played and broken.
#[derive(Debug)]
pub struct ChaosSetup {
    /// How the servers run; what they share comes to it.
    pub recipe: Recipe,
    /// What they share.
    pub sharing: Sharing,
    /// How many of them.
    pub replicas: usize,
    /// Things are broken for so long, and each of them once; what is broken then is mended first.
    pub duration: Duration,
    /// From mending one thing to breaking the next.
    pub calm: Duration,
    /// How long a replica that is gone is taken for alive.
    pub lease: Duration,
    /// Chooses what is broken when.
    pub seed: u64,
}

/// Starts the servers, breaks them in turn, and judges. `play` says what is played against the addresses that clients connect to.
///
/// # Errors
/// When the servers do not start, or do not come back once they are mended.
pub async fn run_chaos(
    setup: ChaosSetup,
    play: impl FnOnce(&[std::net::SocketAddr]) -> anyhow::Result<Setup>,
) -> anyhow::Result<Report> {
    ensure!(setup.replicas > 0, "--replicas: expected at least 1");
    let is_shared = setup.sharing != Sharing::Memory;
    ensure!(setup.replicas == 1 || is_shared, "--replicas: only one without a --backplane that they share");
    let engine = Engine::start(&setup.sharing).await;
    let recipe = Recipe { backplane: engine.url(), ..setup.recipe.clone() };
    let mut replicas = Vec::new();
    for _ in 0..setup.replicas {
        replicas.push(Replica::start(recipe.clone()).await?);
    }
    let addresses: Vec<_> = replicas.iter().map(|replica| replica.gate.address()).collect();
    let play = play(&addresses)?;
    allow_sockets(play.clients * SOCKETS_PER_CLIENT)?;
    let run = Run::start(play)?;
    let broken = break_in_turn(&setup, &engine, &mut replicas, &run).await;
    let report = match &broken {
        Ok(broken) => run.settle(broken).await,
        Err(_) => run.settle(&[]).await,
    };
    if broken.is_err() || !report.is_clean() {
        for (index, replica) in replicas.iter().enumerate() {
            writeln!(stderr(), "replica {index}'s log: {}", replica.keep_log().display())?;
        }
    }
    broken.map(|_| report)
}

async fn break_in_turn(
    setup: &ChaosSetup,
    engine: &Engine,
    replicas: &mut [Replica],
    run: &Run,
) -> anyhow::Result<Vec<Broken>> {
    let recorder = run.recorder();
    let enough = run.clients() as u64 * WARM;
    let warm = async {
        while recorder.findings().deliveries_checked < enough {
            sleep(POLL).await;
        }
    };
    timeout(WARM_UP, warm).await.context("the clients do not get to talk")?;
    let kinds = setup.sharing.faults(setup.replicas);
    let round = kinds.len();
    let plan = Plan::new(kinds, setup.replicas, setup.lease, StdRng::seed_from_u64(setup.seed));
    let begun = Instant::now();
    let mut broken = Vec::new();
    for fault in plan {
        // However slow the machine is, everything is broken once.
        if broken.len() >= round && begun.elapsed() >= setup.duration {
            break;
        }
        let one = break_one(fault, engine, replicas, &recorder, setup.calm).await?;
        writeln!(stderr(), "{}: {}, {}", one.from, one.name, one.effect.as_deref().unwrap_or("without effect"))?;
        broken.push(one);
    }
    Ok(broken)
}

async fn break_one(
    fault: Fault,
    engine: &Engine,
    replicas: &mut [Replica],
    recorder: &Recorder,
    calm: Duration,
) -> anyhow::Result<Broken> {
    let name = fault.to_string();
    let from = recorder.now();
    recorder.disturb();
    let effect = match fault.kind.victim() {
        Victim::Replica => inject(fault, &mut replicas[fault.replica]).await,
        Victim::Replicas => restart_one_by_one(replicas).await,
        Victim::Engine => engine.inject(fault.kind, fault.lasts).await,
    };
    let effect = effect.with_context(|| name.clone())?;
    let mended = recorder.now();
    recorder.calm();
    sleep(calm).await;
    Ok(Broken { name, from, mended, until: recorder.now(), effect })
}

/// As a deployment is rolled out: each one is back before the next one goes.
async fn restart_one_by_one(replicas: &mut [Replica]) -> anyhow::Result<Option<String>> {
    let mut moved = 0;
    for replica in replicas {
        let connections = replica.gate.connections();
        ensure!(replica.stop().await?.success(), "a replica did not end well");
        moved += connections;
        replica.launch()?;
        replica.until_ready().await?;
    }
    Ok(seen(moved, "connections moved"))
}

/// Breaks it, waits, and mends it; what shows that it took effect.
async fn inject(Fault { kind, lasts, .. }: Fault, replica: &mut Replica) -> anyhow::Result<Option<String>> {
    let (connections, ended_before) = (replica.gate.connections(), replica.gate.ended());
    // Who comes while it is away is turned away too, and counts no more.
    let ended = |gate: &Gate| (gate.ended() - ended_before).min(connections);
    match kind {
        Kind::Kill => {
            replica.kill()?;
            sleep(lasts).await;
            let ended = ended(&replica.gate);
            replica.launch()?;
            replica.until_ready().await?;
            Ok(seen(ended, "connections broke"))
        }
        Kind::Drain => {
            let status = replica.stop().await?;
            let ended = ended(&replica.gate);
            sleep(lasts).await;
            replica.launch()?;
            replica.until_ready().await?;
            Ok(seen(ended, "connections moved or ended").filter(|_| status.success()))
        }
        Kind::Pause => {
            replica.signal(Signal::STOP)?;
            let until = Instant::now() + lasts;
            // What runs on the other processor stops a moment later.
            sleep(POLL).await;
            let answered = replica.answers("/healthz").await;
            tokio::time::sleep_until(until).await;
            replica.signal(Signal::CONT)?;
            replica.until_ready().await?;
            Ok(seen(connections, "connections went silent").filter(|_| !answered))
        }
        Kind::CutFromClients => Ok(cut(&replica.gate, Passage::Refused, lasts).await),
        Kind::HoldFromClients => Ok(cut(&replica.gate, Passage::Held, lasts).await),
        Kind::CutFromBackplane => {
            let gate = replica.backplane.as_ref().context("there is no backplane to be cut from")?;
            Ok(cut(gate, Passage::Refused, lasts).await)
        }
        Kind::RollingRestart
        | Kind::StopEngine
        | Kind::RestartEngine
        | Kind::RestartEngineEmpty
        | Kind::FailOver
        | Kind::KillSlotOwner => anyhow::bail!("a replica cannot be {kind}"),
    }
}

async fn cut(gate: &Gate, passage: Passage, lasts: Duration) -> Option<String> {
    let connections = gate.connections();
    gate.set(passage);
    sleep(lasts).await;
    gate.set(Passage::Open);
    seen(connections, if passage == Passage::Held { "connections went silent" } else { "connections cut" })
}

fn seen(count: u64, what: &str) -> Option<String> {
    (count > 0).then(|| format!("{count} {what}"))
}
