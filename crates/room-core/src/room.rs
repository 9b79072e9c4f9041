//! The room itself.

use std::{collections::BTreeMap, sync::Arc};

use antiphon_protocol::{Identity, Sid, v1};

use crate::{Author, Command, Connection, Event, Generation, Grants, Millis, Refusal, ResumeHash, Role, RoomConfig, Seq, Track};

/// A session of the room.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[expect(missing_docs, reason = "see the events that set them")]
pub struct Participant {
    pub sid: Sid,
    pub identity: Identity,
    pub name: String,
    pub metadata: String,
    pub attributes: BTreeMap<String, String>,
    pub grants: Grants,
    pub role: Role,
    /// In the lobby.
    pub waiting: bool,
    pub connection: Connection,
    pub generation: Generation,
    /// The current resume token's hash, and the one before while it is unconfirmed.
    pub resume: (ResumeHash, Option<ResumeHash>),
    pub expires_at: Millis,
    pub joined_at: Millis,
    /// The highest client frame that the log has settled.
    pub last_seq: Seq,
    pub tracks: Vec<Track>,
}

/// An identity that may not come back before `until`. Kept by the backplane beside the log, so that it outlives the room.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[expect(missing_docs, reason = "the type says it")]
pub struct Ban {
    pub identity: Identity,
    pub until: Millis,
}

/// A room at one position of its log. Cloning costs a reference a participant.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Room {
    participants: BTreeMap<Sid, Arc<Participant>>,
}
