use std::{fmt, str::FromStr};

use antiphon_protocol::TenantId;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

/// HS256 wants a key of at least the hash's size (RFC 7518 §3.2).
const MIN_SECRET_BYTES: usize = 32;
const MAX_ID_BYTES: usize = 64;

/// What an application signs its tokens with. Written `id:secret`, or `tenant/id:secret` where several keys share a tenant's
/// rooms; a key that names no tenant is a tenant of its own.
#[derive(Clone)]
pub struct ApiKey {
    id: String,
    secret: SecretString,
    tenant: TenantId,
}

/// Tells a key from another one of the same id. Not shown anywhere: it would let a guess at a secret be checked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyFingerprint([u8; 32]);

impl KeyFingerprint {
    /// Of what the key is made of.
    pub(super) fn of(material: &[u8]) -> Self {
        Self(Sha256::digest(material).into())
    }
}

impl fmt::Debug for KeyFingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KeyFingerprint")
    }
}

/// Why a text is not an API key. Says nothing of the text, which may hold a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidApiKey {
    /// Not of the form.
    #[error("an API key is written id:secret or tenant/id:secret")]
    Form,
    /// Characters that would be ambiguous, or too many.
    #[error("a key's id and tenant have 1 to 64 characters of A-Z a-z 0-9 . _ -")]
    Name,
    /// Too easy to guess.
    #[error("a key's secret has at least 32 bytes, as `openssl rand -hex 32` makes them")]
    ShortSecret,
    /// Characters that lists of keys use.
    #[error("a key's secret has printable ASCII characters only, no spaces, no commas")]
    SecretCharacters,
}

impl ApiKey {
    /// A key from its parts.
    ///
    /// # Errors
    /// When a name has unusual characters or the secret is weak.
    pub fn new(tenant: &str, id: &str, secret: SecretString) -> Result<Self, InvalidApiKey> {
        if !is_plain(id) || !is_plain(tenant) {
            return Err(InvalidApiKey::Name);
        }
        let bytes = secret.expose_secret().as_bytes();
        if bytes.len() < MIN_SECRET_BYTES {
            return Err(InvalidApiKey::ShortSecret);
        }
        if !bytes.iter().all(|byte| byte.is_ascii_graphic() && *byte != b',') {
            return Err(InvalidApiKey::SecretCharacters);
        }
        let tenant = tenant.parse().map_err(|_| InvalidApiKey::Name)?;
        Ok(Self { id: id.to_owned(), secret, tenant })
    }

    /// What tokens name in `iss` or `kid`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whose rooms it opens.
    #[must_use]
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// What tokens are signed with.
    #[must_use]
    pub fn secret(&self) -> &SecretString {
        &self.secret
    }

    /// Other for another secret.
    #[must_use]
    pub fn fingerprint(&self) -> KeyFingerprint {
        KeyFingerprint::of(self.secret.expose_secret().as_bytes())
    }
}

impl FromStr for ApiKey {
    type Err = InvalidApiKey;

    fn from_str(text: &str) -> Result<Self, InvalidApiKey> {
        let (name, secret) = text.split_once(':').ok_or(InvalidApiKey::Form)?;
        let (tenant, id) = name.split_once('/').unwrap_or((name, name));
        Self::new(tenant, id, secret.into())
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ApiKey").field("id", &self.id).field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

/// Is it a name for a key or a tenant?
pub(super) fn is_plain(name: &str) -> bool {
    (1..=MAX_ID_BYTES).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn a_key_without_a_tenant_is_a_tenant_of_its_own() {
        let key: ApiKey = format!("app:{SECRET}").parse().expect("valid");
        assert_eq!((key.id(), key.tenant().as_str()), ("app", "app"));
        let key: ApiKey = format!("acme/app:{SECRET}").parse().expect("valid");
        assert_eq!((key.id(), key.tenant().as_str()), ("app", "acme"));
    }

    #[test]
    fn a_secret_may_hold_colons_and_slashes() {
        let key: ApiKey = format!("app:/:{SECRET}").parse().expect("valid");
        assert_eq!(key.secret().expose_secret(), format!("/:{SECRET}"));
    }

    #[test]
    fn weak_and_ambiguous_keys_are_refused_without_repeating_them() {
        let cases = [
            (SECRET.to_owned(), InvalidApiKey::Form),
            (format!(":{SECRET}"), InvalidApiKey::Name),
            (format!("a b:{SECRET}"), InvalidApiKey::Name),
            (format!("a/b/c:{SECRET}"), InvalidApiKey::Name),
            (format!("{}:{SECRET}", "a".repeat(65)), InvalidApiKey::Name),
            (format!("app:{}", &SECRET[1..]), InvalidApiKey::ShortSecret),
            (format!("app:{SECRET} "), InvalidApiKey::SecretCharacters),
            (format!("app:{SECRET},"), InvalidApiKey::SecretCharacters),
        ];
        for (text, expected) in cases {
            let error = text.parse::<ApiKey>().expect_err(&text);
            assert_eq!(error, expected, "{text}");
            assert!(!error.to_string().contains("0123"), "{error}");
        }
    }

    #[test]
    fn debug_output_has_no_secret() {
        let key: ApiKey = format!("app:{SECRET}").parse().expect("valid");
        assert!(!format!("{key:?}").contains("0123"));
    }
}
