//! Tokens in the compact serialisation (RFC 7515 §7.1), and HS256.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::Algorithm;
use serde::{Deserialize, de::IgnoredAny};
use sha2::Sha256;

use super::{AuthError, MAX_TOKEN_BYTES};

/// Bytes that a signature of HS256 is decoded into: more than its 32, and a longer one is none.
const SIGNATURE_ROOM: usize = 64;

/// A token taken apart. Nothing of it is verified.
pub(super) struct Jws<'a> {
    pub(super) header: Header,
    /// What is signed: header and payload as they stand in the token.
    pub(super) signed: &'a str,
    /// In base64url, as is the next.
    payload: &'a str,
    pub(super) signature: &'a str,
}

/// What is read of a header (RFC 7515 §4.1); everything else in it is ignored.
#[derive(Debug, Deserialize)]
pub(super) struct Header {
    pub(super) alg: Algorithm,
    pub(super) kid: Option<String>,
    pub(super) typ: Option<String>,
    crit: Option<IgnoredAny>,
}

impl<'a> Jws<'a> {
    /// Takes a token apart and reads its header.
    pub(super) fn parse(token: &'a str) -> Result<Self, AuthError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(AuthError::TooLong);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(AuthError::Malformed)?;
        let (header, payload) = signed.rsplit_once('.').ok_or(AuthError::Malformed)?;
        let header = serde_json::from_slice(&decode_object(header)?).map_err(|error| {
            // `none`, and whatever else there is no variant for, is well-formed JSON of the wrong content.
            if error.is_data() { AuthError::UnsupportedAlgorithm } else { AuthError::Malformed }
        })?;
        Ok(Self { header, signed, payload, signature })
    }

    /// Refuses a token that may not be read without its extensions (RFC 7515 §4.1.11): there are none here.
    pub(super) fn refuse_extensions(&self) -> Result<(), AuthError> {
        if self.header.crit.is_some() { Err(AuthError::UnsupportedExtension) } else { Ok(()) }
    }

    /// The payload: a JSON object, if it is JSON.
    pub(super) fn payload(&self) -> Result<Vec<u8>, AuthError> {
        decode_object(self.payload)
    }
}

/// A key for HS256 (RFC 7518 §3.2), in the state that HMAC has after the key: no token pays for that again.
#[derive(Clone)]
pub(super) struct Hs256Key(Hmac<Sha256>);

impl Hs256Key {
    pub(super) fn new(secret: &[u8]) -> Self {
        Self(Hmac::new_from_slice(secret).expect("HMAC takes keys of every length"))
    }

    /// Whether the key signed the token, which says that it is of HS256. In constant time.
    pub(super) fn has_signed(&self, token: &Jws<'_>) -> bool {
        if token.header.alg != Algorithm::HS256 {
            return false;
        }
        let mut room = [0; SIGNATURE_ROOM];
        let Ok(length) = URL_SAFE_NO_PAD.decode_slice(token.signature, &mut room) else { return false };
        let mut mac = self.0.clone();
        mac.update(token.signed.as_bytes());
        mac.verify_slice(&room[..length]).is_ok()
    }
}

/// What begins an object: `serde` would take an array too.
fn decode_object(part: &str) -> Result<Vec<u8>, AuthError> {
    let json = URL_SAFE_NO_PAD.decode(part).map_err(|_| AuthError::Malformed)?;
    if json.trim_ascii_start().starts_with(b"{") { Ok(json) } else { Err(AuthError::Malformed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7515 §A.1.
    const TOKEN: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
                         eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
                         dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const KEY: &str = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

    fn has_signed(token: &str) -> bool {
        let key = Hs256Key::new(&URL_SAFE_NO_PAD.decode(KEY).expect("base64url"));
        key.has_signed(&Jws::parse(token).expect("a token"))
    }

    #[test]
    fn the_example_of_the_rfc_is_verified_and_read() {
        let token = Jws::parse(TOKEN).expect("a token");
        assert_eq!((token.header.alg, token.header.typ.as_deref()), (Algorithm::HS256, Some("JWT")));
        let payload = token.payload().expect("an object");
        let claims: serde_json::Value = serde_json::from_slice(&payload).expect("JSON");
        assert_eq!(claims["iss"], "joe");
        assert!(has_signed(TOKEN));
    }

    #[test]
    fn a_signature_that_is_cut_prolonged_repeated_or_another_s_is_none() {
        let (signed, signature) = TOKEN.rsplit_once('.').expect("three parts");
        assert!(!Hs256Key::new(b"another").has_signed(&Jws::parse(TOKEN).expect("a token")));
        let twice = signature.repeat(2);
        let long = signature.repeat(20);
        for signature in
            ["", &signature[..42], &signature[..40], &twice, &long, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl"]
        {
            assert!(!has_signed(&format!("{signed}.{signature}")), "{signature}");
        }
    }

    #[test]
    fn a_token_of_another_algorithm_is_not_verified_by_a_secret() {
        let (_, rest) = TOKEN.split_once('.').expect("three parts");
        for algorithm in ["HS384", "RS256", "EdDSA"] {
            let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"{algorithm}"}}"#));
            assert!(!has_signed(&format!("{header}.{rest}")), "{algorithm}");
        }
    }

    #[test]
    fn an_array_is_neither_a_header_nor_a_payload() {
        let of = |header: &str, payload: &str| [header, payload, ""].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        assert!(matches!(Jws::parse(&of(r#"["HS256"]"#, "{}")), Err(AuthError::Malformed)));
        let token = of(r#" {"alg":"HS256"}"#, r#"["joe"]"#);
        assert_eq!(Jws::parse(&token).expect("a header").payload(), Err(AuthError::Malformed));
    }

    #[test]
    fn a_header_s_other_members_are_ignored_whatever_they_are() {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","jwk":1,"x5c":{},"b64":[],"kid":null,"crit":null}"#);
        let token = format!("{header}.e30.");
        let token = Jws::parse(&token).expect("a token");
        assert!(token.header.kid.is_none() && token.refuse_extensions().is_ok());
    }
}
