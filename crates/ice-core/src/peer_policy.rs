//! Which peers a TURN relay may reach.
//!
//! A relay sends whatever a client says to wherever it says, from inside one's own network. So it reaches addresses of the Internet
//! only (RFC 8656 §21.1.4 leaves that to policy), and others as far as the operator lists them. An address is judged in this order:
//!
//! 1. What is no unicast address, or none at all (multicast, broadcast, unspecified), is refused whatever the lists say.
//! 2. `denied` refuses, whatever `allowed` says: a hole is cut into an allowed network by denying it.
//! 3. `allowed` allows, whatever kind of address it is.
//! 4. Everything in IANA's registries of special-purpose addresses (RFC 6890) is refused, as is IPv6 outside of 2000::/3.
//!
//! An IPv6 address that carries an IPv4 address is refused by rule 4 too. Where `allowed` lists it, the carried address is judged as
//! well, and both must be allowed: to list 64:ff9b::/96 opens the Internet behind a NAT64, and not 10.0.0.0/8 behind it.

mod carried;
mod registry;

use std::{fmt, net::IpAddr};

use ipnet::IpNet;

/// Why a peer is refused. Its names are labels of metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("the peer's address is refused: {}", self.as_str())]
pub enum Refusal {
    /// 0.0.0.0/8, `::`
    Unspecified,
    /// 224.0.0.0/4, ff00::/8
    Multicast,
    /// 255.255.255.255
    Broadcast,
    /// 127.0.0.0/8, `::1`
    Loopback,
    /// RFC 1918
    Private,
    /// RFC 6598: 100.64.0.0/10
    Shared,
    /// 169.254.0.0/16, fe80::/10
    LinkLocal,
    /// fc00::/7
    UniqueLocal,
    /// The registries' other entries: protocol assignments, documentation, benchmarks, what is reserved; Teredo among them.
    Special,
    /// ::ffff:0:0/96, and the older forms ::/96 and ::ffff:0:0:0/96
    Mapped,
    /// 2002::/16
    SixToFour,
    /// 64:ff9b::/96, 64:ff9b:1::/48
    Nat64,
    /// In `denied`.
    Denied,
}

impl Refusal {
    /// Its name as a metric's label.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Multicast => "multicast",
            Self::Broadcast => "broadcast",
            Self::Loopback => "loopback",
            Self::Private => "private",
            Self::Shared => "shared",
            Self::LinkLocal => "link_local",
            Self::UniqueLocal => "unique_local",
            Self::Special => "special",
            Self::Mapped => "mapped",
            Self::SixToFour => "six_to_four",
            Self::Nat64 => "nat64",
            Self::Denied => "denied",
        }
    }

    /// No list opens these.
    fn is_final(self) -> bool {
        matches!(self, Self::Unspecified | Self::Multicast | Self::Broadcast)
    }
}

/// The peers that a relay may reach. Those of the Internet, unless made otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeerPolicy {
    /// Reached whatever kind of address it is.
    pub allowed: Vec<IpNet>,
    /// Never reached.
    pub denied: Vec<IpNet>,
}

impl PeerPolicy {
    /// What a laptop needs: itself, and those of its own networks that are not of the Internet. `interfaces` are the addresses of
    /// its interfaces with their prefix lengths.
    #[must_use]
    pub fn development(interfaces: impl IntoIterator<Item = IpNet>) -> Self {
        let loopback: [IpNet; 2] =
            [IpNet::new_assert([127, 0, 0, 0].into(), 8), IpNet::new_assert([0u16, 0, 0, 0, 0, 0, 0, 1].into(), 128)];
        let needs_a_list = |network: &IpNet| {
            let refused = registry::special(network.addr());
            refused.is_some_and(|refusal| !refusal.is_final() && carried::carried(network.addr()).is_none())
        };
        let own = interfaces.into_iter().filter(needs_a_list).map(|network| network.trunc());
        let mut allowed: Vec<_> = loopback.into_iter().chain(own).collect();
        allowed.sort_unstable();
        let mut merged = Vec::with_capacity(allowed.len());
        for network in allowed {
            if !merged.iter().any(|wider: &IpNet| wider.contains(&network)) {
                merged.push(network);
            }
        }
        Self { allowed: merged, denied: Vec::new() }
    }

    /// Whether a relay may send to this address, or let it be a permission's or a channel's.
    ///
    /// # Errors
    /// Why not. CreatePermission and ChannelBind answer 403 (RFC 8656 §9.2, §12.2); a Send indication is discarded without a word.
    pub fn judge(&self, peer: IpAddr) -> Result<(), Refusal> {
        let special = registry::special(peer);
        if let Some(refusal) = special.filter(|refusal| refusal.is_final()) {
            return Err(refusal);
        }
        if self.denied.iter().any(|network| network.contains(&peer)) {
            return Err(Refusal::Denied);
        }
        match (self.allowing(peer), special) {
            (Some(network), _) => match carried::carried_in(peer, network.prefix_len()) {
                Some(carried) => self.judge(carried.into()),
                None => Ok(()),
            },
            (None, Some(refusal)) => Err(refusal),
            (None, None) => Ok(()),
        }
    }

    /// The narrowest network that allows this address: it says how an address is carried in it.
    fn allowing(&self, peer: IpAddr) -> Option<IpNet> {
        self.allowed.iter().copied().filter(|network| network.contains(&peer)).max_by_key(IpNet::prefix_len)
    }
}

/// One sentence for whoever starts the relay.
impl fmt::Display for PeerPolicy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = |networks: &[IpNet]| networks.iter().map(IpNet::to_string).collect::<Vec<_>>().join(", ");
        formatter.write_str("The relay reaches peers on the Internet")?;
        if !self.allowed.is_empty() {
            write!(formatter, ", and in {}", listed(&self.allowed))?;
        }
        if !self.denied.is_empty() {
            write!(formatter, "; never in {}", listed(&self.denied))?;
        }
        formatter.write_str(".")
    }
}

#[cfg(test)]
mod tests;
