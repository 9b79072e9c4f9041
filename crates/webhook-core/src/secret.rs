//! What webhooks are signed with.

use std::{fmt, str::FromStr, sync::Arc};

use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use secrecy::{ExposeSecret as _, SecretSlice};

const PREFIX: &str = "whsec_";

/// What the specification asks for: 24 to 64 bytes.
const BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Secrets are pasted with and without their padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A symmetric secret, written `whsec_` and base64 (Standard Webhooks, "Signature scheme").
#[derive(Clone)]
pub struct SigningSecret(Arc<SecretSlice<u8>>);

/// Why a text is no secret. Says nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSecret {
    /// Not of the form.
    #[error("expected whsec_ and base64, as `echo whsec_$(openssl rand -base64 32)` makes them")]
    Form,
    /// Too easy to guess, or too long.
    #[error("expected 24 to 64 bytes in base64 behind whsec_, as `echo whsec_$(openssl rand -base64 32)` makes them")]
    Length,
}

impl SigningSecret {
    /// The bytes that HMAC is keyed with.
    pub(crate) fn key(&self) -> &[u8] {
        self.0.expose_secret()
    }
}

impl FromStr for SigningSecret {
    type Err = InvalidSecret;

    fn from_str(text: &str) -> Result<Self, InvalidSecret> {
        let encoded = text.strip_prefix(PREFIX).ok_or(InvalidSecret::Form)?;
        let bytes = BASE64.decode(encoded).map_err(|_| InvalidSecret::Form)?;
        if !BYTES.contains(&bytes.len()) {
            return Err(InvalidSecret::Length);
        }
        Ok(Self(Arc::new(SecretSlice::from(bytes))))
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_with_and_without_padding() {
        let padded: SigningSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMQ==".parse().expect("valid");
        let bare: SigningSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMQ".parse().expect("valid");
        assert_eq!(padded.key(), bare.key());
        assert_eq!(padded.key().len(), 25);
    }

    #[test]
    fn what_is_no_secret_is_refused_and_not_repeated() {
        let short = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaQ=";
        let long = format!("whsec_{}", "A".repeat(88));
        let cases = [
            ("", InvalidSecret::Form),
            ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", InvalidSecret::Form),
            ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa*w", InvalidSecret::Form),
            (short, InvalidSecret::Length),
            (&long, InvalidSecret::Length),
        ];
        for (text, expected) in cases {
            let error = text.parse::<SigningSecret>().expect_err(text);
            assert_eq!(error, expected, "{text}");
            assert!(!error.to_string().contains("MfKQ"));
        }
        let secret: SigningSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().expect("valid");
        assert_eq!(format!("{secret:?}"), "SigningSecret(…)");
    }
}
