//! Access tokens, right and wrong.

use antiphon_service_kit::clock::unix_now_s;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// An API key that the test server knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) tenant: &'static str,
    pub(crate) id: &'static str,
    pub(crate) secret: &'static str,
}

pub(crate) const ACME: Key = Key { tenant: "acme", id: "acme-1", secret: "acme-secret-acme-secret-acme-secret" };
pub(crate) const GLOBEX: Key = Key { tenant: "globex", id: "globex-1", secret: "globex-secret-globex-secret-globex" };

/// Seconds since the Unix epoch.
pub(crate) fn now_s() -> u64 {
    unix_now_s()
}

/// A token that is valid for an hour and grants `grants` beside `join`.
pub(crate) fn token(key: Key, identity: &str, room: &str, grants: &Value) -> String {
    signed(key, &claims(key, identity, room, grants))
}

/// The claims of [`token`].
pub(crate) fn claims(key: Key, identity: &str, room: &str, grants: &Value) -> Value {
    let now = now_s();
    let mut claims = json!({
        "iss": key.id, "sub": identity, "aud": "antiphon", "iat": now, "exp": now + 3_600,
        "grants": { "room": room, "join": true },
    });
    for (grant, value) in grants.as_object().into_iter().flatten() {
        claims["grants"][grant] = value.clone();
    }
    claims
}

/// Signs any claims.
pub(crate) fn signed(key: Key, claims: &Value) -> String {
    let key = EncodingKey::from_secret(key.secret.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).expect("HS256 signs any JSON")
}

/// A token with `alg: none` and no signature (RFC 7519 §6).
pub(crate) fn unsigned(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(&json!({ "alg": "none", "typ": "JWT" })), part(claims))
}
