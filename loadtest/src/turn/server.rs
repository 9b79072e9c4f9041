//! TURN servers as child processes.

use std::{
    fs,
    io::ErrorKind,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

use super::{allocations::Allocations, clients::Clients, credential::Minter};
use crate::{
    child::{ChildServer, Files, free_address, free_udp_address, secret},
    process::{Process, allow_sockets},
};

const TURNSERVER: &str = "turnserver";
const START_LIMIT: Duration = Duration::from_secs(20);
/// A datagram to a port that nobody has opened yet is lost, so asking is also waiting.
const START_PATIENCE: Duration = Duration::from_millis(600);
/// Sockets of a thousand allocations and more.
const MOST_SOCKETS: usize = 4_000;

/// What can be measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TurnSoftware {
    /// Debian's coturn, the program `turnserver`.
    Coturn,
    /// The `antiphon-turn-relay` binary.
    Relay(PathBuf),
}

/// What to do about a machine without coturn.
pub const COTURN_IS_MISSING: &str =
    "coturn's program turnserver is missing: sudo apt-get install coturn, or your system's equivalent";

/// A running server; it ends with this value.
#[derive(Debug)]
pub struct TurnServer {
    server: ChildServer,
    address: SocketAddr,
    secret: String,
    minter: Minter,
}

impl TurnServer {
    /// Starts it on a free port of 127.0.0.1, with a secret of its own, and waits until it allocates. Blocks.
    ///
    /// # Errors
    /// When the program is missing, ends, or allocates nothing.
    pub fn start(software: &TurnSoftware) -> anyhow::Result<Self> {
        allow_sockets(MOST_SOCKETS)?;
        let (address, secret, files) = (free_udp_address()?, secret(), Files::new());
        let mut command = match software {
            TurnSoftware::Coturn => coturn(address, &secret, &files),
            TurnSoftware::Relay(path) => relay(path, address, &secret, &files)?,
        };
        let server = ChildServer::start(&mut command, files, None).map_err(|error| software.explain(error))?;
        let mut server = Self { server, address, minter: Minter::new(&secret), secret };
        server.wait_until_it_allocates()?;
        Ok(server)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it checks credentials with.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// Mints credentials that it takes.
    #[must_use]
    pub fn minter(&self) -> &Minter {
        &self.minter
    }

    /// Its process.
    #[must_use]
    pub fn process(&self) -> Process {
        self.server.process()
    }

    /// Copies its log to where it outlives it.
    #[must_use]
    pub fn keep_log(&self) -> std::path::PathBuf {
        self.server.keep_log()
    }

    fn wait_until_it_allocates(&mut self) -> anyhow::Result<()> {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            if let Some(status) = self.server.ended()? {
                bail!("the TURN server ended ({status}); its log: {}", self.keep_log().display());
            }
            let clients = Clients::new(self.address, START_PATIENCE).context("a client's socket")?;
            let mut first = Allocations::new(clients, self.minter.clone());
            match first.grow(1).and_then(|()| first.release()) {
                Ok(()) => return Ok(()),
                Err(fault) if Instant::now() >= deadline || !fault.may_pass() => {
                    bail!("the TURN server allocates nothing: {fault}; its log: {}", self.keep_log().display())
                }
                Err(_) => {}
            }
        }
    }
}

impl TurnSoftware {
    /// Whether coturn can be started here.
    #[must_use]
    pub fn coturn_is_there() -> bool {
        let asked = Command::new(TURNSERVER).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        !asked.is_err_and(|error| error.kind() == ErrorKind::NotFound)
    }

    fn explain(&self, error: anyhow::Error) -> anyhow::Error {
        let missing = error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::NotFound);
        match self {
            Self::Coturn if missing => error.context(COTURN_IS_MISSING),
            Self::Coturn | Self::Relay(_) => error,
        }
    }
}

/// As a relay for people on the internet would run it, but for what the loopback interface needs: no TCP, TLS or DTLS, as nothing
/// here speaks it.
fn coturn(address: SocketAddr, secret: &str, files: &Files) -> Command {
    let mut command = Command::new(TURNSERVER);
    command
        .args(["-n", "--use-auth-secret", "--static-auth-secret", secret, "--realm", "load"])
        .args(["--listening-ip", &address.ip().to_string(), "--listening-port", &address.port().to_string()])
        .args(["--relay-ip", &address.ip().to_string(), "--allow-loopback-peers", "--no-multicast-peers"])
        .args(["--no-cli", "--no-tls", "--no-dtls", "--no-tcp", "--no-tcp-relay", "--no-rfc5780"])
        .args(["--no-software-attribute", "--log-file", "stdout", "--simple-log"])
        .arg("--pidfile")
        .arg(files.with("pid"))
        .arg("--userdb")
        .arg(files.with("db"));
    command
}

/// As it is shipped, but for what the loopback interface needs: the development mode, in which peers may be there, and a higher limit
/// of bandwidth, as coturn has none unless it is set.
fn relay(path: &Path, address: SocketAddr, secret: &str, files: &Files) -> anyhow::Result<Command> {
    let secrets_file = files.with("secret");
    fs::write(&secrets_file, secret)?;
    let mut command = Command::new(path);
    command
        .env_clear()
        .arg("--turn-secrets-file")
        .arg(secrets_file)
        .args(["--turn-listen", &address.to_string(), "--turn-relay-addresses", &address.ip().to_string()])
        .args(["--admin-listen", &free_address()?.to_string(), "--turn-development", "--turn-bandwidth", "4GiB"]);
    Ok(command)
}
