//! The load generator and the floor it is compared with.

use std::{
    fmt::Display,
    io::{Write as _, stdout},
    net::SocketAddr,
    process::ExitCode,
};

use antiphon_loadtest::{
    bench,
    chaos::run_chaos,
    cli::{ChaosArgs, Cli, Command, FloorArgs, MintArgs, MintFloorArgs, Scenario, TurnArgs, VerifyArgs},
    floor, mint,
    scenario::{Exchange, idle::run_idle, rest::run_rest, run_load, storm::run_storm},
    turn::run_turn,
    verify::run_verify,
};
use anyhow::Context as _;
use clap::Parser as _;
use serde::Serialize;
use tokio::{net::TcpListener, runtime};

fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    // The clients share one thread, so that the server has the other processors; the floor has what a server has.
    let runtime = match cli.command {
        Command::Floor(_) | Command::MintFloor(_) => runtime::Builder::new_multi_thread().enable_all().build(),
        Command::Signaling(_)
        | Command::Turn(_)
        | Command::Mint(_)
        | Command::Verify(_)
        | Command::Chaos(_)
        | Command::Bench(_) => runtime::Builder::new_current_thread().enable_all().build(),
    };
    runtime.context("the runtime")?.block_on(run(cli.command))
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Floor(args) => serve_floor(&args).await,
        Command::Bench(args) => bench::run(&args).await,
        Command::Signaling(scenario) => play(*scenario).await,
        Command::Mint(args) => mint(&args).await,
        Command::Verify(args) => verify(&args).await,
        Command::Chaos(args) => break_in_turn(&args).await,
        Command::MintFloor(args) => serve_mint_floor(args).await,
        Command::Turn(args) => have_relayed(&args),
    }
}

async fn serve_floor(args: &FloorArgs) -> anyhow::Result<ExitCode> {
    floor::run(listen(args.listen).await?).await?;
    Ok(ExitCode::SUCCESS)
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).await.with_context(|| format!("--listen {address}"))?;
    writeln!(stdout(), "listening on {}", listener.local_addr()?)?;
    Ok(listener)
}

async fn serve_mint_floor(args: MintFloorArgs) -> anyhow::Result<ExitCode> {
    let listener = listen(args.listen).await?;
    mint::floor::run(listener, &args.secret, args.urls).await?;
    Ok(ExitCode::SUCCESS)
}

async fn mint(args: &MintArgs) -> anyhow::Result<ExitCode> {
    let report = mint::run_mint(&args.setup()?).await?;
    print(&report, args.json)?;
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn verify(args: &VerifyArgs) -> anyhow::Result<ExitCode> {
    let report = run_verify(args.setup()?, args.duration).await?;
    print(&report, args.json)?;
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn break_in_turn(args: &ChaosArgs) -> anyhow::Result<ExitCode> {
    let setup = args.setup()?;
    let key = setup.recipe.key.clone();
    let report = run_chaos(setup, |addresses| args.play(&key, addresses)).await?;
    print(&report, args.json)?;
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn have_relayed(args: &TurnArgs) -> anyhow::Result<ExitCode> {
    let (setup, server) = args.setup()?;
    let report = run_turn(&setup)?;
    print(&report, args.json)?;
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

fn print(report: &(impl Serialize + Display), json: bool) -> anyhow::Result<()> {
    let text = if json { serde_json::to_string_pretty(report)? + "\n" } else { report.to_string() };
    Ok(stdout().write_all(text.as_bytes())?)
}
