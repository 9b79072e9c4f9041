//! A server process that can be killed, told to stop, and stopped in its tracks.

use std::{
    fs::{self, File},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{Instant, sleep, timeout},
};

use super::gate::Gate;
use crate::child::{Files, free_address};

/// How long a server may take to be ready, and to stop when it is told to.
const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(50);

/// How long a server may take to say that it lives.
const PROBE: Duration = Duration::from_secs(1);

/// How all replicas run.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// The `antiphon` binary.
    pub program: PathBuf,
    /// The API key, ID:SECRET.
    pub key: String,
    /// What `--config` names, in TOML.
    pub settings: String,
    /// What the replicas share; `None`: nothing, rooms are in memory.
    pub backplane: Option<String>,
}

/// A replica, with a gate before it and, where there is one, a gate before its backplane.
#[derive(Debug)]
pub struct Replica {
    recipe: Recipe,
    address: SocketAddr,
    files: Files,
    child: Option<Child>,
    /// Before its clients.
    pub gate: Gate,
    /// Before what it shares with others.
    pub backplane: Option<Gate>,
}

impl Replica {
    /// A server that is ready.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(recipe: Recipe) -> anyhow::Result<Self> {
        let address = free_address()?;
        let gate = Gate::before(address).await.context("a gate")?;
        let backplane = match &recipe.backplane {
            // Of several servers the client finds out by itself where they are.
            Some(url) if url.starts_with("redis://") => Some(Gate::before(address_of(url)?).await.context("a gate")?),
            Some(_) | None => None,
        };
        let mut replica = Self { recipe, address, files: Files::new(), child: None, gate, backplane };
        fs::write(replica.files.with("toml"), &replica.recipe.settings)?;
        replica.launch()?;
        replica.until_ready().await?;
        Ok(replica)
    }

    /// Starts it (again); it may not be ready yet.
    ///
    /// # Errors
    /// When there is no such program.
    pub fn launch(&mut self) -> anyhow::Result<()> {
        let log = File::options().create(true).append(true).open(self.files.with("log"))?;
        let mut command = Command::new(&self.recipe.program);
        command
            .arg("--config")
            .arg(self.files.with("toml"))
            .args(["--listen", &self.address.to_string(), "--relay=false"])
            // What is set for another server on this machine is not for this one.
            .env_clear()
            .env("ANTIPHON_KEYS", &self.recipe.key)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        if let Some(url) = &self.recipe.backplane {
            let url = match &self.backplane {
                Some(gate) => url.replacen(&address_of(url)?.to_string(), &gate.address().to_string(), 1),
                None => url.clone(),
            };
            command.args(["--backplane", &url]);
        }
        let program = self.recipe.program.display();
        self.child = Some(command.spawn().with_context(|| program.to_string())?);
        Ok(())
    }

    /// Waits until it takes clients.
    ///
    /// # Errors
    /// When it ends instead, or takes too long.
    pub async fn until_ready(&mut self) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !self.answers("/readyz").await {
            if let Some(status) = self.child.as_mut().map(Child::try_wait).transpose()?.flatten() {
                bail!("a server ended ({status}); its log:\n{}", self.end_of_log());
            }
            ensure!(Instant::now() < deadline, "a server is not ready; its log:\n{}", self.end_of_log());
            sleep(POLL).await;
        }
        Ok(())
    }

    /// Whether it says 200 to a request that does not go through its gate.
    pub async fn answers(&self, path: &str) -> bool {
        let asked = async {
            let mut stream = TcpStream::connect(self.address).await?;
            let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address);
            stream.write_all(request.as_bytes()).await?;
            let mut answer = Vec::new();
            stream.take(4_096).read_to_end(&mut answer).await?;
            std::io::Result::Ok(answer.starts_with(b"HTTP/1.1 200"))
        };
        matches!(timeout(PROBE, asked).await, Ok(Ok(true)))
    }

    /// Kills it, with all that it holds.
    ///
    /// # Errors
    /// When it does not run.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        let mut child = self.child.take().context("it does not run")?;
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// Sends it a signal.
    ///
    /// # Errors
    /// When it does not run.
    pub fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        let child = self.child.as_ref().context("it does not run")?;
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).context("no process id")?;
        Ok(kill_process(pid, signal)?)
    }

    /// Tells it to stop, and waits until it has.
    ///
    /// # Errors
    /// When it does not stop.
    pub async fn stop(&mut self) -> anyhow::Result<ExitStatus> {
        self.signal(Signal::TERM)?;
        let mut child = self.child.take().context("it does not run")?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status);
            }
            if Instant::now() >= deadline {
                child.kill()?;
                child.wait()?;
                bail!("a server did not stop within {PATIENCE:?}; its log:\n{}", self.end_of_log());
            }
            sleep(POLL).await;
        }
    }

    /// Copies the log to where it outlives the server.
    #[must_use]
    pub fn keep_log(&self) -> PathBuf {
        self.files.keep_log()
    }

    fn end_of_log(&self) -> String {
        let log = fs::read_to_string(self.files.with("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(10)..].join("\n")
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may have ended by itself. SIGKILL reaches one that stands still, too.
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// Host and port of `redis://HOST:PORT`, numeric, so that they can be found in it again.
fn address_of(url: &str) -> anyhow::Result<SocketAddr> {
    let (_, rest) = url.split_once("://").context("--backplane: expected redis://127.0.0.1:PORT")?;
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    host.parse().context("--backplane: expected redis://127.0.0.1:PORT, with a numeric address")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backplanes_address_stands_in_its_url() {
        let address = "127.0.0.1:6379".parse().expect("an address");
        for url in ["redis://127.0.0.1:6379", "redis://127.0.0.1:6379/2", "redis://user:pw@127.0.0.1:6379"] {
            assert_eq!(address_of(url).expect("valid"), address, "{url}");
        }
        for url in ["", "memory", "redis://localhost:6379", "redis://127.0.0.1"] {
            assert!(address_of(url).is_err(), "{url}");
        }
    }
}
