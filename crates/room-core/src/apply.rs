//! Folding events in. Total: an event that makes no sense where it stands changes nothing, on every replica alike.

use std::sync::Arc;

use antiphon_protocol::Sid;

use crate::{
    Connection, Event, EventBody, Generation, Millis, Participant, PresenceChange, Room, RoomChange, TopologyMode,
    Track,
    model::Attributes,
    room::{OpenRoom, Phase},
};

impl Room {
    /// Folds one event of the log in.
    pub fn apply(&mut self, event: &Event) {
        match (&mut self.phase, &event.body) {
            (Phase::Absent, EventBody::RoomCreated { lobby, chat_history }) => {
                self.phase = Phase::Open(Box::new(OpenRoom::new(event.at, *lobby, *chat_history)));
            }
            (Phase::Absent, EventBody::Restored { room }) => self.phase.clone_from(&room.phase),
            (Phase::Open(_), EventBody::RoomEnded { .. }) => self.phase = Phase::Ended,
            (Phase::Open(room), _) => {
                room.apply(event);
                if let Some((sid, seq)) = event.by {
                    room.change(sid, |participant| participant.last_seq = participant.last_seq.max(seq));
                }
            }
            (Phase::Absent | Phase::Ended, _) => {}
        }
        if let (Phase::Open(room), Some(request)) = (&mut self.phase, event.request) {
            room.requests.note(request, event.at);
        }
    }
}

impl OpenRoom {
    fn apply(&mut self, event: &Event) {
        match &event.body {
            EventBody::Joined { .. } => self.join(event),
            EventBody::Left { sid, .. } => self.leave(*sid, event.at),
            EventBody::Admitted { sid } => self.admit(*sid, event.at),
            EventBody::Resumed { sid, generation, presented, resume, expires_at, holder } => {
                self.change(*sid, |participant| {
                    if *generation > participant.generation {
                        participant.generation = *generation;
                        participant.resume = (*resume, Some(*presented));
                        participant.expires_at = *expires_at;
                        participant.connection = Connection::Connected;
                        participant.holder = *holder;
                    }
                });
            }
            EventBody::ResumeConfirmed { sid, generation } => self.change(*sid, |participant| {
                if *generation == participant.generation {
                    participant.resume.1 = None;
                }
            }),
            EventBody::Disconnected { sid, resume_deadline } => self.change(*sid, |participant| {
                participant.connection = Connection::Disconnected { resume_deadline: *resume_deadline };
            }),
            EventBody::GrantExtended { sid, expires_at } => self.change(*sid, |participant| {
                participant.expires_at = participant.expires_at.max(*expires_at);
            }),
            EventBody::GrantsRenewed { sid, grants, expires_at } => self.change(*sid, |participant| {
                participant.grants = *grants;
                participant.expires_at = *expires_at;
            }),
            EventBody::Updated { sid, change } => self.change(*sid, |participant| participant.update(change)),
            EventBody::RoleChanged { sid, role } => self.change(*sid, |participant| participant.role = *role),
            EventBody::Published { sid, track } => self.change(*sid, |participant| participant.publish(track)),
            EventBody::Muted { sid, track_id } => {
                self.change(*sid, |participant| participant.set_muted(track_id, true))
            }
            EventBody::Unpublished { sid, track_id } => self.change(*sid, |participant| {
                participant.tracks.retain(|track| track.track_id != *track_id);
            }),
            EventBody::Chat { .. } => {
                if let Some(message) = event.chat_message() {
                    self.chat.push(message);
                }
            }
            EventBody::ChatDeleted { id, .. } => self.chat.remove(id),
            EventBody::RoomUpdated { change } => self.update(change),
            EventBody::TopologyChanged { active } => {
                if *active != TopologyMode::Auto {
                    self.active_topology = *active;
                }
            }
            EventBody::Reinstated { participant } => {
                if self.roster.push(Arc::new(Participant::clone(participant))) {
                    self.empty_since = None;
                }
            }
            // Bans stand beside the log, payloads nowhere.
            EventBody::Banned { .. }
            | EventBody::Unbanned { .. }
            | EventBody::Data { .. }
            | EventBody::RoomCreated { .. }
            | EventBody::Restored { .. }
            | EventBody::RoomEnded { .. } => {}
        }
    }

    fn join(&mut self, event: &Event) {
        let EventBody::Joined {
            sid,
            identity,
            name,
            metadata,
            attributes,
            grants,
            role,
            expires_at,
            resume,
            waiting,
            holder,
        } = &event.body
        else {
            return;
        };
        self.roster.push(Arc::new(Participant {
            sid: *sid,
            identity: identity.clone(),
            name: name.clone(),
            metadata: metadata.clone(),
            attributes: attributes.clone(),
            grants: *grants,
            role: *role,
            waiting: *waiting,
            connection: Connection::Connected,
            holder: *holder,
            generation: Generation::default(),
            resume: (*resume, None),
            expires_at: *expires_at,
            joined_at: event.at,
            last_seq: 0,
            tracks: Vec::new(),
        }));
        self.empty_since = None;
    }

    fn leave(&mut self, sid: Sid, at: Millis) {
        if self.roster.remove(sid).is_some() && self.roster.is_empty() {
            self.empty_since = Some(at);
        }
    }

    /// Somebody from the lobby comes in last, behind those who were in before.
    fn admit(&mut self, sid: Sid, at: Millis) {
        if self.roster.get(sid).is_none_or(|participant| !participant.waiting) {
            return;
        }
        if let Some(mut participant) = self.roster.remove(sid) {
            let admitted = Arc::make_mut(&mut participant);
            admitted.waiting = false;
            admitted.joined_at = at;
            self.roster.push(participant);
        }
    }

    fn change(&mut self, sid: Sid, change: impl FnOnce(&mut Participant)) {
        if let Some(participant) = self.roster.get_mut(sid) {
            change(participant);
        }
    }

    fn update(&mut self, change: &RoomChange) {
        let RoomChange { metadata, locked, lobby, max_participants, topology, empty_timeout_ms } = change;
        if let Some(metadata) = metadata {
            self.metadata.clone_from(metadata);
        }
        self.locked = locked.unwrap_or(self.locked);
        self.lobby = lobby.unwrap_or(self.lobby);
        self.max_participants = max_participants.unwrap_or(self.max_participants);
        self.requested_topology = topology.unwrap_or(self.requested_topology);
        self.empty_timeout_ms = empty_timeout_ms.or(self.empty_timeout_ms);
    }
}

impl Participant {
    fn update(&mut self, change: &PresenceChange) {
        let PresenceChange { name, metadata, attributes, tracks } = change;
        if let Some(name) = name {
            self.name.clone_from(name);
        }
        if let Some(metadata) = metadata {
            self.metadata.clone_from(metadata);
        }
        merge(&mut self.attributes, attributes);
        for (track_id, muted) in tracks {
            self.set_muted(track_id, *muted);
        }
    }

    fn set_muted(&mut self, track_id: &str, muted: bool) {
        if let Some(track) = self.tracks.iter_mut().find(|track| track.track_id == track_id) {
            track.muted = muted;
        }
    }

    fn publish(&mut self, track: &Track) {
        match self.tracks.iter_mut().find(|present| present.track_id == track.track_id) {
            Some(present) => present.clone_from(track),
            None => {
                // A vector that grows by itself begins with room for four; most participants have two.
                self.tracks.reserve_exact(1);
                self.tracks.push(track.clone());
            }
        }
    }
}

/// Merges pairs in; an empty value removes the key.
pub(crate) fn merge(present: &mut Attributes, change: &Attributes) {
    for (key, value) in change {
        if value.is_empty() {
            present.remove(key);
        } else {
            present.insert(key.clone(), value.clone());
        }
    }
}
