use std::net::SocketAddr;

use crate::{AllocationView, Client, RelayedId};

/// What the shell is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Send a message to a client.
    Send {
        /// To whom.
        client: Client,
        /// A whole message.
        message: Vec<u8>,
    },
    /// Bind a relayed address of the family that the id names, and say how that went: [`Relay::handle_bound`](crate::Relay::handle_bound).
    BindRelayed(RelayedId, PortWish),
    /// Close it.
    CloseRelayed(RelayedId),
    /// Close the connection of a client that came by TCP or TLS.
    CloseClient(Client),
    /// An allocation began. To be told, nothing to be done.
    Began(AllocationView),
    /// An allocation ended. To be told, nothing to be done.
    Ended(AllocationView, EndReason),
}

/// Which port a relayed address is to have (RFC 8656 §7.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortWish {
    /// Any.
    Any,
    /// An even one.
    Even,
    /// An even one, and the next higher one kept for thirty seconds for whoever has the token that is made for it.
    EvenAndNext,
    /// The one that was kept for this token.
    Reserved(ReservationToken),
}

/// Names a port that is kept (RFC 8656 §18.10): random, so that nobody takes another one's.
pub type ReservationToken = [u8; 8];

/// A relayed address that was bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// What clients and peers know it by.
    pub address: SocketAddr,
    /// The token of the next port, where that was wished for.
    pub reserved: Option<ReservationToken>,
}

impl From<SocketAddr> for Bound {
    fn from(address: SocketAddr) -> Self {
        Self { address, reserved: None }
    }
}

/// Why an allocation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndReason {
    /// Its client refreshed it with a lifetime of 0.
    Deleted,
    /// Its client did not refresh it.
    Expired,
    /// Its client's connection is gone.
    Disconnected,
    /// Somebody who may ended it.
    Killed,
}

impl EndReason {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Deleted, Self::Expired, Self::Disconnected, Self::Killed];

    /// Its name as a metric's label.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Expired => "expired",
            Self::Disconnected => "disconnected",
            Self::Killed => "killed",
        }
    }
}

/// Why there is no relayed address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such port")]
pub struct BindError;

/// Send this from a relayed address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToPeer<'a> {
    /// From where.
    pub from: RelayedId,
    /// To whom.
    pub peer: SocketAddr,
    /// What: a part of what came in.
    pub payload: &'a [u8],
}

/// Send what a peer sent to this client: the header, the payload, zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToClient {
    /// To whom.
    pub client: Client,
    /// What goes before the payload.
    pub header: PeerHeader,
    /// How many zeros go behind it.
    pub padding: usize,
}

/// The header of ChannelData, or of a Data indication as far as its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerHeader {
    bytes: [u8; Self::MAX_BYTES],
    length: u8,
}

impl PeerHeader {
    /// The longest: a Data indication's of an IPv6 peer.
    pub const MAX_BYTES: usize = 48;

    pub(crate) fn new(parts: &[&[u8]]) -> Self {
        let mut header = Self { bytes: [0; Self::MAX_BYTES], length: 0 };
        for part in parts {
            let begin = usize::from(header.length);
            header.bytes[begin..begin + part.len()].copy_from_slice(part);
            header.length += u8::try_from(part.len()).expect("48 bytes at most");
        }
        header
    }
}

impl std::ops::Deref for PeerHeader {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}
