//! One session of a room.

use antiphon_protocol::{Identity, ReplicaId, Sid};

use crate::{Connection, Generation, Grants, Millis, ResumeHash, Role, Seq, Track, model::Attributes};

/// How long a session outlives its access token, so that clocks may differ and a fresh token may be on its way.
const GRANT_LEEWAY_MS: u64 = 10_000;

/// A session of the room.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[expect(missing_docs, reason = "see the events that set them")]
pub struct Participant {
    pub sid: Sid,
    pub identity: Identity,
    pub name: String,
    pub metadata: String,
    pub attributes: Attributes,
    pub grants: Grants,
    pub role: Role,
    /// In the lobby.
    pub waiting: bool,
    pub connection: Connection,
    /// Who has its connection, or had the last one.
    pub holder: ReplicaId,
    pub generation: Generation,
    /// The current resume token's hash, and the one before while it is unconfirmed.
    pub resume: (ResumeHash, Option<ResumeHash>),
    pub expires_at: Millis,
    /// When it came in; for somebody in the lobby, when it came there.
    pub joined_at: Millis,
    /// The highest client frame that the log has settled.
    pub last_seq: Seq,
    pub tracks: Vec<Track>,
}

impl Participant {
    /// Whether it may announce tracks: as a speaker or moderator whose token grants it.
    #[must_use]
    pub fn may_publish(&self) -> bool {
        !self.waiting && self.role >= Role::Speaker && self.grants.publish
    }

    /// Whether it may write chat and send data.
    #[must_use]
    pub fn may_chat(&self) -> bool {
        !self.waiting && self.grants.chat
    }

    /// Whether it may admit, mute, kick, lock and end.
    #[must_use]
    pub fn may_moderate(&self) -> bool {
        !self.waiting && self.role == Role::Moderator
    }

    /// The track it announced under this id.
    #[must_use]
    pub fn track(&self, track_id: &str) -> Option<&Track> {
        self.tracks.iter().find(|track| track.track_id == track_id)
    }

    /// Whether this replica has its connection.
    #[must_use]
    pub fn is_held_by(&self, replica: ReplicaId) -> bool {
        self.holder == replica && self.connection == Connection::Connected
    }

    /// When the session ends for want of a valid access token.
    pub(crate) fn grant_deadline(&self) -> Millis {
        grant_deadline(self.expires_at)
    }

    /// When the session ends unless it is resumed.
    pub(crate) fn resume_deadline(&self) -> Option<Millis> {
        match self.connection {
            Connection::Connected => None,
            Connection::Disconnected { resume_deadline } => Some(resume_deadline),
        }
    }
}

/// When a session whose newest access token expires at `expires_at` ends.
pub(crate) fn grant_deadline(expires_at: Millis) -> Millis {
    expires_at.plus(GRANT_LEEWAY_MS)
}
