//! Private keys of issuers, for tests.

use std::sync::{Arc, Mutex, PoisonError};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{KeyPair, PublicKeyData as _, SignatureAlgorithm};
use rsa::{
    RsaPrivateKey, pkcs1::EncodeRsaPrivateKey as _, pkcs8::EncodePublicKey as _, rand_core::OsRng,
    traits::PublicKeyParts as _,
};
use serde_json::{Value, json};

/// Somebody who signs.
#[derive(Clone)]
pub(super) struct Signer {
    pub(super) algorithm: Algorithm,
    /// The public key.
    pub(super) pem: String,
    jwk: Value,
    key: EncodingKey,
}

impl Signer {
    pub(super) fn ed25519() -> Self {
        let pair = generate(&rcgen::PKCS_ED25519);
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": base64url(pair.der_bytes()) });
        let key = EncodingKey::from_ed_der(&pair.serialize_der());
        Self { algorithm: Algorithm::EdDSA, pem: pair.public_key_pem(), jwk, key }
    }

    pub(super) fn p256() -> Self {
        let pair = generate(&rcgen::PKCS_ECDSA_P256_SHA256);
        let (x, y) = pair.der_bytes()[1..].split_at(32);
        let jwk = json!({ "kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y) });
        let key = EncodingKey::from_ec_der(&pair.serialize_der());
        Self { algorithm: Algorithm::ES256, pem: pair.public_key_pem(), jwk, key }
    }

    /// Always the same one of a size: they are slow to make.
    pub(super) fn rsa(bits: usize) -> Self {
        static MADE: Mutex<Vec<(usize, Arc<RsaPrivateKey>)>> = Mutex::new(Vec::new());
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        let known = made.iter().find(|(size, _)| *size == bits).map(|(_, key)| Arc::clone(key));
        let key = known.unwrap_or_else(|| {
            let key = Arc::new(RsaPrivateKey::new(&mut OsRng, bits).expect("a key"));
            made.push((bits, Arc::clone(&key)));
            key
        });
        let public = key.to_public_key();
        Self {
            algorithm: Algorithm::RS256,
            pem: public.to_public_key_pem(Default::default()).expect("PEM"),
            jwk: json!({ "kty": "RSA", "n": base64url(&public.n().to_bytes_be()), "e": base64url(&public.e().to_bytes_be()) }),
            key: EncodingKey::from_rsa_der(key.to_pkcs1_der().expect("DER").as_bytes()),
        }
    }

    /// The public key as a JWK.
    pub(super) fn jwk(&self, kid: &str) -> Value {
        let mut jwk = self.jwk.clone();
        jwk["kid"] = kid.into();
        jwk
    }

    pub(super) fn sign(&self, kid: Option<&str>, claims: &Value) -> String {
        let header = Header { kid: kid.map(str::to_owned), ..Header::new(self.algorithm) };
        jsonwebtoken::encode(&header, claims, &self.key).expect("signs")
    }
}

/// A JWK set of these.
pub(super) fn jwks(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}

pub(super) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn generate(algorithm: &'static SignatureAlgorithm) -> KeyPair {
    KeyPair::generate_for(algorithm).expect("a key")
}
