//! How one service of a deployment asks another on behalf of a participant: decision 7.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use antiphon_protocol::{Identity, TenantId};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::ExposeSecret as _;

use super::{
    ApiKey, AuthError, InvalidApiKey, LEEWAY_S,
    claims::{Payload, date, text},
    jws::{Hs256Key, Jws},
};
use crate::{drain::Shutdown, watched::Watched};

/// What a service's token for turn-credentials names in `aud`.
pub const TURN_CREDENTIALS: &str = "antiphon-turn-credentials";

/// The header's `typ`: no access token can be taken for a service's token, nor the other way round (RFC 8725 §3.11).
const TYPE: &str = "antiphon-service+jwt";

/// How long a token is good: it is made for one request.
const LIFETIME_S: u64 = 60;

/// Keys at once, while they rotate.
const MAX_KEYS: usize = 8;

const RELOAD_INTERVAL: Duration = Duration::from_secs(1);

/// Whom a service asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnBehalf {
    /// Whose participant.
    pub tenant: TenantId,
    /// Who.
    pub identity: Identity,
}

/// The keys that services of a deployment share: the first signs, all verify. Clones share them.
#[derive(Clone)]
pub struct ServiceKeys(Arc<RwLock<Arc<[Ready]>>>);

struct Ready {
    id: String,
    sign: EncodingKey,
    verify: Hs256Key,
}

/// Why a text has no service keys. Says nothing of them.
#[derive(Debug, thiserror::Error)]
pub enum InvalidServiceKeys {
    /// Not there, or not ours to read.
    #[error("{}: {error}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A line that is no key.
    #[error("{}:{line}: {error}", path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// Why.
        error: InvalidApiKey,
    },
    /// None at all, or more than eight.
    #[error("{}: expected one to {MAX_KEYS} keys \"id:secret\", one a line", path.display())]
    Count {
        /// Which file.
        path: PathBuf,
    },
}

impl ServiceKeys {
    /// Reads a file of keys `id:secret`, one a line; `#` begins a comment.
    ///
    /// # Errors
    /// When it cannot be read, a line is no key, or there are none or more than eight.
    pub fn load(path: &Path) -> Result<Self, InvalidServiceKeys> {
        Ok(Self(Arc::new(RwLock::new(read(path)?))))
    }

    /// A token for one request, good for a minute: `aud` names the service that is asked.
    #[must_use]
    pub fn sign(&self, audience: &str, whom: &OnBehalf, now_s: u64) -> String {
        let keys = self.current();
        let claims = serde_json::json!({
            "iss": keys[0].id,
            "aud": audience,
            "sub": whom.identity.as_str(),
            "tenant": whom.tenant.as_str(),
            "iat": now_s,
            "exp": now_s.saturating_add(LIFETIME_S),
        });
        let header =
            Header { typ: Some(TYPE.to_owned()), kid: Some(keys[0].id.clone()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, &claims, &keys[0].sign).expect("HS256 signs any JSON")
    }

    /// Whether a token says of itself that it is a service's.
    #[must_use]
    pub fn is_service_token(token: &str) -> bool {
        read_token(token).is_some()
    }

    /// Reads a service's token for `audience` and believes it, or says why not.
    ///
    /// # Errors
    /// Whatever is wrong with it.
    pub fn verify(&self, token: &str, audience: &str, now_s: u64) -> Result<OnBehalf, AuthError> {
        let token = read_token(token).ok_or(AuthError::Malformed)?;
        if token.header.alg != Algorithm::HS256 {
            return Err(AuthError::UnsupportedAlgorithm);
        }
        token.refuse_extensions()?;
        let keys = self.current();
        let key = keys.iter().find(|key| token.header.kid.as_ref() == Some(&key.id));
        if !key.is_some_and(|key| key.verify.has_signed(&token)) {
            return Err(AuthError::NotSignedByUs);
        }
        let payload = token.payload()?;
        on_behalf(&serde_json::from_slice(&payload).map_err(|_| AuthError::Malformed)?, audience, now_s)
    }

    /// Reads the file again when it changes, until the process stops. A broken one is logged, and the keys before stay.
    pub async fn follow_file(self, path: PathBuf, shutdown: Shutdown) {
        let following = async {
            let mut watched = Watched::new(vec![path.clone()]);
            let mut due = tokio::time::interval(RELOAD_INTERVAL);
            // What changed between loading and here would otherwise never be seen.
            let mut is_unread = true;
            loop {
                due.tick().await;
                if watched.changed() || is_unread {
                    is_unread = false;
                    self.reload(&path);
                }
            }
        };
        tokio::select! {
            () = following => {}
            () = shutdown.stopped() => {}
        }
    }

    fn reload(&self, path: &Path) {
        match read(path) {
            Ok(keys) => *self.0.write().unwrap_or_else(PoisonError::into_inner) = keys,
            Err(error) => {
                tracing::error!(%error, "the service keys changed and cannot be used: the ones before stay");
            }
        }
    }

    fn current(&self) -> Arc<[Ready]> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for ServiceKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self.current().iter().map(|key| key.id.clone()).collect();
        formatter.debug_tuple("ServiceKeys").field(&ids).finish()
    }
}

/// A token that says of itself that it is a service's.
fn read_token(token: &str) -> Option<Jws<'_>> {
    Jws::parse(token).ok().filter(|token| token.header.typ.as_deref() == Some(TYPE))
}

fn on_behalf(claims: &Payload<'_>, audience: &str, now_s: u64) -> Result<OnBehalf, AuthError> {
    if text(claims.aud, "aud")?.as_deref() != Some(audience) {
        return Err(AuthError::WrongAudience);
    }
    let invalid = |claim, expected| AuthError::InvalidClaim { claim, expected };
    let expires_at_s = date(claims.exp, "exp")?.ok_or(invalid("exp", "present"))?;
    let issued_at_s = date(claims.iat, "iat")?.ok_or(invalid("iat", "present"))?;
    if now_s >= expires_at_s.saturating_add(LEEWAY_S) {
        return Err(AuthError::Expired);
    }
    if issued_at_s > now_s.saturating_add(LEEWAY_S) {
        return Err(AuthError::NotYetValid);
    }
    if expires_at_s > issued_at_s.saturating_add(LIFETIME_S) {
        return Err(AuthError::LifetimeTooLong { max_s: LIFETIME_S });
    }
    let tenant = text(claims.tenant, "tenant")?.and_then(|tenant| tenant.parse().ok());
    let identity = text(claims.sub, "sub")?.and_then(|identity| identity.parse().ok());
    Ok(OnBehalf {
        tenant: tenant.ok_or(invalid("tenant", "1 to 64 bytes without control characters"))?,
        identity: identity.ok_or(invalid("sub", "1 to 256 bytes without control characters"))?,
    })
}

fn read(path: &Path) -> Result<Arc<[Ready]>, InvalidServiceKeys> {
    let path = path.to_owned();
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => return Err(InvalidServiceKeys::Unreadable { path, error }),
    };
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let key = |(line, text): (usize, &str)| {
        let key: ApiKey = text.parse().map_err(|error| InvalidServiceKeys::Line { path: path.clone(), line, error })?;
        let secret = key.secret().expose_secret().as_bytes();
        let (sign, verify) = (EncodingKey::from_secret(secret), Hs256Key::new(secret));
        Ok(Ready { id: key.id().to_owned(), sign, verify })
    };
    let keys: Vec<Ready> = lines.map(key).collect::<Result<_, _>>()?;
    if (1..=MAX_KEYS).contains(&keys.len()) { Ok(keys.into()) } else { Err(InvalidServiceKeys::Count { path }) }
}

#[cfg(test)]
#[path = "service_tests.rs"]
mod tests;
