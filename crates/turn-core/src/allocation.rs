use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use antiphon_ice_core::user_id::UserId;
use smallvec::SmallVec;

use crate::{
    Budget, Client, ErrorCode, ReservationToken,
    config::{CHANNEL_LIFETIME, PERMISSION_LIFETIME},
    ledger::Reservation,
    stun::{Family, IntegrityKey, TransactionId},
};

/// Names an allocation of one [`Relay`](crate::Relay).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AllocationId {
    /// Its place. Places are dense and used again.
    pub slot: u32,
    /// Tells it from those that had the place before.
    pub generation: u32,
}

/// Names a relayed transport address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelayedId {
    /// Whose.
    pub allocation: AllocationId,
    /// An allocation has one of each family at most.
    pub family: Family,
}

/// A relayed transport address (RFC 8656 §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Relayed {
    pub(crate) family: Family,
    pub(crate) address: SocketAddr,
    pub(crate) expires_at: Instant,
}

/// RFC 8656 §9
#[derive(Debug, Clone, Copy)]
struct Permission {
    peer: IpAddr,
    expires_at: Instant,
}

/// RFC 8656 §12
#[derive(Debug, Clone, Copy)]
pub(crate) struct Channel {
    pub(crate) number: u16,
    pub(crate) peer: SocketAddr,
    expires_at: Instant,
}

/// What a client holds (RFC 8656 §2.2).
#[derive(Debug)]
pub(crate) struct Allocation {
    pub(crate) id: AllocationId,
    pub(crate) client: Client,
    pub(crate) username: Box<str>,
    pub(crate) key: IntegrityKey,
    pub(crate) reservation: Reservation,
    /// Of the Allocate that made it: a retransmission is answered the same (RFC 8656 §7.2).
    pub(crate) transaction_id: TransactionId,
    pub(crate) granted: Duration,
    pub(crate) relayed: SmallVec<[Relayed; 2]>,
    /// The family that was asked for in addition and could not be had.
    pub(crate) missing: Option<(Family, ErrorCode)>,
    /// Of the next port, where that is kept.
    pub(crate) reserved: Option<ReservationToken>,
    pub(crate) budget: Option<Budget>,
    pub(crate) since: Instant,
    pub(crate) bytes_to_peers: u64,
    pub(crate) bytes_to_client: u64,
    permissions: Vec<Permission>,
    channels: Vec<Channel>,
}

/// What an allocation is made of.
pub(crate) struct Parts {
    pub(crate) id: AllocationId,
    pub(crate) client: Client,
    pub(crate) username: Box<str>,
    pub(crate) key: IntegrityKey,
    pub(crate) reservation: Reservation,
    pub(crate) transaction_id: TransactionId,
    pub(crate) granted: Duration,
    pub(crate) relayed: SmallVec<[Relayed; 2]>,
    pub(crate) missing: Option<(Family, ErrorCode)>,
    pub(crate) reserved: Option<ReservationToken>,
    pub(crate) budget: Option<Budget>,
    pub(crate) since: Instant,
}

/// Why a permission or channel cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// There are as many as may be.
    Full,
    /// The channel is another peer's, or the peer has another channel.
    Taken,
}

impl Allocation {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts {
            id,
            client,
            username,
            key,
            reservation,
            transaction_id,
            granted,
            relayed,
            missing,
            reserved,
            budget,
            since,
        } = parts;
        Self {
            id,
            client,
            username,
            key,
            reservation,
            transaction_id,
            granted,
            relayed,
            missing,
            reserved,
            budget,
            since,
            bytes_to_peers: 0,
            bytes_to_client: 0,
            permissions: Vec::new(),
            channels: Vec::new(),
        }
    }

    /// When the first of its addresses expires.
    pub(crate) fn next_expiry(&self) -> Option<Instant> {
        self.relayed.iter().map(|relayed| relayed.expires_at).min()
    }

    pub(crate) fn has_family(&self, family: Family) -> bool {
        self.relayed.iter().any(|relayed| relayed.family == family)
    }

    /// From where to send to this address, as long as it lives.
    pub(crate) fn relayed_for(&self, peer: IpAddr, now: Instant) -> Option<RelayedId> {
        let family = Family::of(peer);
        let lives = self.relayed.iter().any(|relayed| relayed.family == family && now < relayed.expires_at);
        lives.then_some(RelayedId { allocation: self.id, family })
    }

    pub(crate) fn permits(&self, peer: IpAddr, now: Instant) -> bool {
        self.permissions.iter().any(|permission| permission.peer == peer && now < permission.expires_at)
    }

    /// Is there room for these peers, of which some may have permissions?
    pub(crate) fn has_room_for(&self, peers: &[IpAddr], max: usize, now: Instant) -> bool {
        let is_live = |permission: &&Permission| now < permission.expires_at && !peers.contains(&permission.peer);
        let mut distinct: SmallVec<[IpAddr; 8]> = SmallVec::new();
        for peer in peers {
            if !distinct.contains(peer) {
                distinct.push(*peer);
            }
        }
        self.permissions.iter().filter(is_live).count() + distinct.len() <= max
    }

    /// Installs or refreshes a permission (RFC 8656 §9). Whether there is room was asked before.
    pub(crate) fn permit(&mut self, peer: IpAddr, now: Instant) {
        let expires_at = now + PERMISSION_LIFETIME;
        self.permissions.retain(|permission| now < permission.expires_at || permission.peer == peer);
        match self.permissions.iter_mut().find(|permission| permission.peer == peer) {
            Some(permission) => permission.expires_at = expires_at,
            None => self.permissions.push(Permission { peer, expires_at }),
        }
    }

    pub(crate) fn channel(&self, number: u16, now: Instant) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.number == number && now < channel.expires_at)
    }

    pub(crate) fn channel_of(&self, peer: SocketAddr, now: Instant) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.peer == peer && now < channel.expires_at)
    }

    /// Binds a channel or refreshes its binding (RFC 8656 §12.2).
    pub(crate) fn bind_channel(
        &mut self,
        number: u16,
        peer: SocketAddr,
        max: usize,
        now: Instant,
    ) -> Result<(), Refused> {
        self.channels.retain(|channel| now < channel.expires_at);
        let expires_at = now + CHANNEL_LIFETIME;
        for channel in &mut self.channels {
            match (channel.number == number, channel.peer == peer) {
                (true, true) => {
                    channel.expires_at = expires_at;
                    return Ok(());
                }
                (false, false) => {}
                (true, false) | (false, true) => return Err(Refused::Taken),
            }
        }
        if self.channels.len() >= max {
            return Err(Refused::Full);
        }
        self.channels.push(Channel { number, peer, expires_at });
        Ok(())
    }

    /// Takes what is relayed from the allocation's bandwidth; `false` where it is above it.
    pub(crate) fn take(&mut self, bytes: usize, now: Instant) -> bool {
        self.budget.as_mut().is_none_or(|budget| budget.take(bytes, now))
    }

    pub(crate) fn view(&self) -> AllocationView {
        AllocationView {
            id: self.id,
            user: self.reservation.user().clone(),
            client: self.client,
            relayed: self.relayed.iter().map(|relayed| relayed.address).collect(),
            since: self.since,
            expires_at: self.relayed.iter().map(|relayed| relayed.expires_at).max().unwrap_or(self.since),
            permissions: self.permissions.len(),
            channels: self.channels.len(),
            bytes_to_peers: self.bytes_to_peers,
            bytes_to_client: self.bytes_to_client,
        }
    }
}

/// An allocation as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllocationView {
    /// Which.
    pub id: AllocationId,
    /// Whose.
    pub user: UserId,
    /// How its client comes, and from where.
    pub client: Client,
    /// Its relayed transport addresses: one, or one of each family.
    pub relayed: SmallVec<[SocketAddr; 2]>,
    /// When it began.
    pub since: Instant,
    /// When it expires unless it is refreshed.
    pub expires_at: Instant,
    /// How many permissions it has, those included that expired since the last one was installed.
    pub permissions: usize,
    /// How many channels it has, as for permissions.
    pub channels: usize,
    /// Bytes of payload from the client to peers.
    pub bytes_to_peers: u64,
    /// Bytes of payload from peers to the client.
    pub bytes_to_client: u64,
}
