use std::{borrow::Cow, collections::BTreeMap};

use antiphon_protocol::{Identity, RoomName, TenantId};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{AuthError, KeyFingerprint};

/// A claim as it stands in the payload; `null` counts as absent.
pub(super) type Claim<'a> = Option<&'a RawValue>;

/// The claims that are read (RFC 7519 §4.1, docs/tokens.md): each in its place, and none of them looked into before it is asked for.
/// A payload that has one of them twice is refused.
#[derive(Deserialize)]
pub(super) struct Payload<'a> {
    #[serde(borrow)]
    pub(super) iss: Claim<'a>,
    pub(super) sub: Claim<'a>,
    pub(super) aud: Claim<'a>,
    pub(super) exp: Claim<'a>,
    pub(super) nbf: Claim<'a>,
    pub(super) iat: Claim<'a>,
    pub(super) name: Claim<'a>,
    pub(super) metadata: Claim<'a>,
    pub(super) attributes: Claim<'a>,
    pub(super) grants: Claim<'a>,
    /// Of services' tokens.
    pub(super) tenant: Claim<'a>,
}

/// The claim `grants`, taken apart in the same way.
#[derive(Deserialize)]
struct RawGrants<'a> {
    #[serde(borrow)]
    room: Claim<'a>,
    join: Claim<'a>,
    publish: Claim<'a>,
    subscribe: Claim<'a>,
    chat: Claim<'a>,
    moderate: Claim<'a>,
    admin: Claim<'a>,
}

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
    pub(super) fn read(claim: Claim<'_>) -> Result<Self, AuthError> {
        let Some(claim) = claim else { return Ok(Self::default()) };
        let invalid = |claim, expected| AuthError::InvalidClaim { claim, expected };
        let grants: RawGrants<'_> = object(claim).ok_or(invalid("grants", "an object"))?;
        let flag = |value: Claim<'_>, claim: &'static str, default: bool| match value.map(RawValue::get) {
            None => Ok(default),
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            Some(_) => Err(invalid(claim, "true or false")),
        };
        let room = match grants.room {
            None => None,
            Some(value) => Some(
                string(value)
                    .and_then(|name| name.parse().ok())
                    .ok_or(invalid("grants.room", "1 to 128 bytes without control characters"))?,
            ),
        };
        let default = Self::default();
        Ok(Self {
            room,
            join: flag(grants.join, "grants.join", default.join)?,
            publish: flag(grants.publish, "grants.publish", default.publish)?,
            subscribe: flag(grants.subscribe, "grants.subscribe", default.subscribe)?,
            chat: flag(grants.chat, "grants.chat", default.chat)?,
            moderate: flag(grants.moderate, "grants.moderate", default.moderate)?,
            admin: flag(grants.admin, "grants.admin", default.admin)?,
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

/// A claim that is a string where it is present.
pub(super) fn text<'a>(value: Claim<'a>, claim: &'static str) -> Result<Option<Cow<'a, str>>, AuthError> {
    value.map(|value| string(value).ok_or(AuthError::InvalidClaim { claim, expected: "a string" })).transpose()
}

/// A claim that is a NumericDate where it is present (RFC 7519 §2): seconds, maybe with a fraction.
pub(super) fn date(value: Claim<'_>, claim: &'static str) -> Result<Option<u64>, AuthError> {
    let expected = "a number of seconds since 1970-01-01T00:00:00Z";
    let Some(value) = value else { return Ok(None) };
    if let Ok(seconds) = serde_json::from_str(value.get()) {
        return Ok(Some(seconds));
    }
    match serde_json::from_str::<f64>(value.get()) {
        // A float this large or small saturates, which is what a date at the end of time should do.
        Ok(seconds) if seconds >= 0.0 => Ok(Some(seconds as u64)),
        Ok(_) | Err(_) => Err(AuthError::InvalidClaim { claim, expected }),
    }
}

/// The claim `attributes`.
pub(super) fn attributes(claim: Claim<'_>) -> Result<BTreeMap<String, String>, AuthError> {
    let expected = "an object whose values are strings";
    let read = |claim: &RawValue| serde_json::from_str(claim.get());
    let attributes =
        claim.map(read).transpose().map_err(|_| AuthError::InvalidClaim { claim: "attributes", expected })?;
    Ok(attributes.unwrap_or_default())
}

/// Whether the claim `aud` names this audience, alone or among others.
pub(super) fn is_for(claim: Claim<'_>, audience: &str) -> bool {
    let is_one = |value: &RawValue| string(value).is_some_and(|named| named == audience);
    match claim {
        Some(claim) if claim.get().starts_with('[') => {
            serde_json::from_str::<Vec<&RawValue>>(claim.get()).is_ok_and(|named| named.into_iter().any(is_one))
        }
        Some(claim) => is_one(claim),
        None => false,
    }
}

/// A string, which is seldom one with escapes.
fn string(value: &RawValue) -> Option<Cow<'_, str>> {
    let inner = value.get().strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        serde_json::from_str(value.get()).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner))
    }
}

/// An object: `serde` would take an array too.
fn object<'a, T: Deserialize<'a>>(value: &'a RawValue) -> Option<T> {
    value.get().starts_with('{').then(|| serde_json::from_str(value.get()).ok()).flatten()
}
