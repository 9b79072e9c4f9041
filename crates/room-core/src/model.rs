//! The nouns of a room.

use std::collections::BTreeMap;

/// Wall-clock time in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
pub struct Millis(pub u64);

impl Millis {
    /// The time so many milliseconds later; the end of time where that overflows.
    #[must_use]
    pub fn plus(self, milliseconds: u64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }
}

/// A client frame's number within its session; 0 stands for "none yet".
pub type Seq = u32;

/// Counts the connections of a session: a resume makes the next one, and what an older one still sends is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
pub struct Generation(pub u32);

impl Generation {
    /// The connection after this one; `None` when the numbers have run out.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }
}

/// SHA-256 of a resume token. The token itself is never stored.
#[derive(Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct ResumeHash(#[serde(with = "crate::compact")] pub [u8; 32]);

impl std::fmt::Debug for ResumeHash {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ResumeHash(…)")
    }
}

/// What a token allows. It gives a session its first [`Role`]; a moderator may change the role later, but no role gives what
/// `publish`, `subscribe` or `chat` withholds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Grants {
    /// Announce tracks.
    pub publish: bool,
    /// Receive tracks: with it, or with `publish`, a participant may have peer connections.
    pub subscribe: bool,
    /// Send chat and data.
    pub chat: bool,
    /// Start as a moderator.
    pub moderate: bool,
    /// A moderator who cannot be kicked, muted, demoted, or kept out by lock, lobby or `max_participants`.
    pub admin: bool,
}

/// What a participant may do, see `antiphon.v1.Participant.Role`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[expect(missing_docs, reason = "named by the protocol")]
pub enum Role {
    Viewer,
    Speaker,
    Moderator,
}

impl Role {
    /// What a session starts as.
    #[must_use]
    pub fn initial(grants: Grants) -> Self {
        match grants {
            Grants { moderate: true, .. } | Grants { admin: true, .. } => Self::Moderator,
            Grants { publish: true, .. } => Self::Speaker,
            Grants { .. } => Self::Viewer,
        }
    }
}

/// Whether a session has a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Connection {
    /// A socket is open.
    Connected,
    /// The socket is gone; the session ends at the deadline unless it is resumed.
    Disconnected {
        /// When the session ends.
        resume_deadline: Millis,
    },
}

/// As `MediaStreamTrack.kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[expect(missing_docs, reason = "named by the protocol")]
pub enum TrackKind {
    Audio,
    Video,
}

/// What a track shows or carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[expect(missing_docs, reason = "named by the protocol")]
pub enum TrackSource {
    Microphone,
    Camera,
    ScreenShare,
    ScreenShareAudio,
}

/// One encoding of a simulcast track.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Layer {
    /// RTP stream id (RFC 8851).
    pub rid: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Bits per second.
    pub max_bitrate: u32,
}

/// A track that a participant announces.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Track {
    /// Unique among the tracks of its publisher.
    pub track_id: String,
    /// Audio or video.
    pub kind: TrackKind,
    /// What it shows or carries.
    pub source: TrackSource,
    /// Display name, may be empty.
    pub name: String,
    /// Nothing is sent at the moment.
    pub muted: bool,
    /// Empty when the track is not simulcast.
    pub layers: Vec<Layer>,
    /// The media section that carries it.
    pub mid: Option<String>,
}

/// What happens when an identity joins that is in the room already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DuplicateIdentity {
    /// The newcomer takes the place of the older session, which ends.
    #[default]
    Replace,
    /// The newcomer is refused while the older session is connected; one that is disconnected is replaced.
    Reject,
    /// Both stay.
    Allow,
}

/// How media travels, see `antiphon.v1.Topology.Mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "named by the protocol")]
pub enum TopologyMode {
    #[default]
    Auto,
    Mesh,
    RelayMesh,
    Pool,
}

/// Why a session ended, see `antiphon.v1.Left.Reason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[expect(missing_docs, reason = "named by the protocol")]
pub enum LeaveReason {
    ClientLeft,
    Kicked,
    DuplicateIdentity,
    RoomEnded,
    TokenExpired,
    Refused,
    ResumeTimeout,
}

/// The rules that a deployment sets for every room. Part of no event: replicas of one deployment share it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomConfig {
    /// What a second session of one identity does.
    pub duplicate_identity: DuplicateIdentity,
    /// Sessions at most, lobby included; 0: no limit. A room's own `max_participants` can only lower it.
    pub max_participants: u32,
    /// How long a room stays when its last session has ended.
    pub empty_timeout_ms: u64,
    /// How long a session outlives its connection.
    pub resume_window_ms: u64,
    /// How long a kicked identity stays banned: the longest lifetime that a token can have, so that none that was issued
    /// before the kick outlives it.
    pub ban_ms: u64,
    /// Chat messages that a room keeps; the oldest go first. Fixed when a room is created, since replicas whose
    /// configuration differs for a while must fold its log to the same history.
    pub chat_history: u32,
    /// Bytes of UTF-8 in a chat message.
    pub max_chat_bytes: usize,
    /// Bytes of UTF-8 in metadata, and in all attributes together.
    pub max_metadata_bytes: usize,
    /// Bytes of UTF-8 in a display name, a track's id or name, the topic of data, a reason.
    pub max_name_bytes: usize,
    /// Tracks a participant announces at most.
    pub max_tracks: usize,
    /// What `auto` may choose beyond `mesh`, and what a moderator may ask for.
    pub topologies: Vec<TopologyMode>,
    /// `auto` stays with `mesh` up to so many participants.
    pub mesh_limit: usize,
    /// New rooms have a lobby.
    pub lobby: bool,
}

impl Default for RoomConfig {
    fn default() -> Self {
        Self {
            duplicate_identity: DuplicateIdentity::default(),
            max_participants: 0,
            empty_timeout_ms: 30_000,
            resume_window_ms: 30_000,
            ban_ms: 24 * 3_600_000,
            chat_history: 100,
            max_chat_bytes: 4_096,
            max_metadata_bytes: 8_192,
            max_name_bytes: 256,
            max_tracks: 16,
            topologies: vec![TopologyMode::Mesh],
            mesh_limit: 4,
            lobby: false,
        }
    }
}

/// Key-value pairs of the application.
pub type Attributes = BTreeMap<String, String>;
