//! The embedded STUN and TURN server.
//!
//! [`TurnRelay::build`] binds its sockets, [`TurnRelay::router`] gives its routes, [`TurnRelay::run`] relays until the process stops.
//! Inside: a thread for each processor, each with its own sockets and its own [`antiphon_turn_core::Relay`], nothing shared on the way
//! of a packet. What a client may do is turn-core's; which addresses it may reach is ice-core's.

mod batch;
mod config;
mod metrics;
mod ports;
mod reservations;
mod rest;
mod secrets;
mod shared;
mod sockets;
mod worker;

use std::{
    net::IpAddr,
    sync::{Arc, Mutex},
    thread,
};

use antiphon_ice_core::{credentials::RotatingSecrets, peer_policy::PeerPolicy};
use antiphon_service_kit::{auth::KeyRing, drain::Shutdown, host, tls::TlsSource};
use antiphon_turn_core::{Config, Families, Ledger, Relay, Transport};
use anyhow::{Context as _, bail};
use axum::Router;
use ipnet::IpNet;
use mio::Poll;

pub use config::{InvalidPortRange, PortRange, TurnConfig};
pub use rest::openapi;
pub use secrets::{RelaySecretsConfig, SecretsFileError};
pub use sockets::Listening;

use ports::Ports;
use rest::Admin;
use shared::{Connections, RelayAddress, RelayAddresses, Shared, Snapshot, TurnTls};
use worker::{Command, Inbox, Listeners, Outbox, Worker, inbox};

/// What a relay is built from.
#[derive(Clone)]
pub struct Parts {
    /// Its settings.
    pub config: TurnConfig,
    /// The secrets of its credentials; the minter's too, where that is in the same process.
    pub secrets: RotatingSecrets,
    /// Verifies the tokens of who lists and ends allocations.
    pub keys: KeyRing,
    /// The certificate for TLS. Needed where `turn-tls-listen` is set.
    pub tls: Option<TlsSource>,
    /// Takes the instruments.
    pub registry: prometheus::Registry,
    /// Everyone who is served sits at this machine or near it: it may reach itself and its own networks.
    pub is_development: bool,
}

/// The relay, bound and not yet running.
pub struct TurnRelay {
    workers: Vec<Seed>,
    outboxes: Vec<Outbox>,
    shared: Arc<Shared>,
    keys: KeyRing,
    listening: Vec<Listening>,
    policy: PeerPolicy,
}

/// What a worker grows from, in its own thread.
struct Seed {
    poll: Poll,
    commands: Inbox,
    relay: Relay,
    listeners: Listeners,
}

impl TurnRelay {
    /// Binds the sockets.
    ///
    /// # Errors
    /// When an address cannot be bound, TLS is asked for without a certificate, there is no address that could relay, or the registry
    /// has instruments of the same names already.
    pub fn build(parts: Parts) -> anyhow::Result<Self> {
        let config = &parts.config;
        let threads = config.threads();
        let plain = sockets::expand(&config.turn_listen);
        let tls_addresses = sockets::expand(&config.turn_tls_listen);
        if !tls_addresses.is_empty() && parts.tls.is_none() {
            bail!("turn-tls-listen needs a certificate: set tls-cert and tls-key, or https");
        }
        let (sets, listening) = sockets::bind(&plain, &tls_addresses, threads)?;
        let addresses = relay_addresses(config, &listening)?;
        let policy = policy(config, parts.is_development);
        let ledger = Arc::new(Ledger::new(config.quotas()));
        let core = core_config(config, &policy, &addresses, &listening);
        let random: [u8; 32] = rand::random();
        let shared = Arc::new(Shared {
            ledger: Arc::clone(&ledger),
            addresses,
            snapshots: (0..threads).map(|_| Mutex::new(Snapshot::default())).collect(),
            connections: Connections {
                limit: config.turn_connections,
                limit_per_address: config.turn_address_connections,
                counts: Mutex::default(),
            },
            reservations: reservations::Reservations::default(),
            idle_timeout: config.turn_idle_timeout.0,
            tls: parts.tls.map(TurnTls::new),
        });
        parts.registry.register(Box::new(metrics::RelayMetrics::new(Arc::clone(&shared))?))?;
        let mut workers = Vec::with_capacity(threads);
        let mut outboxes = Vec::with_capacity(threads);
        for listeners in sets {
            let poll = Poll::new().context("the system gives no way to wait for sockets")?;
            let (outbox, commands) = inbox(Worker::waker(&poll)?);
            let relay = Relay::new(core.clone(), parts.secrets.clone(), Arc::clone(&ledger), &random);
            workers.push(Seed { poll, commands, relay, listeners });
            outboxes.push(outbox);
        }
        Ok(Self { workers, outboxes, shared, keys: parts.keys, listening, policy })
    }

    /// Where clients reach it: the ports that were bound, where 0 was asked for.
    #[must_use]
    pub fn listening(&self) -> &[Listening] {
        &self.listening
    }

    /// Which peers clients may reach; its `Display` says it in a sentence.
    #[must_use]
    pub fn policy(&self) -> &PeerPolicy {
        &self.policy
    }

    /// The routes under `/v1/turn`, for tokens that grant `admin`.
    pub fn router(&self) -> Router {
        rest::router(Admin { workers: self.outboxes.clone(), keys: self.keys.clone() })
    }

    /// Relays until the process stops. While it drains, nothing new is allocated, and what lives goes on.
    ///
    /// # Errors
    /// When a thread cannot be started or ends before it should.
    pub async fn run(self, shutdown: Shutdown) -> anyhow::Result<()> {
        tracing::info!(threads = self.workers.len(), policy = %self.policy, "relaying");
        let outboxes = self.outboxes;
        let mut threads = Vec::with_capacity(self.workers.len());
        let (ended, mut worker_ended) = tokio::sync::mpsc::channel::<()>(1);
        for (number, seed) in self.workers.into_iter().enumerate() {
            let (shared, ended) = (Arc::clone(&self.shared), ended.clone());
            let relay = move || {
                let result = work(number, shared, seed);
                // Told in the end by being dropped, also where this thread panics.
                drop(ended);
                result
            };
            let thread = thread::Builder::new().name(format!("turn-{number}")).spawn(relay);
            threads.push(thread.context("the relay's threads cannot be started")?);
        }
        drop(ended);
        tokio::select! {
            () = shutdown.draining() => {
                outboxes.iter().for_each(|outbox| outbox.send_surely(Command::Drain));
            }
            _ = worker_ended.recv() => {}
        }
        tokio::select! {
            () = shutdown.stopped() => {}
            _ = worker_ended.recv() => {}
        }
        outboxes.iter().for_each(|outbox| outbox.send_surely(Command::Stop));
        for thread in threads {
            let joined = tokio::task::spawn_blocking(move || thread.join()).await?;
            joined.map_err(|_| anyhow::anyhow!("a thread of the relay has panicked"))??;
        }
        Ok(())
    }
}

fn work(number: usize, shared: Arc<Shared>, seed: Seed) -> std::io::Result<()> {
    let Seed { poll, commands, relay, listeners } = seed;
    Worker::new(number, shared, poll, commands, relay, listeners)?.run();
    Ok(())
}

fn policy(config: &TurnConfig, is_development: bool) -> PeerPolicy {
    let mut policy = config.policy();
    if is_development {
        policy.allowed.extend(PeerPolicy::development(own_networks()).allowed);
        tracing::warn!(%policy, "development: the relay reaches this machine and its networks");
    }
    policy
}

/// The machine's addresses with the lengths of their networks' prefixes.
fn own_networks() -> Vec<IpNet> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let network = |interface: if_addrs::Interface| match interface.addr {
        if_addrs::IfAddr::V4(address) => IpNet::new(address.ip.into(), address.prefixlen).ok(),
        if_addrs::IfAddr::V6(address) => IpNet::new(address.ip.into(), address.prefixlen).ok(),
    };
    interfaces.into_iter().filter_map(network).collect()
}

/// Which addresses relay: those that are set, or the first of each family that clients come to, others' before loopback.
fn relay_addresses(config: &TurnConfig, listening: &[Listening]) -> anyhow::Result<RelayAddresses> {
    let listened = || listening.iter().map(|listening| listening.address.ip());
    let candidates: Vec<IpAddr> = match config.turn_relay_addresses.as_slice() {
        [] => listened().filter(|ip| !ip.is_loopback()).chain(listened()).collect(),
        set => set.to_vec(),
    };
    let of_family = |is_v4: bool| {
        let bound = candidates.iter().copied().find(|ip| ip.is_ipv4() == is_v4)?;
        let announced = config.turn_external_addresses.iter().copied().find(|ip| ip.is_ipv4() == is_v4);
        let ports = Ports::new(config.turn_ports);
        Some(RelayAddress { bound, announced: announced.unwrap_or(bound), ports })
    };
    let addresses = RelayAddresses { v4: of_family(true), v6: of_family(false) };
    if addresses.v4.is_none() && addresses.v6.is_none() {
        bail!("turn-relay-addresses: there is no address that could relay");
    }
    Ok(addresses)
}

fn core_config(
    config: &TurnConfig,
    policy: &PeerPolicy,
    addresses: &RelayAddresses,
    listening: &[Listening],
) -> Config {
    let relays = addresses.v4.iter().chain(&addresses.v6).flat_map(|relay| [relay.bound, relay.announced]);
    let listened = listening.iter().map(|listening| listening.address.ip());
    let mut own_addresses: Vec<IpAddr> = host::addresses().into_iter().chain(relays).chain(listened).collect();
    own_addresses.sort_unstable();
    own_addresses.dedup();
    Config {
        realm: config.turn_realm.clone(),
        policy: policy.clone(),
        own_addresses,
        families: Families { v4: addresses.v4.is_some(), v6: addresses.v6.is_some() },
        max_lifetime: config.turn_max_lifetime.0,
        bandwidth: config.bandwidth(),
        stranger_rate: config.turn_stranger_rate,
        stranger_burst: config.turn_stranger_burst,
        ..Config::default()
    }
}

impl Listening {
    /// Its URI (RFC 7065).
    #[must_use]
    pub fn uri(&self) -> String {
        // As in a URI: IPv6 is in brackets.
        let address = self.address;
        match self.transport {
            Transport::Udp => format!("turn:{address}?transport=udp"),
            Transport::Tcp => format!("turn:{address}?transport=tcp"),
            Transport::Tls => format!("turns:{address}?transport=tcp"),
        }
    }
}
