//! What the model expects a room to answer.

use antiphon_protocol::{ErrorCode, Sid};
use antiphon_room_core::{
    Author, Command, DuplicateIdentity, Join, PresenceChange, Role, RoomChange, TopologyMode, Track, TrackKind,
    TrackSource,
};

use crate::history::{History, LEEWAY_MS, Life, Message, counted, first_role, merged};

/// An answer, as far as the model foretells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Nothing,
    Happens,
    Refused(ErrorCode),
}

use Verdict::{Happens, Nothing, Refused};

/// Who a command is for.
#[derive(PartialEq, Eq)]
enum Needs {
    Server,
    Session,
    Moderator,
    Anybody,
}

fn needs(command: &Command) -> Needs {
    match command {
        Command::Join(_)
        | Command::Resume { .. }
        | Command::ConfirmResume { .. }
        | Command::Disconnect { .. }
        | Command::ExtendGrant { .. }
        | Command::RenewGrants { .. }
        | Command::Create(_)
        | Command::UpdateParticipant { .. }
        | Command::Announce { .. }
        | Command::SendData { .. }
        | Command::Ban { .. }
        | Command::Unban { .. }
        | Command::ReplicaLost { .. }
        | Command::Restore(_)
        | Command::Reinstate(_)
        | Command::Tick => Needs::Server,
        Command::Leave
        | Command::Update(_)
        | Command::Publish(_)
        | Command::Unpublish { .. }
        | Command::Chat { .. }
        | Command::Data { .. } => Needs::Session,
        Command::DeleteChat { .. } => Needs::Anybody,
        Command::ClearChat
        | Command::MuteAll { .. }
        | Command::AdmitAll
        | Command::Kick { .. }
        | Command::Mute { .. }
        | Command::Admit { .. }
        | Command::Refuse { .. }
        | Command::SetRole { .. }
        | Command::UpdateRoom(_)
        | Command::EndRoom { .. } => Needs::Moderator,
    }
}

fn happens_if(something: bool) -> Verdict {
    if something { Happens } else { Nothing }
}

impl History<'_> {
    pub(crate) fn verdict(&self, author: Author, command: &Command, now: u64) -> Verdict {
        let over = self.over();
        if over || self.created().is_none() {
            if !over && matches!(author, Author::Session { .. }) {
                return Refused(ErrorCode::ResumeFailed);
            }
            return match command {
                Command::Tick
                | Command::Disconnect { .. }
                | Command::ConfirmResume { .. }
                | Command::ReplicaLost { .. } => Nothing,
                Command::Resume { .. } => Refused(ErrorCode::ResumeFailed),
                _ if over => Refused(ErrorCode::RoomEnded),
                Command::Join(join) => self.join(join, &[], now),
                Command::Create(change) => match self.update_room(change) {
                    Refused(code) => Refused(code),
                    Nothing | Happens => Happens,
                },
                Command::Ban { .. } | Command::Unban { .. } => self.for_the_server(command, &[], now),
                _ => Refused(ErrorCode::NotFound),
            };
        }
        if let Author::Application { .. } = author
            && self.facts.iter().any(|fact| fact.author == author)
        {
            return Nothing;
        }
        let present = self.present();
        let asker = match author {
            Author::Server | Author::Application { .. } => None,
            Author::Session { sid, generation, seq } => {
                let Some(life) = present.iter().find(|life| life.sid == sid) else {
                    return Refused(ErrorCode::ResumeFailed);
                };
                if life.generation != counted(generation) {
                    return Refused(ErrorCode::ResumeFailed);
                }
                if (1..=life.settled).contains(&seq) {
                    return Nothing;
                }
                if now >= life.expires + LEEWAY_MS {
                    return Refused(ErrorCode::TokenExpired);
                }
                if life.waits() && *command != Command::Leave {
                    return Refused(ErrorCode::Waiting);
                }
                Some(life)
            }
        };
        match (needs(command), asker) {
            (Needs::Server, None) => self.for_the_server(command, &present, now),
            (Needs::Session, Some(life)) => self.for_a_session(command, life),
            (Needs::Moderator, None) => self.for_a_moderator(command, &present, true),
            (Needs::Moderator, Some(life)) if life.moderates() => self.for_a_moderator(command, &present, false),
            (Needs::Anybody, asker) => self.delete_chat(command, asker),
            _ => Refused(ErrorCode::PermissionDenied),
        }
    }

    fn for_the_server(&self, command: &Command, present: &[Life], now: u64) -> Verdict {
        let find = |sid: &Sid| present.iter().find(|life| life.sid == *sid);
        match command {
            Command::Join(join) => self.join(join, present, now),
            Command::ReplicaLost { replica } => {
                happens_if(present.iter().any(|life| life.resume_by.is_none() && life.holder == *replica))
            }
            Command::Resume { sid, identity, presented, next, expires_at, .. } => {
                let Some(life) = find(sid) else {
                    let taken = self.config.duplicate_identity != DuplicateIdentity::Allow
                        && present.iter().any(|other| other.identity == *identity);
                    return Refused(if taken { ErrorCode::IdentityTaken } else { ErrorCode::ResumeFailed });
                };
                if life.identity != *identity {
                    return Refused(ErrorCode::ResumeFailed);
                }
                if (life.token, life.older_token) == (*next, Some(*presented)) {
                    return Nothing;
                }
                let late = life.resume_by.is_some_and(|deadline| now >= deadline);
                if late || !(life.token == *presented || life.older_token == Some(*presented)) {
                    return Refused(ErrorCode::ResumeFailed);
                }
                let dead = now >= life.expires.max(expires_at.0) + LEEWAY_MS;
                if dead { Refused(ErrorCode::TokenExpired) } else { Happens }
            }
            Command::ConfirmResume { sid, generation } => happens_if(
                find(sid).is_some_and(|life| life.older_token.is_some() && life.generation == counted(*generation)),
            ),
            Command::Disconnect { sid, generation } => happens_if(
                find(sid).is_some_and(|life| life.resume_by.is_none() && life.generation == counted(*generation)),
            ),
            Command::ExtendGrant { sid, expires_at } => match find(sid) {
                Some(life) => happens_if(expires_at.0 > life.expires),
                None => Refused(ErrorCode::NotFound),
            },
            Command::RenewGrants { sid, grants, expires_at } => match find(sid) {
                None => Refused(ErrorCode::NotFound),
                Some(_) if now >= expires_at.0 + LEEWAY_MS => Refused(ErrorCode::TokenExpired),
                Some(life) => happens_if(life.grants != *grants || life.expires != expires_at.0),
            },
            Command::Tick => happens_if(self.deadline().is_some_and(|deadline| now >= deadline)),
            _ => self.for_the_application(command, present, now),
        }
    }

    fn for_the_application(&self, command: &Command, present: &[Life], now: u64) -> Verdict {
        let find = |sid: &Sid| present.iter().find(|life| life.sid == *sid);
        match command {
            Command::Create(_) => Refused(ErrorCode::RoomExists),
            Command::UpdateParticipant { sid, change, role } => match find(sid) {
                None => Refused(ErrorCode::NotFound),
                Some(target) if target.waits() => Refused(ErrorCode::Waiting),
                Some(target) => match self.update(change, target) {
                    Refused(code) => Refused(code),
                    presence => match role.map(|role| Command::SetRole { sid: *sid, role }) {
                        None => presence,
                        Some(promote) => match mute_or_promote(&promote, target, true) {
                            Nothing => presence,
                            other => other,
                        },
                    },
                },
            },
            Command::Announce { name, .. } if name.len() > self.config.max_name_bytes => {
                Refused(ErrorCode::InvalidArgument)
            }
            Command::Announce { id, name, text } => {
                let is_this =
                    |message: &Message| (&message.0, &message.1, &message.2, &message.3) == (id, &None, name, text);
                if self.chat().iter().any(is_this) { Nothing } else { self.chat_message(id, text) }
            }
            Command::SendData { topic, .. } if topic.len() > self.config.max_name_bytes => {
                Refused(ErrorCode::InvalidArgument)
            }
            Command::SendData { to, .. } => {
                let all_in = to.iter().all(|sid| find(sid).is_some_and(|life| !life.waits()));
                if all_in { Happens } else { Refused(ErrorCode::NotFound) }
            }
            Command::Ban { duration_ms, reason, .. }
                if reason.len() > self.config.max_name_bytes || *duration_ms == Some(999) =>
            {
                Refused(ErrorCode::InvalidArgument)
            }
            Command::Ban { identity, duration_ms, .. } => {
                let until = now + duration_ms.unwrap_or(self.config.ban_ms);
                let standing = self.bans().iter().any(|(banned, other)| banned == identity && *other >= until);
                happens_if(!standing || present.iter().any(|life| life.identity == *identity))
            }
            Command::Unban { identity } => {
                let banned = self.bans().iter().any(|(banned, until)| banned == identity && now < *until);
                if banned { Happens } else { Refused(ErrorCode::NotFound) }
            }
            _ => unreachable!("the application does not ask for {command:?}"),
        }
    }

    fn delete_chat(&self, command: &Command, asker: Option<&Life>) -> Verdict {
        let Command::DeleteChat { id } = command else { return Refused(ErrorCode::PermissionDenied) };
        let chat = self.chat();
        let Some(message) = chat.iter().find(|message| message.0 == *id) else { return Refused(ErrorCode::NotFound) };
        let writer = message.1.as_ref().map(|(_, identity)| identity);
        match asker {
            Some(asker) if writer != Some(&asker.identity) && !asker.moderates() => {
                Refused(ErrorCode::PermissionDenied)
            }
            Some(_) | None => Happens,
        }
    }

    fn chat_message(&self, id: &str, text: &str) -> Verdict {
        if id.is_empty() || id.len() > self.config.max_name_bytes || text.is_empty() {
            Refused(ErrorCode::InvalidArgument)
        } else if text.len() > self.config.max_chat_bytes {
            Refused(ErrorCode::TooLarge)
        } else if self.chat().iter().any(|message| message.0 == *id) {
            Refused(ErrorCode::InvalidArgument)
        } else {
            Happens
        }
    }

    fn join(&self, join: &Join, present: &[Life], now: u64) -> Verdict {
        if let Some(twin) = present.iter().find(|life| life.sid == join.sid) {
            let same = twin.identity == join.identity && twin.token == join.resume;
            return if same { Nothing } else { Refused(ErrorCode::AlreadyJoined) };
        }
        if now >= join.expires_at.0 + LEEWAY_MS {
            return Refused(ErrorCode::TokenExpired);
        }
        if join.name.len() > self.config.max_name_bytes {
            return Refused(ErrorCode::InvalidArgument);
        }
        let attributes: usize = join.attributes.iter().map(|(key, value)| key.len() + value.len()).sum();
        if join.metadata.len().max(attributes) > self.config.max_metadata_bytes {
            return Refused(ErrorCode::TooLarge);
        }
        if self.bans().iter().any(|(identity, until)| *identity == join.identity && now < *until) {
            return Refused(ErrorCode::Banned);
        }
        let properties = self.properties();
        if properties.locked == Some(true) && first_role(join.grants) != Role::Moderator {
            return Refused(ErrorCode::RoomLocked);
        }
        let twins: Vec<_> = present.iter().filter(|life| life.identity == join.identity).collect();
        let replaces = !twins.is_empty() && self.config.duplicate_identity != DuplicateIdentity::Allow;
        if self.config.duplicate_identity == DuplicateIdentity::Reject
            && twins.iter().any(|twin| twin.resume_by.is_none())
        {
            return Refused(ErrorCode::IdentityTaken);
        }
        let reached = |limit: u32| limit > 0 && present.len() as u64 >= u64::from(limit);
        let full = reached(self.config.max_participants) || reached(properties.max_participants.unwrap_or_default());
        if full && !replaces && !join.grants.admin {
            return Refused(ErrorCode::RoomFull);
        }
        Happens
    }

    fn for_a_session(&self, command: &Command, asker: &Life) -> Verdict {
        match command {
            Command::Update(change) => self.update(change, asker),
            Command::Publish(track) => self.publish(track, asker),
            Command::Unpublish { track_id } if asker.tracks.iter().any(|track| track.track_id == *track_id) => Happens,
            Command::Unpublish { .. } => Refused(ErrorCode::NotFound),
            Command::Chat { .. } | Command::Data { .. } if !asker.grants.chat => Refused(ErrorCode::PermissionDenied),
            Command::Chat { id, text } => self.chat_message(id, text),
            Command::Data { topic, .. } if topic.len() > self.config.max_name_bytes => {
                Refused(ErrorCode::InvalidArgument)
            }
            _ => Happens,
        }
    }

    fn update(&self, change: &PresenceChange, asker: &Life) -> Verdict {
        if change.name.as_ref().is_some_and(|name| name.len() > self.config.max_name_bytes) {
            return Refused(ErrorCode::InvalidArgument);
        }
        let attributes = merged(&asker.attributes, &change.attributes);
        let bytes: usize = attributes.iter().map(|(key, value)| key.len() + value.len()).sum();
        let limit = self.config.max_metadata_bytes;
        if change.metadata.as_ref().is_some_and(|metadata| metadata.len() > limit) || bytes > limit {
            return Refused(ErrorCode::TooLarge);
        }
        let mut mutes: Vec<(&str, bool)> =
            asker.tracks.iter().map(|track| (track.track_id.as_str(), track.muted)).collect();
        let before = mutes.clone();
        for (id, muted) in &change.tracks {
            match mutes.iter_mut().find(|(known, _)| known == id) {
                Some(mute) => mute.1 = *muted,
                None => return Refused(ErrorCode::NotFound),
            }
        }
        happens_if(
            change.name.as_ref().is_some_and(|name| *name != asker.name)
                || change.metadata.as_ref().is_some_and(|metadata| *metadata != asker.metadata)
                || attributes != asker.attributes
                || mutes != before,
        )
    }

    fn publish(&self, track: &Track, asker: &Life) -> Verdict {
        if !asker.publishes() {
            return Refused(ErrorCode::PermissionDenied);
        }
        let audible = matches!(track.source, TrackSource::Microphone | TrackSource::ScreenShareAudio);
        if track.track_id.is_empty()
            || track.track_id.len() > self.config.max_name_bytes
            || audible != (track.kind == TrackKind::Audio)
        {
            return Refused(ErrorCode::InvalidArgument);
        }
        let known = asker.tracks.iter().find(|present| present.track_id == track.track_id);
        if known.is_none() && asker.tracks.len() == self.config.max_tracks {
            return Refused(ErrorCode::TooLarge);
        }
        happens_if(known != Some(track))
    }

    fn for_a_moderator(&self, command: &Command, present: &[Life], is_application: bool) -> Verdict {
        let find = |sid: &Sid| present.iter().find(|life| life.sid == *sid);
        let too_long = |reason: &str| reason.len() > self.config.max_name_bytes;
        match command {
            Command::Kick { reason, .. } | Command::Refuse { reason, .. } | Command::EndRoom { reason }
                if too_long(reason) =>
            {
                Refused(ErrorCode::InvalidArgument)
            }
            Command::EndRoom { .. } => Happens,
            Command::Kick { sid, .. } => match find(sid) {
                None => Refused(ErrorCode::NotFound),
                Some(victim) => {
                    let protected = present.iter().any(|life| life.identity == victim.identity && life.grants.admin);
                    if protected && !is_application { Refused(ErrorCode::PermissionDenied) } else { Happens }
                }
            },
            Command::Refuse { sid, .. } if find(sid).is_some_and(Life::waits) => Happens,
            Command::Admit { sid } if find(sid).is_some() => happens_if(find(sid).is_some_and(Life::waits)),
            Command::Mute { sid, .. } | Command::MuteAll { sid, .. } | Command::SetRole { sid, .. } => {
                match find(sid) {
                    None => Refused(ErrorCode::NotFound),
                    Some(target) if target.waits() => Refused(ErrorCode::Waiting),
                    Some(target) => mute_or_promote(command, target, is_application),
                }
            }
            Command::ClearChat => happens_if(!self.chat().is_empty()),
            Command::AdmitAll => happens_if(present.iter().any(Life::waits)),
            Command::UpdateRoom(change) => self.update_room(change),
            _ => Refused(ErrorCode::NotFound),
        }
    }

    fn update_room(&self, change: &RoomChange) -> Verdict {
        if change.metadata.as_ref().is_some_and(|metadata| metadata.len() > self.config.max_metadata_bytes) {
            return Refused(ErrorCode::TooLarge);
        }
        if change.empty_timeout_ms.is_some_and(|timeout| timeout < 1_000) {
            return Refused(ErrorCode::InvalidArgument);
        }
        let missing = |mode: TopologyMode| mode != TopologyMode::Auto && !self.config.topologies.contains(&mode);
        if change.topology.is_some_and(missing) {
            return Refused(ErrorCode::InvalidArgument);
        }
        let now = self.properties();
        happens_if(
            (change.metadata.is_some() && change.metadata != now.metadata)
                || (change.locked.is_some() && change.locked != now.locked)
                || (change.lobby.is_some() && change.lobby != now.lobby)
                || (change.max_participants.is_some() && change.max_participants != now.max_participants)
                || (change.topology.is_some() && change.topology != now.topology)
                || (change.empty_timeout_ms.is_some() && change.empty_timeout_ms != now.empty_timeout_ms),
        )
    }
}

fn mute_or_promote(command: &Command, target: &Life, is_application: bool) -> Verdict {
    match command {
        Command::SetRole { role, .. } if *role == target.role => Nothing,
        _ if target.grants.admin && !is_application => Refused(ErrorCode::PermissionDenied),
        Command::SetRole { role: Role::Speaker, .. } if !target.grants.publish => Refused(ErrorCode::PermissionDenied),
        Command::Mute { track_id: Some(id), .. } => match target.tracks.iter().find(|track| track.track_id == *id) {
            Some(track) => happens_if(!track.muted),
            None => Refused(ErrorCode::NotFound),
        },
        Command::Mute { track_id: None, .. } => {
            happens_if(target.tracks.iter().any(|track| track.kind == TrackKind::Audio && !track.muted))
        }
        Command::MuteAll { kind, .. } => {
            let meant = |track: &&Track| kind.is_none_or(|kind| kind == track.kind);
            happens_if(target.tracks.iter().filter(meant).any(|track| !track.muted))
        }
        _ => Happens,
    }
}
