//! What `mint` and `mint-floor` take.

use std::{net::SocketAddr, num::NonZeroU32, time::Duration};

use anyhow::Context as _;
use clap::Args;

use super::parse_duration;
use crate::{
    mint::{MintSetup, MintWire},
    process::Process,
    token::Tokens,
    turn::Minter,
};

/// What `mint` takes.
#[derive(Debug, Args)]
pub struct MintArgs {
    /// Where the service listens, in plain HTTP.
    #[arg(long)]
    pub server: SocketAddr,
    /// API key to sign access tokens with, ID:SECRET.
    #[arg(long, env = "ANTIPHON_LOADTEST_KEY", hide_env_values = true)]
    pub key: String,
    /// The relays' shared secret, to check credentials with.
    #[arg(long, env = "ANTIPHON_LOADTEST_TURN_SECRET", hide_env_values = true)]
    pub secret: String,
    /// It is the floor that answers.
    #[arg(long)]
    pub floor: bool,
    /// Connections; each has one request in flight.
    #[arg(long, default_value_t = 16)]
    pub connections: usize,
    /// Requests a second, of all connections together. As fast as they are answered unless it is set.
    #[arg(long)]
    pub rate: Option<NonZeroU32>,
    /// How long to ask before it is measured.
    #[arg(long, default_value = "1s", value_parser = parse_duration)]
    pub settle: Duration,
    /// How long to measure.
    #[arg(long, default_value = "5s", value_parser = parse_duration)]
    pub duration: Duration,
    /// How long an answer may take before it counts as missing.
    #[arg(long, default_value = "20s", value_parser = parse_duration)]
    pub patience: Duration,
    /// The service's process on this machine, for its processor time.
    #[arg(long)]
    pub pid: Option<u32>,
    /// Prints the report as JSON.
    #[arg(long)]
    pub json: bool,
}

impl MintArgs {
    /// What is asked of the service.
    ///
    /// # Errors
    /// When the key is none.
    pub fn setup(&self) -> anyhow::Result<MintSetup> {
        Ok(MintSetup {
            server: self.server,
            wire: if self.floor { MintWire::Floor } else { MintWire::Antiphon },
            tokens: Tokens::from_key(&self.key).context("--key")?,
            minter: Minter::new(&self.secret),
            process: self.pid.map(Process::new),
            connections: self.connections,
            rate: self.rate,
            settle: self.settle,
            duration: self.duration,
            patience: self.patience,
        })
    }
}

/// What `mint-floor` takes.
#[derive(Debug, Args)]
pub struct MintFloorArgs {
    /// Address to listen on; port 0 takes a free one. It is printed.
    #[arg(long, default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// The relays' shared secret.
    #[arg(long, env = "ANTIPHON_LOADTEST_TURN_SECRET", hide_env_values = true)]
    pub secret: String,
    /// The relay's URLs.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "turn:127.0.0.1:3478?transport=udp,turn:127.0.0.1:3478?transport=tcp"
    )]
    pub urls: Vec<String>,
}
