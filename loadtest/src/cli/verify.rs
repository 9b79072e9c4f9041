//! What `verify` takes.

use std::{sync::Arc, time::Duration};

use antiphon_protocol::Format;
use anyhow::Context as _;
use clap::{Args, ValueEnum};

use super::parse_duration;
use crate::{
    content::Content,
    target::{ServerUrl, Target, Wire},
    token::Tokens,
    verify::{Setup, check::Bounds, player::Habits, report::Thresholds},
};

/// What `verify` takes.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// A server: ws://HOST:PORT/v1/connect. Several are replicas of one: clients connect to any of them at random.
    #[arg(long, required = true)]
    pub url: Vec<ServerUrl>,
    /// API key to sign access tokens with, ID:SECRET.
    #[arg(long, env = "ANTIPHON_LOADTEST_KEY", hide_env_values = true)]
    pub key: String,
    /// How long clients come, go and talk.
    #[arg(long, default_value = "60s", value_parser = parse_duration)]
    pub duration: Duration,
    /// What is played.
    #[command(flatten)]
    pub play: PlayArgs,
    /// Prints the report as JSON.
    #[arg(long)]
    pub json: bool,
}

/// What is played, and how it is judged.
#[derive(Debug, Clone, Args)]
pub struct PlayArgs {
    /// Rooms.
    #[arg(long, default_value_t = 30)]
    pub rooms: usize,
    /// Clients in all, spread evenly over the rooms.
    #[arg(long, default_value_t = 300)]
    pub clients: usize,
    /// Chooses what the clients do, and what is broken when.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// What is spoken to the server.
    #[arg(long, value_enum, default_value_t = FormatName::Json)]
    pub format: FormatName,
    /// Time between two messages of a client, in the mean; so are the others.
    #[arg(long, default_value = "2s", value_parser = parse_duration)]
    pub pace: Duration,
    /// Time that a client stays.
    #[arg(long, default_value = "60s", value_parser = parse_duration)]
    pub stay: Duration,
    /// Time that it is away then.
    #[arg(long, default_value = "3s", value_parser = parse_duration)]
    pub pause: Duration,
    /// Time between two cuts of a client's connection, by itself.
    #[arg(long, default_value = "45s", value_parser = parse_duration)]
    pub cut: Duration,
    /// Time between two kicks in a room.
    #[arg(long, default_value = "60s", value_parser = parse_duration)]
    pub kick: Duration,
    /// Time between two ends of a room.
    #[arg(long, default_value = "5m", value_parser = parse_duration)]
    pub end_room: Duration,
    /// The servers' resume window.
    #[arg(long, default_value = "30s", value_parser = parse_duration)]
    pub resume_window: Duration,
    /// The servers' lease: how long a replica that is gone is taken for alive.
    #[arg(long, default_value = "0s", value_parser = parse_duration)]
    pub lease: Duration,
    /// What is added to the bounds for a machine that is busy.
    #[arg(long, default_value = "5s", value_parser = parse_duration)]
    pub slack: Duration,
    /// How long all may take to settle when the load has stopped; it ends as soon as they have.
    #[arg(long, default_value = "60s", value_parser = parse_duration)]
    pub settle: Duration,
    /// How long an answer to a first frame may take before the client tries elsewhere.
    #[arg(long, default_value = "5s", value_parser = parse_duration)]
    pub patience: Duration,
    /// Fewer messages checked than this fail the run.
    #[arg(long, default_value_t = 1_000)]
    pub min_messages: u64,
}

/// What is spoken to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatName {
    /// JSON.
    Json,
    /// Protobuf.
    Proto,
}

impl VerifyArgs {
    /// What is played against whom.
    ///
    /// # Errors
    /// When the key is none.
    pub fn setup(&self) -> anyhow::Result<Setup> {
        self.play.setup(&self.url, &self.key, 0)
    }
}

impl PlayArgs {
    /// What is played against these servers; fewer effective faults than `faults` fail the run.
    ///
    /// # Errors
    /// When the key is none.
    pub fn setup(&self, urls: &[ServerUrl], key: &str, faults: usize) -> anyhow::Result<Setup> {
        let format = match self.format {
            FormatName::Json => Format::Json,
            FormatName::Proto => Format::Proto,
        };
        let target = |url: &ServerUrl| {
            Ok(Arc::new(Target {
                url: url.clone(),
                wire: Wire::Antiphon(format),
                tokens: Tokens::from_key(key).context("--key")?,
                content: Content::new(None),
                patience: self.patience,
            }))
        };
        let ghost = self.lease + self.resume_window + self.slack;
        Ok(Setup {
            targets: urls.iter().map(target).collect::<anyhow::Result<_>>()?,
            format,
            rooms: self.rooms,
            clients: self.clients,
            seed: self.seed,
            habits: Habits {
                pace: self.pace,
                stay: self.stay,
                pause: self.pause,
                cut: self.cut,
                kick: self.kick,
                end_room: self.end_room,
                resume_window: self.resume_window,
            },
            bounds: Bounds { ghost, epoch: self.lease + self.slack, delivery: self.slack },
            settle: self.settle.max(ghost + self.slack),
            thresholds: Thresholds { messages: self.min_messages, faults },
        })
    }
}
