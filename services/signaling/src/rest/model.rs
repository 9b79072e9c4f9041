//! The resources as JSON: the nouns of models.proto, with every field present.

mod chat;
mod participant;

use antiphon_protocol::{RoomName, v1};
use antiphon_room_core as core;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(super) use chat::ChatMessage;
pub(super) use participant::{Participant, Role, TrackKind};

/// A room.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Room {
    /// Unique in the tenant.
    #[schema(example = "rehearsal")]
    name: String,
    /// Free text of the application.
    metadata: String,
    /// Nobody joins a locked room but moderators.
    locked: bool,
    /// Newcomers wait until a moderator, or the application, admits them.
    lobby: bool,
    /// Sessions at most; 0: no limit of the room's own.
    #[schema(format = Int64)]
    max_participants: u32,
    topology: Topology,
    /// How long the room stays when nobody is in it, in milliseconds.
    empty_timeout_ms: u64,
    /// Milliseconds since the Unix epoch.
    created_at_ms: u64,
    /// Who is in.
    participant_count: usize,
    /// Who waits in the lobby.
    waiting_count: usize,
}

/// How media travels between the members of a room.
#[derive(Debug, Serialize, ToSchema)]
struct Topology {
    /// What was asked for.
    requested: TopologyMode,
    /// What is in force; never `AUTO`.
    active: TopologyMode,
}

/// How media travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum TopologyMode {
    /// The server chooses by size and by what is deployed.
    Auto,
    /// Every pair has its own peer connection.
    Mesh,
    /// A partial mesh whose members relay for one another.
    RelayMesh,
    /// Through the media pool.
    Pool,
}

impl Room {
    /// What a room's name and fold come to.
    pub(super) fn new(name: &RoomName, room: &core::Room, config: &core::RoomConfig) -> Self {
        let v1::Room { name: _, metadata, locked, lobby, max_participants, topology, created_at_ms } = room.to_proto();
        let topology = topology.unwrap_or_default();
        Self {
            name: name.to_string(),
            metadata,
            locked,
            lobby,
            max_participants,
            topology: Topology { requested: topology.requested().into(), active: topology.active().into() },
            empty_timeout_ms: room.empty_timeout_ms(config),
            // Whole milliseconds by construction.
            created_at_ms: created_at_ms as u64,
            participant_count: room.participants().count(),
            waiting_count: room.waiting().count(),
        }
    }
}

impl From<v1::topology::Mode> for TopologyMode {
    fn from(mode: v1::topology::Mode) -> Self {
        match mode {
            v1::topology::Mode::Auto => Self::Auto,
            v1::topology::Mode::Mesh => Self::Mesh,
            v1::topology::Mode::RelayMesh => Self::RelayMesh,
            v1::topology::Mode::Pool => Self::Pool,
        }
    }
}

impl From<TopologyMode> for core::TopologyMode {
    fn from(mode: TopologyMode) -> Self {
        match mode {
            TopologyMode::Auto => Self::Auto,
            TopologyMode::Mesh => Self::Mesh,
            TopologyMode::RelayMesh => Self::RelayMesh,
            TopologyMode::Pool => Self::Pool,
        }
    }
}
