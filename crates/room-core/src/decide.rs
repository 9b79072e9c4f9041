//! What a command means: the events it comes to, or why not.

mod grants;
mod limits;
mod moderation;
mod presence;
mod replicas;
mod session;
mod talk;

use antiphon_protocol::{ErrorCode, Sid};

use crate::{
    Author, Ban, Command, Event, EventBody, Generation, Millis, Participant, Refusal, Room, RoomChange, RoomConfig,
    Seq,
    room::{OpenRoom, Phase},
    topology,
};

/// What a rule comes to.
type Verdict = Result<Vec<EventBody>, Refusal>;

impl Room {
    /// Turns a command into the events that are to be appended to the log, all of them or none, or refuses it.
    ///
    /// No events mean that there is nothing to do: the frame is settled already, the change changes nothing, the server's
    /// command or the application's request was carried out before. So a command whose append may or may not have happened can be decided again; one that
    /// ended what it was about (a session, the room) is then refused, because that is gone.
    ///
    /// # Errors
    /// When the room's rules forbid it. Nothing has changed then.
    pub fn decide(
        &self,
        config: &RoomConfig,
        bans: &[Ban],
        author: Author,
        command: &Command,
        now: Millis,
    ) -> Result<Vec<Event>, Refusal> {
        let (by, request) = match author {
            Author::Session { sid, seq, .. } if seq != 0 => (Some((sid, seq)), None),
            Author::Session { .. } | Author::Server => (None, None),
            Author::Application { request } => (None, Some(request)),
        };
        if request.is_some_and(|request| self.carried_out(request, now).is_some()) {
            return Ok(Vec::new());
        }
        let bodies = match &self.phase {
            Phase::Absent if matches!(author, Author::Session { .. }) => return Err(session_over()),
            Phase::Absent => absent(config, bans, now, command)?,
            Phase::Ended => ended(command)?,
            Phase::Open(room) => Rules { room, config, bans, now }.decide(author, command)?,
        };
        Ok(bodies.into_iter().map(|body| Event { at: now, by, request, body }).collect())
    }
}

/// The server creates the room, by its first join or ahead of it. Bans stand beside the room and come and go without it; nothing
/// else finds one.
fn absent(config: &RoomConfig, bans: &[Ban], now: Millis, command: &Command) -> Verdict {
    let lobby =
        if let Command::Create(RoomChange { lobby: Some(lobby), .. }) = command { *lobby } else { config.lobby };
    let room = &OpenRoom::new(now, lobby, config.chat_history);
    let rules = Rules { room, config, bans, now };
    if let Command::Ban { .. } | Command::Unban { .. } = command {
        return rules.decide_for(Actor::Server, command);
    }
    let first = if let Command::Join(join) = command {
        rules.join(join)?
    } else if let Command::Create(change) = command {
        rules.update_room(change)?
    } else if let Command::Restore(room) = command {
        return Ok(replicas::restore(room));
    } else {
        return nobody_here(command, || Refusal::of_field(ErrorCode::NotFound, "room", "there is no such room"));
    };
    let mut events = vec![EventBody::RoomCreated { lobby, chat_history: config.chat_history }];
    events.extend(rules.follow_topology(first));
    Ok(events)
}

/// Nothing happens any more in a room that is over. A join finds out that it has to look for the next log.
fn ended(command: &Command) -> Verdict {
    nobody_here(command, || Refusal::new(ErrorCode::RoomEnded, "the room has ended"))
}

/// Where no session is, what the server says of one that is gone means nothing, and what is asked of one is refused.
fn nobody_here(command: &Command, refusal: impl FnOnce() -> Refusal) -> Verdict {
    match command {
        Command::Tick
        | Command::Disconnect { .. }
        | Command::ConfirmResume { .. }
        | Command::ReplicaLost { .. }
        | Command::Restore(_)
        | Command::Reinstate(_) => Ok(Vec::new()),
        Command::Resume { .. } => Err(session::resume_failed()),
        Command::Join(_)
        | Command::ExtendGrant { .. }
        | Command::RenewGrants { .. }
        | Command::Leave
        | Command::Update(_)
        | Command::Publish(_)
        | Command::Unpublish { .. }
        | Command::Chat { .. }
        | Command::Data { .. }
        | Command::DeleteChat { .. }
        | Command::Kick { .. }
        | Command::Mute { .. }
        | Command::Admit { .. }
        | Command::Refuse { .. }
        | Command::SetRole { .. }
        | Command::Create(_)
        | Command::UpdateParticipant { .. }
        | Command::Announce { .. }
        | Command::SendData { .. }
        | Command::Ban { .. }
        | Command::Unban { .. }
        | Command::ClearChat
        | Command::MuteAll { .. }
        | Command::AdmitAll
        | Command::UpdateRoom(_)
        | Command::EndRoom { .. } => Err(refusal()),
    }
}

/// An open room, and what else a rule looks at.
struct Rules<'a> {
    room: &'a OpenRoom,
    config: &'a RoomConfig,
    bans: &'a [Ban],
    now: Millis,
}

/// Who asks, once that is known to be so.
#[derive(Clone, Copy)]
enum Actor<'a> {
    Server,
    Session(&'a Participant),
}

impl<'a> Actor<'a> {
    /// Only the server itself asks for this.
    fn server(self) -> Result<(), Refusal> {
        match self {
            Self::Server => Ok(()),
            Self::Session(_) => Err(denied("only the server may do this")),
        }
    }

    /// Only a session can do this.
    fn session(self) -> Result<&'a Participant, Refusal> {
        match self {
            Self::Server => Err(denied("only a participant may do this")),
            Self::Session(participant) => Ok(participant),
        }
    }

    /// The session, where it is one.
    fn sid(self) -> Option<Sid> {
        match self {
            Self::Server => None,
            Self::Session(participant) => Some(participant.sid),
        }
    }

    /// Moderators do this, and the server on behalf of the application.
    fn moderator(self) -> Result<(), Refusal> {
        match self {
            Self::Server => Ok(()),
            Self::Session(participant) if participant.may_moderate() => Ok(()),
            Self::Session(_) => Err(denied("only a moderator may do this")),
        }
    }
}

impl<'a> Rules<'a> {
    fn decide(&self, author: Author, command: &Command) -> Verdict {
        let actor = match author {
            Author::Server | Author::Application { .. } => Actor::Server,
            Author::Session { sid, generation, seq } => match self.author(sid, generation, seq)? {
                Some(participant) => Actor::Session(participant),
                None => return Ok(Vec::new()),
            },
        };
        if let Actor::Session(Participant { waiting: true, .. }) = actor
            && *command != Command::Leave
        {
            return Err(Refusal::new(ErrorCode::Waiting, "a moderator has not let you in yet"));
        }
        Ok(self.follow_topology(self.decide_for(actor, command)?))
    }

    /// The session that a client frame came from; `None` when the frame is settled already.
    fn author(&self, sid: Sid, generation: Generation, seq: Seq) -> Result<Option<&'a Participant>, Refusal> {
        let Some(participant) = self.room.roster.get(sid) else {
            return Err(session_over());
        };
        if generation != participant.generation {
            return Err(Refusal::new(ErrorCode::ResumeFailed, "the session moved to a newer connection"));
        }
        if seq != 0 && seq <= participant.last_seq {
            return Ok(None);
        }
        if participant.grant_deadline() <= self.now {
            return Err(session::token_expired());
        }
        Ok(Some(participant))
    }

    fn decide_for(&self, actor: Actor<'_>, command: &Command) -> Verdict {
        match command {
            Command::Join(join) => actor.server().and_then(|()| self.join(join)),
            Command::Resume { sid, identity, presented, next, expires_at, holder } => {
                actor.server().and_then(|()| self.resume(*sid, identity, (*presented, *next), *expires_at, *holder))
            }
            Command::ReplicaLost { replica } => actor.server().map(|()| self.replica_lost(*replica)),
            Command::Restore(_) => actor.server().map(|()| Vec::new()),
            Command::Reinstate(participant) => actor.server().and_then(|()| self.reinstate(participant)),
            Command::ConfirmResume { sid, generation } => {
                actor.server().map(|()| self.confirm_resume(*sid, *generation))
            }
            Command::Disconnect { sid, generation } => actor.server().map(|()| self.disconnect(*sid, *generation)),
            Command::ExtendGrant { sid, expires_at } => {
                actor.server().and_then(|()| self.extend_grant(*sid, *expires_at))
            }
            Command::RenewGrants { sid, grants, expires_at } => {
                actor.server().and_then(|()| self.renew_grants(*sid, *grants, *expires_at))
            }
            Command::Tick => actor.server().map(|()| self.tick()),
            Command::Create(_) => actor.server().and_then(|()| Err(room_exists())),
            Command::UpdateParticipant { sid, change, role } => {
                actor.server().and_then(|()| self.update_participant(*sid, change, *role))
            }
            Command::Announce { id, name, text } => actor.server().and_then(|()| self.announce(id, name, text)),
            Command::SendData { topic, payload, to } => {
                actor.server().and_then(|()| self.send_data(topic, payload, to))
            }
            Command::Ban { identity, duration_ms, reason } => {
                actor.server().and_then(|()| self.ban(identity, *duration_ms, reason))
            }
            Command::Unban { identity } => actor.server().and_then(|()| self.unban(identity)),
            Command::Leave => actor.session().map(session::leave),
            Command::Update(change) => actor.session().and_then(|author| self.update(author, change)),
            Command::Publish(track) => actor.session().and_then(|author| self.publish(author, track)),
            Command::Unpublish { track_id } => actor.session().and_then(|author| presence::unpublish(author, track_id)),
            Command::Chat { id, text } => actor.session().and_then(|author| self.chat(author, id, text)),
            Command::Data { topic, payload } => actor.session().and_then(|author| self.data(author, topic, payload)),
            Command::DeleteChat { id } => self.delete_chat(actor, id),
            Command::ClearChat => actor.moderator().map(|()| self.clear_chat(actor)),
            Command::Kick { sid, reason, allow_rejoin } => {
                actor.moderator().and_then(|()| self.kick(actor, *sid, reason, *allow_rejoin))
            }
            Command::Mute { sid, track_id } => {
                actor.moderator().and_then(|()| self.mute(actor, *sid, track_id.as_deref()))
            }
            Command::MuteAll { sid, kind } => actor.moderator().and_then(|()| self.mute_all(actor, *sid, *kind)),
            Command::Admit { sid } => actor.moderator().and_then(|()| self.admit(*sid)),
            Command::AdmitAll => actor.moderator().map(|()| self.admit_all()),
            Command::Refuse { sid, reason } => actor.moderator().and_then(|()| self.refuse(*sid, reason)),
            Command::SetRole { sid, role } => actor.moderator().and_then(|()| self.set_role(actor, *sid, *role)),
            Command::UpdateRoom(change) => actor.moderator().and_then(|()| self.update_room(change)),
            Command::EndRoom { reason } => actor.moderator().and_then(|()| self.end_room(reason)),
        }
    }

    /// Adds the change of topology that these events bring about.
    fn follow_topology(&self, mut events: Vec<EventBody>) -> Vec<EventBody> {
        let mut requested = None;
        let (mut came, mut went) = (0, 0);
        for event in &events {
            match event {
                EventBody::Joined { waiting: false, .. } | EventBody::Admitted { .. } => came += 1,
                EventBody::Reinstated { participant } if !participant.waiting => came += 1,
                EventBody::Left { sid, .. } if self.is_in(*sid) => went += 1,
                EventBody::RoomUpdated { change } if change.topology.is_some() => requested = change.topology,
                EventBody::RoomEnded { .. } => return events,
                EventBody::RoomCreated { .. }
                | EventBody::Joined { .. }
                | EventBody::Resumed { .. }
                | EventBody::ResumeConfirmed { .. }
                | EventBody::Disconnected { .. }
                | EventBody::GrantExtended { .. }
                | EventBody::GrantsRenewed { .. }
                | EventBody::Left { .. }
                | EventBody::Banned { .. }
                | EventBody::Unbanned { .. }
                | EventBody::Updated { .. }
                | EventBody::RoleChanged { .. }
                | EventBody::Published { .. }
                | EventBody::Muted { .. }
                | EventBody::Unpublished { .. }
                | EventBody::Chat { .. }
                | EventBody::ChatDeleted { .. }
                | EventBody::Data { .. }
                | EventBody::RoomUpdated { .. }
                | EventBody::Restored { .. }
                | EventBody::Reinstated { .. }
                | EventBody::TopologyChanged { .. } => {}
            }
        }
        if came + went > 0 || requested.is_some() {
            let participants = self.room.participants().count() + came - went;
            let requested = requested.unwrap_or(self.room.requested_topology);
            let active = topology::choose(requested, participants, self.config);
            if active != self.room.active_topology {
                events.push(EventBody::TopologyChanged { active });
            }
        }
        events
    }

    fn is_in(&self, sid: Sid) -> bool {
        self.room.roster.get(sid).is_some_and(|participant| !participant.waiting)
    }

    /// Somebody who is in; a refusal when nobody has this sid or it still waits.
    fn target(&self, sid: Sid) -> Result<&'a Participant, Refusal> {
        let participant = self.room.roster.get(sid).ok_or_else(no_such_participant)?;
        if participant.waiting {
            return Err(Refusal::of_field(ErrorCode::Waiting, "sid", "this participant waits in the lobby"));
        }
        Ok(participant)
    }
}

fn session_over() -> Refusal {
    Refusal::new(ErrorCode::ResumeFailed, "the session is over")
}

fn room_exists() -> Refusal {
    Refusal::of_field(ErrorCode::RoomExists, "name", "a room of this name is there already")
}

fn denied(message: &'static str) -> Refusal {
    Refusal::new(ErrorCode::PermissionDenied, message)
}

fn no_such_participant() -> Refusal {
    Refusal::of_field(ErrorCode::NotFound, "sid", "nobody in this room has this sid")
}
