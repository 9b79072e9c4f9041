//! Sessions begin, break, continue and end.

use antiphon_protocol::{ErrorCode, Identity, ReplicaId, Sid};

use super::{Rules, Verdict};
use crate::{
    Connection, DuplicateIdentity, EventBody, Generation, Join, LeaveReason, Millis, Participant, Refusal, ResumeHash,
    Role, participant::grant_deadline,
};

impl Rules<'_> {
    /// A new session.
    ///
    /// Refused when the identity is banned, when the room is locked (moderators come in all the same) or full (admins do).
    /// Where its identity is in the room already, [`DuplicateIdentity`] says what happens. A newcomer that replaces a
    /// session takes its place: the limit does not count both, and it waits in the lobby only if the other did. The lock
    /// keeps it out, though, unless it is a moderator itself. Moderators skip the lobby, and so does an identity that was let
    /// in and is still here.
    pub(super) fn join(&self, join: &Join) -> Verdict {
        if let Some(present) = self.room.roster.get(join.sid) {
            return if present.identity == join.identity && present.resume.0 == join.resume {
                Ok(Vec::new())
            } else {
                Err(Refusal::new(ErrorCode::AlreadyJoined, "this session is in the room already"))
            };
        }
        self.check_join(join)?;
        let role = Role::initial(join.grants);
        if self.bans_of(&join.identity).next().is_some() {
            return Err(Refusal::new(ErrorCode::Banned, "removed from this room by a moderator"));
        }
        if self.room.locked && role < Role::Moderator {
            return Err(Refusal::new(ErrorCode::RoomLocked, "the room is locked"));
        }
        let replaced = self.replaced_by(join)?;
        if replaced.is_empty() && !join.grants.admin && self.is_full() {
            return Err(Refusal::new(ErrorCode::RoomFull, "the room is full"));
        }
        let known = self.room.participants().any(|participant| participant.identity == join.identity);
        let waiting = self.room.lobby && role < Role::Moderator && !known;
        let mut events: Vec<_> =
            replaced.into_iter().map(|older| left(older, LeaveReason::DuplicateIdentity, "")).collect();
        events.push(EventBody::Joined {
            sid: join.sid,
            identity: join.identity.clone(),
            name: join.name.clone(),
            metadata: join.metadata.clone(),
            attributes: join.attributes.iter().filter(|(_, value)| !value.is_empty()).map(to_owned).collect(),
            grants: join.grants,
            role,
            expires_at: join.expires_at,
            resume: join.resume,
            waiting,
            holder: join.holder,
        });
        Ok(events)
    }

    /// The sessions that end because this one begins.
    fn replaced_by(&self, join: &Join) -> Result<Vec<&Participant>, Refusal> {
        let same = self.room.roster.iter().map(AsRef::as_ref).filter(|other| other.identity == join.identity);
        let same: Vec<&Participant> = same.collect();
        match self.config.duplicate_identity {
            DuplicateIdentity::Replace => Ok(same),
            DuplicateIdentity::Allow => Ok(Vec::new()),
            DuplicateIdentity::Reject if same.iter().any(|other| other.connection == Connection::Connected) => {
                Err(Refusal::new(ErrorCode::IdentityTaken, "this identity is in the room already"))
            }
            DuplicateIdentity::Reject => Ok(same),
        }
    }

    /// Whether the deployment's limit or the room's own is reached; 0 is none.
    fn is_full(&self) -> bool {
        let limits = [self.config.max_participants, self.room.max_participants];
        limits
            .into_iter()
            .filter(|limit| *limit != 0)
            .min()
            .is_some_and(|limit| self.room.roster.len() >= limit as usize)
    }

    /// A new connection continues a session, if it has not run out and the token is the current one, or the one before
    /// while the current one is unconfirmed: its answer may have been lost on the way.
    ///
    /// A session lives as long as the newest access token it has shown: resuming with an older one does not shorten it.
    pub(super) fn resume(
        &self,
        sid: Sid,
        identity: &Identity,
        (presented, next): (ResumeHash, ResumeHash),
        expires_at: Millis,
        holder: ReplicaId,
    ) -> Verdict {
        let Some(session) = self.room.roster.get(sid) else {
            return Err(if self.is_replaced(identity) { replaced() } else { resume_failed() });
        };
        if session.identity != *identity {
            return Err(resume_failed());
        }
        let (current, unconfirmed) = session.resume;
        if current == next && unconfirmed == Some(presented) {
            return Ok(Vec::new());
        }
        let too_late = session.resume_deadline().is_some_and(|deadline| deadline <= self.now);
        if too_late || (presented != current && Some(presented) != unconfirmed) {
            return Err(resume_failed());
        }
        let expires_at = expires_at.max(session.expires_at);
        if grant_deadline(expires_at) <= self.now {
            return Err(token_expired());
        }
        let generation = session.generation.next().ok_or_else(resume_failed)?;
        Ok(vec![EventBody::Resumed { sid, generation, presented, resume: next, expires_at, holder }])
    }

    /// Another session has the identity of one that is gone, where there is to be one: to join again would throw it out.
    fn is_replaced(&self, identity: &Identity) -> bool {
        self.config.duplicate_identity != DuplicateIdentity::Allow
            && self.room.roster.iter().any(|session| session.identity == *identity)
    }

    /// Nothing happens when the session is gone or a newer connection took over.
    pub(super) fn confirm_resume(&self, sid: Sid, generation: Generation) -> Vec<EventBody> {
        match self.room.roster.get(sid) {
            Some(session) if session.generation == generation && session.resume.1.is_some() => {
                vec![EventBody::ResumeConfirmed { sid, generation }]
            }
            Some(_) | None => Vec::new(),
        }
    }

    /// Nothing happens when the session is gone, disconnected already, or a newer connection took over.
    pub(super) fn disconnect(&self, sid: Sid, generation: Generation) -> Vec<EventBody> {
        match self.room.roster.get(sid) {
            Some(session) if session.generation == generation && session.connection == Connection::Connected => {
                vec![EventBody::Disconnected { sid, resume_deadline: self.now.plus(self.config.resume_window_ms) }]
            }
            Some(_) | None => Vec::new(),
        }
    }

    /// Nothing happens when the session has shown a token that lasts as long.
    pub(super) fn extend_grant(&self, sid: Sid, expires_at: Millis) -> Verdict {
        let session = self.room.roster.get(sid).ok_or_else(super::no_such_participant)?;
        if expires_at <= session.expires_at {
            return Ok(Vec::new());
        }
        Ok(vec![EventBody::GrantExtended { sid, expires_at }])
    }

    /// Ends what is due: sessions whose access token or resume window has run out, and a room that has been empty for
    /// long enough.
    pub(super) fn tick(&self) -> Vec<EventBody> {
        let mut events: Vec<_> = self
            .room
            .roster
            .iter()
            .filter_map(|session| {
                if session.grant_deadline() <= self.now {
                    Some(left(session, LeaveReason::TokenExpired, ""))
                } else if session.resume_deadline().is_some_and(|deadline| deadline <= self.now) {
                    Some(left(session, LeaveReason::ResumeTimeout, ""))
                } else {
                    None
                }
            })
            .collect();
        let empty_since = if events.is_empty() {
            self.room.empty_since
        } else {
            (events.len() == self.room.roster.len()).then_some(self.now)
        };
        if empty_since.is_some_and(|since| since.plus(self.room.empty_timeout_ms(self.config)) <= self.now) {
            events.push(EventBody::RoomEnded { reason: String::from("empty") });
        }
        events
    }
}

/// The author goes, from the room or from the lobby.
pub(super) fn leave(author: &Participant) -> Vec<EventBody> {
    vec![left(author, LeaveReason::ClientLeft, "")]
}

pub(super) fn left(session: &Participant, reason: LeaveReason, message: &str) -> EventBody {
    EventBody::Left { sid: session.sid, identity: session.identity.clone(), reason, message: message.to_owned() }
}

pub(super) fn resume_failed() -> Refusal {
    Refusal::new(ErrorCode::ResumeFailed, "the session cannot be resumed: join again")
}

fn replaced() -> Refusal {
    Refusal::new(ErrorCode::IdentityTaken, "another session of this identity has taken this one's place")
}

pub(super) fn token_expired() -> Refusal {
    Refusal::new(ErrorCode::TokenExpired, "the access token has expired")
}

fn to_owned((key, value): (&String, &String)) -> (String, String) {
    (key.clone(), value.clone())
}
