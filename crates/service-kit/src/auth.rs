//! Access tokens: JWTs signed with an API key's secret, as docs/protocol.md describes them.
//!
//! The time is always an argument, so that expiry can be tested at its boundary.

mod bearer;
mod claims;
mod config;
mod error;
mod key;
mod ring;

pub use bearer::bearer;
pub use claims::{Claims, TokenGrants};
pub use config::{AuthConfig, KeysFileError};
pub use error::AuthError;
pub use key::{ApiKey, InvalidApiKey};
pub use ring::{DuplicateKey, KeyRing, NewToken, TokenRules};

/// How far the clocks of two machines may be apart.
pub const LEEWAY_S: u64 = 10;

/// Longer tokens are refused unread.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;
