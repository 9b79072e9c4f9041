//! What `chaos` takes.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::Args;

use super::{parse_duration, verify::PlayArgs};
use crate::{
    chaos::{ChaosSetup, engine::Sharing, replica::Recipe},
    child::{program_path, secret},
    target::ServerUrl,
    verify::Setup,
};

/// What `chaos` takes.
#[derive(Debug, Args)]
pub struct ChaosArgs {
    /// The `antiphon` binary; the one beside this program if left out.
    #[arg(long)]
    pub server: Option<PathBuf>,
    /// Servers; more than one need a --backplane.
    #[arg(long, default_value_t = 1)]
    pub replicas: usize,
    /// What the servers share: memory (nothing, one server), single, sentinel or cluster (Redis servers that this program starts, and
    /// breaks), or a Redis that runs, redis://127.0.0.1:PORT.
    #[arg(long, default_value = "memory")]
    pub backplane: Sharing,
    /// How long things are broken in turn.
    #[arg(long, default_value = "20m", value_parser = parse_duration)]
    pub duration: Duration,
    /// Time from mending one thing to breaking the next.
    #[arg(long, default_value = "6s", value_parser = parse_duration)]
    pub calm: Duration,
    /// Fewer faults that took effect than this fail the run; one of each kind if left out.
    #[arg(long)]
    pub min_faults: Option<usize>,
    /// What is played.
    #[command(flatten)]
    pub play: PlayArgs,
    /// Prints the report as JSON.
    #[arg(long)]
    pub json: bool,
}

impl ChaosArgs {
    /// What is broken.
    ///
    /// # Errors
    /// When this program does not know where it lies, beside which the server is.
    pub fn setup(&self) -> anyhow::Result<ChaosSetup> {
        Ok(ChaosSetup {
            recipe: Recipe {
                program: program_path(self.server.as_ref(), "antiphon")?,
                key: format!("chaos:{}", secret()),
                settings: self.settings(),
                backplane: None,
            },
            sharing: self.backplane.clone(),
            replicas: self.replicas,
            duration: self.duration,
            calm: self.calm,
            lease: self.play.lease,
            seed: self.play.seed,
        })
    }

    /// What is played against servers at these addresses that know this key.
    ///
    /// # Errors
    /// When the key is none.
    pub fn play(&self, key: &str, addresses: &[SocketAddr]) -> anyhow::Result<Setup> {
        let url = |address: &SocketAddr| format!("ws://{address}/v1/connect").parse::<ServerUrl>();
        let urls = addresses.iter().map(url).collect::<anyhow::Result<Vec<_>>>()?;
        let least = self.min_faults.unwrap_or_else(|| self.backplane.faults(self.replicas).len());
        self.play.setup(&urls, key, least)
    }

    /// A server's limits stay on, raised to what comes from the one address that all clients share here. It notices soon that a client
    /// is gone, so that bounds are short.
    fn settings(&self) -> String {
        let window = self.play.resume_window.as_millis();
        let lease = match self.play.lease {
            Duration::ZERO => String::new(),
            lease => format!("lease = \"{}ms\"\n", lease.as_millis()),
        };
        format!(
            "[server]\ndrain-timeout = \"5s\"\n\
             [rooms]\nresume-window = \"{window}ms\"\nempty-timeout = \"2s\"\n\
             [signaling]\n{lease}ping-interval = \"1s\"\ndrain-window = \"1s\"\ndrain-retry-after = \"500ms\"\n\
             address-message-rate = 10000000\ntenant-message-rate = 10000000\n\
             address-connections = 50000\naddress-connection-rate = 100000\n"
        )
    }
}
