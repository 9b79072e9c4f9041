//! Servers as child processes.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use antiphon_protocol::Format;
use anyhow::{Context as _, bail};
use tokio::time::{Instant, sleep};

use crate::{
    child::{ChildServer, Files, free_address, secret},
    client::Client,
    content::Content,
    process::Process,
    target::{Names, Target, Wire},
    token::Tokens,
};

const START_LIMIT: Duration = Duration::from_secs(20);
const START_POLL: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(20);

/// A server as it is shipped. The limits stay on, raised to what comes from the one address that all clients share here.
const SETTINGS: &str = "\
[signaling]
message-rate = 100000
message-burst = 100000
address-message-rate = 10000000
tenant-message-rate = 10000000
tenant-request-rate = 10000000
address-connections = 50000
address-connection-rate = 100000
";

/// What can be measured.
#[derive(Debug, Clone)]
pub(super) enum Software {
    /// The `antiphon` binary.
    Antiphon(PathBuf),
    /// This program's floor.
    Floor,
}

/// A running server; it ends with this value.
#[derive(Debug)]
pub(super) struct Server {
    server: ChildServer,
    target: Arc<Target>,
}

impl Server {
    pub(super) async fn start(software: &Software) -> anyhow::Result<Self> {
        let files = Files::new();
        let mut server = match software {
            Software::Antiphon(path) => Self::start_antiphon(path, files)?,
            Software::Floor => Self::start_floor(files)?,
        };
        server.wait_until_joinable().await?;
        Ok(server)
    }

    pub(super) fn target(&self) -> Arc<Target> {
        self.target.clone()
    }

    pub(super) fn process(&self) -> Process {
        self.server.process()
    }

    /// Copies the log to where it outlives the server.
    pub(super) fn keep_log(&self) -> PathBuf {
        self.server.keep_log()
    }

    fn start_antiphon(path: &Path, files: Files) -> anyhow::Result<Self> {
        let (address, secret) = (free_address()?, secret());
        fs::write(files.with("toml"), SETTINGS)?;
        let mut command = Command::new(path);
        command
            .arg("--config")
            .arg(files.with("toml"))
            .arg("--listen")
            .arg(address.to_string())
            // What is set for another server on this machine is not for this one.
            .env_clear()
            .env("ANTIPHON_KEYS", format!("bench:{secret}"));
        let server = ChildServer::start(&mut command, files, None)?;
        let tokens = Tokens::from_key(&format!("bench:{secret}"))?;
        let target = target(&format!("ws://{address}/v1/connect"), Wire::Antiphon(Format::Json), tokens)?;
        Ok(Self { server, target })
    }

    fn start_floor(files: Files) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe().context("this program's path")?);
        command.args(["floor", "--listen", "127.0.0.1:0"]);
        let mut server = ChildServer::start(&mut command, files, Some(Stdio::piped()))?;
        let address = server.printed_address()?;
        let target = target(&format!("ws://{address}"), Wire::Floor, Tokens::None)?;
        Ok(Self { server, target })
    }

    async fn wait_until_joinable(&mut self) -> anyhow::Result<()> {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            if let Some(status) = self.server.ended()? {
                bail!("the server ended ({status}); its log: {}", self.keep_log().display());
            }
            match Client::join(self.target.clone(), Names::new(rand::random()).member(0, 0)).await {
                Ok(_) => return Ok(()),
                Err(fault) if Instant::now() >= deadline => {
                    bail!("nobody can join the server: {fault}; its log: {}", self.keep_log().display())
                }
                Err(_) => sleep(START_POLL).await,
            }
        }
    }
}

fn target(url: &str, wire: Wire, tokens: Tokens) -> anyhow::Result<Arc<Target>> {
    let (url, content) = (url.parse()?, Content::new(None));
    Ok(Arc::new(Target { url, wire, tokens, content, patience: PATIENCE }))
}
