//! Credentials that a shared secret vouches for (draft-uberti-behave-turn-rest-00).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

/// A secret, ready to mint with.
#[derive(Clone)]
pub struct Minter {
    keyed: Hmac<Sha1>,
}

impl std::fmt::Debug for Minter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Minter(…)")
    }
}

/// What a TURN client presents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// When it expires, a colon, whose it is.
    pub username: String,
    /// Base64 of the username's HMAC-SHA1.
    pub password: String,
}

impl Minter {
    /// Of the secret that the server knows too.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        Self { keyed: Hmac::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length") }
    }

    /// A credential of `user` that is valid until then, in seconds since the Unix epoch.
    #[must_use]
    pub fn mint(&self, user: &str, expires_at_s: u64) -> Credential {
        let username = format!("{expires_at_s}:{user}");
        let mut mac = self.keyed.clone();
        mac.update(username.as_bytes());
        let password = STANDARD.encode(mac.finalize().into_bytes());
        Credential { username, password }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_the_hmac_of_its_username() {
        // printf %s 1700000000:ada | openssl dgst -sha1 -hmac secret -binary | base64
        let credential = Minter::new("secret").mint("ada", 1_700_000_000);
        assert_eq!(credential.username, "1700000000:ada");
        assert_eq!(credential.password, "lV8v9c9TsajfLXLkZIc5nnmtEng=");
    }
}
