//! Signing by the Standard Webhooks specification.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::SigningSecret;

/// The value of the header `webhook-signature`: `v1,` and the HMAC-SHA256 of `id.timestamp.body` in base64, one for each
/// secret, separated by spaces. `timestamp_s` is what stands in `webhook-timestamp`: seconds since the Unix epoch.
///
/// While secrets rotate there are several, and a receiver takes the webhook when one of them is its own.
#[must_use]
pub fn signature(secrets: &[SigningSecret], id: &str, timestamp_s: u64, body: &[u8]) -> String {
    let mut header = String::new();
    for secret in secrets {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.key()).expect("HMAC takes keys of every length");
        mac.update(format!("{id}.{timestamp_s}.").as_bytes());
        mac.update(body);
        let separator = if header.is_empty() { "" } else { " " };
        let _ = write!(header, "{separator}v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's reference libraries.
    #[test]
    fn the_specification_s_example_is_signed_alike() {
        let secret: SigningSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().expect("valid");
        let header = signature(&[secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(header, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn while_secrets_rotate_each_signs() {
        let old: SigningSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().expect("valid");
        let new: SigningSecret = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".parse().expect("valid");
        let alone = signature(std::slice::from_ref(&old), "id", 1, b"{}");
        let both = signature(&[new, old], "id", 1, b"{}");
        let parts: Vec<_> = both.split(' ').collect();
        assert_eq!((parts.len(), parts[1]), (2, alone.as_str()));
    }
}
