//! Participants, as everyone in the room sees them.

use antiphon_room_core as core;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A session of somebody who is in a room, or waits in its lobby.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::rest) struct Participant {
    /// The session, given by the server.
    #[schema(example = "gaytemzugu3doobz")]
    sid: String,
    /// The token's `sub`.
    #[schema(example = "ada")]
    identity: String,
    /// Display name.
    name: String,
    /// Free text of the application.
    metadata: String,
    /// Key-value pairs of the application.
    attributes: core::Attributes,
    state: State,
    role: Role,
    tracks: Vec<Track>,
    /// When it came in, or, while it waits, to the lobby: milliseconds since the Unix epoch.
    joined_at_ms: u64,
}

/// Where a session is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum State {
    /// In the lobby.
    Waiting,
    /// In the room, with a socket.
    Connected,
    /// In the room; its socket is gone, and it may resume.
    Disconnected,
}

/// What a participant may do beside chat.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(in crate::rest) enum Role {
    /// Publishes nothing.
    Viewer,
    /// Publishes tracks.
    Speaker,
    /// Publishes tracks and moderates.
    Moderator,
}

/// What a track is.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(in crate::rest) enum TrackKind {
    /// Sound.
    Audio,
    /// Pictures.
    Video,
}

/// What a track shows or carries.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum TrackSource {
    /// A microphone.
    Microphone,
    /// A camera.
    Camera,
    /// A screen, or a window.
    ScreenShare,
    /// What is heard with it.
    ScreenShareAudio,
}

/// A track that a participant announces.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Track {
    /// Unique among the tracks of its publisher.
    track_id: String,
    kind: TrackKind,
    source: TrackSource,
    /// Display name, may be empty.
    name: String,
    /// Nothing is sent at the moment.
    muted: bool,
    /// Encodings; empty when the track is not simulcast.
    layers: Vec<Layer>,
}

/// One encoding of a simulcast track.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Layer {
    /// RTP stream id (RFC 8851).
    rid: String,
    /// Pixels.
    #[schema(format = Int64)]
    width: u32,
    /// Pixels.
    #[schema(format = Int64)]
    height: u32,
    /// Bits per second.
    #[schema(format = Int64)]
    max_bitrate: u32,
}

impl From<&core::Participant> for Participant {
    fn from(participant: &core::Participant) -> Self {
        Self {
            sid: participant.sid.to_string(),
            identity: participant.identity.to_string(),
            name: participant.name.clone(),
            metadata: participant.metadata.clone(),
            attributes: participant.attributes.clone(),
            state: State::of(participant),
            role: participant.role.into(),
            tracks: participant.tracks.iter().map(Track::from).collect(),
            joined_at_ms: participant.joined_at.0,
        }
    }
}

impl State {
    fn of(participant: &core::Participant) -> Self {
        match participant.connection {
            _ if participant.waiting => Self::Waiting,
            core::Connection::Connected => Self::Connected,
            core::Connection::Disconnected { .. } => Self::Disconnected,
        }
    }
}

impl From<&core::Track> for Track {
    fn from(track: &core::Track) -> Self {
        Self {
            track_id: track.track_id.clone(),
            kind: match track.kind {
                core::TrackKind::Audio => TrackKind::Audio,
                core::TrackKind::Video => TrackKind::Video,
            },
            source: match track.source {
                core::TrackSource::Microphone => TrackSource::Microphone,
                core::TrackSource::Camera => TrackSource::Camera,
                core::TrackSource::ScreenShare => TrackSource::ScreenShare,
                core::TrackSource::ScreenShareAudio => TrackSource::ScreenShareAudio,
            },
            name: track.name.clone(),
            muted: track.muted,
            layers: track.layers.iter().map(Layer::from).collect(),
        }
    }
}

impl From<&core::Layer> for Layer {
    fn from(layer: &core::Layer) -> Self {
        let core::Layer { rid, width, height, max_bitrate } = layer.clone();
        Self { rid, width, height, max_bitrate }
    }
}

impl From<core::Role> for Role {
    fn from(role: core::Role) -> Self {
        match role {
            core::Role::Viewer => Self::Viewer,
            core::Role::Speaker => Self::Speaker,
            core::Role::Moderator => Self::Moderator,
        }
    }
}

impl From<Role> for core::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Viewer => Self::Viewer,
            Role::Speaker => Self::Speaker,
            Role::Moderator => Self::Moderator,
        }
    }
}

impl From<TrackKind> for core::TrackKind {
    fn from(kind: TrackKind) -> Self {
        match kind {
            TrackKind::Audio => Self::Audio,
            TrackKind::Video => Self::Video,
        }
    }
}
