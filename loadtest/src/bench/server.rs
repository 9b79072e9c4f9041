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
    child: Child,
    target: Arc<Target>,
    files: Files,
}

/// What a server leaves on disk: `FILE.log`, `FILE.toml`.
#[derive(Debug)]
struct Files {
    stem: PathBuf,
}

impl Server {
    pub(super) async fn start(software: &Software) -> anyhow::Result<Self> {
        let stem = format!("antiphon-bench-{}-{:08x}", std::process::id(), rand::random::<u32>());
        let files = Files { stem: std::env::temp_dir().join(stem) };
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
        Process::new(self.child.id())
    }

    /// Copies the log to where it outlives the server.
    pub(super) fn keep_log(&self) -> PathBuf {
        let (log, kept) = (self.files.log(), self.files.stem.with_extension("kept.log"));
        match fs::copy(&log, &kept) {
            Ok(_) => kept,
            Err(_) => log,
        }
    }

    fn start_antiphon(path: &PathBuf, files: Files) -> anyhow::Result<Self> {
        let address = free_address()?;
        let secret = format!("{:032x}{:032x}", rand::random::<u128>(), rand::random::<u128>());
        fs::write(files.settings(), SETTINGS)?;
        let child = Command::new(path)
            .arg("--config")
            .arg(files.settings())
            .arg("--listen")
            .arg(address.to_string())
            // What is set for another server on this machine is not for this one.
            .env_clear()
            .env("ANTIPHON_KEYS", format!("bench:{secret}"))
            .stdin(Stdio::null())
            .stdout(files.append_to_log()?)
            .stderr(files.append_to_log()?)
            .spawn()
            .with_context(|| path.display().to_string())?;
        let tokens = Tokens::from_key(&format!("bench:{secret}"))?;
        let target = target(&format!("ws://{address}/v1/connect"), Wire::Antiphon(Format::Json), tokens)?;
        Ok(Self { child, target, files })
    }

    fn start_floor(files: Files) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("this program's path")?;
        let mut child = Command::new(program)
            .args(["floor", "--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(files.append_to_log()?)
            .spawn()?;
        let stdout = child.stdout.take().context("the floor's output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let address: SocketAddr =
            line.trim().rsplit(' ').next().unwrap_or_default().parse().context("the floor printed no address")?;
        let target = target(&format!("ws://{address}"), Wire::Floor, Tokens::None)?;
        Ok(Self { child, target, files })
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
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Files {
    fn log(&self) -> PathBuf {
        self.stem.with_extension("log")
    }

    fn settings(&self) -> PathBuf {
        self.stem.with_extension("toml")
    }

    fn append_to_log(&self) -> std::io::Result<File> {
        File::options().create(true).append(true).open(self.log())
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        // The floor has no settings.
        drop(fs::remove_file(self.settings()));
        drop(fs::remove_file(self.log()));
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
