//! What can be asked of a room.

use antiphon_protocol::{Identity, ReplicaId, Sid};

use crate::model::{Attributes, Generation, Grants, Millis, ResumeHash, Role, Seq, TopologyMode, Track, TrackKind};
use crate::{Participant, RequestId, Room};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// A connection of a session. Refused when `generation` is not the session's current one; answered by no events when
    /// `seq` is settled already (`0` is not numbered and never a repetition).
    Session {
        /// The session.
        sid: Sid,
        /// Its connection.
        generation: Generation,
        /// The client frame.
        seq: Seq,
    },
    /// The server itself: joins, resumes, broken connections, deadlines; and, for the application, whatever a moderator may.
    Server,
    /// The application, by a request that may be sent again. Answered by no events when it was carried out already.
    Application {
        /// The request.
        request: RequestId,
    },
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Server: a new session.
    Join(Box<Join>),
    /// Server: a new connection continues a session. Makes the next generation.
    Resume {
        /// The session.
        sid: Sid,
        /// Must own the session.
        identity: Identity,
        /// Hash of the token that the client presented: the current one, or the one before until it is confirmed.
        presented: ResumeHash,
        /// Hash of the token that replaces it.
        next: ResumeHash,
        /// When the access token of the new connection expires.
        expires_at: Millis,
        /// Who has the new connection.
        holder: ReplicaId,
    },
    /// Server: the client has acknowledged a frame on its newest connection, so the resume token before goes out of use.
    ConfirmResume {
        /// The session.
        sid: Sid,
        /// The connection that confirmed.
        generation: Generation,
    },
    /// Server: the connection is gone. Nothing happens when a newer one took its place.
    Disconnect {
        /// The session.
        sid: Sid,
        /// The connection.
        generation: Generation,
    },
    /// Server: a replica is dead, or was cut off for as long as one that is dead: its connections count as gone. Those that have moved to
    /// another replica meanwhile do not.
    ReplicaLost {
        /// Which.
        replica: ReplicaId,
    },
    /// Server: the log is empty although the room did not end: puts back what a replica knows of it. The first entry of the next epoch.
    Restore(Box<Room>),
    /// Server: a session that a replica has a connection of, and that the log has lost.
    Reinstate(Box<Participant>),
    /// Server: the session has a token that expires later.
    ExtendGrant {
        /// The session.
        sid: Sid,
        /// When the newest access token expires.
        expires_at: Millis,
    },
    /// Server: the client has handed over another access token.
    RenewGrants {
        /// The session.
        sid: Sid,
        /// What it grants.
        grants: Grants,
        /// When it expires.
        expires_at: Millis,
    },
    /// Server: fires what is due: resume deadlines, expired grants, the empty timeout.
    Tick,
    /// Server: the application creates the room ahead of its first join.
    Create(RoomChange),
    /// Server: the application changes somebody's presence and role, both or neither. It says nothing about tracks.
    UpdateParticipant {
        /// Whose.
        sid: Sid,
        /// Name, metadata and attributes.
        change: PresenceChange,
        /// `None`: stays as it is.
        role: Option<Role>,
    },
    /// Server: the application writes to everyone.
    Announce {
        /// Unique in the room.
        id: String,
        /// The display name that it writes under.
        name: String,
        /// The text.
        text: String,
    },
    /// Server: the application sends bytes.
    SendData {
        /// What the payload is.
        topic: String,
        /// The bytes.
        payload: Vec<u8>,
        /// To whom; empty: to everyone.
        to: Vec<Sid>,
    },
    /// Server: the application bans an identity, whether or not it is here or the room exists. Its sessions end.
    Ban {
        /// Whom.
        identity: Identity,
        /// How long; `None`: as long as for a kick.
        duration_ms: Option<u64>,
        /// Why, for the one who is banned.
        reason: String,
    },
    /// Server: the application lifts a ban, also where the room does not exist.
    Unban {
        /// Whose.
        identity: Identity,
    },
    /// The author leaves.
    Leave,
    /// The author changes its presence.
    Update(PresenceChange),
    /// The author announces a track, or replaces the announcement of the same id.
    Publish(Track),
    /// The author withdraws a track.
    Unpublish {
        /// Which.
        track_id: String,
    },
    /// The author writes to everyone.
    Chat {
        /// Unique in the room.
        id: String,
        /// The text.
        text: String,
    },
    /// The author sends bytes to everyone.
    Data {
        /// What the payload is.
        topic: String,
        /// The bytes.
        payload: Vec<u8>,
    },
    /// The author, a moderator or the message's own author, deletes a chat message.
    DeleteChat {
        /// Which.
        id: String,
    },
    /// A moderator deletes the whole chat history.
    ClearChat,
    /// A moderator removes somebody: every session of its identity.
    Kick {
        /// Whom.
        sid: Sid,
        /// Why, for the one who is kicked.
        reason: String,
        /// The identity is not banned.
        allow_rejoin: bool,
    },
    /// A moderator mutes somebody's track, or all of its audio.
    Mute {
        /// Whose.
        sid: Sid,
        /// Which; `None`: every audio track.
        track_id: Option<String>,
    },
    /// A moderator mutes all of somebody's tracks.
    MuteAll {
        /// Whose.
        sid: Sid,
        /// Only those of this kind.
        kind: Option<TrackKind>,
    },
    /// A moderator lets somebody in from the lobby.
    Admit {
        /// Whom.
        sid: Sid,
    },
    /// A moderator lets in everyone who waits.
    AdmitAll,
    /// A moderator turns somebody in the lobby away.
    Refuse {
        /// Whom.
        sid: Sid,
        /// Why, for the one who is refused.
        reason: String,
    },
    /// A moderator changes somebody's role. Moderating can be given to anyone, publishing only to whom its token grants it.
    SetRole {
        /// Whose.
        sid: Sid,
        /// To what.
        role: Role,
    },
    /// A moderator changes the room.
    UpdateRoom(RoomChange),
    /// A moderator ends the room.
    EndRoom {
        /// Why, for everyone.
        reason: String,
    },
}

/// A new session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Join {
    /// Random, given by the server.
    pub sid: Sid,
    /// The token's `sub`.
    pub identity: Identity,
    /// Display name.
    pub name: String,
    /// Free text.
    pub metadata: String,
    /// Key-value pairs.
    pub attributes: Attributes,
    /// From the token.
    pub grants: Grants,
    /// When the access token expires.
    pub expires_at: Millis,
    /// Hash of the session's first resume token.
    pub resume: ResumeHash,
    /// Who has its connection.
    pub holder: ReplicaId,
}

/// A change of the author's presence; `None` stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct PresenceChange {
    /// Display name.
    pub name: Option<String>,
    /// Free text.
    pub metadata: Option<String>,
    /// Merged in; an empty value removes the key.
    pub attributes: Attributes,
    /// Mute state by track id.
    pub tracks: Vec<(String, bool)>,
}

/// A change of the room's own properties; `None` stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct RoomChange {
    /// Free text.
    pub metadata: Option<String>,
    /// Nobody joins but moderators.
    pub locked: Option<bool>,
    /// Newcomers wait to be admitted. Switching it off admits everyone who waits.
    pub lobby: Option<bool>,
    /// 0: no limit of the room's own.
    pub max_participants: Option<u32>,
    /// How media travels.
    pub topology: Option<TopologyMode>,
    /// How long the room stays when nobody is in it, instead of the deployment's time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub empty_timeout_ms: Option<u64>,
}
