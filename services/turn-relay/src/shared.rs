//! What the workers share.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use antiphon_service_kit::tls::TlsSource;
use antiphon_turn_core::{Counters, EndReason, Ledger, stun::Family};
use rustls::ServerConfig;

use crate::{ports::Ports, reservations::Reservations, worker::ConnectionCounts};

pub(crate) struct Shared {
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) addresses: RelayAddresses,
    /// What each worker has counted, as it was a moment ago.
    pub(crate) snapshots: Vec<Mutex<Snapshot>>,
    pub(crate) connections: Connections,
    pub(crate) reservations: Reservations,
    pub(crate) idle_timeout: Duration,
    pub(crate) tls: Option<TurnTls>,
}

/// What a worker has counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Snapshot {
    pub(crate) counters: Counters,
    /// By [`EndReason`].
    pub(crate) ended: [u64; EndReason::ALL.len()],
    /// Open ones, by transport.
    pub(crate) connections: [i64; 3],
    pub(crate) refused_connections: u64,
    /// Datagrams that the system did not take.
    pub(crate) unsent: u64,
    /// What peers sent to clients by TCP or TLS that read too slowly.
    pub(crate) overflowed: u64,
}

/// Where relayed addresses are.
#[derive(Debug)]
pub(crate) struct RelayAddresses {
    pub(crate) v4: Option<RelayAddress>,
    pub(crate) v6: Option<RelayAddress>,
}

/// An address of the machine that relays.
#[derive(Debug)]
pub(crate) struct RelayAddress {
    pub(crate) bound: IpAddr,
    /// What the others know it by.
    pub(crate) announced: IpAddr,
    pub(crate) ports: Ports,
}

impl RelayAddresses {
    fn each(&self) -> impl Iterator<Item = &RelayAddress> {
        self.v4.iter().chain(&self.v6)
    }

    pub(crate) fn of(&self, family: Family) -> Option<&RelayAddress> {
        match family {
            Family::V4 => self.v4.as_ref(),
            Family::V6 => self.v6.as_ref(),
        }
    }

    /// Where a peer is reached from here: a relayed address that the others know by another name is this machine's own.
    pub(crate) fn inward(&self, peer: SocketAddr) -> SocketAddr {
        let renamed = self.each().find(|relay| relay.announced == peer.ip() && relay.announced != relay.bound);
        renamed.map_or(peer, |relay| SocketAddr::new(relay.bound, peer.port()))
    }

    /// How a client knows a peer: the opposite of [`inward`](Self::inward).
    pub(crate) fn outward(&self, peer: SocketAddr, ledger: &Ledger) -> SocketAddr {
        let renamed = self.each().find(|relay| relay.bound == peer.ip() && relay.announced != relay.bound);
        renamed.filter(|_| ledger.is_live(peer)).map_or(peer, |relay| SocketAddr::new(relay.announced, peer.port()))
    }
}

/// How many connections there are and may be.
#[derive(Debug)]
pub(crate) struct Connections {
    pub(crate) limit: u32,
    pub(crate) limit_per_address: u32,
    pub(crate) counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) total: u32,
    pub(crate) by_address: ConnectionCounts,
}

/// The certificate that is in force, for TURN: HTTP's ALPN would refuse who asks for `stun.turn` (RFC 7443).
pub(crate) struct TurnTls {
    source: TlsSource,
    /// HTTP's, and what was made of it.
    made: Mutex<(Arc<ServerConfig>, Arc<ServerConfig>)>,
}

impl TurnTls {
    pub(crate) fn new(source: TlsSource) -> Self {
        let http = source.server_config();
        let turn = for_turn(&http);
        Self { source, made: Mutex::new((http, turn)) }
    }

    pub(crate) fn current(&self) -> Arc<ServerConfig> {
        let http = self.source.server_config();
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(&made.0, &http) {
            *made = (Arc::clone(&http), for_turn(&http));
        }
        Arc::clone(&made.1)
    }
}

fn for_turn(http: &ServerConfig) -> Arc<ServerConfig> {
    let mut config = http.clone();
    config.alpn_protocols = vec![b"stun.turn".to_vec(), b"stun.nat-discovery".to_vec()];
    Arc::new(config)
}

#[cfg(test)]
mod tests {
    use antiphon_turn_core::Quotas;

    use super::*;

    #[test]
    fn an_address_behind_a_nat_has_one_name_inside_and_one_outside() {
        let relay = |bound: &str, announced: &str| RelayAddress {
            bound: bound.parse().expect(bound),
            announced: announced.parse().expect(announced),
            ports: Ports::new("50000-50010".parse().expect("a range")),
        };
        let addresses = RelayAddresses { v4: Some(relay("10.0.0.5", "203.0.113.5")), v6: Some(relay("::1", "::1")) };
        let at = |text: &str| -> SocketAddr { text.parse().expect(text) };
        assert_eq!(addresses.inward(at("203.0.113.5:50000")), at("10.0.0.5:50000"));
        for other in ["203.0.113.6:50000", "[::1]:50000"] {
            assert_eq!(addresses.inward(at(other)), at(other));
        }
        let ledger = Ledger::new(Quotas::default());
        assert_eq!(addresses.outward(at("10.0.0.5:50000"), &ledger), at("10.0.0.5:50000"), "nobody relays there");
    }
}
