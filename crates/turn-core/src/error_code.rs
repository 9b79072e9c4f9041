/// Why a request fails (RFC 8489 §14.8, RFC 8656 §19).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorCode {
    /// Malformed. RFC 8489 §14.8
    BadRequest,
    /// Without credentials, or with wrong ones. RFC 8489 §9.2.4
    Unauthenticated,
    /// Not allowed to whoever asks: a peer that is refused, a relay that drains. RFC 8656 §19
    Forbidden,
    /// An attribute that must be understood is not. RFC 8489 §6.3.1
    UnknownAttribute,
    /// There is no allocation, or there is one already. RFC 8656 §19
    AllocationMismatch,
    /// The nonce is too old, or not this client's. RFC 8489 §9.2.4
    StaleNonce,
    /// An address family that is not relayed. RFC 8656 §19
    AddressFamilyNotSupported,
    /// The allocation is another user's. RFC 8656 §5
    WrongCredentials,
    /// Only UDP is relayed. RFC 8656 §7.2
    UnsupportedTransportProtocol,
    /// A peer of a family that the allocation has not. RFC 8656 §10.2
    PeerAddressFamilyMismatch,
    /// The user, the tenant or the relay has as many allocations as it may. RFC 8656 §7.2
    AllocationQuotaReached,
    /// No port is free, or there is no room for one more permission. RFC 8656 §19
    InsufficientCapacity,
}

impl ErrorCode {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::BadRequest,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::UnknownAttribute,
        Self::AllocationMismatch,
        Self::StaleNonce,
        Self::AddressFamilyNotSupported,
        Self::WrongCredentials,
        Self::UnsupportedTransportProtocol,
        Self::PeerAddressFamilyMismatch,
        Self::AllocationQuotaReached,
        Self::InsufficientCapacity,
    ];

    /// The number, such as 401.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::UnknownAttribute => 420,
            Self::AllocationMismatch => 437,
            Self::StaleNonce => 438,
            Self::AddressFamilyNotSupported => 440,
            Self::WrongCredentials => 441,
            Self::UnsupportedTransportProtocol => 442,
            Self::PeerAddressFamilyMismatch => 443,
            Self::AllocationQuotaReached => 486,
            Self::InsufficientCapacity => 508,
        }
    }

    /// The hundreds.
    pub(crate) fn class(self) -> u8 {
        (self.code() / 100) as u8
    }

    /// What is beside the hundreds.
    pub(crate) fn number(self) -> u8 {
        (self.code() % 100) as u8
    }

    /// The reason phrase: the RFCs' own, short where strangers are told, so that they get few bytes for theirs.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::BadRequest => "Bad Request",
            Self::Unauthenticated => "Unauthorized",
            Self::Forbidden => "Forbidden",
            Self::UnknownAttribute => "Unknown Attribute",
            Self::AllocationMismatch => "Allocation Mismatch",
            Self::StaleNonce => "Stale Nonce",
            Self::AddressFamilyNotSupported => "Address Family not Supported",
            Self::WrongCredentials => "Wrong Credentials",
            Self::UnsupportedTransportProtocol => "Unsupported Transport Protocol",
            Self::PeerAddressFamilyMismatch => "Peer Address Family Mismatch",
            Self::AllocationQuotaReached => "Allocation Quota Reached",
            Self::InsufficientCapacity => "Insufficient Capacity",
        }
    }
}
