//! The load generator and the floor it is compared with.

use std::{
    io::{Write as _, stdout},
    process::ExitCode,
};

use antiphon_loadtest::{
    bench,
    cli::{Cli, Command, FloorArgs, Scenario, TurnArgs},
    floor,
    report::Report,
    scenario::{Exchange, idle::run_idle, rest::run_rest, run_load, storm::run_storm},
    turn::run_turn,
};
use anyhow::Context as _;
use clap::Parser as _;
use tokio::{net::TcpListener, runtime};

fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    // The clients share one thread, so that the server has the other processors; the floor has what a server has.
    let runtime = match cli.command {
        Command::Floor(_) => runtime::Builder::new_multi_thread().enable_all().build(),
        Command::Signaling(_) | Command::Turn(_) | Command::Bench(_) => {
            runtime::Builder::new_current_thread().enable_all().build()
        }
    };
    runtime.context("the runtime")?.block_on(run(cli.command))
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Floor(args) => serve_floor(&args).await,
        Command::Bench(args) => bench::run(&args).await,
        Command::Signaling(scenario) => play(*scenario).await,
        Command::Turn(args) => have_relayed(&args),
    }
}

async fn serve_floor(args: &FloorArgs) -> anyhow::Result<ExitCode> {
    let listener = TcpListener::bind(args.listen).await.with_context(|| format!("--listen {}", args.listen))?;
    writeln!(stdout(), "listening on {}", listener.local_addr()?)?;
    floor::run(listener).await?;
    Ok(ExitCode::SUCCESS)
}

fn have_relayed(args: &TurnArgs) -> anyhow::Result<ExitCode> {
    let (setup, server) = args.setup()?;
    let report = run_turn(&setup)?;
    let text = if args.json { serde_json::to_string_pretty(&report)? + "\n" } else { report.to_string() };
    stdout().write_all(text.as_bytes())?;
    if let Some(server) = server.filter(|_| !report.is_clean()) {
        writeln!(stdout(), "the server's log: {}", server.keep_log().display())?;
    }
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn play(scenario: Scenario) -> anyhow::Result<ExitCode> {
    let (report, json) = match scenario {
        Scenario::Idle(args) => {
            let setup = args.common.setup(10_000, 2)?;
            let baseline = args.baseline.unwrap_or(setup.clients / 5);
            (run_idle(&setup, baseline, args.soak).await?, args.common.json)
        }
        Scenario::Relay(common) => (run_load(&common.setup(400, 2)?, Exchange::Relay).await?, common.json),
        Scenario::Fanout(args) => {
            let setup = args.common.setup(400, 10)?;
            (run_load(&setup, Exchange::Fanout(args.kind)).await?, args.common.json)
        }
        Scenario::Rest(args) => (run_rest(&args.common.setup(400, 10)?, args.load()).await?, args.common.json),
        Scenario::Storm(common) => (run_storm(&common.setup(2_000, 2)?).await?, common.json),
    };
    print(&report, json)?;
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print(report: &Report, json: bool) -> anyhow::Result<()> {
    let text = if json { serde_json::to_string_pretty(report)? + "\n" } else { report.to_string() };
    Ok(stdout().write_all(text.as_bytes())?)
}
