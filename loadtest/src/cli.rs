//! The command line.

mod chaos;
mod mint;
mod turn;
mod verify;

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use antiphon_protocol::Format;
use anyhow::Context as _;
use clap::{Args, Parser, Subcommand, ValueEnum};

pub use self::{
    chaos::ChaosArgs,
    mint::{MintArgs, MintFloorArgs},
    turn::{TurnArgs, TurnName},
    verify::{FormatName, PlayArgs, VerifyArgs},
};
use crate::{
    content::{Content, Kind},
    process::Process,
    scenario::{Setup, rest::RestLoad},
    target::{ServerUrl, Target, Wire},
    token::Tokens,
};

/// Puts load on a signaling server, checks every answer, and measures.
#[derive(Debug, Parser)]
#[command(name = "antiphon-loadtest", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Plays a scenario against a server.
    #[command(subcommand)]
    Signaling(Box<Scenario>),
    /// Has packets relayed by a TURN server, and allocations made and ended.
    Turn(Box<TurnArgs>),
    /// Asks a service for ICE servers as fast as it answers.
    Mint(Box<MintArgs>),
    /// Proves that nothing is lost, doubled or reordered while clients come, go, talk and lose their connections.
    Verify(Box<VerifyArgs>),
    /// Starts servers, breaks them in turn, and proves the same meanwhile.
    Chaos(Box<ChaosArgs>),
    /// Serves the floor of minting: bare credentials over HTTP that services are compared with.
    MintFloor(MintFloorArgs),
    /// Serves the floor: a bare WebSocket relay that servers are compared with.
    Floor(FloorArgs),
    /// Compares the `antiphon` binary with the floor, on this machine, alternating.
    Bench(BenchArgs),
}

/// A scenario.
#[derive(Debug, Subcommand)]
pub enum Scenario {
    /// Clients join and stay silent: memory per client.
    Idle(IdleArgs),
    /// Pairs exchange offers, answers and candidates: processor time per message.
    Relay(CommonArgs),
    /// Rooms in which everyone in turn writes to everyone.
    Fanout(FanoutArgs),
    /// Every connection is cut at once, and resumes.
    Storm(CommonArgs),
    /// The REST API is used while rooms talk, and while they talk alone.
    Rest(RestArgs),
}

/// What every scenario takes.
#[derive(Debug, Args)]
pub struct CommonArgs {
    /// The server: ws://HOST:PORT/v1/connect.
    #[arg(long, env = "ANTIPHON_LOADTEST_URL")]
    pub url: ServerUrl,
    /// API key to sign access tokens with, ID:SECRET.
    #[arg(long, env = "ANTIPHON_LOADTEST_KEY", hide_env_values = true, conflicts_with = "token_cmd")]
    pub key: Option<String>,
    /// Shell command that prints an access token; {room} and {identity} are replaced.
    #[arg(long)]
    pub token_cmd: Option<String>,
    /// What the server speaks.
    #[arg(long, value_enum, default_value_t = WireName::Json)]
    pub format: WireName,
    /// Clients in all.
    #[arg(long)]
    pub clients: Option<usize>,
    /// Rooms; another way to say --clients.
    #[arg(long, conflicts_with = "clients")]
    pub rooms: Option<usize>,
    /// Clients in a room.
    #[arg(long)]
    pub room_size: Option<usize>,
    /// How long to measure.
    #[arg(long, default_value = "10s", value_parser = parse_duration)]
    pub duration: Duration,
    /// How long to let the server warm up or come to rest before.
    #[arg(long, default_value = "3s", value_parser = parse_duration)]
    pub settle: Duration,
    /// Rooms that are filled at the same time.
    #[arg(long, default_value_t = 32)]
    pub connecting: usize,
    /// Bytes of an offer or answer (relay), or of a message to the room (fanout).
    #[arg(long)]
    pub message_bytes: Option<usize>,
    /// How long an answer may take before it counts as missing.
    #[arg(long, default_value = "20s", value_parser = parse_duration)]
    pub patience: Duration,
    /// The server's process on this machine, for its processor time and memory.
    #[arg(long)]
    pub pid: Option<u32>,
    /// Prints the report as JSON.
    #[arg(long)]
    pub json: bool,
}

/// What `idle` takes.
#[derive(Debug, Args)]
pub struct IdleArgs {
    /// What every scenario takes.
    #[command(flatten)]
    pub common: CommonArgs,
    /// Clients at the first of two measurements, whose difference counts; a fifth of --clients if left out.
    #[arg(long)]
    pub baseline: Option<usize>,
    /// Goes on so long and reports how memory grows.
    #[arg(long, value_parser = parse_duration)]
    pub soak: Option<Duration>,
}

/// What `fanout` takes.
#[derive(Debug, Args)]
pub struct FanoutArgs {
    /// What every scenario takes.
    #[command(flatten)]
    pub common: CommonArgs,
    /// What the messages are: chat or data.
    #[arg(long, value_enum, default_value_t = Kind::Chat)]
    pub kind: Kind,
}

/// What `rest` takes.
#[derive(Debug, Args)]
pub struct RestArgs {
    /// What every scenario takes; --duration is that of each measurement.
    #[command(flatten)]
    pub common: CommonArgs,
    /// HTTP clients that use the API at the same time.
    #[arg(long, default_value_t = 4)]
    pub applications: usize,
    /// Time between two messages in a room.
    #[arg(long, default_value = "100ms", value_parser = parse_duration)]
    pub pace: Duration,
    /// How often the sockets are measured alone and then beside the requests.
    #[arg(long, default_value_t = 2)]
    pub turns: usize,
}

impl RestArgs {
    /// What is asked of the REST API.
    #[must_use]
    pub fn load(&self) -> RestLoad {
        RestLoad { applications: self.applications, pace: self.pace, turns: self.turns }
    }
}

/// What `floor` takes.
#[derive(Debug, Args)]
pub struct FloorArgs {
    /// Address to listen on; port 0 takes a free one. It is printed.
    #[arg(long, default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
}

/// What `bench` takes.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Fewer and shorter rounds.
    #[arg(long)]
    pub quick: bool,
    /// Measures this alone.
    #[arg(long, value_enum)]
    pub only: Option<BenchPart>,
    /// The `antiphon` binary; the one beside this program if left out.
    #[arg(long)]
    pub server: Option<PathBuf>,
    /// The `antiphon-turn-relay` binary; the one beside this program if left out.
    #[arg(long)]
    pub turn_relay: Option<PathBuf>,
    /// The `antiphon-turn-credentials` binary; the one beside this program if left out.
    #[arg(long)]
    pub turn_credentials: Option<PathBuf>,
    /// Prints the results as JSON before the figures.
    #[arg(long)]
    pub json: bool,
}

/// A part of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BenchPart {
    /// Processor time per message between two.
    Relay,
    /// Processor time per message to a room.
    Fanout,
    /// Memory per client.
    Idle,
    /// The REST API beside the sockets.
    Rest,
    /// Credentials over HTTP.
    Mint,
    /// Relaying, beside coturn.
    Turn,
}

/// What the server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WireName {
    /// Antiphon in JSON.
    Json,
    /// Antiphon in protobuf.
    Proto,
    /// The floor.
    Floor,
}

impl From<WireName> for Wire {
    fn from(name: WireName) -> Self {
        match name {
            WireName::Json => Self::Antiphon(Format::Json),
            WireName::Proto => Self::Antiphon(Format::Proto),
            WireName::Floor => Self::Floor,
        }
    }
}

impl CommonArgs {
    /// The scenario's setup, with its own defaults where nothing was said.
    ///
    /// # Errors
    /// When an option is not what it has to be.
    pub fn setup(&self, clients: usize, room_size: usize) -> anyhow::Result<Setup> {
        let tokens = match (&self.key, &self.token_cmd) {
            (Some(key), _) => Tokens::from_key(key).context("--key")?,
            (None, Some(command)) => Tokens::Command(command.clone()),
            (None, None) => Tokens::None,
        };
        let room_size = self.room_size.unwrap_or(room_size);
        Ok(Setup {
            target: Arc::new(Target {
                url: self.url.clone(),
                wire: self.format.into(),
                tokens,
                content: Content::new(self.message_bytes),
                patience: self.patience,
            }),
            process: self.pid.map(Process::new),
            clients: self.clients.or(self.rooms.map(|rooms| rooms * room_size)).unwrap_or(clients),
            room_size,
            connecting: self.connecting,
            settle: self.settle,
            duration: self.duration,
        })
    }
}

/// Reads `250ms`, `30s`, `5m` or `1h`.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let number: u64 = digits.parse().map_err(|_| "expected a number with a unit: 250ms, 30s, 5m, 1h".to_owned())?;
    match &text[digits.len()..] {
        "ms" => Ok(Duration::from_millis(number)),
        "s" => Ok(Duration::from_secs(number)),
        "m" => Ok(Duration::from_secs(number * 60)),
        "h" => Ok(Duration::from_secs(number * 3_600)),
        unit => Err(format!("unknown unit {unit:?}: expected ms, s, m or h")),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(parse_duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse_duration("5m"), Ok(Duration::from_secs(300)));
        for wrong in ["", "5", "m", "5 weeks", "-1s"] {
            assert!(parse_duration(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn rooms_and_their_size_say_how_many_clients() {
        let cli = Cli::try_parse_from([
            "antiphon-loadtest",
            "signaling",
            "fanout",
            "--url=ws://127.0.0.1:1/v1/connect",
            "--rooms=4",
            "--room-size=50",
        ]);
        let Ok(Cli { command: Command::Signaling(scenario) }) = cli else { panic!("{cli:?}") };
        let Scenario::Fanout(args) = *scenario else { panic!("{scenario:?}") };
        let setup = args.common.setup(100, 10).expect("a setup");
        assert_eq!((setup.clients, setup.rooms()), (200, 4));
    }
}
