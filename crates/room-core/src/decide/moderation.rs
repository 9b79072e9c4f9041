//! What moderators, and the application, do to others and to the room. An admin is out of moderators' reach, and out of its own;
//! it is not out of the application's, which made it an admin.

use antiphon_protocol::{ErrorCode, Identity, Sid};

use super::{Actor, Rules, Verdict, denied, no_such_participant, presence::no_such_track, session::left};
use crate::{
    Ban, EventBody, LeaveReason, Participant, PresenceChange, Refusal, Role, RoomChange, TopologyMode, Track, TrackKind,
};

impl Rules<'_> {
    /// Ends every session of the identity, in the room and in the lobby, and bans it unless it may come back.
    pub(super) fn kick(&self, actor: Actor<'_>, sid: Sid, reason: &str, allow_rejoin: bool) -> Verdict {
        self.check_reason(reason)?;
        let identity = &self.room.roster.get(sid).ok_or_else(no_such_participant)?.identity;
        for session in self.sessions_of(identity) {
            actor.reaches(session)?;
        }
        let mut events = self.end_sessions_of(identity, reason);
        if !allow_rejoin {
            events.push(EventBody::Banned { identity: identity.clone(), until: self.now.plus(self.config.ban_ms) });
        }
        Ok(events)
    }

    fn sessions_of(&self, identity: &Identity) -> impl Iterator<Item = &Participant> {
        self.room.roster.iter().map(AsRef::as_ref).filter(move |session| session.identity == *identity)
    }

    fn end_sessions_of(&self, identity: &Identity, reason: &str) -> Vec<EventBody> {
        self.sessions_of(identity).map(|session| left(session, LeaveReason::Kicked, reason)).collect()
    }

    /// Ends every session of the identity, if it has any, and bans it. A ban that lasts longer already stays.
    pub(super) fn ban(&self, identity: &Identity, duration_ms: Option<u64>, reason: &str) -> Verdict {
        self.check_ban(duration_ms, reason)?;
        let mut events = self.end_sessions_of(identity, reason);
        let until = self.now.plus(duration_ms.unwrap_or(self.config.ban_ms));
        if self.bans_of(identity).all(|ban| ban.until < until) {
            events.push(EventBody::Banned { identity: identity.clone(), until });
        }
        Ok(events)
    }

    /// Lifts every ban of the identity.
    pub(super) fn unban(&self, identity: &Identity) -> Verdict {
        if self.bans_of(identity).next().is_none() {
            return Err(Refusal::of_field(ErrorCode::NotFound, "identity", "this identity is not banned here"));
        }
        Ok(vec![EventBody::Unbanned { identity: identity.clone() }])
    }

    /// The bans of an identity that have not run out.
    pub(super) fn bans_of(&self, identity: &Identity) -> impl Iterator<Item = &Ban> {
        self.bans.iter().filter(move |ban| ban.identity == *identity && self.now < ban.until)
    }

    /// Mutes one track, or every audio track. Its publisher may unmute it.
    pub(super) fn mute(&self, actor: Actor<'_>, sid: Sid, track_id: Option<&str>) -> Verdict {
        let Some(track_id) = track_id else { return self.mute_all(actor, sid, Some(TrackKind::Audio)) };
        let target = self.target(sid)?;
        actor.reaches(target)?;
        let track = target.track(track_id).ok_or_else(|| no_such_track("trackId"))?;
        Ok(muted(sid, [track]))
    }

    /// Mutes every track, or every track of one kind. Their publisher may unmute them.
    pub(super) fn mute_all(&self, actor: Actor<'_>, sid: Sid, kind: Option<TrackKind>) -> Verdict {
        let target = self.target(sid)?;
        actor.reaches(target)?;
        Ok(muted(sid, target.tracks.iter().filter(|track| kind.is_none_or(|kind| track.kind == kind))))
    }

    /// Lets somebody in. Nothing happens when it is in already.
    pub(super) fn admit(&self, sid: Sid) -> Verdict {
        let target = self.room.roster.get(sid).ok_or_else(no_such_participant)?;
        Ok(if target.waiting { vec![EventBody::Admitted { sid }] } else { Vec::new() })
    }

    /// Lets in everyone who waits, in their order.
    pub(super) fn admit_all(&self) -> Vec<EventBody> {
        self.room.waiting().map(|waiting| EventBody::Admitted { sid: waiting.sid }).collect()
    }

    /// Turns somebody in the lobby away. It may knock again.
    pub(super) fn refuse(&self, sid: Sid, reason: &str) -> Verdict {
        self.check_reason(reason)?;
        let target = self.room.roster.get(sid).filter(|target| target.waiting);
        let target =
            target.ok_or_else(|| Refusal::of_field(ErrorCode::NotFound, "sid", "nobody in the lobby has this sid"))?;
        Ok(vec![left(target, LeaveReason::Refused, reason)])
    }

    /// Promotes or demotes. Nobody is made a speaker whose token does not let it publish: the role would promise what the
    /// grant withholds. Somebody who may publish no longer has its tracks withdrawn.
    pub(super) fn set_role(&self, actor: Actor<'_>, sid: Sid, role: Role) -> Verdict {
        let target = self.target(sid)?;
        if target.role == role {
            return Ok(Vec::new());
        }
        actor.reaches(target)?;
        if role == Role::Speaker && !target.grants.publish {
            return Err(denied("this participant's token does not grant publish"));
        }
        let withdrawn = target.tracks.iter().filter(|_| role < Role::Speaker);
        let mut events: Vec<_> =
            withdrawn.map(|track| EventBody::Unpublished { sid, track_id: track.track_id.clone() }).collect();
        events.push(EventBody::RoleChanged { sid, role });
        Ok(events)
    }

    /// The application changes somebody who is in: name, metadata and attributes as it could itself, and its role.
    pub(super) fn update_participant(&self, sid: Sid, change: &PresenceChange, role: Option<Role>) -> Verdict {
        let mut events = self.update(self.target(sid)?, change)?;
        if let Some(role) = role {
            events.extend(self.set_role(Actor::Server, sid, role)?);
        }
        Ok(events)
    }

    /// Changes the room. The event holds what differs. Nobody is sent away by a limit that is lowered or by the lock;
    /// everyone who waits comes in when the lobby is switched off.
    pub(super) fn update_room(&self, change: &RoomChange) -> Verdict {
        self.check_room(change)?;
        if let Some(mode) = change.topology
            && mode != TopologyMode::Auto
            && !self.config.topologies.contains(&mode)
        {
            let message = "this topology is not deployed here";
            return Err(Refusal::of_field(ErrorCode::InvalidArgument, "topology", message));
        }
        let room = self.room;
        let change = RoomChange {
            metadata: change.metadata.clone().filter(|metadata| *metadata != room.metadata),
            locked: change.locked.filter(|locked| *locked != room.locked),
            lobby: change.lobby.filter(|lobby| *lobby != room.lobby),
            max_participants: change.max_participants.filter(|limit| *limit != room.max_participants),
            topology: change.topology.filter(|mode| *mode != room.requested_topology),
            empty_timeout_ms: change.empty_timeout_ms.filter(|timeout| Some(*timeout) != room.empty_timeout_ms),
        };
        if change == RoomChange::default() {
            return Ok(Vec::new());
        }
        let opens = change.lobby == Some(false);
        let mut events = vec![EventBody::RoomUpdated { change }];
        if opens {
            events.extend(self.admit_all());
        }
        Ok(events)
    }

    /// Ends every session, then the room.
    pub(super) fn end_room(&self, reason: &str) -> Verdict {
        self.check_reason(reason)?;
        let mut events: Vec<_> =
            self.room.roster.iter().map(|session| left(session, LeaveReason::RoomEnded, reason)).collect();
        events.push(EventBody::RoomEnded { reason: reason.to_owned() });
        Ok(events)
    }
}

fn muted<'a>(sid: Sid, tracks: impl IntoIterator<Item = &'a Track>) -> Vec<EventBody> {
    let unmuted = tracks.into_iter().filter(|track| !track.muted);
    unmuted.map(|track| EventBody::Muted { sid, track_id: track.track_id.clone() }).collect()
}

impl Actor<'_> {
    /// Whether it may kick, mute or demote this session.
    fn reaches(self, target: &Participant) -> Result<(), Refusal> {
        match self {
            Self::Session(_) if target.grants.admin => Err(denied("an admin cannot be kicked, muted or demoted")),
            Self::Session(_) | Self::Server => Ok(()),
        }
    }
}
