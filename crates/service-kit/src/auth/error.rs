use antiphon_protocol::ErrorCode;

/// Why an access token is refused. The message is for whoever presents the token: it names the cure and tells nothing about
/// the server's keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// Over [`MAX_TOKEN_BYTES`](super::MAX_TOKEN_BYTES).
    #[error("the access token is longer than 8 KiB")]
    TooLong,
    /// Not a JWT.
    #[error("the access token is not a JWT: three base64url parts, separated by dots")]
    Malformed,
    /// `alg` is another one, or `none`.
    #[error(
        "the access token must be signed with HS256 by an API key, or with EdDSA, ES256 or RS256 by an issuer that this server knows \
         (the header's alg)"
    )]
    UnsupportedAlgorithm,
    /// The issuer's key is for another one.
    #[error("the access token's header names another alg than its issuer's key has: sign it with {expected}")]
    WrongAlgorithm {
        /// The key's.
        expected: &'static str,
    },
    /// The header has `crit`, whose extensions must be understood (RFC 7515 §4.1.11); there are none.
    #[error("the access token's header has crit, and this server knows no extensions")]
    UnsupportedExtension,
    /// Neither `iss` nor `kid`.
    #[error("the access token names no API key: set iss to the key's id, or to the issuer's name")]
    NoKey,
    /// `iss` and `kid` name two keys.
    #[error("the access token's kid and iss must name the same API key")]
    KeyDisagreement,
    /// No such key, or its secret did not sign this. One variant, so that nobody learns which keys exist.
    #[error(
        "the access token is not signed by an API key or issuer of this server: check the key's id and the secret or private key"
    )]
    NotSignedByUs,
    /// A claim is missing or has the wrong type or value.
    #[error("the access token's claim {claim} must be {expected}")]
    InvalidClaim {
        /// Which.
        claim: &'static str,
        /// What would have been right.
        expected: &'static str,
    },
    /// `aud` names somebody else.
    #[error("the access token is for another audience: set aud to this server's")]
    WrongAudience,
    /// `nbf` or `iat` lies ahead.
    #[error("the access token is not valid yet: check nbf, iat and the clock of the machine that signed it")]
    NotYetValid,
    /// `exp` has passed.
    #[error("the access token has expired: ask your application for a new one")]
    Expired,
    /// Lives too long.
    #[error("the access token's exp is too far ahead: this server takes lifetimes up to {max_s} s")]
    LifetimeTooLong {
        /// The limit.
        max_s: u64,
    },
}

impl AuthError {
    /// What the client is told.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Expired => ErrorCode::TokenExpired,
            Self::TooLong
            | Self::Malformed
            | Self::UnsupportedAlgorithm
            | Self::WrongAlgorithm { .. }
            | Self::UnsupportedExtension
            | Self::NoKey
            | Self::KeyDisagreement
            | Self::NotSignedByUs
            | Self::InvalidClaim { .. }
            | Self::WrongAudience
            | Self::NotYetValid
            | Self::LifetimeTooLong { .. } => ErrorCode::Unauthenticated,
        }
    }
}
