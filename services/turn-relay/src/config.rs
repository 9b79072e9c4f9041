//! What can be set.

use std::{
    net::{IpAddr, SocketAddr},
    num::NonZeroU64,
    ops::RangeInclusive,
    str::FromStr,
};

use antiphon_ice_core::peer_policy::PeerPolicy;
use antiphon_service_kit::config::{ByteSize, HumanDuration, duration_at_least};
use antiphon_turn_core::Quotas;
use ipnet::IpNet;

/// The embedded STUN and TURN server.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Turn")]
pub struct TurnConfig {
    /// Addresses and ports for STUN and TURN by UDP and by TCP. "0.0.0.0" and "[::]": each address that the machine has at the start; on a
    /// Kubernetes node with kube-proxy in IPVS mode those of all services are among them, so name the node's own there.
    #[arg(
        long,
        env = "ANTIPHON_TURN_LISTEN",
        value_name = "ADDRESSES",
        value_delimiter = ',',
        default_value = "0.0.0.0:3478"
    )]
    pub turn_listen: Vec<SocketAddr>,
    /// Addresses and ports for TURN by TLS, with the certificate of "tls-cert". None: no TLS. The usual ports are 5349, and 443
    /// for clients behind firewalls.
    #[arg(long, env = "ANTIPHON_TURN_TLS_LISTEN", value_name = "ADDRESSES", value_delimiter = ',')]
    pub turn_tls_listen: Vec<SocketAddr>,
    /// The machine's addresses that relay, one IPv4 and one IPv6 at most. None: those of "turn-listen", or the machine's first ones.
    #[arg(long, env = "ANTIPHON_TURN_RELAY_ADDRESSES", value_name = "ADDRESSES", value_delimiter = ',')]
    pub turn_relay_addresses: Vec<IpAddr>,
    /// What clients and peers know those addresses by, where a NAT gives them others: one IPv4 and one IPv6 at most.
    #[arg(long, env = "ANTIPHON_TURN_EXTERNAL_ADDRESSES", value_name = "ADDRESSES", value_delimiter = ',')]
    pub turn_external_addresses: Vec<IpAddr>,
    /// The UDP ports that relay, one for each allocation.
    #[arg(long, env = "ANTIPHON_TURN_PORTS", value_name = "PORTS", default_value = "49152-65535")]
    pub turn_ports: PortRange,
    /// The realm of the credentials.
    #[arg(long, env = "ANTIPHON_TURN_REALM", value_name = "NAME", default_value = "antiphon", value_parser = realm)]
    pub turn_realm: String,
    /// Networks that clients may reach though they are not of the Internet, such as "10.20.0.0/16": exactly your media nodes', never a
    /// whole cluster's. docs/security.md tells why.
    #[arg(long, env = "ANTIPHON_TURN_ALLOW_PEERS", value_name = "NETWORKS", value_delimiter = ',')]
    pub turn_allow_peers: Vec<IpNet>,
    /// Networks that clients may not reach, whatever else is allowed.
    #[arg(long, env = "ANTIPHON_TURN_DENY_PEERS", value_name = "NETWORKS", value_delimiter = ',')]
    pub turn_deny_peers: Vec<IpNet>,
    /// Allocations of one user at a time; 0: no limit. A browser makes one for each network, server and peer connection.
    #[arg(long, env = "ANTIPHON_TURN_USER_ALLOCATIONS", value_name = "COUNT", default_value_t = 64)]
    pub turn_user_allocations: u32,
    /// Allocations of one tenant at a time; 0: no limit.
    #[arg(long, env = "ANTIPHON_TURN_TENANT_ALLOCATIONS", value_name = "COUNT", default_value_t = 0)]
    pub turn_tenant_allocations: u32,
    /// Allocations at a time; 0: as many as there are ports and open files.
    #[arg(long, env = "ANTIPHON_TURN_ALLOCATIONS", value_name = "COUNT", default_value_t = 0)]
    pub turn_allocations: u32,
    /// The longest lifetime of an allocation that is not refreshed, 10m at least.
    #[arg(long, env = "ANTIPHON_TURN_MAX_LIFETIME", value_name = "DURATION", default_value = "1h",
          value_parser = duration_at_least(HumanDuration::from_secs(600)))]
    pub turn_max_lifetime: HumanDuration,
    /// Bytes a second that one allocation relays, both directions together; what is above it is lost, and counted. 0: no limit.
    #[arg(long, env = "ANTIPHON_TURN_BANDWIDTH", value_name = "SIZE", default_value = "16MiB")]
    pub turn_bandwidth: ByteSize,
    /// Answers a second to one address (IPv6: one /64) that has not authenticated, for each thread. It keeps those from harm whose
    /// address somebody forges.
    #[arg(long, env = "ANTIPHON_TURN_STRANGER_RATE", value_name = "COUNT", default_value_t = 200)]
    pub turn_stranger_rate: u32,
    /// As many at once, after silence.
    #[arg(long, env = "ANTIPHON_TURN_STRANGER_BURST", value_name = "COUNT", default_value_t = 1_000)]
    pub turn_stranger_burst: u32,
    /// TCP and TLS connections at a time; one more is closed at once.
    #[arg(long, env = "ANTIPHON_TURN_CONNECTIONS", value_name = "COUNT", default_value_t = 10_000)]
    pub turn_connections: u32,
    /// TCP and TLS connections of one address (IPv6: one /64) at a time.
    #[arg(long, env = "ANTIPHON_TURN_ADDRESS_CONNECTIONS", value_name = "COUNT", default_value_t = 256)]
    pub turn_address_connections: u32,
    /// How long a TCP or TLS connection may be without an allocation.
    #[arg(long, env = "ANTIPHON_TURN_IDLE_TIMEOUT", value_name = "DURATION", default_value = "30s",
          value_parser = duration_at_least(HumanDuration::from_secs(1)))]
    pub turn_idle_timeout: HumanDuration,
    /// Threads that relay; 0: one for each processor.
    #[arg(long, env = "ANTIPHON_TURN_THREADS", value_name = "COUNT", default_value_t = 0)]
    pub turn_threads: u16,
}

impl Default for TurnConfig {
    fn default() -> Self {
        antiphon_service_kit::config::defaults()
    }
}

impl TurnConfig {
    /// How many allocations there may be.
    #[must_use]
    pub fn quotas(&self) -> Quotas {
        let limit = |count: u32| (count > 0).then_some(count);
        Quotas {
            per_user: limit(self.turn_user_allocations),
            per_tenant: limit(self.turn_tenant_allocations),
            total: limit(self.turn_allocations),
        }
    }

    /// Which peers may be reached, by these settings alone.
    #[must_use]
    pub fn policy(&self) -> PeerPolicy {
        PeerPolicy { allowed: self.turn_allow_peers.clone(), denied: self.turn_deny_peers.clone() }
    }

    pub(crate) fn bandwidth(&self) -> Option<NonZeroU64> {
        NonZeroU64::new(self.turn_bandwidth.0)
    }

    pub(crate) fn threads(&self) -> usize {
        match self.turn_threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads.into(),
        }
    }
}

/// UDP ports as "49152-65535".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortRange {
    first: u16,
    last: u16,
}

/// Not a range of ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected two ports from 1024 on, the lower one first, such as \"49152-65535\"")]
pub struct InvalidPortRange;

impl PortRange {
    /// All of them.
    #[must_use]
    pub fn ports(self) -> RangeInclusive<u16> {
        self.first..=self.last
    }
}

impl FromStr for PortRange {
    type Err = InvalidPortRange;

    fn from_str(text: &str) -> Result<Self, InvalidPortRange> {
        let ports = text.split_once('-').and_then(|(first, last)| first.parse().ok().zip(last.parse().ok()));
        let range = ports.map(|(first, last)| Self { first, last });
        range.filter(|range| range.first >= 1_024 && range.first <= range.last).ok_or(InvalidPortRange)
    }
}

impl std::fmt::Display for PortRange {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}-{}", self.first, self.last)
    }
}

/// ASCII needs no preparation for the credentials' key (RFC 8489 §14.9), and a short one keeps answers to strangers short.
fn realm(text: &str) -> Result<String, &'static str> {
    let fits =
        (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\":\\".contains(&byte));
    if fits {
        Ok(text.to_owned())
    } else {
        Err("expected 1 to 64 visible ASCII characters without quotes, colons and backslashes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_a_range_beyond_the_systems_own() {
        let range: PortRange = "50000-50010".parse().expect("a range");
        assert_eq!((range.ports().count(), range.to_string().as_str()), (11, "50000-50010"));
        for text in ["", "50000", "50010-50000", "80-90", "50000-70000", "a-b", "50000-50010-50020"] {
            assert_eq!(text.parse::<PortRange>(), Err(InvalidPortRange), "{text}");
        }
    }

    #[test]
    fn a_realm_that_would_break_the_key_is_refused() {
        assert!(realm("turn.example").is_ok());
        for text in ["", "a:b", "a b", "ä", "a\"b"] {
            assert!(realm(text).is_err(), "{text}");
        }
    }

    #[test]
    fn zero_is_no_limit() {
        let config = TurnConfig { turn_allocations: 5, turn_user_allocations: 0, ..TurnConfig::default() };
        assert_eq!(config.quotas(), Quotas { per_user: None, per_tenant: None, total: Some(5) });
        assert_eq!(TurnConfig { turn_bandwidth: ByteSize(0), ..config }.bandwidth(), None);
    }
}
