//! REST credentials for TURN (draft-uberti-behave-turn-rest-00 §2.2, coturn's `use-auth-secret`).
//!
//! The username is `expiry:user-id`, the password base64 of HMAC-SHA1 over the username, keyed with a secret that the minter and the
//! relay share. On the wire the password keys MESSAGE-INTEGRITY by way of the long-term key (RFC 8489 §9.2.2).

mod secrets;

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::Mac as _;
use md5::{Digest as _, Md5};
use secrecy::{ExposeSecret as _, SecretString};

use crate::UnixTime;
pub use secrets::{InvalidSecret, InvalidSecrets, RotatingSecrets, Secrets, SharedSecret};

/// Bytes of a username at most (RFC 8489 §14.3).
pub const MAX_USERNAME_BYTES: usize = 509;

const BETWEEN: char = ':';

/// What a client authenticates with at a TURN server.
#[derive(Debug, Clone)]
pub struct Credential {
    /// `expiry:user-id`.
    pub username: String,
    /// Goes to the client and nowhere else.
    pub password: SecretString,
}

/// A username taken apart. The text is judged, the password is not: see [`verify`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestUsername<'a> {
    /// From this second on it is refused.
    pub expires: UnixTime,
    /// For our own credentials the text of a [`UserId`](crate::user_id::UserId).
    pub user_id: &'a str,
}

/// Why a credential is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// Not `expiry:user-id`, or longer than 509 bytes.
    #[error("the username is not of the form expiry:user-id")]
    Username,
    /// None of the secrets made this password for this username.
    #[error("the password is wrong")]
    Password,
    /// Its time is over.
    #[error("the credential expired at {0}")]
    Expired(UnixTime),
}

/// Makes a credential that is good until `expires`, with the first of the secrets.
#[must_use]
pub fn mint(secrets: &Secrets, user_id: &str, expires: UnixTime) -> Credential {
    let username = format!("{expires}{BETWEEN}{user_id}");
    let password = secrets.first().password(&username);
    Credential { username, password }
}

/// Judges a username and its password at `now`, in constant time for each secret.
///
/// # Errors
/// When the username is none, no secret made the password, or the time is over. Only who knows the password is told of the time.
pub fn verify<'a>(
    secrets: &Secrets,
    username: &'a str,
    password: &str,
    now: UnixTime,
) -> Result<RestUsername<'a>, CredentialError> {
    let parsed = RestUsername::parse(username)?;
    let tag = STANDARD.decode(password).map_err(|_| CredentialError::Password)?;
    let is_one = |secret: &SharedSecret| secret.mac(username).verify_slice(&tag).is_ok();
    if !secrets.iter().any(is_one) {
        return Err(CredentialError::Password);
    }
    parsed.valid_at(now)
}

impl<'a> RestUsername<'a> {
    /// Takes a username apart: decimal digits without a leading zero, `:`, and a user id without another `:`.
    ///
    /// # Errors
    /// [`CredentialError::Username`].
    pub fn parse(username: &'a str) -> Result<Self, CredentialError> {
        let parsed = (username.len() <= MAX_USERNAME_BYTES).then(|| username.split_once(BETWEEN)).flatten();
        let (expires, user_id) = parsed.ok_or(CredentialError::Username)?;
        let is_number = expires.bytes().all(|byte| byte.is_ascii_digit()) && !expires.starts_with('0');
        if !is_number || user_id.is_empty() || user_id.contains(BETWEEN) {
            return Err(CredentialError::Username);
        }
        let expires = expires.parse().map_err(|_| CredentialError::Username)?;
        Ok(Self { expires: UnixTime(expires), user_id })
    }

    /// Itself, as long as its time is not over.
    ///
    /// # Errors
    /// [`CredentialError::Expired`] from the second on that it names.
    pub fn valid_at(self, now: UnixTime) -> Result<Self, CredentialError> {
        if now < self.expires { Ok(self) } else { Err(CredentialError::Expired(self.expires)) }
    }
}

/// The key of MESSAGE-INTEGRITY for long-term credentials: MD5 of `username:realm:password` (RFC 8489 §9.2.2).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LongTermKey(pub [u8; 16]);

impl LongTermKey {
    /// The key of these three. Realm and password must have been prepared (OpaqueString, RFC 8265 §4.2): ASCII is, and so is each
    /// password of [`mint`].
    #[must_use]
    pub fn new(username: &str, realm: &str, password: &SecretString) -> Self {
        let mut md5 = Md5::new();
        for part in [username, ":", realm, ":", password.expose_secret()] {
            md5.update(part.as_bytes());
        }
        Self(md5.finalize().into())
    }
}

impl fmt::Debug for LongTermKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LongTermKey(…)")
    }
}

#[cfg(test)]
mod tests;
