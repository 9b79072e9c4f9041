//! A backplane that is away, and what a replica does about a log that it comes back to: it may have gone on, may have been lost, or may
//! be another one.

use std::{sync::Arc, time::Duration};

use antiphon_backplane::{
    AppendError, Batch, Head, Loaded, MailboxChange, Offset, ReadError, StoredBan, Unavailable, Watch,
};
use antiphon_protocol::ReplicaId;
use antiphon_room_core::{Author, Ban, Command, Event, Generation, Participant, Room};

use super::{Actor, Ask, MAX_RACES, Request, RoomError, Snapshots, Stop, Waiting, answer, apply_and_show, wall_clock};

/// The first wait for a backplane that is away; it doubles up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// The longest wait between two looks whether the backplane is back.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// How a log that is found relates to the place in it that this replica knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Continuity {
    /// It went on, further than it can be followed.
    WentOn,
    /// The room ended, and perhaps began again.
    Ended,
    /// Another replica has put it back in a later epoch.
    PutBack,
    /// It has lost what this replica knows: it is empty, or ends before.
    Lost,
    /// It has lost what this replica knows, and something else stands in its place.
    Overwritten,
}

/// `has_entry`: the log has an entry at the offset that is known, of whatever batch.
fn continuity(known: Head, found: &Loaded, has_entry: bool) -> Continuity {
    let head = found.head;
    if found.ended >= known.epoch {
        Continuity::Ended
    } else if head.offset == Offset(0) || head.epoch < known.epoch {
        Continuity::Lost
    } else if head.epoch > known.epoch {
        Continuity::PutBack
    } else if head.offset < known.offset {
        Continuity::Lost
    } else if has_entry {
        Continuity::Overwritten
    } else {
        Continuity::WentOn
    }
}

impl Actor {
    /// Waits until the backplane is back, and goes on where the log is then. Whoever asks meanwhile is refused; what is told is kept.
    pub(super) async fn ride_out(&mut self, waiting: &mut Waiting, watch: &mut Option<Watch>) -> Result<(), Stop> {
        tracing::warn!(room = %self.key.room, tenant = %self.key.tenant, "the room's log is out of reach");
        keep_what_was_told(waiting);
        self.owed.append(waiting);
        let mut wait = FIRST_WAIT;
        loop {
            match self.come_back(watch).await {
                Err(Stop::Unavailable) => {}
                Err(stop) => return Err(stop),
                Ok(()) => {
                    tracing::info!(room = %self.key.room, tenant = %self.key.tenant, "the room's log is back");
                    return Ok(());
                }
            }
            if watch.is_none() && self.owed.is_empty() {
                // Nobody is here, and nothing is owed.
                return Err(Stop::Unavailable);
            }
            self.refuse_for(wait.mul_f64(0.5 + rand::random::<f64>() / 2.0)).await;
            wait = LONGEST_WAIT.min(wait * 2);
        }
    }

    async fn refuse_for(&mut self, time: Duration) {
        let mut over = std::pin::pin!(tokio::time::sleep(time));
        loop {
            tokio::select! {
                () = over.as_mut() => return,
                request = self.requests.recv(), if !self.requests.is_closed() || !self.requests.is_empty() => match request {
                    Some(request) if request.reply.is_none() => self.owed.push(request),
                    Some(request) => answer(*request, Err(RoomError::Unavailable)),
                    None => {}
                },
            }
        }
    }

    async fn come_back(&mut self, watch: &mut Option<Watch>) -> Result<(), Stop> {
        if watch.is_none() {
            let begun = self.backplane.log.watch(&self.key).await?;
            self.load().await?;
            *watch = Some(begun);
            return Ok(());
        }
        self.follow().await
    }

    /// Folds what came since, or finds out why that cannot be had.
    pub(super) async fn follow(&mut self) -> Result<(), Stop> {
        match self.backplane.log.since(&self.key, self.head, usize::MAX).await {
            Ok(tail) => {
                self.fold(&tail.entries)?;
                self.head = tail.head;
                Ok(())
            }
            Err(ReadError::Trimmed) => self.rejoin(&[]).await,
            Err(ReadError::Unavailable(error)) => Err(error.into()),
        }
    }

    /// Goes on in a log that does not contain this replica's place in it. `waiting` is still to be carried out.
    pub(super) async fn rejoin(&mut self, waiting: &[Box<Request>]) -> Result<(), Stop> {
        for _ in 0..MAX_RACES {
            let found = self.backplane.log.load(&self.key).await?;
            if !self.room.exists() {
                return Ok(self.adopt(found)?);
            }
            if self.is_succeeded() {
                return Ok(self.adopt(found)?);
            }
            let continuity = continuity(self.head, &found, self.has_entry(&found).await?);
            if !matches!(continuity, Continuity::WentOn | Continuity::Ended) {
                tracing::warn!(room = %self.key.room, tenant = %self.key.tenant, ?continuity, "the room's log is another one");
            }
            match continuity {
                Continuity::WentOn | Continuity::Ended => return Ok(self.adopt(found)?),
                Continuity::PutBack => {
                    let mine = Arc::clone(&self.room);
                    self.adopt(found)?;
                    self.reconcile(&mine, waiting);
                    return Ok(());
                }
                Continuity::Lost => {
                    let room = Arc::clone(&self.room);
                    if self.put_back(found.head, &room, &[]).await? {
                        return Ok(());
                    }
                }
                Continuity::Overwritten => {
                    let at = found.head;
                    let theirs = self.room_of(&found)?;
                    let missing = self.missing_from(&theirs, &self.room, waiting);
                    if self.put_back(at, &theirs, &missing).await? {
                        return Ok(());
                    }
                }
            }
        }
        Err(Stop::Unavailable)
    }

    /// Another actor of this replica has taken the room over; what this one knows of it is old. It only brings to an end what it was told.
    fn is_succeeded(&self) -> bool {
        let is_live = |rooms: &Arc<super::Rooms>| rooms.live(&self.key).is_some();
        self.requests.is_closed() && self.rooms.upgrade().as_ref().is_some_and(is_live)
    }

    async fn has_entry(&self, found: &Loaded) -> Result<bool, Unavailable> {
        if found.head.epoch != self.head.epoch || self.head.offset.0 == 0 {
            return Ok(false);
        }
        let before = Offset(self.head.offset.0 - 1);
        match self.backplane.log.read(&self.key, self.head.epoch, before, 1).await {
            Ok(entries) => Ok(!entries.is_empty()),
            Err(ReadError::Trimmed) => Ok(false),
            Err(ReadError::Unavailable(error)) => Err(error),
        }
    }

    fn room_of(&self, loaded: &Loaded) -> Result<Room, Unavailable> {
        super::super::directory::fold(loaded).map_err(|error| self.unreadable(&error))
    }

    /// Begins the log anew with what is known of the room. `false`: another replica was first.
    async fn put_back(&mut self, at: Head, base: &Room, missing: &[Arc<Participant>]) -> Result<bool, Stop> {
        let restore = [Command::Restore(Box::new(base.clone()))].into_iter();
        let reinstate = missing.iter().map(|session| Command::Reinstate(Box::new(Participant::clone(session))));
        let mut room = Room::new();
        let mut events = Vec::new();
        for command in restore.chain(reinstate) {
            let decided = room.decide(&self.config, self.bans.as_slice(), Author::Server, &command, wall_clock());
            for event in decided.unwrap_or_default() {
                room.apply(&event);
                events.push(event);
            }
        }
        let batch = Batch {
            entries: events.iter().map(|event| event.to_bytes().into()).collect(),
            deadline_ms: room.deadline(&self.config).map(|deadline| deadline.0),
            mailboxes: room.sessions(None).flat_map(|session| mailbox_of(session)).collect(),
            bans: self.bans.as_slice().iter().map(stored).collect(),
            restarts: true,
            ..Batch::default()
        };
        match self.backplane.log.append(&self.key, at, batch).await {
            Ok(head) => {
                self.begin_anew(&events, head);
                Ok(true)
            }
            Err(AppendError::Conflict { .. }) => Ok(false),
            Err(AppendError::Unavailable(error)) => Err(error.into()),
        }
    }

    fn begin_anew(&mut self, events: &[Event], head: Head) {
        self.feed.reset(head.epoch.0, 0);
        self.snapshots = Snapshots::default();
        let mut room = Room::new();
        let notices: Vec<_> = events
            .iter()
            .zip(1..)
            .map(|(event, offset)| apply_and_show(&mut room, event, offset, &self.key.room))
            .collect();
        self.room = Arc::new(room);
        self.head = head;
        self.feed.publish(notices);
    }

    /// What another replica put back may lack sessions that are connected here, and have some that are not any more.
    fn reconcile(&mut self, mine: &Room, waiting: &[Box<Request>]) {
        let here = self.replica();
        let missing = self.missing_from(&self.room, mine, waiting);
        let reinstate = missing.iter().map(|session| Command::Reinstate(Box::new(Participant::clone(session))));
        let surplus = self.room.sessions(None).filter(|session| {
            session.is_held_by(here) && mine.participant(session.sid).is_none_or(|known| !known.is_held_by(here))
        });
        let disconnect =
            surplus.map(|session| Command::Disconnect { sid: session.sid, generation: session.generation });
        let owed: Vec<_> = reinstate.chain(disconnect).collect();
        self.owed.extend(owed.into_iter().map(|command| told(Author::Server, command)));
    }

    /// The sessions that are connected to this replica, in what it knows, and that the other room lacks. A connection whose end is
    /// still to be told is none.
    fn missing_from(&self, other: &Room, mine: &Room, waiting: &[Box<Request>]) -> Vec<Arc<Participant>> {
        let here = self.replica();
        let has_ended = |session: &Participant| {
            self.owed.iter().chain(waiting).any(|request| {
                matches!(&request.ask, Ask::Carry(_, Command::Disconnect { sid, generation })
                    if *sid == session.sid && *generation == session.generation)
            })
        };
        let held = mine.sessions(None).filter(|session| session.is_held_by(here) && !has_ended(session));
        held.filter(|session| other.participant(session.sid).is_none()).cloned().collect()
    }

    /// Connections of replicas that are not alive, and were not the last time either, count as gone: whoever would have buried them may
    /// not have known that they were here.
    pub(super) fn audit(&mut self, waiting: &mut Waiting) {
        let audits = waiting.extract_if(.., |request| matches!(request.ask, Ask::Audit(_)));
        if let Some(Ask::Audit(fellows)) = audits.last().map(|request| request.ask) {
            self.suspect(|holder| fellows.has(holder));
        }
    }

    fn suspect(&mut self, is_alive: impl Fn(ReplicaId) -> bool) {
        let held = self.room.sessions(None).filter(|session| session.is_held_by(session.holder));
        let gone: Vec<_> = held.map(|session| session.holder).filter(|holder| !is_alive(*holder)).collect();
        let before = std::mem::replace(&mut self.suspects, gone);
        let mut lost: Vec<_> = self.suspects.iter().copied().filter(|suspect| before.contains(suspect)).collect();
        lost.sort_unstable();
        lost.dedup();
        self.owed.extend(lost.into_iter().map(|replica| told(Author::Server, Command::ReplicaLost { replica })));
    }
}

fn mailbox_of(session: &Participant) -> impl Iterator<Item = MailboxChange> {
    let Generation(generation) = session.generation;
    [MailboxChange::Open(session.sid), MailboxChange::Advance { sid: session.sid, generation }].into_iter()
}

/// Those who wait for an answer are told that it may or may not have happened; the rest stays.
pub(super) fn keep_what_was_told(waiting: &mut Waiting) {
    for request in std::mem::take(waiting) {
        if request.reply.is_none() {
            waiting.push(request);
        } else {
            answer(*request, Err(RoomError::Uncertain));
        }
    }
}

fn stored(ban: &Ban) -> StoredBan {
    StoredBan { identity: ban.identity.clone(), until_ms: ban.until.0 }
}

fn told(author: Author, command: Command) -> Box<Request> {
    Box::new(Request { ask: Ask::Carry(author, command), reply: None })
}

#[cfg(test)]
mod tests {
    use antiphon_backplane::{Epoch, Tag};

    use super::*;

    fn head(epoch: u64, offset: u64) -> Head {
        Head { epoch: Epoch(epoch), offset: Offset(offset), tag: Tag(offset) }
    }

    fn found(head: Head, ended: u64) -> Loaded {
        Loaded { head, snapshot: None, tail: Vec::new(), bans: Vec::new(), ended: Epoch(ended) }
    }

    #[test]
    fn a_log_is_told_from_one_that_was_lost() {
        let known = head(5, 10);
        for (log, has_entry, expected) in [
            (found(head(5, 40), 4), false, Continuity::WentOn),
            (found(head(5, 10), 4), true, Continuity::Overwritten),
            (found(head(5, 12), 4), true, Continuity::Overwritten),
            (found(head(5, 9), 4), false, Continuity::Lost),
            (found(head(4, 90), 3), false, Continuity::Lost),
            (found(head(0, 0), 0), false, Continuity::Lost),
            (found(head(9, 0), 4), false, Continuity::Lost),
            (found(head(9, 3), 4), false, Continuity::PutBack),
            (found(head(9, 3), 5), false, Continuity::Ended),
            (found(head(6, 0), 5), false, Continuity::Ended),
        ] {
            assert_eq!(continuity(known, &log, has_entry), expected, "{log:?}");
        }
    }
}
