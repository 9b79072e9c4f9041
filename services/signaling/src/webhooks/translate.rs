//! From an event of a room's log to what its tenant's endpoints are told. Pure.

use std::sync::Arc;

use antiphon_protocol::{RoomKey, Sid, v1};
use antiphon_room_core::{ChatMessage, Connection, Event, EventBody, Participant, Room};
use sha2::{Digest as _, Sha256};

use super::names;

/// What must be known of a room as it was before an event.
#[derive(Debug, Default)]
pub(crate) struct Before {
    room: Option<v1::Room>,
    participant: Option<Arc<Participant>>,
    chat: Option<Arc<ChatMessage>>,
}

impl Before {
    /// Looks at the room that `event` is about to happen in.
    pub(crate) fn of(event: &Event, room: &Room) -> Self {
        let mut before = Self::default();
        if matches!(event.body, EventBody::RoomEnded { .. }) {
            before.room = Some(room.to_proto());
        } else if let EventBody::ChatDeleted { id, .. } = &event.body {
            before.chat = room.chat().find(|message| message.id == *id).cloned();
        } else if let EventBody::Left { sid, .. }
        | EventBody::Published { sid, .. }
        | EventBody::Unpublished { sid, .. }
        | EventBody::Disconnected { sid, .. }
        | EventBody::Resumed { sid, .. } = &event.body
        {
            before.participant = room.participant(*sid).cloned();
        }
        before
    }

    /// Whoever was in the room: people in the lobby are nobody's business yet.
    fn member(&self) -> Option<&Participant> {
        self.participant.as_deref().filter(|participant| !participant.waiting)
    }
}

/// Where an event stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Position<'a> {
    /// In which room.
    pub(crate) key: &'a RoomKey,
    /// In which life of the log.
    pub(crate) epoch: u64,
    /// At which offset.
    pub(crate) offset: u64,
}

/// What the endpoints are told of an event, where they are told of it at all. One event of the log is one webhook at most, so
/// `index` is 0.
pub(crate) fn translate(event: &Event, before: Before, after: &Room, at: Position<'_>) -> Option<v1::WebhookEvent> {
    let told = tell(event, &before, after)?;
    let room = before.room.unwrap_or_else(|| after.to_proto());
    Some(v1::WebhookEvent {
        id: id(event, at),
        at_ms: event.at.to_proto(),
        position: at.offset as f64,
        tenant: at.key.tenant.to_string(),
        room: Some(v1::Room { name: at.key.room.to_string(), ..room }),
        ..told
    })
}

/// The same for the same event, by whichever replica it is made: a hash of where it stands and what it says, because after a
/// failover another event may stand at the same place.
fn id(event: &Event, Position { key, epoch, offset }: Position<'_>) -> String {
    let mut hash = Sha256::new();
    for part in [key.tenant.as_str().as_bytes(), key.room.as_str().as_bytes(), &event.to_bytes()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.update(epoch.to_be_bytes());
    hash.update(offset.to_be_bytes());
    let bits: [u8; 32] = hash.finalize().into();
    event_id(bits.first_chunk().expect("32 bytes have 16"))
}

/// An id that spells these bits.
pub(super) fn event_id(bits: &[u8; 16]) -> String {
    format!("evt_{:032x}", u128::from_be_bytes(*bits))
}

fn of_type(name: &str) -> v1::WebhookEvent {
    v1::WebhookEvent { r#type: name.to_owned(), ..v1::WebhookEvent::default() }
}

/// Type, participant, track, chat and reasons.
fn tell(event: &Event, before: &Before, after: &Room) -> Option<v1::WebhookEvent> {
    match &event.body {
        EventBody::RoomCreated { .. } => Some(of_type(names::ROOM_STARTED)),
        EventBody::RoomEnded { reason } => {
            Some(v1::WebhookEvent { reason: reason.clone(), ..of_type(names::ROOM_FINISHED) })
        }
        EventBody::Joined { sid, .. } | EventBody::Admitted { sid } => {
            about(names::PARTICIPANT_JOINED, member(after, *sid)?)
        }
        EventBody::Left { reason, .. } => {
            let left = about(names::PARTICIPANT_LEFT, before.member()?)?;
            Some(v1::WebhookEvent { left_reason: v1::left::Reason::from(*reason) as i32, ..left })
        }
        EventBody::Disconnected { sid, .. } => {
            is_connected(before.member()?).then(|| about(names::PARTICIPANT_RECONNECTING, member(after, *sid)?))?
        }
        // A connection may take over from one whose end nobody had noticed: then nobody was told of an end either.
        EventBody::Resumed { sid, .. } => {
            (!is_connected(before.member()?)).then(|| about(names::PARTICIPANT_RECONNECTED, member(after, *sid)?))?
        }
        EventBody::Published { sid, track } => {
            let is_new = before.member()?.tracks.iter().all(|present| present.track_id != track.track_id);
            let published = about(names::TRACK_PUBLISHED, member(after, *sid)?)?;
            is_new.then(|| v1::WebhookEvent { track: Some(track.to_proto()), ..published })
        }
        EventBody::Unpublished { sid, track_id } => {
            let track = before.member()?.tracks.iter().find(|track| track.track_id == *track_id)?;
            let unpublished = about(names::TRACK_UNPUBLISHED, member(after, *sid)?)?;
            Some(v1::WebhookEvent { track: Some(track.to_proto()), ..unpublished })
        }
        EventBody::Chat { .. } => {
            let chat = event.chat_message().map(|message| message.to_proto());
            Some(v1::WebhookEvent { chat, ..of_type(names::CHAT_SENT) })
        }
        EventBody::ChatDeleted { id, .. } => {
            let known = before.chat.as_ref().map(|message| message.to_proto()).unwrap_or_default();
            let chat = Some(v1::ChatMessage { id: id.clone(), ..known });
            Some(v1::WebhookEvent { chat, ..of_type(names::CHAT_DELETED) })
        }
        EventBody::ResumeConfirmed { .. }
        | EventBody::GrantExtended { .. }
        | EventBody::GrantsRenewed { .. }
        | EventBody::Banned { .. }
        | EventBody::Unbanned { .. }
        | EventBody::Updated { .. }
        | EventBody::RoleChanged { .. }
        | EventBody::Muted { .. }
        | EventBody::Data { .. }
        | EventBody::RoomUpdated { .. }
        | EventBody::Restored { .. }
        | EventBody::Reinstated { .. }
        | EventBody::TopologyChanged { .. } => None,
    }
}

fn about(name: &str, participant: &Participant) -> Option<v1::WebhookEvent> {
    Some(v1::WebhookEvent { participant: Some(participant.to_proto()), ..of_type(name) })
}

/// Somebody who is in, not in the lobby.
fn member(room: &Room, sid: Sid) -> Option<&Participant> {
    room.participant(sid).map(AsRef::as_ref).filter(|participant| !participant.waiting)
}

fn is_connected(participant: &Participant) -> bool {
    participant.connection == Connection::Connected
}

#[cfg(test)]
mod tests;
