use std::collections::BTreeMap;

use antiphon_protocol::{Identity, RoomName, TenantId};
use serde_json::{Map, Value};

use super::{AuthError, KeyFingerprint};

/// What a verified token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Whose rooms.
    pub tenant: TenantId,
    /// The API key that signed it.
    pub key_id: String,
    /// That key, and not another one that has its id now.
    pub key_fingerprint: KeyFingerprint,
    /// `sub`.
    pub identity: Identity,
    /// Display name.
    pub name: Option<String>,
    /// Free text.
    pub metadata: Option<String>,
    /// Free key-value pairs.
    pub attributes: BTreeMap<String, String>,
    /// What it allows.
    pub grants: TokenGrants,
    /// `exp`, seconds since the Unix epoch.
    pub expires_at_s: u64,
    /// How long a token lives that replaces this one, in seconds: as long as this one since its `iat`; an hour where it has none.
    /// Never longer than the rules allow.
    pub lifetime_s: u64,
}

/// The claim `grants`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenGrants {
    /// The one room it is for.
    pub room: Option<RoomName>,
    /// Join a room.
    pub join: bool,
    /// Announce tracks.
    pub publish: bool,
    /// Receive tracks.
    pub subscribe: bool,
    /// Send chat and data.
    pub chat: bool,
    /// Start as a moderator.
    pub moderate: bool,
    /// Everything, in every room of the tenant.
    pub admin: bool,
}

impl Default for TokenGrants {
    /// What a token has that names no grants: nothing can be joined with it.
    fn default() -> Self {
        Self { room: None, join: false, publish: true, subscribe: true, chat: true, moderate: false, admin: false }
    }
}

impl TokenGrants {
    pub(super) fn read(claims: &Map<String, Value>) -> Result<Self, AuthError> {
        let Some(grants) = present(claims, "grants") else { return Ok(Self::default()) };
        let invalid = |claim, expected| AuthError::InvalidClaim { claim, expected };
        let grants = grants.as_object().ok_or(invalid("grants", "an object"))?;
        let flag = |key: &str, claim: &'static str, default: bool| match present(grants, key) {
            None => Ok(default),
            Some(value) => value.as_bool().ok_or(invalid(claim, "true or false")),
        };
        let room = match present(grants, "room") {
            None => None,
            Some(value) => Some(
                value
                    .as_str()
                    .and_then(|name| name.parse().ok())
                    .ok_or(invalid("grants.room", "1 to 128 bytes without control characters"))?,
            ),
        };
        let default = Self::default();
        Ok(Self {
            room,
            join: flag("join", "grants.join", default.join)?,
            publish: flag("publish", "grants.publish", default.publish)?,
            subscribe: flag("subscribe", "grants.subscribe", default.subscribe)?,
            chat: flag("chat", "grants.chat", default.chat)?,
            moderate: flag("moderate", "grants.moderate", default.moderate)?,
            admin: flag("admin", "grants.admin", default.admin)?,
        })
    }

    pub(super) fn to_json(&self) -> Value {
        let mut grants = serde_json::json!({
            "join": self.join,
            "publish": self.publish,
            "subscribe": self.subscribe,
            "chat": self.chat,
            "moderate": self.moderate,
            "admin": self.admin,
        });
        if let Some(room) = &self.room {
            grants["room"] = room.as_str().into();
        }
        grants
    }
}

/// A claim's value; `null` counts as absent.
pub(super) fn present<'a>(claims: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    claims.get(key).filter(|value| !value.is_null())
}

/// A claim that is a string where it is present.
pub(super) fn text<'a>(claims: &'a Map<String, Value>, claim: &'static str) -> Result<Option<&'a str>, AuthError> {
    present(claims, claim)
        .map(|value| value.as_str().ok_or(AuthError::InvalidClaim { claim, expected: "a string" }))
        .transpose()
}

/// A claim that is a NumericDate where it is present (RFC 7519 §2): seconds, maybe with a fraction.
pub(super) fn date(claims: &Map<String, Value>, claim: &'static str) -> Result<Option<u64>, AuthError> {
    let expected = "a number of seconds since 1970-01-01T00:00:00Z";
    let Some(value) = present(claims, claim) else { return Ok(None) };
    if let Some(seconds) = value.as_u64() {
        return Ok(Some(seconds));
    }
    match value.as_f64() {
        // A float this large or small saturates, which is what a date at the end of time should do.
        Some(seconds) if seconds >= 0.0 => Ok(Some(seconds as u64)),
        Some(_) | None => Err(AuthError::InvalidClaim { claim, expected }),
    }
}

/// The claim `attributes`.
pub(super) fn attributes(claims: &Map<String, Value>) -> Result<BTreeMap<String, String>, AuthError> {
    let invalid = AuthError::InvalidClaim { claim: "attributes", expected: "an object whose values are strings" };
    let Some(value) = present(claims, "attributes") else { return Ok(BTreeMap::new()) };
    let attributes = value.as_object().ok_or(invalid)?;
    attributes.iter().map(|(key, value)| Ok((key.clone(), value.as_str().ok_or(invalid)?.to_owned()))).collect()
}
