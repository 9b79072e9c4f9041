//! `make bench`: the server as it is shipped and the floor, measured alternately in one run.
//!
//! Each measurement has a server process of its own, so that none inherits memory or sessions from the one before. Ours
//! and the floor's take turns, and ratios are taken turn by turn: what disturbs the machine disturbs both.

mod comparison;
mod measurement;
mod mint;
mod server;
mod turn;

use std::{
    io::{Write as _, stderr, stdout},
    path::Path,
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};

use self::{
    comparison::{Beside, Comparison, Summary},
    measurement::Measurement,
    server::{Server, Software},
};
use crate::{
    child::program_path,
    cli::{BenchArgs, BenchPart},
    content::Kind,
    process::allow_sockets,
    report::{Figures, Report},
    scenario::{
        Exchange, Setup,
        idle::run_idle,
        rest::{RestLoad, run_rest},
        run_load,
    },
    turn::{COTURN_IS_MISSING, TurnSoftware},
};

/// How much is measured.
struct Plan {
    load_rounds: usize,
    idle_rounds: usize,
    settle: Duration,
    duration: Duration,
    turn_rounds: usize,
    /// For each kind of packet, as is the next.
    turn_settle: Duration,
    turn_duration: Duration,
    turn_lives: usize,
}

const FULL: Plan = Plan {
    load_rounds: 5,
    idle_rounds: 2,
    settle: Duration::from_secs(2),
    duration: Duration::from_secs(5),
    turn_rounds: 5,
    turn_settle: Duration::from_millis(200),
    turn_duration: Duration::from_secs(1),
    turn_lives: 5_000,
};
const QUICK: Plan = Plan {
    load_rounds: 2,
    idle_rounds: 1,
    settle: Duration::from_secs(1),
    duration: Duration::from_secs(2),
    turn_rounds: 2,
    turn_settle: Duration::from_millis(100),
    turn_duration: Duration::from_millis(400),
    turn_lives: 2_000,
};

/// How long an answer may take before it counts as missing.
const PATIENCE: Duration = Duration::from_secs(20);

const LOAD_CLIENTS: usize = 400;
const ROOM_SIZES: [usize; 2] = [10, 50];
const IDLE_BASELINE: usize = 2_000;
const IDLE_CLIENTS: usize = 10_000;
/// After ten thousand joins: longer than acknowledgements and timers of a join take.
const IDLE_SETTLE: Duration = Duration::from_secs(4);
const REST_APPLICATIONS: usize = 4;
/// Between two messages of a room beside REST: 400 clients in rooms of ten hear 3,600 messages a second.
const REST_PACE: Duration = Duration::from_millis(100);
/// Rooms that are filled at the same time.
const CONNECTING: usize = 32;

/// Measures and prints: a table, and lines `figure NAME VALUE UNIT` for scripts.
///
/// # Errors
/// When a server does not start, or an answer was wrong.
pub async fn run(args: &BenchArgs) -> anyhow::Result<ExitCode> {
    let plan = if args.quick { QUICK } else { FULL };
    let wanted = |part| args.only.is_none_or(|only| only == part);
    // Before minutes of measuring what needs fewer; and the servers inherit it.
    allow_sockets(if wanted(BenchPart::Idle) { IDLE_CLIENTS } else { LOAD_CLIENTS })?;
    let ours = Software::Antiphon(program_path(args.server.as_ref(), "antiphon")?);
    let of_signaling = [BenchPart::Relay, BenchPart::Fanout, BenchPart::Idle, BenchPart::Rest];
    if of_signaling.into_iter().any(wanted) {
        let Software::Antiphon(path) = &ours else { unreachable!("it is ours") };
        ensure_there(path, "antiphon", "--server")?;
    }

    let mut summary = Summary::default();
    if wanted(BenchPart::Relay) {
        summary.add(compare_load(&plan, &ours, "relay", 2, Exchange::Relay).await?);
    }
    if wanted(BenchPart::Fanout) {
        for room_size in ROOM_SIZES {
            let name = format!("fanout{room_size}");
            summary.add(compare_load(&plan, &ours, &name, room_size, Exchange::Fanout(Kind::Chat)).await?);
        }
    }
    if wanted(BenchPart::Idle) {
        summary.add(compare_idle(&plan, &ours).await?);
    }
    if wanted(BenchPart::Rest) {
        summary.measured(measure_rest(&plan, &ours).await?);
    }
    compare_relays(args, &plan, &mut summary).await?;

    let mut out = stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&summary)?)?;
    }
    write!(out, "{summary}")?;
    Ok(ExitCode::SUCCESS)
}

/// The parts of TURN.
async fn compare_relays(args: &BenchArgs, plan: &Plan, summary: &mut Summary) -> anyhow::Result<()> {
    let wanted = |part| args.only.is_none_or(|only| only == part);
    let relay = program_path(args.turn_relay.as_ref(), "antiphon-turn-relay")?;
    let service = program_path(args.turn_credentials.as_ref(), "antiphon-turn-credentials")?;
    let relay_is_there = || ensure_there(&relay, "antiphon-turn-relay", "--turn-relay");
    let service_is_there = || ensure_there(&service, "antiphon-turn-credentials", "--turn-credentials");
    let coturn_is_there = || if TurnSoftware::coturn_is_there() { Ok(()) } else { bail!(COTURN_IS_MISSING) };
    if wanted(BenchPart::Mint) && can(args, summary, "mint", service_is_there().and_then(|()| relay_is_there()))? {
        summary.add(mint::compare_mint(plan, &service, &relay).await?);
    }
    if wanted(BenchPart::Turn) && can(args, summary, "turn", coturn_is_there().and_then(|()| relay_is_there()))? {
        for comparison in turn::compare_turn(plan, &relay).await? {
            summary.add(comparison);
        }
    }
    Ok(())
}

/// Whether a part can be measured here. In a run of all parts one that cannot is left out, and that is told.
fn can(args: &BenchArgs, summary: &mut Summary, part: &str, possible: anyhow::Result<()>) -> anyhow::Result<bool> {
    match possible {
        Ok(()) => Ok(true),
        Err(why) if args.only.is_some() => Err(why),
        Err(why) => {
            summary.leave_out(format!("{part}: {why}"));
            Ok(false)
        }
    }
}

fn ensure_there(path: &Path, package: &str, flag: &str) -> anyhow::Result<()> {
    let what = if package == "antiphon" { "server" } else { package };
    ensure!(
        path.is_file(),
        "no {what} at {}: build it (cargo build --release -p {package}) or give {flag}",
        path.display()
    );
    Ok(())
}

async fn compare_load(
    plan: &Plan,
    ours: &Software,
    name: &str,
    room_size: usize,
    exchange: Exchange,
) -> anyhow::Result<Comparison> {
    let mut comparison = Comparison::new(name, "cpu", "us", Beside::Floor);
    for round in 1..=plan.load_rounds {
        let mut pair = [0.0; 2];
        for (slot, software) in pair.iter_mut().zip([ours, &Software::Floor]) {
            let server = Server::start(software).await?;
            let setup = setup(&server, LOAD_CLIENTS, room_size, plan.settle, plan.duration);
            let report = clean(run_load(&setup, exchange).await?, &server)?;
            let Figures::Load(load) = report.figures else { unreachable!("a load report") };
            *slot = load.server_cpu_us_per_message.context("no processor time")?;
        }
        comparison.push(pair[0], pair[1]);
        tell(&comparison, round, plan.load_rounds);
    }
    Ok(comparison)
}

async fn compare_idle(plan: &Plan, ours: &Software) -> anyhow::Result<Comparison> {
    let mut comparison = Comparison::new("idle", "rss", "kib", Beside::Floor);
    for round in 1..=plan.idle_rounds {
        let mut pair = [0.0; 2];
        for (slot, software) in pair.iter_mut().zip([ours, &Software::Floor]) {
            let server = Server::start(software).await?;
            let setup = setup(&server, IDLE_CLIENTS, 2, IDLE_SETTLE, plan.duration);
            let report = clean(run_idle(&setup, IDLE_BASELINE, None).await?, &server)?;
            let Figures::Idle(idle) = report.figures else { unreachable!("an idle report") };
            *slot = idle.kib_per_client;
        }
        comparison.push(pair[0], pair[1]);
        tell(&comparison, round, plan.idle_rounds);
    }
    Ok(comparison)
}

/// One server for all turns: each of them has its own measurement without requests.
async fn measure_rest(plan: &Plan, ours: &Software) -> anyhow::Result<Vec<Measurement>> {
    let server = Server::start(ours).await?;
    let setup = setup(&server, LOAD_CLIENTS, ROOM_SIZES[0], plan.settle, plan.duration);
    let load = RestLoad { applications: REST_APPLICATIONS, pace: REST_PACE, turns: plan.load_rounds };
    let report = clean(run_rest(&setup, load).await?, &server)?;
    // Nobody reads it: the figures are printed after it.
    drop(write!(stderr(), "{report}"));
    let Figures::Rest(rest) = report.figures else { unreachable!("a report of REST") };
    Ok(measurement::of_rest(&rest))
}

fn setup(server: &Server, clients: usize, room_size: usize, settle: Duration, duration: Duration) -> Setup {
    let (target, process) = (server.target(), Some(server.process()));
    Setup { target, process, clients, room_size, connecting: CONNECTING, settle, duration }
}

/// A figure of a run with wrong answers is none.
fn clean(report: Report, server: &Server) -> anyhow::Result<Report> {
    ensure!(report.is_clean(), "{report}the server's log: {}", server.keep_log().display());
    Ok(report)
}

fn tell(comparison: &Comparison, round: usize, rounds: usize) {
    // Nobody reads progress: not a reason to stop measuring.
    drop(writeln!(stderr(), "{} round {round}/{rounds}: {}", comparison.name(), comparison.last_round()));
}
