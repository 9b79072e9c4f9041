//! `antiphon-turn-relay`: the STUN and TURN server as a process of its own.

use std::{io::Write as _, net::SocketAddr, process::ExitCode};

use antiphon_service_kit::{
    auth::AuthConfig,
    config::{self, ConfigError, ConfigFile, HumanDuration, ShowConfig},
    drain::{Signals, shutdown},
    health::Health,
    host, openapi,
    serve::{self, ServeConfig, Server},
    telemetry::{self, LogConfig},
    tls::TlsConfig,
};
use antiphon_turn_relay::{Parts, RelaySecretsConfig, TurnConfig, TurnRelay};
use anyhow::Context as _;
use clap::CommandFactory as _;
use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// As `clap` and most programs answer wrong usage.
const USAGE: u8 = 2;

/// A STUN and TURN server that takes Antiphon's credentials, and coturn's.
#[derive(Debug, clap::Parser)]
#[command(name = "antiphon-turn-relay", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(flatten)]
    file: ConfigFile,
    #[command(flatten)]
    server: ServerConfig,
    #[command(flatten)]
    turn: TurnConfig,
    #[command(flatten)]
    secrets: RelaySecretsConfig,
    #[command(flatten)]
    auth: AuthConfig,
    #[command(flatten)]
    tls: TlsConfig,
    #[command(flatten)]
    log: LogConfig,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What else the binary does.
#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show what can be set.
    Config(ShowConfig),
}

/// What serves the operator, and how the process ends.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Server")]
struct ServerConfig {
    /// Address and port of the REST API, /metrics, /healthz and /readyz, in plain http. Not for the Internet.
    #[arg(long, env = "ANTIPHON_ADMIN_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:7882")]
    admin_listen: SocketAddr,
    /// How long allocations go on when the process is asked to stop; nothing new is allocated meanwhile.
    #[arg(long, env = "ANTIPHON_DRAIN_TIMEOUT", value_name = "DURATION", default_value = "10s")]
    drain_timeout: HumanDuration,
    /// DANGEROUS: clients may reach this machine and its networks.
    #[arg(long, env = "ANTIPHON_TURN_DEVELOPMENT")]
    turn_development: bool,
}

fn main() -> ExitCode {
    let cli: Cli = match config::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(ConfigError::Help(text)) => {
            print(&text);
            return ExitCode::SUCCESS;
        }
        Err(error) => return complain(&error.to_string(), ExitCode::from(USAGE)),
    };
    if let Some(Command::Config(_)) = cli.command {
        print(&config::example(&Cli::command()));
        return ExitCode::SUCCESS;
    }
    let started = telemetry::init(&cli.log).map_err(anyhow::Error::from);
    // What is logged is written before the complaint.
    match started.and_then(|_log| run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&format!("{error:#}"), ExitCode::FAILURE),
    }
}

fn print(text: &str) {
    // Nobody reads where nothing can be written.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

fn complain(text: &str, code: ExitCode) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{text}");
    code
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let result = runtime.block_on(serve_until_stopped(cli));
    runtime.shutdown_background();
    result
}

async fn serve_until_stopped(cli: Cli) -> anyhow::Result<()> {
    let mut signals = Signals::install().context("signals cannot be handled")?;
    host::raise_open_file_limit();
    let (trigger, shutdown) = shutdown();
    let registry = telemetry::registry();
    let tls = cli.tls.load()?;
    let secrets = cli.secrets.load()?;
    let keys = cli.auth.key_ring()?;
    let relay = TurnRelay::build(Parts {
        config: cli.turn,
        secrets: secrets.clone(),
        keys: keys.clone(),
        tls: tls.clone(),
        registry: registry.clone(),
        is_development: cli.server.turn_development,
    })?;
    let admin = serve::bind(cli.server.admin_listen)
        .with_context(|| format!("admin-listen: cannot listen on {}", cli.server.admin_listen))?;
    let health = Health::new(shutdown.clone());
    let described = openapi::router(&antiphon_turn_relay::openapi());
    let router =
        health.router().merge(telemetry::metrics_router(registry.clone())).merge(described).merge(relay.router());
    tokio::spawn(cli.secrets.follow(secrets, shutdown.clone()));
    tokio::spawn(cli.auth.follow_keys(keys, shutdown.clone()));
    if let Some(tls) = tls {
        tokio::spawn(tls.follow_files(shutdown.clone()));
    }
    let uris: Vec<String> = relay.listening().iter().map(antiphon_turn_relay::Listening::uri).collect();
    tracing::info!(?uris, admin = %admin.local_addr()?, "serving");
    let serving = tokio::spawn(Server::new(ServeConfig::default()).run(admin, router, shutdown.clone()));
    let mut relaying = tokio::spawn(relay.run(shutdown));
    health.set_ready(true);

    tokio::select! {
        () = signals.next() => {}
        // It only ends by itself when something is wrong.
        relayed = &mut relaying => return relayed?,
    }
    trigger.drain();
    tracing::info!("draining: nothing new is allocated");
    tokio::select! {
        () = tokio::time::sleep(cli.server.drain_timeout.0) => {}
        () = signals.next() => {}
    }
    trigger.stop();
    relaying.await??;
    serving.await??;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_example_is_what_the_binary_prints() {
        let committed = include_str!("../antiphon-turn-relay.example.toml");
        assert!(committed == config::example(&Cli::command()), "run: make generate");
    }

    #[test]
    fn the_file_may_name_the_secrets_and_somebody_must() {
        let directory = tempfile::tempdir().expect("a directory");
        let [secrets, file] = ["secrets", "relay.toml"].map(|name| directory.path().join(name));
        std::fs::write(&secrets, "a-secret-of-the-relay").expect("written");
        std::fs::write(&file, format!("[turn]\nturn-secrets-file = {secrets:?}\n")).expect("written");
        let arguments = ["antiphon-turn-relay".into(), "--config".into(), file.into_os_string()];
        let cli: Cli = config::parse(arguments).expect("valid");
        cli.secrets.load().expect("secrets");
        let none: Cli = config::parse(["antiphon-turn-relay".into()]).expect("valid");
        let error = none.secrets.load().expect_err("no secrets").to_string();
        assert!(error.starts_with("turn.turn-secrets-file: expected"), "{error}");
    }

    #[test]
    fn the_arguments_are_sound() {
        Cli::command().debug_assert();
    }
}
