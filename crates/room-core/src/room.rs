//! The room itself: what it is at one position of its log.

use std::sync::Arc;

use antiphon_protocol::{Identity, Sid};
use serde::{Deserialize as _, Deserializer, de::Error as _};

use crate::{
    ChatMessage, Millis, Participant, RequestId, RoomConfig, TopologyMode, Unreadable, chat::History,
    requests::Requests, roster::Roster,
};

/// The version of the fold. Replicas that differ in it do not read one another's snapshots.
pub const FOLD_VERSION: u32 = 1;

/// An identity that may not come back before `until`. Kept by the backplane beside the log, so that it outlives the room.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the type says it")]
pub struct Ban {
    pub identity: Identity,
    pub until: Millis,
}

/// A room at one position of its log. Cloning costs a reference a participant and a chat message.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Room {
    pub(crate) phase: Phase,
}

/// Where in its life the room is.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Phase {
    /// Its log is empty.
    #[default]
    Absent,
    /// People come and go.
    Open(Box<OpenRoom>),
    /// Its log is complete.
    Ended,
}

/// A room that people are in, or were in a moment ago.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpenRoom {
    pub(crate) created_at: Millis,
    pub(crate) metadata: String,
    pub(crate) locked: bool,
    pub(crate) lobby: bool,
    pub(crate) max_participants: u32,
    pub(crate) requested_topology: TopologyMode,
    /// Never `Auto`.
    #[serde(deserialize_with = "in_force")]
    pub(crate) active_topology: TopologyMode,
    /// Instead of the deployment's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) empty_timeout_ms: Option<u64>,
    /// Since when nobody is here.
    pub(crate) empty_since: Option<Millis>,
    pub(crate) roster: Roster,
    pub(crate) chat: History,
    #[serde(default, skip_serializing_if = "Requests::is_empty")]
    pub(crate) requests: Requests,
}

fn in_force<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TopologyMode, D::Error> {
    let active = TopologyMode::deserialize(deserializer)?;
    if active == TopologyMode::Auto {
        return Err(D::Error::custom("auto is asked for, never in force"));
    }
    Ok(active)
}

impl OpenRoom {
    pub(crate) fn new(created_at: Millis, lobby: bool, chat_history: u32) -> Self {
        Self {
            created_at,
            metadata: String::new(),
            locked: false,
            lobby,
            max_participants: 0,
            requested_topology: TopologyMode::Auto,
            active_topology: TopologyMode::Mesh,
            empty_timeout_ms: None,
            empty_since: Some(created_at),
            roster: Roster::default(),
            chat: History::new(chat_history),
            requests: Requests::default(),
        }
    }

    /// Who is in, in the order in which they came in.
    pub(crate) fn participants(&self) -> impl Iterator<Item = &Arc<Participant>> {
        self.roster.iter().filter(|participant| !participant.waiting)
    }

    /// How long the room stays when nobody is in it.
    pub(crate) fn empty_timeout_ms(&self, config: &RoomConfig) -> u64 {
        self.empty_timeout_ms.unwrap_or(config.empty_timeout_ms)
    }

    /// Who waits in the lobby, in the order in which they came there.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = &Arc<Participant>> {
        self.roster.iter().filter(|participant| participant.waiting)
    }
}

/// What a snapshot says in JSON.
#[derive(serde::Serialize, serde::Deserialize)]
struct Stored<R> {
    version: u32,
    room: R,
}

impl Room {
    /// The room whose log is empty: nobody ever joined.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The room as it can be stored beside its log.
    #[must_use]
    pub fn to_snapshot(&self) -> Vec<u8> {
        serde_json::to_vec(&Stored { version: FOLD_VERSION, room: self }).expect("string keys only")
    }

    /// Reads what [`Room::to_snapshot`] wrote.
    ///
    /// # Errors
    /// When another version of the fold wrote it, or when it is no snapshot.
    pub fn from_snapshot(bytes: &[u8]) -> Result<Self, Unreadable> {
        // The version first: what another one wrote need not even have this shape.
        let Stored { version, .. } = serde_json::from_slice::<Stored<serde::de::IgnoredAny>>(bytes)?;
        if version != FOLD_VERSION {
            let message = format!("fold version {version}, this is {FOLD_VERSION}");
            return Err(Unreadable(serde::de::Error::custom(message)));
        }
        Ok(serde_json::from_slice::<Stored<Self>>(bytes)?.room)
    }

    /// Whether the room was created, by its first join or ahead of it, and has not ended. Nobody need be in it.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.open().is_some()
    }

    /// Over: nothing more will happen in this log. A later join begins a new one.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        matches!(self.phase, Phase::Ended)
    }

    /// A session, also one that waits in the lobby.
    #[must_use]
    pub fn participant(&self, sid: Sid) -> Option<&Arc<Participant>> {
        self.open()?.roster.get(sid)
    }

    /// Who is in, in the order in which they came in: the same for every reader.
    pub fn participants(&self) -> impl Iterator<Item = &Arc<Participant>> {
        self.open().into_iter().flat_map(OpenRoom::participants)
    }

    /// Who waits in the lobby, in the order in which they came there.
    pub fn waiting(&self) -> impl Iterator<Item = &Arc<Participant>> {
        self.open().into_iter().flat_map(OpenRoom::waiting)
    }

    /// Every session, lobby included, by the bytes of their sids; only those behind `after`.
    pub fn sessions(&self, after: Option<Sid>) -> impl Iterator<Item = &Arc<Participant>> {
        self.open().into_iter().flat_map(move |room| room.roster.behind(after))
    }

    /// How long the room stays when nobody is in it, in milliseconds.
    #[must_use]
    pub fn empty_timeout_ms(&self, config: &RoomConfig) -> u64 {
        self.open().map_or(config.empty_timeout_ms, |room| room.empty_timeout_ms(config))
    }

    /// How many sessions there are, lobby included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.open().map_or(0, |room| room.roster.len())
    }

    /// No session is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The newest chat messages, oldest first.
    pub fn chat(&self) -> impl Iterator<Item = &Arc<ChatMessage>> {
        self.open().into_iter().flat_map(|room| room.chat.iter())
    }

    /// When a request of the application's was carried out here; `None`: not yet, or too long ago to be remembered.
    #[must_use]
    pub fn carried_out(&self, request: RequestId, now: Millis) -> Option<Millis> {
        self.open()?.requests.carried_out(request, now)
    }

    /// When [`Command::Tick`](crate::Command::Tick) next has something to do, if nothing else happens before.
    #[must_use]
    pub fn deadline(&self, config: &RoomConfig) -> Option<Millis> {
        let room = self.open()?;
        let sessions = room.roster.iter().flat_map(|participant| {
            [Some(participant.grant_deadline()), participant.resume_deadline()].into_iter().flatten()
        });
        let empty = room.empty_since.map(|since| since.plus(room.empty_timeout_ms(config)));
        sessions.chain(empty).min()
    }

    pub(crate) fn open(&self) -> Option<&OpenRoom> {
        match &self.phase {
            Phase::Open(room) => Some(room),
            Phase::Absent | Phase::Ended => None,
        }
    }
}
