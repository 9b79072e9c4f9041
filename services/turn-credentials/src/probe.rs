//! Which URIs of relays are alive: each one is asked for an allocation, again and again.

mod board;
mod connection;
mod exchange;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use antiphon_ice_core::{
    UnixTime,
    credentials::{Credential, RotatingSecrets, mint},
    health::Probed,
    uri::{Host, IceUri, Transport},
    user_id::UserId,
};
use antiphon_service_kit::clock::unix_now_s;
use rand::RngExt as _;
use tokio::net::{TcpStream, UdpSocket};
use tokio_rustls::TlsConnector;

pub(crate) use board::Board;
pub(crate) use connection::tls_connector;
use exchange::Exchange;

/// A probe's credential, which nobody else sees.
const CREDENTIAL_TTL: Duration = Duration::from_secs(60);

/// How long a whole probe may take: a datagram and its first three repetitions (RFC 8489 §6.2.1), a handshake over half the world.
const LONGEST_PROBE: Duration = Duration::from_secs(5);

/// The tenant of probes' user ids. No key has it: it has a space.
const TENANT: &str = "antiphon probe";

/// Probes one URI.
pub(crate) struct Prober {
    uri: IceUri,
    secrets: RotatingSecrets,
    tls: Option<TlsConnector>,
    user_id: UserId,
}

impl Prober {
    /// `number` tells it from the others of this process. Each has a user id of its own: quotas of a relay are not theirs together.
    pub(crate) fn new(uri: IceUri, secrets: RotatingSecrets, tls: Option<TlsConnector>, number: usize) -> Self {
        let instance: u64 = rand::random();
        let identity = format!("{instance:016x}-{number}").parse().expect("an identity");
        let user_id = UserId::new(&TENANT.parse().expect("a tenant"), &identity);
        Self { uri, secrets, tls, user_id }
    }

    /// Probes for ever, and tells the board.
    pub(crate) async fn run(self, interval: Duration, board: Arc<Board>) {
        loop {
            let probed = self.probe().await;
            board.tell(&self.uri, probed);
            // Not all at once, and not all replicas in step.
            let jitter = rand::rng().random_range(0.9..1.1);
            tokio::time::sleep(interval.mul_f64(jitter)).await;
        }
    }

    /// One allocation, which is given back.
    async fn probe(&self) -> Probed {
        let expires = UnixTime(unix_now_s()).plus(CREDENTIAL_TTL);
        let credential = mint(&self.secrets.current(), self.user_id.as_str(), expires);
        let mut exchange = Exchange::new(credential_of(credential), rand::random);
        let carrying = tokio::time::timeout(LONGEST_PROBE, self.carry(&mut exchange)).await;
        if let Ok(Err(error)) = carrying {
            tracing::debug!(uri = %self.uri, %error, "a probe failed");
        }
        exchange.outcome()
    }

    async fn carry(&self, exchange: &mut Exchange) -> std::io::Result<()> {
        let address = self.resolve().await?;
        match self.uri.transport() {
            Transport::Udp => connection::over_udp(connected_udp(address).await?, exchange).await,
            Transport::Tcp => connection::over_stream(TcpStream::connect(address).await?, exchange).await,
            Transport::Tls | Transport::Dtls => {
                let tls = self.tls.as_ref().ok_or(std::io::ErrorKind::Unsupported)?;
                let name = connection::server_name(&self.uri.host)?;
                let stream = tls.connect(name, TcpStream::connect(address).await?).await?;
                connection::over_stream(stream, exchange).await
            }
        }
    }

    async fn resolve(&self) -> std::io::Result<SocketAddr> {
        match &self.uri.host {
            Host::Address(address) => Ok(SocketAddr::new(*address, self.uri.port())),
            Host::Name(name) => {
                let mut found = tokio::net::lookup_host((name.as_str(), self.uri.port())).await?;
                found.next().ok_or_else(|| std::io::ErrorKind::NotFound.into())
            }
        }
    }
}

fn credential_of(credential: Credential) -> (String, secrecy::SecretString) {
    (credential.username, credential.password)
}

async fn connected_udp(address: SocketAddr) -> std::io::Result<UdpSocket> {
    let any: SocketAddr = if address.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0u16; 8], 0).into() };
    let socket = UdpSocket::bind(any).await?;
    // Errors of ICMP arrive, and nothing from elsewhere does.
    socket.connect(address).await?;
    Ok(socket)
}
