//! Access tokens for the clients (docs/protocol.md, "The access token").

use std::{
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, bail, ensure};
use jsonwebtoken::{EncodingKey, Header};
use serde::Serialize;

use crate::target::Member;

/// Longer than a soak, shorter than a server's usual maximum.
const LIFETIME_S: u64 = 12 * 3_600;

/// Where tokens come from.
pub enum Tokens {
    /// Signed here with an API key (HS256).
    Key {
        /// The key's id, the token's `iss`.
        id: String,
        /// The key's secret.
        secret: EncodingKey,
    },
    /// Printed by a shell command in which `{room}` and `{identity}` are replaced.
    Command(String),
    /// The server wants none.
    None,
}

impl Tokens {
    /// Reads `ID:SECRET`.
    ///
    /// # Errors
    /// When there is no colon or nothing beside it.
    pub fn from_key(key: &str) -> anyhow::Result<Self> {
        let (id, secret) = key.split_once(':').context("expected ID:SECRET")?;
        ensure!(!id.is_empty() && !secret.is_empty(), "expected ID:SECRET, neither empty");
        Ok(Self::Key { id: id.to_owned(), secret: EncodingKey::from_secret(secret.as_bytes()) })
    }

    /// A token for the application, which may use the REST API.
    ///
    /// # Errors
    /// Without a key: a command and a server that wants no tokens know members only.
    pub fn issue_admin(&self, identity: &str) -> anyhow::Result<String> {
        match self {
            Self::Key { id, secret } => sign(id, secret, identity, Grants::Admin { admin: true }),
            Self::Command(_) | Self::None => bail!("--key: needed to sign tokens that grant admin"),
        }
    }

    /// A token for this member, a moderator's where it is one and there is a key to sign with.
    ///
    /// # Errors
    /// When the command fails or prints nothing.
    pub fn issue_for(&self, member: &Member) -> anyhow::Result<String> {
        let Member { room, identity, moderator } = member;
        match self {
            Self::Key { id, secret } if *moderator => {
                sign(id, secret, identity, Grants::Member { room, join: true, moderate: true })
            }
            Self::Key { .. } | Self::Command(_) | Self::None => self.issue(room, identity),
        }
    }

    /// A token for one member of one room.
    ///
    /// # Errors
    /// When the command fails or prints nothing.
    pub fn issue(&self, room: &str, identity: &str) -> anyhow::Result<String> {
        match self {
            Self::Key { id, secret } => {
                sign(id, secret, identity, Grants::Member { room, join: true, moderate: false })
            }
            Self::Command(template) => run(&template.replace("{room}", room).replace("{identity}", identity)),
            Self::None => Ok(String::new()),
        }
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Key { .. } => "Tokens::Key(…)",
            Self::Command(_) => "Tokens::Command(…)",
            Self::None => "Tokens::None",
        })
    }
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'static str,
    iat: u64,
    exp: u64,
    grants: Grants<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Grants<'a> {
    Member {
        room: &'a str,
        join: bool,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        moderate: bool,
    },
    Admin {
        admin: bool,
    },
}

fn sign(key: &str, secret: &EncodingKey, identity: &str, grants: Grants<'_>) -> anyhow::Result<String> {
    let iat = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock stands before 1970")?.as_secs();
    let claims = Claims { iss: key, sub: identity, aud: "antiphon", iat, exp: iat + LIFETIME_S, grants };
    Ok(jsonwebtoken::encode(&Header::default(), &claims, secret)?)
}

fn run(command: &str) -> anyhow::Result<String> {
    let output = Command::new("sh").args(["-c", command]).output().context("sh")?;
    let token = String::from_utf8(output.stdout).context("the token command printed no text")?.trim().to_owned();
    if !output.status.success() || token.is_empty() {
        bail!(
            "the token command gave no token ({}): {}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(token)
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{Algorithm, DecodingKey, Validation};
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_signed_token_names_its_key_member_and_room() {
        let token = Tokens::from_key("devkey:secret:with-colon").expect("a key").issue("r", "ada").expect("a token");
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&["antiphon"]);
        let key = DecodingKey::from_secret(b"secret:with-colon");
        let claims = jsonwebtoken::decode::<Value>(&token, &key, &validation).expect("valid").claims;
        assert_eq!((claims["iss"].as_str(), claims["sub"].as_str()), (Some("devkey"), Some("ada")));
        assert_eq!(claims["grants"], serde_json::json!({"room": "r", "join": true}));
    }

    #[test]
    fn a_token_for_the_application_grants_admin_alone_and_takes_a_key() {
        let token = Tokens::from_key("devkey:secret").expect("a key").issue_admin("backend").expect("a token");
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&["antiphon"]);
        let claims = jsonwebtoken::decode::<Value>(&token, &DecodingKey::from_secret(b"secret"), &validation);
        assert_eq!(claims.expect("valid").claims["grants"], serde_json::json!({"admin": true}));
        assert!(Tokens::Command("echo token".to_owned()).issue_admin("backend").is_err());
    }

    #[test]
    fn a_command_is_given_room_and_identity() {
        let tokens = Tokens::Command("echo token-{room}-{identity}".to_owned());
        assert_eq!(tokens.issue("r", "ada").expect("a token"), "token-r-ada");
    }

    #[test]
    fn a_command_that_prints_nothing_or_fails_gives_no_token() {
        assert!(Tokens::Command("true".to_owned()).issue("r", "ada").is_err());
        assert!(Tokens::Command("echo token; false".to_owned()).issue("r", "ada").is_err());
    }

    #[test]
    fn half_a_key_is_refused() {
        for key in ["", "devkey", "devkey:", ":secret"] {
            assert!(Tokens::from_key(key).is_err(), "{key:?}");
        }
    }
}
