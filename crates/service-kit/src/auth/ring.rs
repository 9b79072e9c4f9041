use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use antiphon_protocol::{Identity, TenantId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, errors::ErrorKind};
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value};

use super::{
    ApiKey, AuthError, Claims, LEEWAY_S, MAX_TOKEN_BYTES, TokenGrants,
    claims::{attributes, date, present, text},
};

/// What every token must keep to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRules {
    /// What `aud` must name.
    pub audience: String,
    /// The longest lifetime.
    pub max_lifetime_s: u64,
}

impl Default for TokenRules {
    fn default() -> Self {
        Self { audience: "antiphon".to_owned(), max_lifetime_s: 24 * 60 * 60 }
    }
}

/// Two keys have the same id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("two API keys have the id {0:?}")]
pub struct DuplicateKey(pub String);

/// What a token is signed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// `sub`.
    pub identity: Identity,
    /// Display name.
    pub name: Option<String>,
    /// Free text.
    pub metadata: Option<String>,
    /// Free key-value pairs.
    pub attributes: BTreeMap<String, String>,
    /// What it allows.
    pub grants: TokenGrants,
    /// Now, seconds since the Unix epoch.
    pub issued_at_s: u64,
    /// Seconds until it expires.
    pub lifetime_s: u64,
}

/// The API keys of a server. Clones share the keys.
#[derive(Clone)]
pub struct KeyRing {
    keys: Arc<RwLock<Arc<BTreeMap<String, RingKey>>>>,
    rules: Arc<TokenRules>,
}

struct RingKey {
    tenant: TenantId,
    verify: DecodingKey,
    sign: EncodingKey,
}

impl KeyRing {
    /// A ring of these keys.
    ///
    /// # Errors
    /// When two keys have the same id.
    pub fn new(keys: impl IntoIterator<Item = ApiKey>, rules: TokenRules) -> Result<Self, DuplicateKey> {
        Ok(Self { keys: Arc::new(RwLock::new(Arc::new(index(keys)?))), rules: Arc::new(rules) })
    }

    /// Puts other keys in the place of the present ones. Sessions that joined with an old key go on; their tokens are not refreshed.
    ///
    /// # Errors
    /// When two keys have the same id; the present ones stay.
    pub fn replace(&self, keys: impl IntoIterator<Item = ApiKey>) -> Result<(), DuplicateKey> {
        let keys = Arc::new(index(keys)?);
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    /// The ids of the keys.
    #[must_use]
    pub fn key_ids(&self) -> Vec<String> {
        self.keys().keys().cloned().collect()
    }

    /// What every token must keep to.
    #[must_use]
    pub fn rules(&self) -> &TokenRules {
        &self.rules
    }

    /// Reads a token and believes it, or says why not.
    ///
    /// # Errors
    /// Whatever is wrong with it. `grants.join` is not looked at.
    pub fn verify(&self, token: &str, now_s: u64) -> Result<Claims, AuthError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(AuthError::TooLong);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(AuthError::Malformed)?;
        let header = read_header(token)?;
        // To choose the key by `iss`; nothing of it is believed before that key has verified the signature.
        let claims: Map<String, Value> =
            jsonwebtoken::dangerous::insecure_decode_claims(token).map_err(|_| AuthError::Malformed)?;
        let key_id = match (header.kid.as_deref(), text(&claims, "iss")?) {
            (Some(kid), Some(issuer)) if kid != issuer => return Err(AuthError::KeyDisagreement),
            (Some(id), _) | (None, Some(id)) => id,
            (None, None) => return Err(AuthError::NoKey),
        };
        let keys = self.keys();
        let key = keys.get(key_id).ok_or(AuthError::NotSignedByUs)?;
        match jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key.verify, Algorithm::HS256) {
            Ok(true) => {}
            Ok(false) | Err(_) => return Err(AuthError::NotSignedByUs),
        }
        self.check_audience(&claims)?;
        let (issued_at_s, expires_at_s) = self.check_dates(&claims, now_s)?;
        let expected = "the participant's identity: 1 to 256 bytes without control characters";
        let identity = text(&claims, "sub")?
            .and_then(|sub| sub.parse().ok())
            .ok_or(AuthError::InvalidClaim { claim: "sub", expected })?;
        Ok(Claims {
            tenant: key.tenant.clone(),
            key_id: key_id.to_owned(),
            identity,
            name: text(&claims, "name")?.map(str::to_owned),
            metadata: text(&claims, "metadata")?.map(str::to_owned),
            attributes: attributes(&claims)?,
            grants: TokenGrants::read(&claims)?,
            expires_at_s,
            issued_at_s,
        })
    }

    /// Signs a token with one of the keys; `None` when there is no such key. The lifetime is cut to what the rules allow.
    #[must_use]
    pub fn sign(&self, key_id: &str, token: &NewToken) -> Option<String> {
        let lifetime_s = token.lifetime_s.min(self.rules.max_lifetime_s);
        let mut claims = serde_json::json!({
            "iss": key_id,
            "sub": token.identity.as_str(),
            "aud": self.rules.audience,
            "iat": token.issued_at_s,
            "exp": token.issued_at_s.saturating_add(lifetime_s),
            "grants": token.grants.to_json(),
        });
        if let Some(name) = &token.name {
            claims["name"] = name.as_str().into();
        }
        if let Some(metadata) = &token.metadata {
            claims["metadata"] = metadata.as_str().into();
        }
        if !token.attributes.is_empty() {
            claims["attributes"] = serde_json::json!(token.attributes);
        }
        let keys = self.keys();
        let key = keys.get(key_id)?;
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key.sign);
        Some(token.expect("HS256 with a secret of any length signs any JSON"))
    }

    /// Signs a token that says the same as `claims` and lives longer, with the same key; `None` when the key is gone.
    #[must_use]
    pub fn refresh(&self, claims: &Claims, now_s: u64, lifetime_s: u64) -> Option<String> {
        let token = NewToken {
            identity: claims.identity.clone(),
            name: claims.name.clone(),
            metadata: claims.metadata.clone(),
            attributes: claims.attributes.clone(),
            grants: claims.grants.clone(),
            issued_at_s: now_s,
            lifetime_s,
        };
        self.sign(&claims.key_id, &token)
    }

    fn keys(&self) -> Arc<BTreeMap<String, RingKey>> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn check_audience(&self, claims: &Map<String, Value>) -> Result<(), AuthError> {
        let names_us = |value: &Value| value.as_str() == Some(&self.rules.audience);
        match present(claims, "aud") {
            Some(Value::String(audience)) if *audience == self.rules.audience => Ok(()),
            Some(Value::Array(audiences)) if audiences.iter().any(names_us) => Ok(()),
            Some(_) | None => Err(AuthError::WrongAudience),
        }
    }

    /// `iat` (or now) and `exp`, if the token is valid now.
    fn check_dates(&self, claims: &Map<String, Value>, now_s: u64) -> Result<(u64, u64), AuthError> {
        let expected = "present, a number of seconds since 1970-01-01T00:00:00Z";
        let expires_at_s = date(claims, "exp")?.ok_or(AuthError::InvalidClaim { claim: "exp", expected })?;
        let not_before_s = date(claims, "nbf")?.unwrap_or(now_s);
        let issued_at_s = date(claims, "iat")?.unwrap_or(now_s);
        if now_s >= expires_at_s.saturating_add(LEEWAY_S) {
            return Err(AuthError::Expired);
        }
        let latest_start_s = now_s.saturating_add(LEEWAY_S);
        if not_before_s > latest_start_s || issued_at_s > latest_start_s {
            return Err(AuthError::NotYetValid);
        }
        let lives_from_s = issued_at_s.min(not_before_s).min(now_s);
        let max_s = self.rules.max_lifetime_s;
        if expires_at_s > lives_from_s.saturating_add(max_s).saturating_add(LEEWAY_S) {
            return Err(AuthError::LifetimeTooLong { max_s });
        }
        Ok((issued_at_s, expires_at_s))
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("KeyRing").field("key_ids", &self.key_ids()).finish_non_exhaustive()
    }
}

fn index(keys: impl IntoIterator<Item = ApiKey>) -> Result<BTreeMap<String, RingKey>, DuplicateKey> {
    let mut index = BTreeMap::new();
    for key in keys {
        let secret = key.secret().expose_secret().as_bytes();
        let ring_key = RingKey {
            tenant: key.tenant().clone(),
            verify: DecodingKey::from_secret(secret),
            sign: EncodingKey::from_secret(secret),
        };
        if index.insert(key.id().to_owned(), ring_key).is_some() {
            return Err(DuplicateKey(key.id().to_owned()));
        }
    }
    Ok(index)
}

fn read_header(token: &str) -> Result<Header, AuthError> {
    let header = jsonwebtoken::decode_header(token).map_err(|error| {
        // `none`, and whatever else the library has no variant for, is well-formed JSON of the wrong content.
        if matches!(error.kind(), ErrorKind::Json(cause) if cause.is_data()) {
            AuthError::UnsupportedAlgorithm
        } else {
            AuthError::Malformed
        }
    })?;
    if header.alg != Algorithm::HS256 {
        return Err(AuthError::UnsupportedAlgorithm);
    }
    if header.crit.is_some() {
        return Err(AuthError::UnsupportedExtension);
    }
    Ok(header)
}

#[cfg(test)]
#[path = "ring_tests.rs"]
mod tests;
