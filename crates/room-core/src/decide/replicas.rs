//! What replicas do for one another: connections of one that died, and rooms whose log was lost.

use antiphon_protocol::{ErrorCode, ReplicaId};

use super::{Rules, Verdict};
use crate::{EventBody, Participant, Refusal, Room};

/// An empty log is given what a replica knew, unless that is nothing.
pub(super) fn restore(room: &Room) -> Vec<EventBody> {
    if room.exists() { vec![EventBody::Restored { room: Box::new(room.clone()) }] } else { Vec::new() }
}

impl Rules<'_> {
    /// The connections of this replica are gone, as if each had been said to be.
    pub(super) fn replica_lost(&self, replica: ReplicaId) -> Vec<EventBody> {
        let resume_deadline = self.now.plus(self.config.resume_window_ms);
        let held = self.room.roster.iter().filter(|session| session.is_held_by(replica));
        held.map(|session| EventBody::Disconnected { sid: session.sid, resume_deadline }).collect()
    }

    /// Nothing happens when the session is here. One whose identity was banned meanwhile stays out.
    pub(super) fn reinstate(&self, participant: &Participant) -> Verdict {
        if self.room.roster.get(participant.sid).is_some() {
            return Ok(Vec::new());
        }
        if self.bans_of(&participant.identity).next().is_some() {
            return Err(Refusal::new(ErrorCode::Banned, "removed from this room by a moderator"));
        }
        Ok(vec![EventBody::Reinstated { participant: Box::new(participant.clone()) }])
    }
}
