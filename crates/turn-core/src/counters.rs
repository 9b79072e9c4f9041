use crate::ErrorCode;

/// Why something was dropped without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Discard {
    /// Neither STUN nor ChannelData, or broken.
    Malformed,
    /// A source that has not authenticated gets so many answers a second.
    RateLimited,
    /// ChannelData or a Send indication without an allocation.
    NoAllocation,
    /// The client has no permission for the peer, or none any more.
    NoPermission,
    /// The peer policy refuses the peer.
    RefusedPeer,
    /// The channel is not bound.
    UnboundChannel,
    /// The allocation is above its bandwidth.
    Bandwidth,
    /// A peer sent that the client has not permitted.
    StrangePeer,
    /// An indication with an attribute that must be understood and is not, or without one that it needs.
    BadIndication,
    /// A response: a relay asks for nothing.
    Response,
}

impl Discard {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Malformed,
        Self::RateLimited,
        Self::NoAllocation,
        Self::NoPermission,
        Self::RefusedPeer,
        Self::UnboundChannel,
        Self::Bandwidth,
        Self::StrangePeer,
        Self::BadIndication,
        Self::Response,
    ];

    /// Its name as a metric's label.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::RateLimited => "rate_limited",
            Self::NoAllocation => "no_allocation",
            Self::NoPermission => "no_permission",
            Self::RefusedPeer => "refused_peer",
            Self::UnboundChannel => "unbound_channel",
            Self::Bandwidth => "bandwidth",
            Self::StrangePeer => "strange_peer",
            Self::BadIndication => "bad_indication",
            Self::Response => "response",
        }
    }
}

/// What a relay has counted since it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Successful Binding requests.
    pub bindings: u64,
    /// Allocations that were made.
    pub allocations: u64,
    discards: [u64; Discard::ALL.len()],
    errors: [u64; ErrorCode::ALL.len()],
}

impl Counters {
    /// How often something was dropped for this.
    #[must_use]
    pub fn discarded(&self, discard: Discard) -> u64 {
        self.discards[discard as usize]
    }

    /// How often this was answered.
    #[must_use]
    pub fn answered(&self, code: ErrorCode) -> u64 {
        self.errors[code as usize]
    }

    pub(crate) fn discard(&mut self, discard: Discard) {
        self.discards[discard as usize] += 1;
    }

    pub(crate) fn answer(&mut self, code: ErrorCode) {
        self.errors[code as usize] += 1;
    }
}
