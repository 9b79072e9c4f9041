//! What `turn` takes.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::bail;
use clap::{Args, ValueEnum};

use super::parse_duration;
use crate::{
    child::program_path,
    process::Process,
    turn::{Carriage, Minter, TurnServer, TurnSetup, TurnSoftware},
};

/// What `turn` takes.
#[derive(Debug, Args)]
pub struct TurnArgs {
    /// A server that runs already: its address for UDP, in 127.0.0.0/8.
    #[arg(long, required_unless_present = "start", requires = "secret")]
    pub server: Option<SocketAddr>,
    /// The secret that it checks credentials with (draft-uberti-behave-turn-rest-00).
    #[arg(long, env = "ANTIPHON_LOADTEST_TURN_SECRET", hide_env_values = true)]
    pub secret: Option<String>,
    /// The server's process on this machine, for its processor time and memory.
    #[arg(long)]
    pub pid: Option<u32>,
    /// Starts a server for the run instead.
    #[arg(long, value_enum, conflicts_with_all = ["server", "pid"])]
    pub start: Option<TurnName>,
    /// The `antiphon-turn-relay` binary; the one beside this program if left out.
    #[arg(long)]
    pub relay: Option<PathBuf>,
    /// How packets travel between clients and relay.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "channel-data,indication")]
    pub carriage: Vec<Carriage>,
    /// Bytes of a packet.
    #[arg(long, value_delimiter = ',', default_value = "160,1200")]
    pub bytes: Vec<usize>,
    /// Allocations that packets go through in turn.
    #[arg(long, value_delimiter = ',', default_value = "1,100,1000")]
    pub allocations: Vec<usize>,
    /// Packets in flight, of all clients together; many more overflow the receive buffer of a relay's socket.
    #[arg(long, default_value_t = 32)]
    pub window: usize,
    /// Allocations that are made and ended.
    #[arg(long, default_value_t = 5_000)]
    pub lives: usize,
    /// How long packets go before they are counted.
    #[arg(long, default_value = "200ms", value_parser = parse_duration)]
    pub settle: Duration,
    /// How long they are counted, for each way to travel, size and number of allocations.
    #[arg(long, default_value = "2s", value_parser = parse_duration)]
    pub duration: Duration,
    /// How long an answer may take before it counts as missing.
    #[arg(long, default_value = "10s", value_parser = parse_duration)]
    pub patience: Duration,
    /// Prints the report as JSON.
    #[arg(long)]
    pub json: bool,
}

/// A TURN server that can be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TurnName {
    /// Debian's coturn.
    Coturn,
    /// The embedded relay.
    Relay,
}

impl TurnArgs {
    /// What is asked of the server, and the server where it was to be started: it lives as long as that value.
    ///
    /// # Errors
    /// When it does not start.
    pub fn setup(&self) -> anyhow::Result<(TurnSetup, Option<TurnServer>)> {
        let software = self.start.map(|name| self.software(name)).transpose()?;
        let started = software.map(|software| TurnServer::start(&software)).transpose()?;
        let (server, minter, process) = match (&started, self.server, &self.secret) {
            (Some(started), ..) => (started.address(), started.minter().clone(), Some(started.process())),
            (None, Some(server), Some(secret)) => (server, Minter::new(secret), self.pid.map(Process::new)),
            (None, ..) => bail!("--server and --secret, or --start"),
        };
        let setup = TurnSetup {
            server,
            minter,
            process,
            carriages: self.carriage.clone(),
            sizes: self.bytes.clone(),
            allocations: self.allocations.clone(),
            window: self.window,
            lives: self.lives,
            settle: self.settle,
            duration: self.duration,
            patience: self.patience,
        };
        Ok((setup, started))
    }

    fn software(&self, name: TurnName) -> anyhow::Result<TurnSoftware> {
        Ok(match name {
            TurnName::Coturn => TurnSoftware::Coturn,
            TurnName::Relay => TurnSoftware::Relay(program_path(self.relay.as_ref(), "antiphon-turn-relay")?),
        })
    }
}
