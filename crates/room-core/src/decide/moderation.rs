//! What moderators do to others and to the room. An admin is out of their reach, and out of its own.

use antiphon_protocol::{ErrorCode, Sid};

use super::{Rules, Verdict, denied, no_such_participant, presence::no_such_track, session::left};
use crate::{EventBody, LeaveReason, Participant, Refusal, Role, RoomChange, TopologyMode, TrackKind};

impl Rules<'_> {
    /// Ends every session of the identity, in the room and in the lobby, and bans it unless it may come back.
    pub(super) fn kick(&self, sid: Sid, reason: &str, allow_rejoin: bool) -> Verdict {
        self.check_reason(reason)?;
        let identity = &self.room.roster.get(sid).ok_or_else(no_such_participant)?.identity;
        let sessions: Vec<_> = self.room.roster.iter().filter(|session| session.identity == *identity).collect();
        for session in &sessions {
            not_admin(session)?;
        }
        let mut events: Vec<_> =
            sessions.into_iter().map(|session| left(session, LeaveReason::Kicked, reason)).collect();
        if !allow_rejoin {
            events.push(EventBody::Banned { identity: identity.clone(), until: self.now.plus(self.config.ban_ms) });
        }
        Ok(events)
    }

    /// Mutes one track, or every audio track. Its publisher may unmute it.
    pub(super) fn mute(&self, sid: Sid, track_id: Option<&str>) -> Verdict {
        let target = self.target(sid)?;
        not_admin(target)?;
        let tracks: Vec<_> = match track_id {
            Some(track_id) => vec![target.track(track_id).ok_or_else(|| no_such_track("trackId"))?],
            None => target.tracks.iter().filter(|track| track.kind == TrackKind::Audio).collect(),
        };
        let unmuted = tracks.into_iter().filter(|track| !track.muted);
        Ok(unmuted.map(|track| EventBody::Muted { sid, track_id: track.track_id.clone() }).collect())
    }

    /// Lets somebody in. Nothing happens when it is in already.
    pub(super) fn admit(&self, sid: Sid) -> Verdict {
        let target = self.room.roster.get(sid).ok_or_else(no_such_participant)?;
        Ok(if target.waiting { vec![EventBody::Admitted { sid }] } else { Vec::new() })
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
    pub(super) fn set_role(&self, sid: Sid, role: Role) -> Verdict {
        let target = self.target(sid)?;
        if target.role == role {
            return Ok(Vec::new());
        }
        not_admin(target)?;
        if role == Role::Speaker && !target.grants.publish {
            return Err(denied("this participant's token does not grant publish"));
        }
        let withdrawn = target.tracks.iter().filter(|_| role < Role::Speaker);
        let mut events: Vec<_> =
            withdrawn.map(|track| EventBody::Unpublished { sid, track_id: track.track_id.clone() }).collect();
        events.push(EventBody::RoleChanged { sid, role });
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
        };
        if change == RoomChange::default() {
            return Ok(Vec::new());
        }
        let opens = change.lobby == Some(false);
        let mut events = vec![EventBody::RoomUpdated { change }];
        events.extend(room.waiting().filter(|_| opens).map(|waiting| EventBody::Admitted { sid: waiting.sid }));
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

fn not_admin(target: &Participant) -> Result<(), Refusal> {
    if target.grants.admin { Err(denied("an admin cannot be kicked, muted or demoted")) } else { Ok(()) }
}
