//! Chat messages.

use antiphon_room_core::{self as core, Millis};
use serde::Serialize;
use utoipa::ToSchema;

/// A message of the room's chat.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::rest) struct ChatMessage {
    /// Unique in the room.
    id: String,
    /// The session that wrote it; absent: the application did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    sid: Option<String>,
    /// Who that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    identity: Option<String>,
    /// The display name at that time.
    name: String,
    text: String,
    /// Milliseconds since the Unix epoch.
    sent_at_ms: u64,
}

impl ChatMessage {
    /// A message of the application's as it was written.
    pub(in crate::rest) fn written(id: String, name: String, text: String, sent_at: Millis) -> Self {
        Self { id, sid: None, identity: None, name, text, sent_at_ms: sent_at.0 }
    }
}

impl From<&core::ChatMessage> for ChatMessage {
    fn from(message: &core::ChatMessage) -> Self {
        Self {
            id: message.id.clone(),
            sid: message.sid.map(|sid| sid.to_string()),
            identity: message.identity.as_ref().map(ToString::to_string),
            name: message.name.clone(),
            text: message.text.clone(),
            sent_at_ms: message.sent_at.0,
        }
    }
}
