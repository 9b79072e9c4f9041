//! Access tokens: JWTs that an API key's secret or an issuer's private key signed, as docs/tokens.md describes them.
//!
//! The time is always an argument, so that expiry can be tested at its boundary.

mod bearer;
mod claims;
mod config;
mod error;
mod issuer;
mod issuers_file;
mod jwks;
mod jws;
mod key;
mod public_key;
mod remote;
mod ring;
mod service;
#[cfg(test)]
mod signers;

pub use bearer::bearer;
pub use claims::{Claims, TokenGrants};
pub use config::{AuthConfig, KeysFileError, LoadedKeys};
pub use error::AuthError;
pub use issuers_file::InvalidIssuer;
pub use jwks::InvalidJwks;
pub use key::{ApiKey, InvalidApiKey, KeyFingerprint};
pub use public_key::InvalidPublicKey;
pub use ring::{DuplicateKey, KeyRing, NewToken, NoRefresh, TokenRules};
pub use service::{InvalidServiceKeys, OnBehalf, ServiceKeys, TURN_CREDENTIALS};

pub use crate::fetch::InvalidUrl;

/// How far the clocks of two machines may be apart.
pub const LEEWAY_S: u64 = 10;

/// Longer tokens are refused unread.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;
