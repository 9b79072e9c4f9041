use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use antiphon_protocol::{Identity, TenantId};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::ExposeSecret as _;

use super::{
    ApiKey, AuthError, Claims, KeyFingerprint, LEEWAY_S, LoadedKeys, TokenGrants,
    claims::{Payload, attributes, date, is_for, text},
    issuer::{Issuer, Unverified},
    jws::{Hs256Key, Jws},
    remote::Occasion,
};

/// The lifetime of a token that replaces one without `iat`: nobody knows what that one was issued for.
const USUAL_LIFETIME_S: u64 = 60 * 60;

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

/// Two keys have the same id, two issuers the same name, or a key and an issuer: a token's `iss` would name both.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("two API keys or issuers have the id {0:?}")]
pub struct DuplicateKey(pub String);

/// Why a token is not replaced by one that expires later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoRefresh {
    /// The key that signed it is gone, though another one may have its id now. It may come back.
    #[error("its key is gone")]
    KeyGone,
    /// An issuer signed it, with a private key that is not here.
    #[error("its issuer alone can sign another one")]
    Issuer,
}

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

/// The API keys and issuers of a server. Clones share them.
#[derive(Clone)]
pub struct KeyRing {
    keys: Arc<RwLock<Arc<Keys>>>,
    rules: Arc<TokenRules>,
}

/// By what tokens name in `iss`; no name is in both.
#[derive(Default)]
struct Keys {
    api: BTreeMap<String, RingKey>,
    issuers: BTreeMap<String, Arc<Issuer>>,
}

struct RingKey {
    tenant: TenantId,
    fingerprint: KeyFingerprint,
    verify: Hs256Key,
    sign: EncodingKey,
}

impl KeyRing {
    /// A ring of these keys.
    ///
    /// # Errors
    /// When two keys have the same id.
    pub fn new(keys: impl IntoIterator<Item = ApiKey>, rules: TokenRules) -> Result<Self, DuplicateKey> {
        let keys = Keys { api: index(keys)?, issuers: BTreeMap::new() };
        Ok(Self { keys: Arc::new(RwLock::new(Arc::new(keys))), rules: Arc::new(rules) })
    }

    /// A ring of what was configured.
    ///
    /// # Errors
    /// When two keys or issuers have the same id.
    pub fn of(loaded: LoadedKeys, rules: TokenRules) -> Result<Self, DuplicateKey> {
        let ring = Self { keys: Arc::default(), rules: Arc::new(rules) };
        ring.replace_all(loaded)?;
        Ok(ring)
    }

    /// Puts other API keys in the place of the present ones; issuers there are none then. Tells whether that changed anything.
    ///
    /// # Errors
    /// As [`KeyRing::replace_all`].
    pub fn replace(&self, keys: impl IntoIterator<Item = ApiKey>) -> Result<bool, DuplicateKey> {
        self.replace_all(LoadedKeys { api: keys.into_iter().collect(), issuers: Vec::new() })
    }

    /// Puts other keys and issuers in the place of the present ones, and tells whether that changed anything. Sessions that joined with
    /// an old key go on; their tokens are not refreshed. What was fetched from an issuer's URL stays, where the issuer does.
    ///
    /// # Errors
    /// When two of them have the same id; the present ones stay.
    pub fn replace_all(&self, loaded: LoadedKeys) -> Result<bool, DuplicateKey> {
        let api = index(loaded.api)?;
        let before = self.keys();
        let mut issuers = BTreeMap::new();
        for issuer in loaded.issuers {
            let name = issuer.name.clone();
            let known = before.issuers.get(&name).filter(|known| known.is_like(&issuer)).cloned();
            if api.contains_key(&name) || issuers.contains_key(&name) {
                return Err(DuplicateKey(name));
            }
            issuers.insert(name, known.unwrap_or_else(|| Arc::new(issuer)));
        }
        let issuers_stay = before.issuers.len() == issuers.len()
            && before.issuers.values().zip(issuers.values()).all(|(before, now)| Arc::ptr_eq(before, now));
        let keys_stay = before.api.iter().map(identity_of).eq(api.iter().map(identity_of));
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Keys { api, issuers });
        Ok(!(issuers_stay && keys_stay))
    }

    /// The ids of the API keys.
    #[must_use]
    pub fn key_ids(&self) -> Vec<String> {
        self.keys().api.keys().cloned().collect()
    }

    /// The names of the issuers.
    #[must_use]
    pub fn issuers(&self) -> Vec<String> {
        self.keys().issuers.keys().cloned().collect()
    }

    /// Whose keys and issuers they are, each tenant once.
    #[must_use]
    pub fn tenants(&self) -> Vec<TenantId> {
        let keys = self.keys();
        let of_keys = keys.api.values().map(|key| &key.tenant);
        let of_issuers = keys.issuers.values().map(|issuer| &issuer.tenant);
        of_keys.chain(of_issuers).collect::<BTreeSet<_>>().into_iter().cloned().collect()
    }

    /// Fetches the keys of issuers that have a URL, where they are old.
    pub(super) async fn refresh_issuers(&self) {
        for issuer in self.keys().issuers.values() {
            issuer.refresh(Occasion::Age).await;
        }
    }

    /// Reads a token and believes it, or says why not. Where it names a key that its issuer may have made since it was last asked, the
    /// issuer is asked: that takes seconds at most, and is not done twice in a short time.
    ///
    /// # Errors
    /// Whatever is wrong with it. `grants.join` is not looked at.
    pub async fn verify_fresh(&self, token: &str, now_s: u64) -> Result<Claims, AuthError> {
        match self.try_verify(token, now_s) {
            Ok(claims) => Ok(claims),
            Err(Failure::Refused(error)) => Err(error),
            Err(Failure::UnknownKey(issuer)) => {
                issuer.refresh(Occasion::UnknownKey).await;
                self.verify(token, now_s)
            }
        }
    }

    /// As [`KeyRing::verify_fresh`], by the keys that are known already.
    ///
    /// # Errors
    /// Whatever is wrong with it. `grants.join` is not looked at.
    pub fn verify(&self, token: &str, now_s: u64) -> Result<Claims, AuthError> {
        self.try_verify(token, now_s).map_err(|failure| match failure {
            Failure::Refused(error) => error,
            Failure::UnknownKey(_) => AuthError::NotSignedByUs,
        })
    }

    fn try_verify(&self, token: &str, now_s: u64) -> Result<Claims, Failure> {
        let token = read_token(token)?;
        // To choose the key by `iss`; nothing of it is believed before that key has verified the signature.
        let payload = token.payload()?;
        let claims = serde_json::from_slice(&payload).map_err(|_| AuthError::Malformed)?;
        let signed = self.find_signer(&token, &claims)?;
        Ok(self.read_claims(&claims, signed, now_s)?)
    }

    /// Finds who signed a token.
    fn find_signer(&self, token: &Jws<'_>, claims: &Payload<'_>) -> Result<Signer, Failure> {
        let keys = self.keys();
        let named = text(claims.iss, "iss")?;
        let named = named.as_deref();
        let kid = token.header.kid.as_deref();
        if let Some(issuer) = named.and_then(|name| keys.issuers.get(name)) {
            let verified = issuer.verify(kid, token.header.alg, token.signed, token.signature);
            let fingerprint = verified.map_err(|unverified| match unverified {
                Unverified::Refused(error) => Failure::Refused(error),
                Unverified::UnknownKey => Failure::UnknownKey(Arc::clone(issuer)),
            })?;
            let (tenant, key_id) = (issuer.tenant.clone(), issuer.name.clone());
            return Ok(Signer { tenant, key_id, fingerprint, audience: issuer.audience.clone() });
        }
        if token.header.alg != Algorithm::HS256 {
            return Err(AuthError::UnsupportedAlgorithm.into());
        }
        let key_id = match (kid, named) {
            (Some(kid), Some(issuer)) if kid != issuer => return Err(AuthError::KeyDisagreement.into()),
            (Some(id), _) | (None, Some(id)) => id.to_owned(),
            (None, None) => return Err(AuthError::NoKey.into()),
        };
        let key = keys.api.get(&key_id).filter(|key| key.verify.has_signed(token));
        let RingKey { tenant, fingerprint, .. } = key.ok_or(AuthError::NotSignedByUs)?;
        Ok(Signer { tenant: tenant.clone(), key_id, fingerprint: *fingerprint, audience: None })
    }

    fn read_claims(&self, claims: &Payload<'_>, signer: Signer, now_s: u64) -> Result<Claims, AuthError> {
        let Signer { tenant, key_id, fingerprint, audience } = signer;
        if !is_for(claims.aud, audience.as_ref().unwrap_or(&self.rules.audience)) {
            return Err(AuthError::WrongAudience);
        }
        let (lifetime_s, expires_at_s) = self.check_dates(claims, now_s)?;
        let expected = "the participant's identity: 1 to 256 bytes without control characters";
        let identity = text(claims.sub, "sub")?
            .and_then(|sub| sub.parse().ok())
            .ok_or(AuthError::InvalidClaim { claim: "sub", expected })?;
        Ok(Claims {
            tenant,
            key_id,
            key_fingerprint: fingerprint,
            identity,
            name: text(claims.name, "name")?.map(Cow::into_owned),
            metadata: text(claims.metadata, "metadata")?.map(Cow::into_owned),
            attributes: attributes(claims.attributes)?,
            grants: TokenGrants::read(claims.grants)?,
            expires_at_s,
            lifetime_s,
        })
    }

    /// Signs a token with one of the keys; `None` when there is no such key. The lifetime is cut to what the rules allow.
    #[must_use]
    pub fn sign(&self, key_id: &str, token: &NewToken) -> Option<String> {
        Some(self.sign_with(key_id, self.keys().api.get(key_id)?, token))
    }

    /// Signs a token that says the same as `claims` and expires later, with the same key.
    ///
    /// # Errors
    /// When there is no such key here.
    pub fn refresh(&self, claims: &Claims, now_s: u64) -> Result<String, NoRefresh> {
        let keys = self.keys();
        if keys.issuers.contains_key(&claims.key_id) {
            return Err(NoRefresh::Issuer);
        }
        let same = |key: &&RingKey| key.fingerprint == claims.key_fingerprint && key.tenant == claims.tenant;
        let key = keys.api.get(&claims.key_id).filter(same).ok_or(NoRefresh::KeyGone)?;
        let token = NewToken {
            identity: claims.identity.clone(),
            name: claims.name.clone(),
            metadata: claims.metadata.clone(),
            attributes: claims.attributes.clone(),
            grants: claims.grants.clone(),
            issued_at_s: now_s,
            lifetime_s: claims.lifetime_s,
        };
        Ok(self.sign_with(&claims.key_id, key, &token))
    }

    fn sign_with(&self, key_id: &str, key: &RingKey, token: &NewToken) -> String {
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
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key.sign);
        token.expect("HS256 with a secret of any length signs any JSON")
    }

    fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The lifetime for what replaces the token, and `exp`, if the token is valid now.
    fn check_dates(&self, claims: &Payload<'_>, now_s: u64) -> Result<(u64, u64), AuthError> {
        let expected = "present, a number of seconds since 1970-01-01T00:00:00Z";
        let expires_at_s = date(claims.exp, "exp")?.ok_or(AuthError::InvalidClaim { claim: "exp", expected })?;
        let not_before_s = date(claims.nbf, "nbf")?.unwrap_or(now_s);
        let issued_s = date(claims.iat, "iat")?;
        let issued_at_s = issued_s.unwrap_or(now_s);
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
        let lifetime_s = issued_s.map_or(USUAL_LIFETIME_S, |issued_s| expires_at_s.saturating_sub(issued_s));
        Ok((lifetime_s.min(max_s), expires_at_s))
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("KeyRing");
        shown.field("key_ids", &self.key_ids()).field("issuers", &self.issuers()).finish_non_exhaustive()
    }
}

/// Whose signature a token has.
struct Signer {
    tenant: TenantId,
    key_id: String,
    fingerprint: KeyFingerprint,
    /// Where it is another than the server's.
    audience: Option<String>,
}

/// Why a token is not believed.
enum Failure {
    Refused(AuthError),
    UnknownKey(Arc<Issuer>),
}

impl From<AuthError> for Failure {
    fn from(error: AuthError) -> Self {
        Self::Refused(error)
    }
}

/// What makes a key another one.
fn identity_of<'a>((id, key): (&'a String, &'a RingKey)) -> (&'a String, &'a TenantId, KeyFingerprint) {
    (id, &key.tenant, key.fingerprint)
}

fn index(keys: impl IntoIterator<Item = ApiKey>) -> Result<BTreeMap<String, RingKey>, DuplicateKey> {
    let mut index = BTreeMap::new();
    for key in keys {
        let secret = key.secret().expose_secret().as_bytes();
        let ring_key = RingKey {
            tenant: key.tenant().clone(),
            fingerprint: key.fingerprint(),
            verify: Hs256Key::new(secret),
            sign: EncodingKey::from_secret(secret),
        };
        if index.insert(key.id().to_owned(), ring_key).is_some() {
            return Err(DuplicateKey(key.id().to_owned()));
        }
    }
    Ok(index)
}

/// The algorithms that there are keys for.
const TAKEN: [Algorithm; 4] = [Algorithm::HS256, Algorithm::EdDSA, Algorithm::ES256, Algorithm::RS256];

fn read_token(token: &str) -> Result<Jws<'_>, AuthError> {
    let token = Jws::parse(token)?;
    if !TAKEN.contains(&token.header.alg) {
        return Err(AuthError::UnsupportedAlgorithm);
    }
    token.refuse_extensions()?;
    Ok(token)
}

#[cfg(test)]
#[path = "ring_tests.rs"]
mod tests;
