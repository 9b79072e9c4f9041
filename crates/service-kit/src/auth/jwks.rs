//! JWK sets (RFC 7517 §5).

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::public_key::{InvalidPublicKey, PublicKey};

/// Keys of one issuer at most: a token that names none is tried with each.
pub(super) const MAX_KEYS: usize = 16;

/// Why a text is no JWK set that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidJwks {
    /// Not JSON, or of another shape.
    #[error("expected a JWK set: a JSON object with a list \"keys\"")]
    NotJwks,
    /// None that is of use; why the first one is not.
    #[error("there is no key for EdDSA (Ed25519), ES256 (P-256) or RS256 (RSA){}", .0.map(|first| format!("; the first one: {first}")).unwrap_or_default())]
    NoKeys(Option<InvalidPublicKey>),
    /// Nobody but the issuer should have this.
    #[error("the set has a private key: take its \"d\" out, and tell its owner that it is known")]
    Private,
    /// More than [`MAX_KEYS`].
    #[error("an issuer has {MAX_KEYS} keys at most")]
    TooMany,
    /// It is not clear which one a token means.
    #[error("two keys have the kid {0:?}")]
    Duplicate(String),
}

/// The keys of a set that can verify tokens. The others are passed over, as RFC 7517 §5 wants it.
pub(super) fn parse(json: &[u8]) -> Result<Vec<PublicKey>, InvalidJwks> {
    let set: Value = serde_json::from_slice(json).map_err(|_| InvalidJwks::NotJwks)?;
    let listed = set.get("keys").and_then(Value::as_array).ok_or(InvalidJwks::NotJwks)?;
    if listed.iter().any(|jwk| text(jwk, "d").is_some()) {
        return Err(InvalidJwks::Private);
    }
    let read: Vec<_> = listed.iter().filter(is_for_signatures).map(read).collect();
    let unusable = read.iter().find_map(|key| key.as_ref().err().copied());
    let keys: Vec<PublicKey> = read.into_iter().flatten().collect();
    let mut ids = BTreeSet::new();
    for id in keys.iter().filter_map(|key| key.id.as_ref()) {
        if !ids.insert(id) {
            return Err(InvalidJwks::Duplicate(id.clone()));
        }
    }
    match keys.len() {
        0 => Err(InvalidJwks::NoKeys(unusable)),
        1..=MAX_KEYS => Ok(keys),
        _ => Err(InvalidJwks::TooMany),
    }
}

fn text<'a>(jwk: &'a Value, member: &str) -> Option<&'a str> {
    jwk.get(member).and_then(Value::as_str)
}

/// RFC 7517 §4.2 and §4.3.
fn is_for_signatures(jwk: &&Value) -> bool {
    let verifies = |operations: &Vec<Value>| operations.iter().any(|operation| operation == "verify");
    text(jwk, "use").is_none_or(|usage| usage == "sig")
        && jwk.get("key_ops").and_then(Value::as_array).is_none_or(verifies)
}

fn read(jwk: &Value) -> Result<PublicKey, InvalidPublicKey> {
    let id = text(jwk, "kid").map(str::to_owned);
    let number = |member: &str| {
        let number = text(jwk, member).and_then(|number| URL_SAFE_NO_PAD.decode(number).ok());
        number.ok_or(InvalidPublicKey::Broken)
    };
    let algorithm = text(jwk, "alg");
    let is_for = |name: &str| algorithm.is_none_or(|algorithm| algorithm == name);
    match (text(jwk, "kty"), text(jwk, "crv")) {
        (Some("OKP"), Some("Ed25519")) if is_for("EdDSA") || is_for("Ed25519") => PublicKey::ed25519(id, &number("x")?),
        (Some("EC"), Some("P-256")) if is_for("ES256") => {
            PublicKey::p256(id, &[vec![UNCOMPRESSED], number("x")?, number("y")?].concat())
        }
        (Some("RSA"), _) if is_for("RS256") => PublicKey::rsa(id, &number("n")?, &number("e")?),
        _ => Err(InvalidPublicKey::Unsupported),
    }
}

/// The first byte of a point that has both coordinates (SEC 1 §2.3.3).
const UNCOMPRESSED: u8 = 4;
