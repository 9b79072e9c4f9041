//! What happened in a room: the entries of its log.

use antiphon_protocol::{Identity, ReplicaId, Sid};

use crate::chat::ChatMessage;
use crate::command::{PresenceChange, RoomChange};
use crate::model::{Attributes, Generation, Grants, LeaveReason, Millis, ResumeHash, Role, Seq, TopologyMode, Track};
use crate::{Participant, RequestId, Room};

/// One entry of a room's log.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Event {
    /// When it was decided.
    pub at: Millis,
    /// The client frame that caused it, where one did: the session's settled `seq` after this event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<(Sid, Seq)>,
    /// The application's request that caused it, where one did that may be sent again: carried out once, after this event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestId>,
    /// What happened.
    pub body: EventBody,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
#[expect(missing_docs, reason = "each field is the command's field of the same name")]
pub enum EventBody {
    /// The first event of a room.
    RoomCreated { lobby: bool, chat_history: u32 },
    /// A session began; `waiting`: in the lobby.
    Joined {
        sid: Sid,
        identity: Identity,
        name: String,
        metadata: String,
        attributes: Attributes,
        grants: Grants,
        role: Role,
        expires_at: Millis,
        resume: ResumeHash,
        waiting: bool,
        holder: ReplicaId,
    },
    /// A connection took over. The token that was `presented` stays valid until the one that replaces it is confirmed.
    Resumed {
        sid: Sid,
        generation: Generation,
        presented: ResumeHash,
        resume: ResumeHash,
        expires_at: Millis,
        holder: ReplicaId,
    },
    /// The resume token before went out of use.
    ResumeConfirmed { sid: Sid, generation: Generation },
    /// The connection is gone.
    Disconnected { sid: Sid, resume_deadline: Millis },
    /// The access token was replaced by one that expires later.
    GrantExtended { sid: Sid, expires_at: Millis },
    /// The access token was replaced by another one of the client's, which may grant less and expire earlier.
    GrantsRenewed { sid: Sid, grants: Grants, expires_at: Millis },
    /// A session ended.
    Left { sid: Sid, identity: Identity, reason: LeaveReason, message: String },
    /// An identity may not come back before `until`.
    Banned { identity: Identity, until: Millis },
    /// An identity may come back.
    Unbanned { identity: Identity },
    /// Let in from the lobby.
    Admitted { sid: Sid },
    /// Presence changed.
    Updated { sid: Sid, change: PresenceChange },
    /// A role changed.
    RoleChanged { sid: Sid, role: Role },
    /// A track was announced or its announcement replaced.
    Published { sid: Sid, track: Track },
    /// A moderator muted a track.
    Muted { sid: Sid, track_id: String },
    /// A track was withdrawn.
    Unpublished { sid: Sid, track_id: String },
    /// Somebody wrote to everyone; without `sid` and `identity`: the application did.
    Chat {
        id: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sid: Option<Sid>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        identity: Option<Identity>,
        name: String,
        text: String,
    },
    /// A message is gone; without `by`: the application deleted it.
    ChatDeleted {
        id: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Sid>,
    },
    /// Bytes for everyone, or for those in `to`; without `sid` from the application. The payload is not kept in the room.
    Data {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sid: Option<Sid>,
        topic: String,
        #[serde(with = "crate::compact")]
        payload: Vec<u8>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        to: Vec<Sid>,
    },
    /// The room's properties changed.
    RoomUpdated { change: RoomChange },
    /// Another topology is in force.
    TopologyChanged { active: TopologyMode },
    /// The log was lost, and this is what a replica knew of the room. The first event of an epoch.
    Restored { room: Box<Room> },
    /// A session that the log had lost. It never left.
    Reinstated { participant: Box<Participant> },
    /// The room is over; a later join begins a new one under the same name.
    RoomEnded { reason: String },
}

/// An event or a snapshot that this version does not know: the replica hands its sessions over rather than guess.
#[derive(Debug, thiserror::Error)]
#[error("not readable by this version: {0}")]
pub struct Unreadable(#[from] pub(crate) serde_json::Error);

/// What most entries fit in.
const ENTRY_BYTES: usize = 512;

impl Event {
    /// The entry as it stands in the log.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(ENTRY_BYTES);
        serde_json::to_writer(&mut bytes, self).expect("string keys only, and a Vec grows");
        bytes.shrink_to_fit();
        bytes
    }

    /// The message that everyone could read, where that is what happened.
    #[must_use]
    pub fn chat_message(&self) -> Option<ChatMessage> {
        let EventBody::Chat { id, sid, identity, name, text } = &self.body else { return None };
        Some(ChatMessage {
            id: id.clone(),
            sid: *sid,
            identity: identity.clone(),
            name: name.clone(),
            text: text.clone(),
            sent_at: self.at,
            seq: self.by.map_or(0, |(_, seq)| seq),
            number: 0,
        })
    }

    /// Reads an entry of the log. Fields that this version does not know are ignored.
    ///
    /// # Errors
    /// When this version does not know the event.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        Ok(serde_json::from_slice(bytes)?)
    }
}
