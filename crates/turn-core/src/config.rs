use std::{net::IpAddr, num::NonZeroU64, time::Duration};

use antiphon_ice_core::peer_policy::PeerPolicy;

use crate::stun::Family;

/// The rules of a relay.
#[derive(Debug, Clone)]
pub struct Config {
    /// The realm of the credentials (RFC 8489 §14.9). ASCII; it goes into each key.
    pub realm: String,
    /// Which peers may be reached.
    pub policy: PeerPolicy,
    /// Addresses of this machine and of the relay. Reached only where a relayed address of this relay lives, or the policy allows
    /// them by name: else a client would reach every service of the machine, past its firewall.
    pub own_addresses: Vec<IpAddr>,
    /// Which families can be relayed.
    pub families: Families,
    /// The lifetime of an allocation whose client asks for none, or for a shorter one (RFC 8656 §3.2: 10 minutes).
    pub default_lifetime: Duration,
    /// The longest lifetime that is given.
    pub max_lifetime: Duration,
    /// How long a nonce is good.
    pub nonce_lifetime: Duration,
    /// Permissions of an allocation; beyond it 508.
    pub max_permissions: usize,
    /// Channels of an allocation; beyond it 508.
    pub max_channels: usize,
    /// Bytes a second that an allocation relays, both directions together; what is above it is dropped and counted.
    pub bandwidth: Option<NonZeroU64>,
    /// Answers a second to one source address (IPv6: one /64) that has not authenticated, so that a forged source address makes
    /// nobody a target; the others are dropped and counted.
    pub stranger_rate: u32,
    /// As many at once, after silence.
    pub stranger_burst: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            realm: "antiphon".to_owned(),
            policy: PeerPolicy::default(),
            own_addresses: Vec::new(),
            families: Families { v4: true, v6: false },
            default_lifetime: Duration::from_secs(600),
            max_lifetime: Duration::from_secs(3_600),
            nonce_lifetime: Duration::from_secs(3_600),
            max_permissions: 128,
            max_channels: 128,
            bandwidth: None,
            stranger_rate: 200,
            stranger_burst: 1_000,
        }
    }
}

/// How long a permission lasts (RFC 8656 §9).
pub(crate) const PERMISSION_LIFETIME: Duration = Duration::from_secs(300);

/// How long a channel is bound (RFC 8656 §12).
pub(crate) const CHANNEL_LIFETIME: Duration = Duration::from_secs(600);

/// Families that a relay has addresses of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Families {
    /// IPv4
    pub v4: bool,
    /// IPv6
    pub v6: bool,
}

impl Families {
    /// Is this one of them?
    #[must_use]
    pub fn contains(self, family: Family) -> bool {
        match family {
            Family::V4 => self.v4,
            Family::V6 => self.v6,
        }
    }
}

/// How many allocations there may be; `None`: no limit. Beyond it 486.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quotas {
    /// Of one user.
    pub per_user: Option<u32>,
    /// Of one tenant.
    pub per_tenant: Option<u32>,
    /// Of all.
    pub total: Option<u32>,
}
