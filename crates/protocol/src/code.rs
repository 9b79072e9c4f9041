//! The stable codes that a client sees when something is refused: on the socket, in REST, and as WebSocket close codes.

macro_rules! error_codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)*) => {
        /// The stable name of a refusal, `error.code` on the socket.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ErrorCode {
            $($(#[$doc])* $variant,)*
        }

        impl ErrorCode {
            /// Every code, for documentation and metrics.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as it stands on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }
    };
}

error_codes! {
    /// Not JSON or not protobuf, or a field of the wrong type.
    Malformed = "malformed",
    /// A frame without a kind that this server knows.
    Unsupported = "unsupported",
    /// Understood, but a value is missing, too long or out of range.
    InvalidArgument = "invalid_argument",
    /// Larger than the limits in `joined` allow.
    TooLarge = "too_large",
    /// `seq` skips numbers.
    SequenceGap = "sequence_gap",
    /// No token, or one that is not valid.
    Unauthenticated = "unauthenticated",
    /// A token that was valid.
    TokenExpired = "token_expired",
    /// The grants or the role do not allow it.
    PermissionDenied = "permission_denied",
    /// `from` names somebody else.
    ForgedSender = "forged_sender",
    /// No such participant, track or message in this room.
    NotFound = "not_found",
    /// A second `join` or `resume` on one connection.
    AlreadyJoined = "already_joined",
    /// Anything before `join` or `resume`.
    NotJoined = "not_joined",
    /// `maxParticipants` is reached.
    RoomFull = "room_full",
    /// The room is locked.
    RoomLocked = "room_locked",
    /// The room ended while this was under way.
    RoomEnded = "room_ended",
    /// The identity is in the room and the policy is `reject`; or another session has taken the place of the one that is to resume.
    IdentityTaken = "identity_taken",
    /// The identity was kicked from this room.
    Banned = "banned",
    /// Still in the lobby.
    Waiting = "waiting",
    /// The session is gone or the resume token is not the current one: join again.
    ResumeFailed = "resume_failed",
    /// Too many messages, connections or handshakes.
    RateLimited = "rate_limited",
    /// The tenant has as many rooms or participants as it may.
    QuotaExceeded = "quota_exceeded",
    /// The recipient reads too slowly: its mailbox is full.
    RecipientBusy = "recipient_busy",
    /// Reserved: a client that reads too slowly gets no frame any more, but close code 4013.
    SlowConsumer = "slow_consumer",
    /// No `join` in time, or no sign of life.
    TimedOut = "timed_out",
    /// Over HTTP: a room of this name is there already.
    RoomExists = "room_exists",
    /// Over HTTP: this `Idempotency-Key` came with another request before.
    IdempotencyKeyReused = "idempotency_key_reused",
    /// Over HTTP: the first request with this `Idempotency-Key` has no answer yet.
    RequestInProgress = "request_in_progress",
    /// The page's origin is not in the list of allowed ones.
    OriginDenied = "origin_denied",
    /// Not now: try again after `retryAfterMs`.
    Unavailable = "unavailable",
    /// Over HTTP: a fault of the server's own. Reserved on the socket.
    Internal = "internal",
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Why the server closes a WebSocket (RFC 6455 §7.4; 4000–4999 are the application's).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum CloseCode {
    /// The session ended by its own `leave`.
    Normal = 1000,
    /// `goAway`: come back after its `retryAfterMs`.
    GoingAway = 1001,
    /// Text that is not UTF-8.
    InvalidPayload = 1007,
    /// A bad first frame, or too many bad ones.
    PolicyViolation = 1008,
    /// A message over the transport's limit.
    TooBig = 1009,
    /// Reserved for a fault of the server's own.
    Internal = 1011,
    /// Overloaded: come back later.
    TryAgainLater = 1013,
    /// The token was refused.
    Unauthenticated = 4001,
    /// The join was refused; the `error` before it says why.
    JoinRefused = 4003,
    /// Nothing came in time.
    TimedOut = 4008,
    /// The session is over; the `left` before it says why.
    SessionEnded = 4010,
    /// Another connection resumed this session.
    Superseded = 4012,
    /// This client reads too slowly: resume to catch up.
    SlowConsumer = 4013,
}
