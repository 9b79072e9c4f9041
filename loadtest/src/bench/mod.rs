//! `make bench`: the server as it is shipped and the floor, measured alternately in one run.
//!
//! Each measurement has a server process of its own, so that none inherits memory or sessions from the one before. Ours
//! and the floor's take turns, and ratios are taken turn by turn: what disturbs the machine disturbs both.

mod comparison;
mod measurement;
mod server;

use std::{
    io::{Write as _, stderr, stdout},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context as _, ensure};

use self::{
    comparison::{Comparison, Summary},
    measurement::Measurement,
    server::{Server, Software},
};
use crate::{
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
};

/// How much is measured.
struct Plan {
    load_rounds: usize,
    idle_rounds: usize,
    settle: Duration,
    duration: Duration,
}

const FULL: Plan =
    Plan { load_rounds: 5, idle_rounds: 2, settle: Duration::from_secs(2), duration: Duration::from_secs(5) };
const QUICK: Plan =
    Plan { load_rounds: 2, idle_rounds: 1, settle: Duration::from_secs(1), duration: Duration::from_secs(2) };

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
    let ours = Software::Antiphon(server_path(args)?);

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

    let mut out = stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&summary)?)?;
    }
    write!(out, "{summary}")?;
    Ok(ExitCode::SUCCESS)
}

fn server_path(args: &BenchArgs) -> anyhow::Result<PathBuf> {
    let path = match &args.server {
        Some(path) => path.clone(),
        None => std::env::current_exe().context("this program's path")?.with_file_name("antiphon"),
    };
    ensure!(
        path.is_file(),
        "no server at {}: build it (cargo build --release -p antiphon) or give --server",
        path.display()
    );
    Ok(path)
}

async fn compare_load(
    plan: &Plan,
    ours: &Software,
    name: &str,
    room_size: usize,
    exchange: Exchange,
) -> anyhow::Result<Comparison> {
    let mut comparison = Comparison::new(name, "cpu", "us");
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
    let mut comparison = Comparison::new("idle", "rss", "kib");
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
