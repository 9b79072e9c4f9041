//! What stands in the outbox, and among the dead letters.

use antiphon_protocol::{RoomName, TenantId, v1};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// An event for one endpoint. An event is written once for each endpoint, so that one which is away holds nothing back that is for
/// another, and nothing is sent twice to that one.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Letter {
    #[serde(flatten)]
    pub(crate) address: Address,
    pub(crate) id: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// What is posted, byte for byte.
    pub(crate) body: Body,
}

/// A body in JSON, as it was written.
pub(crate) type Body = Box<RawValue>;

/// Whom a letter is for; to be read without the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Address {
    pub(crate) tenant: TenantId,
    pub(crate) endpoint: String,
    pub(crate) room: RoomName,
    /// When it happened.
    pub(crate) at_ms: u64,
}

/// A letter that was given up.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Dead {
    pub(crate) letter: Letter,
    pub(crate) given_up_at_ms: u64,
    pub(crate) attempts: u32,
    /// Why the last attempt failed.
    pub(crate) reason: String,
}

/// The body of an event as it is posted.
pub(crate) fn body(event: &v1::WebhookEvent) -> Body {
    serde_json::value::to_raw_value(event).expect("an event is JSON")
}

/// As bytes.
pub(crate) fn to_bytes(value: &impl Serialize) -> Bytes {
    serde_json::to_vec(value).expect("strings and numbers").into()
}
