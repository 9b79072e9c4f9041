//! HTTP/1.1 for strangers: every wait is bounded, and a connection that becomes a WebSocket leaves nothing of HTTP behind.

mod connection;
mod gate;
mod head_timer;
mod metrics;
mod open;
mod streamed;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{Semaphore, mpsc},
    time::{Instant, sleep, timeout},
};

use crate::{
    client_address::{ClientAddress, limit_key},
    config::HumanDuration,
    drain::Shutdown,
    host,
    tls::TlsSource,
};
use connection::Shared;
use gate::{Admission, Gate, Pass};
use metrics::{RefusalReason, ServeMetrics};
use open::OpenConnection;

pub use streamed::Streamed;

/// Bounds of HTTP. A connection that has become a WebSocket, or whose answer is [`Streamed`], counts in `max-connections` only.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Http")]
pub struct ServeConfig {
    /// The most connections at once, WebSockets included, within the machine's limit of open files; one more is closed at once.
    #[arg(long, env = "ANTIPHON_MAX_CONNECTIONS", value_name = "NUMBER", default_value = "100000",
          value_parser = crate::config::whole_number(1..=10_000_000))]
    pub max_connections: u64,
    /// The most connections at once that are no WebSockets (yet). Where they are all taken, the one that has been silent longest, for
    /// two seconds at least, is closed for a new one; until there is one, new ones wait.
    #[arg(long, env = "ANTIPHON_MAX_HTTP_CONNECTIONS", value_name = "NUMBER", default_value = "4096",
          value_parser = crate::config::whole_number(1..=1_000_000))]
    pub max_http_connections: u64,
    /// The most of these from one address (IPv6: from one /64). Trusted proxies and this machine are not limited.
    #[arg(long, env = "ANTIPHON_MAX_HTTP_CONNECTIONS_PER_ADDRESS", value_name = "NUMBER", default_value = "512",
          value_parser = crate::config::whole_number(1..=1_000_000))]
    pub max_http_connections_per_address: u64,
    /// How long a client may take to send a request's headers, and be silent between requests.
    #[arg(long, env = "ANTIPHON_HEADER_TIMEOUT", value_name = "DURATION", default_value = "10s")]
    pub header_timeout: HumanDuration,
    /// How long a client may take for the TLS handshake.
    #[arg(long, env = "ANTIPHON_TLS_HANDSHAKE_TIMEOUT", value_name = "DURATION", default_value = "10s")]
    pub tls_handshake_timeout: HumanDuration,
    /// How long a request may take, its body included. When the server stops, what is under way is cut off after 5s.
    #[arg(long, env = "ANTIPHON_REQUEST_TIMEOUT", value_name = "DURATION", default_value = "30s")]
    pub request_timeout: HumanDuration,
    /// How long a connection may live that is no WebSocket; a request that is under way is finished.
    #[arg(long, env = "ANTIPHON_HTTP_CONNECTION_LIFETIME", value_name = "DURATION", default_value = "5m")]
    pub http_connection_lifetime: HumanDuration,
}

impl Default for ServeConfig {
    fn default() -> Self {
        crate::config::defaults()
    }
}

/// The address of whoever opened the connection, a proxy's maybe: an extension of every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerAddr(pub SocketAddr);

/// The largest head of a request (a token in the URL included), and the most that is read ahead of a body.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// How long a silent connection is left alone where another one could take its place.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a process opens beside its connections.
const OTHER_FILES: usize = 64;

/// What is under way when the process stops has this long.
const GRACE: Duration = Duration::from_secs(5);

const ACCEPT_BACKOFF: std::ops::RangeInclusive<Duration> = Duration::from_millis(5)..=Duration::from_secs(1);

/// Serves a router on a listener.
#[derive(Debug)]
pub struct Server {
    config: ServeConfig,
    proxies: ClientAddress,
    tls: Option<TlsSource>,
    metrics: ServeMetrics,
    patience: Duration,
}

/// Binds with a backlog that a reconnecting crowd fits in.
///
/// # Errors
/// As the operating system says, `AddrInUse` above all.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(4_096)
}

impl Server {
    /// Plain http, no proxies.
    #[must_use]
    pub fn new(config: ServeConfig) -> Self {
        Self {
            config,
            proxies: ClientAddress::default(),
            tls: None,
            metrics: ServeMetrics::default(),
            patience: PATIENCE,
        }
    }

    /// Does not limit these proxies like a single client.
    #[must_use]
    pub fn with_proxies(mut self, proxies: ClientAddress) -> Self {
        self.proxies = proxies;
        self
    }

    /// Serves https where there is a certificate.
    #[must_use]
    pub fn with_tls(mut self, tls: Option<TlsSource>) -> Self {
        self.tls = tls;
        self
    }

    /// Counts into this registry.
    ///
    /// # Errors
    /// When another server counts there already.
    pub fn with_metrics(self, registry: &prometheus::Registry) -> Result<Self, prometheus::Error> {
        self.metrics.register(registry)?;
        Ok(self)
    }

    /// Accepts until the process stops, then finishes what is under way. WebSockets are not waited for.
    ///
    /// # Errors
    /// None so far: what fails is one connection, or passes.
    pub async fn run(self, listener: TcpListener, router: Router, shutdown: Shutdown) -> io::Result<()> {
        // Without files left, nobody could be let in whoever had to go for it.
        let files = host::open_file_limit().map_or(Semaphore::MAX_PERMITS, to_usize).saturating_sub(OTHER_FILES).max(2);
        let limits = gate::Limits {
            connections: to_usize(self.config.max_http_connections).min(files / 2),
            per_address: to_usize(self.config.max_http_connections_per_address),
            patience: self.patience,
        };
        let gate = Gate::new(limits);
        let open = Arc::new(Semaphore::new(to_usize(self.config.max_connections).min(files)));
        // Dropped by each connection's task: when the last one is gone, so is the channel.
        let (under_way, mut all_done) = mpsc::channel::<std::convert::Infallible>(1);
        let shared = Arc::new(Shared::new(&self.config, router, self.tls, shutdown.clone()));
        let mut backoff = *ACCEPT_BACKOFF.start();
        loop {
            let accepted = tokio::select! {
                biased;
                () = shutdown.stopped() => break,
                accepted = listener.accept() => accepted,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) if concerns_one_connection(&error) => continue,
                Err(error) => {
                    self.metrics.accept_errors.inc();
                    tracing::warn!(%error, retry_in_ms = backoff.as_millis(), "cannot accept connections");
                    sleep(backoff).await;
                    backoff = (backoff * 2).min(*ACCEPT_BACKOFF.end());
                    continue;
                }
            };
            backoff = *ACCEPT_BACKOFF.start();
            let Ok(permit) = Arc::clone(&open).try_acquire_owned() else {
                self.metrics.refuse(RefusalReason::Total);
                continue;
            };
            let exempt = peer.ip().to_canonical().is_loopback() || self.proxies.is_proxy(peer.ip());
            let address = (!exempt).then(|| limit_key(peer.ip()));
            let entered = tokio::select! {
                entered = enter(&gate, address, &self.metrics) => entered,
                () = shutdown.stopped() => break,
            };
            let Some((pass, evicted)) = entered else {
                self.metrics.refuse(RefusalReason::Address);
                continue;
            };
            let stream: OpenConnection<TcpStream> = OpenConnection::new(stream, permit, &self.metrics.open);
            let task = connection::serve(Arc::clone(&shared), stream, peer, pass, evicted);
            let under_way = under_way.clone();
            tokio::spawn(async move {
                task.await;
                drop(under_way);
            });
        }
        drop(listener);
        drop(under_way);
        if timeout(GRACE + Duration::from_secs(1), all_done.recv()).await.is_err() {
            tracing::warn!("requests were cut off at the end");
        }
        Ok(())
    }
}

/// Waits for a place; `None` when this address has its share.
async fn enter(
    gate: &Gate,
    address: Option<std::net::IpAddr>,
    metrics: &ServeMetrics,
) -> Option<(Pass, tokio::sync::oneshot::Receiver<()>)> {
    loop {
        match gate.enter(address, Instant::now()) {
            Admission::Entered { pass, evicted, in_place_of_another } => {
                if in_place_of_another {
                    metrics.refuse(RefusalReason::Evicted);
                }
                return Some((pass, evicted));
            }
            Admission::AddressFull => return None,
            Admission::Full { until } => gate.place_free_or(until).await,
        }
    }
}

/// As opposed to the process or the machine, which then need a pause.
fn concerns_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
