//! The room's nouns to and from what stands on the wire.

use antiphon_protocol::{ErrorCode, Sid, v1};

use crate::{
    ChatMessage, Connection, Layer, LeaveReason, Millis, Participant, Refusal, Role, Room, TopologyMode, Track,
    TrackKind, TrackSource, room::OpenRoom,
};

impl Room {
    /// The room's own properties. Its name is not the log's to know: it is empty here and filled in by whoever has it.
    #[must_use]
    pub fn to_proto(&self) -> v1::Room {
        self.open().map(OpenRoom::to_proto).unwrap_or_default()
    }

    /// What this session may see of the room: the roster in the order in which people came in, and the chat. Moderators
    /// see the lobby too. Somebody in the lobby, or not here at all, sees the room's own properties only.
    #[must_use]
    pub fn snapshot_for(&self, sid: Sid) -> v1::RoomSnapshot {
        match self.participant(sid).filter(|reader| !reader.waiting) {
            Some(reader) if reader.may_moderate() => self.whole_snapshot(),
            Some(_) => v1::RoomSnapshot { waiting: Vec::new(), ..self.whole_snapshot() },
            None => v1::RoomSnapshot { room: Some(self.to_proto()), ..v1::RoomSnapshot::default() },
        }
    }

    /// All of the room that anybody may see: the roster in the order in which people came in, the chat, and the lobby.
    #[must_use]
    pub fn whole_snapshot(&self) -> v1::RoomSnapshot {
        v1::RoomSnapshot {
            room: Some(self.to_proto()),
            participants: self.participants().map(|participant| participant.to_proto()).collect(),
            chat: self.chat().map(|message| message.to_proto()).collect(),
            waiting: self.waiting().map(|participant| participant.to_proto()).collect(),
        }
    }
}

impl OpenRoom {
    fn to_proto(&self) -> v1::Room {
        v1::Room {
            name: String::new(),
            metadata: self.metadata.clone(),
            locked: self.locked,
            lobby: self.lobby,
            max_participants: self.max_participants,
            topology: Some(v1::Topology {
                requested: v1::topology::Mode::from(self.requested_topology).into(),
                active: v1::topology::Mode::from(self.active_topology).into(),
            }),
            created_at_ms: self.created_at.to_proto(),
        }
    }
}

impl Millis {
    /// As the wire has it: a JSON number that every client reads exactly until the year 287,396.
    #[must_use]
    pub fn to_proto(self) -> f64 {
        self.0 as f64
    }
}

impl Participant {
    /// As the others see it.
    #[must_use]
    pub fn to_proto(&self) -> v1::Participant {
        v1::Participant {
            sid: self.sid.to_string(),
            identity: self.identity.to_string(),
            name: self.name.clone(),
            metadata: self.metadata.clone(),
            attributes: self.attributes.clone(),
            state: self.state().into(),
            role: v1::participant::Role::from(self.role).into(),
            tracks: self.tracks.iter().map(Track::to_proto).collect(),
            joined_at_ms: self.joined_at.to_proto(),
        }
    }

    fn state(&self) -> v1::participant::State {
        match self.connection {
            Connection::Connected | Connection::Disconnected { .. } if self.waiting => v1::participant::State::Waiting,
            Connection::Connected => v1::participant::State::Connected,
            Connection::Disconnected { .. } => v1::participant::State::Disconnected,
        }
    }
}

impl ChatMessage {
    /// As everyone reads it.
    #[must_use]
    pub fn to_proto(&self) -> v1::ChatMessage {
        v1::ChatMessage {
            id: self.id.clone(),
            sid: text_of(self.sid),
            identity: text_of(self.identity.as_ref()),
            name: self.name.clone(),
            text: self.text.clone(),
            sent_at_ms: self.sent_at.to_proto(),
            to: String::new(),
            seq: self.seq,
        }
    }
}

impl Track {
    /// As the others see it.
    #[must_use]
    pub fn to_proto(&self) -> v1::Track {
        v1::Track {
            track_id: self.track_id.clone(),
            kind: v1::track::Kind::from(self.kind).into(),
            source: v1::track::Source::from(self.source).into(),
            name: self.name.clone(),
            muted: self.muted,
            layers: self.layers.iter().map(Layer::to_proto).collect(),
            mid: self.mid.clone(),
        }
    }
}

impl Layer {
    fn to_proto(&self) -> v1::track::Layer {
        v1::track::Layer {
            rid: self.rid.clone(),
            width: self.width,
            height: self.height,
            max_bitrate: self.max_bitrate,
        }
    }
}

impl From<v1::track::Layer> for Layer {
    fn from(layer: v1::track::Layer) -> Self {
        let v1::track::Layer { rid, width, height, max_bitrate } = layer;
        Self { rid, width, height, max_bitrate }
    }
}

/// Refused when the kind or the source is missing or not known; the sizes are the room's to check.
impl TryFrom<v1::Track> for Track {
    type Error = Refusal;

    fn try_from(track: v1::Track) -> Result<Self, Refusal> {
        Ok(Self {
            kind: TrackKind::from_wire(track.kind)?,
            source: TrackSource::from_wire(track.source)?,
            track_id: track.track_id,
            name: track.name,
            muted: track.muted,
            layers: track.layers.into_iter().map(Layer::from).collect(),
            mid: track.mid,
        })
    }
}

impl TrackKind {
    fn from_wire(kind: i32) -> Result<Self, Refusal> {
        match v1::track::Kind::try_from(kind) {
            Ok(v1::track::Kind::Audio) => Ok(Self::Audio),
            Ok(v1::track::Kind::Video) => Ok(Self::Video),
            Ok(v1::track::Kind::Unspecified) | Err(_) => Err(not_one_of("track.kind", "AUDIO or VIDEO")),
        }
    }
}

impl From<TrackKind> for v1::track::Kind {
    fn from(kind: TrackKind) -> Self {
        match kind {
            TrackKind::Audio => Self::Audio,
            TrackKind::Video => Self::Video,
        }
    }
}

impl TrackSource {
    fn from_wire(source: i32) -> Result<Self, Refusal> {
        match v1::track::Source::try_from(source) {
            Ok(v1::track::Source::Microphone) => Ok(Self::Microphone),
            Ok(v1::track::Source::Camera) => Ok(Self::Camera),
            Ok(v1::track::Source::ScreenShare) => Ok(Self::ScreenShare),
            Ok(v1::track::Source::ScreenShareAudio) => Ok(Self::ScreenShareAudio),
            Ok(v1::track::Source::Unspecified) | Err(_) => {
                Err(not_one_of("track.source", "MICROPHONE, CAMERA, SCREEN_SHARE or SCREEN_SHARE_AUDIO"))
            }
        }
    }
}

impl From<TrackSource> for v1::track::Source {
    fn from(source: TrackSource) -> Self {
        match source {
            TrackSource::Microphone => Self::Microphone,
            TrackSource::Camera => Self::Camera,
            TrackSource::ScreenShare => Self::ScreenShare,
            TrackSource::ScreenShareAudio => Self::ScreenShareAudio,
        }
    }
}

impl From<Role> for v1::participant::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Viewer => Self::Viewer,
            Role::Speaker => Self::Speaker,
            Role::Moderator => Self::Moderator,
        }
    }
}

/// From the number on the wire.
impl TryFrom<i32> for Role {
    type Error = Refusal;

    fn try_from(role: i32) -> Result<Self, Refusal> {
        match v1::participant::Role::try_from(role) {
            Ok(v1::participant::Role::Viewer) => Ok(Self::Viewer),
            Ok(v1::participant::Role::Speaker) => Ok(Self::Speaker),
            Ok(v1::participant::Role::Moderator) => Ok(Self::Moderator),
            Ok(v1::participant::Role::Unspecified) | Err(_) => Err(not_one_of("role", "VIEWER, SPEAKER or MODERATOR")),
        }
    }
}

impl From<TopologyMode> for v1::topology::Mode {
    fn from(mode: TopologyMode) -> Self {
        match mode {
            TopologyMode::Auto => Self::Auto,
            TopologyMode::Mesh => Self::Mesh,
            TopologyMode::RelayMesh => Self::RelayMesh,
            TopologyMode::Pool => Self::Pool,
        }
    }
}

/// From the number on the wire.
impl TryFrom<i32> for TopologyMode {
    type Error = Refusal;

    fn try_from(mode: i32) -> Result<Self, Refusal> {
        match v1::topology::Mode::try_from(mode) {
            Ok(v1::topology::Mode::Auto) => Ok(Self::Auto),
            Ok(v1::topology::Mode::Mesh) => Ok(Self::Mesh),
            Ok(v1::topology::Mode::RelayMesh) => Ok(Self::RelayMesh),
            Ok(v1::topology::Mode::Pool) => Ok(Self::Pool),
            Err(_) => Err(not_one_of("topology", "AUTO, MESH, RELAY_MESH or POOL")),
        }
    }
}

impl From<LeaveReason> for v1::left::Reason {
    fn from(reason: LeaveReason) -> Self {
        match reason {
            LeaveReason::ClientLeft => Self::ClientLeft,
            LeaveReason::Kicked => Self::Kicked,
            LeaveReason::DuplicateIdentity => Self::DuplicateIdentity,
            LeaveReason::RoomEnded => Self::RoomEnded,
            LeaveReason::TokenExpired => Self::TokenExpired,
            LeaveReason::Refused => Self::Refused,
            LeaveReason::ResumeTimeout => Self::ResumeTimeout,
        }
    }
}

/// An id on the wire; empty where there is none.
fn text_of(id: Option<impl ToString>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

fn not_one_of(field: &'static str, expected: &str) -> Refusal {
    Refusal::of_field(ErrorCode::InvalidArgument, field, format!("{field} must be {expected}"))
}
