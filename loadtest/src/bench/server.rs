//! Servers as child processes.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use antiphon_protocol::Format;
use anyhow::{Context as _, bail};
use tokio::time::{Instant, sleep};

use crate::{
    client::Client,
    content::Content,
    process::Process,
    target::{Names, Target, Wire},
    token::Tokens,
};

const START_LIMIT: Duration = Duration::from_secs(20);
const START_POLL: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(20);

/// The limits stay on, raised to what comes from the one address that all clients share here.
const RAISED_LIMITS: [(&str, &str); 6] = [
    ("ANTIPHON_MESSAGE_RATE", "100000"),
    ("ANTIPHON_MESSAGE_BURST", "100000"),
    ("ANTIPHON_ADDRESS_MESSAGE_RATE", "10000000"),
    ("ANTIPHON_TENANT_MESSAGE_RATE", "10000000"),
    ("ANTIPHON_ADDRESS_CONNECTIONS", "50000"),
    ("ANTIPHON_ADDRESS_CONNECTION_RATE", "100000"),
];

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
    child: Child,
    target: Arc<Target>,
    log: PathBuf,
}

impl Server {
    pub(super) async fn start(software: &Software) -> anyhow::Result<Self> {
        let log = std::env::temp_dir().join(format!(
            "antiphon-bench-{}-{:08x}.log",
            std::process::id(),
            rand::random::<u32>()
        ));
        let mut server = match software {
            Software::Antiphon(path) => Self::start_antiphon(path, log)?,
            Software::Floor => Self::start_floor(log)?,
        };
        server.wait_until_joinable().await?;
        Ok(server)
    }

    pub(super) fn target(&self) -> Arc<Target> {
        self.target.clone()
    }

    pub(super) fn process(&self) -> Process {
        Process::new(self.child.id())
    }

    /// Copies the log to where it outlives the server.
    pub(super) fn keep_log(&self) -> PathBuf {
        let kept = self.log.with_extension("kept.log");
        match fs::copy(&self.log, &kept) {
            Ok(_) => kept,
            Err(_) => self.log.clone(),
        }
    }

    fn start_antiphon(path: &PathBuf, log: PathBuf) -> anyhow::Result<Self> {
        let address = free_address()?;
        let secret = format!("{:032x}{:032x}", rand::random::<u128>(), rand::random::<u128>());
        let child = Command::new(path)
            .arg("--listen")
            .arg(address.to_string())
            .env("ANTIPHON_KEYS", format!("bench:{secret}"))
            .envs(RAISED_LIMITS)
            .stdin(Stdio::null())
            .stdout(File::create(&log)?)
            .stderr(File::options().append(true).open(&log)?)
            .spawn()
            .with_context(|| path.display().to_string())?;
        let tokens = Tokens::from_key(&format!("bench:{secret}"))?;
        let target = target(&format!("ws://{address}/v1/connect"), Wire::Antiphon(Format::Json), tokens)?;
        Ok(Self { child, target, log })
    }

    fn start_floor(log: PathBuf) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("this program's path")?;
        let mut child = Command::new(program)
            .args(["floor", "--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .spawn()?;
        let stdout = child.stdout.take().context("the floor's output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let address: SocketAddr =
            line.trim().rsplit(' ').next().unwrap_or_default().parse().context("the floor printed no address")?;
        let target = target(&format!("ws://{address}"), Wire::Floor, Tokens::None)?;
        Ok(Self { child, target, log })
    }

    async fn wait_until_joinable(&mut self) -> anyhow::Result<()> {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            if let Some(status) = self.child.try_wait()? {
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

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; its log is of no more use then either.
        drop(self.child.kill());
        drop(self.child.wait());
        drop(fs::remove_file(&self.log));
    }
}

fn target(url: &str, wire: Wire, tokens: Tokens) -> anyhow::Result<Arc<Target>> {
    let (url, content) = (url.parse()?, Content::new(None));
    Ok(Arc::new(Target { url, wire, tokens, content, patience: PATIENCE }))
}

/// Free at this moment: the server has to be told a port, and nothing else takes one here meanwhile.
fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
