//! The secrets that minter and relay share.

use std::{
    fmt,
    str::FromStr,
    sync::{Arc, PoisonError, RwLock},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::SecretString;
use sha1::Sha1;

use super::LongTermKey;

/// Every client that gets a credential may search for the secret of its HMAC at leisure, so a short one is refused.
const MIN_SECRET_BYTES: usize = 16;

/// What a relay tries for each request while secrets rotate.
const MAX_SECRETS: usize = 8;

/// One secret; coturn's `static-auth-secret`. What it holds is HMAC's state after the key, so that no mint pays for that again.
#[derive(Clone)]
pub struct SharedSecret(Hmac<Sha1>);

/// Why a text is no secret. Says nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a TURN secret has at least {MIN_SECRET_BYTES} bytes, as `openssl rand -hex 32` makes them")]
pub struct InvalidSecret;

impl FromStr for SharedSecret {
    type Err = InvalidSecret;

    fn from_str(text: &str) -> Result<Self, InvalidSecret> {
        if text.len() < MIN_SECRET_BYTES {
            return Err(InvalidSecret);
        }
        Ok(Self(Hmac::new_from_slice(text.as_bytes()).expect("HMAC takes keys of every length")))
    }
}

impl SharedSecret {
    /// The password of a username.
    #[must_use]
    pub fn password(&self, username: &str) -> SecretString {
        STANDARD.encode(self.mac(username).finalize().into_bytes()).into()
    }

    pub(super) fn mac(&self, username: &str) -> Hmac<Sha1> {
        let mut mac = self.0.clone();
        mac.update(username.as_bytes());
        mac
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SharedSecret(…)")
    }
}

/// One to eight secrets: the first mints, all verify. To rotate without a refusal: give the relays both, old first; then the minter
/// both, new first; when the last credential of the old one has expired, take it away.
#[derive(Debug, Clone)]
pub struct Secrets(Arc<[SharedSecret]>);

/// Why texts are no secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSecrets {
    /// There is none.
    #[error("there is no secret in it")]
    Empty,
    /// There are more than eight.
    #[error("there are more than {MAX_SECRETS} secrets in it")]
    TooMany,
    /// A line is none.
    #[error("line {line}: {error}")]
    Line {
        /// From 1.
        line: usize,
        /// Why.
        error: InvalidSecret,
    },
}

impl Secrets {
    /// Reads one secret a line; `#` begins a comment at the beginning of a line, empty lines are left out.
    ///
    /// # Errors
    /// When there is none, there are more than eight, or a line is none.
    pub fn parse(text: &str) -> Result<Self, InvalidSecrets> {
        let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
        let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let read = |(line, text): (usize, &str)| text.parse().map_err(|error| InvalidSecrets::Line { line, error });
        Self::try_from(lines.map(read).collect::<Result<Vec<_>, _>>()?)
    }

    /// The one that mints.
    #[must_use]
    pub fn first(&self) -> &SharedSecret {
        &self.0[0]
    }

    /// All of them, the one that mints first.
    pub fn iter(&self) -> impl Iterator<Item = &SharedSecret> {
        self.0.iter()
    }

    /// What the password of a username may be.
    pub fn passwords(&self, username: &str) -> impl Iterator<Item = SecretString> {
        self.iter().map(move |secret| secret.password(username))
    }

    /// What may key the MESSAGE-INTEGRITY of a request with this username and realm.
    pub fn long_term_keys(&self, username: &str, realm: &str) -> impl Iterator<Item = LongTermKey> {
        self.passwords(username).map(move |password| LongTermKey::new(username, realm, &password))
    }
}

impl From<SharedSecret> for Secrets {
    fn from(secret: SharedSecret) -> Self {
        Self([secret].into())
    }
}

impl TryFrom<Vec<SharedSecret>> for Secrets {
    type Error = InvalidSecrets;

    fn try_from(secrets: Vec<SharedSecret>) -> Result<Self, InvalidSecrets> {
        match secrets.len() {
            0 => Err(InvalidSecrets::Empty),
            1..=MAX_SECRETS => Ok(Self(secrets.into())),
            _ => Err(InvalidSecrets::TooMany),
        }
    }
}

/// Secrets that change while they are used: a minter and a relay in one process hold the same, and see a change at once.
#[derive(Debug, Clone)]
pub struct RotatingSecrets(Arc<RwLock<Secrets>>);

impl RotatingSecrets {
    /// These, until they are replaced.
    #[must_use]
    pub fn new(secrets: Secrets) -> Self {
        Self(Arc::new(RwLock::new(secrets)))
    }

    /// Those of now. Cheap: a count goes up.
    #[must_use]
    pub fn current(&self) -> Secrets {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts others in their place.
    pub fn replace(&self, secrets: Secrets) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = secrets;
    }
}
