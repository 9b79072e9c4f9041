//! What must hold of every log, whatever the commands were: checked on the events alone.

use std::collections::{BTreeMap, BTreeSet};

use antiphon_protocol::{Identity, Sid};
use antiphon_room_core::{DuplicateIdentity, Event, EventBody, Generation, LeaveReason, Role, RoomConfig, Seq};

use crate::ensure;

/// A log's reader that knows only what was in it.
#[derive(Default)]
pub(crate) struct Audit {
    here: BTreeMap<Sid, Session>,
    /// In the order in which they came in.
    pub(crate) inside: Vec<Sid>,
    /// In the order in which they came to the lobby.
    pub(crate) waiting: Vec<Sid>,
    locked: bool,
    limit: u32,
    settled: BTreeMap<Sid, Seq>,
    generations: BTreeMap<Sid, Generation>,
}

struct Session {
    identity: Identity,
    publishes: bool,
    chats: bool,
    role: Role,
}

impl Audit {
    /// Reads what was appended as one.
    pub(crate) fn read(
        &mut self,
        config: &RoomConfig,
        bans: &[(Identity, u64)],
        batch: &[Event],
    ) -> Result<(), String> {
        let authors: BTreeSet<_> = batch.iter().map(|event| event.by).collect();
        ensure!(authors.len() == 1, "one batch, several authors: {authors:?}");
        if let Some(Some((sid, seq))) = authors.first() {
            let settled = self.settled.insert(*sid, *seq).unwrap_or_default();
            ensure!(settled < *seq, "seq {seq} of {sid} came after {settled}");
        }
        let replaces = batch
            .iter()
            .any(|event| matches!(event.body, EventBody::Left { reason: LeaveReason::DuplicateIdentity, .. }));
        for event in batch {
            if let EventBody::Joined { identity, grants, role, .. } = &event.body {
                let banned = bans.iter().any(|(other, until)| other == identity && event.at.0 < *until);
                ensure!(!banned, "{identity} is banned and came in");
                ensure!(!self.locked || *role == Role::Moderator, "{identity} came into a locked room");
                let limits = [config.max_participants, self.limit].into_iter().filter(|limit| *limit > 0);
                let full = limits.min().is_some_and(|limit| self.here.len() >= limit as usize);
                ensure!(!full || replaces || grants.admin, "{identity} came into a full room");
            }
            self.read_one(&event.body)?;
        }
        let identities: BTreeSet<_> = self.here.values().map(|session| &session.identity).collect();
        let alone = config.duplicate_identity == DuplicateIdentity::Allow || identities.len() == self.here.len();
        ensure!(alone, "two sessions of one identity");
        Ok(())
    }

    fn read_one(&mut self, event: &EventBody) -> Result<(), String> {
        match event {
            EventBody::Joined { sid, identity, grants, role, waiting, .. } => {
                let session =
                    Session { identity: identity.clone(), publishes: grants.publish, chats: grants.chat, role: *role };
                ensure!(self.here.insert(*sid, session).is_none(), "{sid} came twice");
                self.generations.insert(*sid, Generation(0));
                if *waiting { self.waiting.push(*sid) } else { self.inside.push(*sid) }
            }
            EventBody::Left { sid, .. } => {
                ensure!(self.here.remove(sid).is_some(), "{sid} left and was not here");
                self.inside.retain(|other| other != sid);
                self.waiting.retain(|other| other != sid);
                self.settled.remove(sid);
            }
            EventBody::Admitted { sid } => {
                ensure!(self.waiting.contains(sid), "{sid} was admitted and did not wait");
                self.waiting.retain(|other| other != sid);
                self.inside.push(*sid);
            }
            EventBody::Resumed { sid, generation, .. } => {
                let before = self.generations.insert(*sid, *generation);
                ensure!(before.and_then(Generation::next) == Some(*generation), "{sid} skipped a generation");
            }
            EventBody::RoleChanged { sid, role } => {
                let session = self.here.get_mut(sid).ok_or_else(|| format!("a role for {sid}, who is not here"))?;
                session.role = *role;
            }
            EventBody::GrantsRenewed { sid, grants, .. } => {
                let session = self.here.get_mut(sid).ok_or_else(|| format!("grants for {sid}, who is not here"))?;
                (session.publishes, session.chats) = (grants.publish, grants.chat);
            }
            EventBody::Published { sid, .. } => {
                let may = self.is_inside(sid) && self.here[sid].publishes && self.here[sid].role >= Role::Speaker;
                ensure!(may, "{sid} published");
            }
            EventBody::Chat { sid: Some(sid), .. } | EventBody::Data { sid: Some(sid), .. } => {
                ensure!(self.is_inside(sid) && self.here[sid].chats, "{sid} wrote");
            }
            EventBody::Updated { sid, .. } | EventBody::ChatDeleted { by: Some(sid), .. } => {
                ensure!(self.is_inside(sid), "{sid} acted from outside");
            }
            EventBody::Data { sid: None, to, .. } => {
                ensure!(to.iter().all(|sid| self.is_inside(sid)), "data for somebody outside");
            }
            EventBody::RoomUpdated { change } => {
                self.locked = change.locked.unwrap_or(self.locked);
                self.limit = change.max_participants.unwrap_or(self.limit);
            }
            EventBody::RoomEnded { .. } => ensure!(self.here.is_empty(), "the room ended and somebody was in it"),
            EventBody::RoomCreated { .. }
            | EventBody::ResumeConfirmed { .. }
            | EventBody::Disconnected { .. }
            | EventBody::GrantExtended { .. }
            | EventBody::Banned { .. }
            | EventBody::Unbanned { .. }
            | EventBody::Chat { sid: None, .. }
            | EventBody::ChatDeleted { by: None, .. }
            | EventBody::Muted { .. }
            | EventBody::Unpublished { .. }
            | EventBody::TopologyChanged { .. } => {}
            EventBody::Restored { .. } | EventBody::Reinstated { .. } => {
                return Err(String::from("the log was put back, and nothing was lost"));
            }
        }
        Ok(())
    }

    fn is_inside(&self, sid: &Sid) -> bool {
        self.inside.contains(sid)
    }
}
