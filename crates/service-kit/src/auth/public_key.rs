//! Public keys of issuers: tokens are verified with them, and nothing can be signed.

use jsonwebtoken::{Algorithm, DecodingKey};
use pkcs1::RsaPublicKey;
use rustls_pki_types::{SubjectPublicKeyInfoDer, pem::PemObject as _};
use spki::{ObjectIdentifier, SubjectPublicKeyInfoRef};

use super::KeyFingerprint;

/// id-Ed25519 (RFC 8410 §3).
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// id-ecPublicKey (RFC 5480 §2.1.1).
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// secp256r1 (RFC 5480 §2.1.1.1).
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
/// rsaEncryption (RFC 8017 §A.1).
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

const ED25519_BYTES: usize = 32;
/// RS256 wants 2048 bits at least (RFC 7518 §3.3); more than 4096 only make verifying slow.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=4_096;
/// 65537 has three; more make verifying slow.
const MAX_EXPONENT_BYTES: usize = 4;

/// A key that verifies tokens. It has one algorithm, whatever a token's header says.
#[derive(Clone)]
pub(super) struct PublicKey {
    /// What tokens may name in `kid`.
    pub(super) id: Option<String>,
    pub(super) algorithm: Algorithm,
    pub(super) fingerprint: KeyFingerprint,
    pub(super) verify: DecodingKey,
}

/// Why something is no key to verify tokens with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPublicKey {
    /// Not PEM, or of another thing.
    #[error("expected a public key in PEM, which begins with -----BEGIN PUBLIC KEY-----")]
    NotPem,
    /// Nobody but the issuer should have this.
    #[error("this is a private key: the server needs the public one only, as `openssl pkey -pubout` writes it")]
    Private,
    /// Of another kind.
    #[error("expected a key for EdDSA (Ed25519), ES256 (P-256) or RS256 (RSA)")]
    Unsupported,
    /// Too easy to break, or slow.
    #[error("an RSA key has 2048 to 4096 bits and an odd exponent from 3 to 4294967295")]
    Rsa,
    /// Its numbers are no key.
    #[error("the key is broken")]
    Broken,
}

impl PublicKey {
    /// The key of a PEM file (RFC 7468 §13).
    pub(super) fn from_pem(pem: &[u8]) -> Result<Self, InvalidPublicKey> {
        if pem.windows(PRIVATE.len()).any(|window| window == PRIVATE) {
            return Err(InvalidPublicKey::Private);
        }
        let der = SubjectPublicKeyInfoDer::from_pem_slice(pem).map_err(|_| InvalidPublicKey::NotPem)?;
        let info = SubjectPublicKeyInfoRef::try_from(der.as_ref()).map_err(|_| InvalidPublicKey::Broken)?;
        let bytes = info.subject_public_key.as_bytes().ok_or(InvalidPublicKey::Broken)?;
        match info.algorithm.oid {
            ED25519 => Self::ed25519(None, bytes),
            EC if info.algorithm.parameters_oid() == Ok(P256) => Self::p256(None, bytes),
            RSA => {
                let key = RsaPublicKey::try_from(bytes).map_err(|_| InvalidPublicKey::Broken)?;
                Self::rsa(None, key.modulus.as_bytes(), key.public_exponent.as_bytes())
            }
            _ => Err(InvalidPublicKey::Unsupported),
        }
    }

    /// RFC 8032 §5.1.
    pub(super) fn ed25519(id: Option<String>, key: &[u8]) -> Result<Self, InvalidPublicKey> {
        // The library trusts the length.
        if key.len() != ED25519_BYTES {
            return Err(InvalidPublicKey::Broken);
        }
        Self::checked(id, Algorithm::EdDSA, key, DecodingKey::from_ed_der(key))
    }

    /// A point of P-256 as SEC 1 §2.3.3 writes it.
    pub(super) fn p256(id: Option<String>, point: &[u8]) -> Result<Self, InvalidPublicKey> {
        Self::checked(id, Algorithm::ES256, point, DecodingKey::from_ec_der(point))
    }

    /// Modulus and exponent, big-endian.
    pub(super) fn rsa(id: Option<String>, modulus: &[u8], exponent: &[u8]) -> Result<Self, InvalidPublicKey> {
        let (modulus, exponent) = (without_zeros(modulus), without_zeros(exponent));
        let bits = modulus.len() * 8 - modulus.first().map_or(0, |first| first.leading_zeros() as usize);
        let is_odd = |number: &[u8]| number.last().is_some_and(|last| last % 2 == 1);
        let sound = (1..=MAX_EXPONENT_BYTES).contains(&exponent.len()) && is_odd(exponent) && exponent != [1];
        if !RSA_BITS.contains(&bits) || !is_odd(modulus) || !sound {
            return Err(InvalidPublicKey::Rsa);
        }
        let key = DecodingKey::from_rsa_raw_components(modulus, exponent);
        Self::checked(id, Algorithm::RS256, &[exponent, modulus].concat(), key)
    }

    fn checked(
        id: Option<String>,
        algorithm: Algorithm,
        material: &[u8],
        verify: DecodingKey,
    ) -> Result<Self, InvalidPublicKey> {
        let key = Self { id, algorithm, fingerprint: KeyFingerprint::of(material), verify };
        // Points off the curve are found only when they are used.
        let verified = jsonwebtoken::crypto::verify("AA", b"", &key.verify, algorithm);
        verified.map_err(|_| InvalidPublicKey::Broken)?;
        Ok(key)
    }
}

const PRIVATE: &[u8] = b"PRIVATE KEY-----";

fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

#[cfg(test)]
#[path = "public_key_tests.rs"]
mod tests;
