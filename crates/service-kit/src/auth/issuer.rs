//! An issuer: somebody whose tokens are verified with public keys, and who belongs to one tenant.

use std::sync::{Arc, PoisonError, RwLock};

use antiphon_protocol::TenantId;
use jsonwebtoken::Algorithm;

use super::{AuthError, KeyFingerprint, public_key::PublicKey, remote::Remote};

/// Who signs tokens with a private key that this server does not have.
pub(super) struct Issuer {
    /// What tokens name in `iss`.
    pub(super) name: String,
    /// Whose rooms it opens.
    pub(super) tenant: TenantId,
    /// What `aud` must name, where that is another than the server's.
    pub(super) audience: Option<String>,
    /// Where its keys are fetched from; `None`: they are in files.
    pub(super) remote: Option<Remote>,
    keys: RwLock<Arc<Vec<PublicKey>>>,
}

/// Why a token of an issuer is not believed.
pub(super) enum Unverified {
    /// Final.
    Refused(AuthError),
    /// The issuer may have a key by now that it had not when it was last asked.
    UnknownKey,
}

impl Issuer {
    pub(super) fn new(
        name: String,
        tenant: TenantId,
        audience: Option<String>,
        keys: Vec<PublicKey>,
        remote: Option<Remote>,
    ) -> Self {
        Self { name, tenant, audience, remote, keys: RwLock::new(Arc::new(keys)) }
    }

    pub(super) fn keys(&self) -> Arc<Vec<PublicKey>> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts other keys in the place of the present ones; tells whether that changed anything.
    pub(super) fn replace_keys(&self, keys: Vec<PublicKey>) -> bool {
        let keys = Arc::new(keys);
        let mut present = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *present, Arc::clone(&keys));
        !before.iter().map(identity_of).eq(keys.iter().map(identity_of))
    }

    /// The key that signed `message`, which must be of the algorithm that the header names.
    ///
    /// The header chooses among the issuer's keys only: by `kid`, or among all of them where it has none or the keys have none.
    pub(super) fn verify(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
        message: &str,
        signature: &str,
    ) -> Result<KeyFingerprint, Unverified> {
        let keys = self.keys();
        let named = |key: &&PublicKey| match (kid, key.id.as_deref()) {
            (Some(kid), Some(id)) => kid == id,
            (Some(_) | None, None) | (None, Some(_)) => true,
        };
        let candidates: Vec<_> = keys.iter().filter(named).collect();
        let Some(first) = candidates.first() else { return Err(Unverified::UnknownKey) };
        let mut fitting = candidates.iter().filter(|key| key.algorithm == algorithm).peekable();
        if fitting.peek().is_none() {
            return Err(Unverified::Refused(AuthError::WrongAlgorithm { expected: name_of(first.algorithm) }));
        }
        let verified = fitting.find(|key| {
            matches!(jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key.verify, key.algorithm), Ok(true))
        });
        verified.map(|key| key.fingerprint).ok_or(Unverified::Refused(AuthError::NotSignedByUs))
    }

    /// What makes an issuer another one: not the keys that were fetched.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let keys_are_alike = || {
            let (ours, theirs) = (self.keys(), other.keys());
            ours.iter().map(identity_of).eq(theirs.iter().map(identity_of))
        };
        (&self.name, &self.tenant, &self.audience) == (&other.name, &other.tenant, &other.audience)
            && match (&self.remote, &other.remote) {
                (Some(ours), Some(theirs)) => ours.url() == theirs.url(),
                (None, None) => keys_are_alike(),
                (Some(_), None) | (None, Some(_)) => false,
            }
    }
}

fn identity_of(key: &PublicKey) -> (Option<&str>, &'static str, KeyFingerprint) {
    (key.id.as_deref(), name_of(key.algorithm), key.fingerprint)
}

/// The algorithms of issuers' keys, as they stand in a token's header (RFC 7518 §3.1, RFC 8037 §3.1).
const NAMES: [(Algorithm, &str); 3] =
    [(Algorithm::EdDSA, "EdDSA"), (Algorithm::ES256, "ES256"), (Algorithm::RS256, "RS256")];

fn name_of(algorithm: Algorithm) -> &'static str {
    NAMES.iter().find(|(known, _)| *known == algorithm).map_or("", |(_, name)| name)
}

#[cfg(test)]
#[path = "issuer_tests.rs"]
mod tests;
