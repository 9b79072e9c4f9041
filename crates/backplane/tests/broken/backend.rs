//! The memory backplane with a fault in between.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard},
};

use antiphon_backplane::{
    Backplane, Batch, Epoch, Head, Limits, MailWatch, MailboxChange, Offset, OutboxWatch, Partition, StoredBan,
    conformance::LIMITS,
    memory::{self, MemoryConfig},
};
use antiphon_protocol::{ReplicaId, RoomKey, Sid};
use bytes::Bytes;
use tokio::sync::watch;

use crate::fault::Fault;

/// A backend that is wrong in one way.
pub(crate) struct Broken {
    pub(crate) fault: Fault,
    pub(crate) inner: Backplane,
    state: Mutex<State>,
}

/// What the faults have to remember to be wrong consistently.
#[derive(Default)]
pub(crate) struct State {
    count: u32,
    originals: HashMap<RoomKey, RoomKey>,
    pub(crate) deadlines: HashMap<RoomKey, u64>,
    pub(crate) fired: HashSet<RoomKey>,
    pub(crate) ever: BTreeSet<RoomKey>,
    pub(crate) listed: usize,
    pub(crate) snapshots: HashMap<RoomKey, (Offset, Bytes)>,
    pub(crate) bans: HashMap<RoomKey, Vec<StoredBan>>,
    pub(crate) heads: HashMap<RoomKey, watch::Sender<Head>>,
    pub(crate) generations: HashMap<(RoomKey, Sid), u32>,
    pub(crate) wakes: HashMap<(RoomKey, Sid), Vec<MailWatch>>,
    pub(crate) used: HashSet<(RoomKey, u32)>,
    pub(crate) unnumbered: HashSet<(RoomKey, Sid)>,
    pub(crate) place_bases: HashMap<Partition, u64>,
    pub(crate) outbox_watches: Vec<OutboxWatch>,
    pub(crate) outbox_watch: Option<OutboxWatch>,
    pub(crate) abouts: HashMap<ReplicaId, Bytes>,
}

impl Broken {
    pub(crate) fn replicas(fault: Fault) -> [Backplane; 2] {
        let unbounded = Limits {
            mailbox_messages: usize::MAX,
            mailbox_bytes: usize::MAX,
            bans: usize::MAX,
            outbox_messages: usize::MAX,
            outbox_bytes: usize::MAX,
            dead_letters: usize::MAX,
            dead_letter_bytes: usize::MAX,
            ..LIMITS
        };
        let limits = match fault {
            Fault::IsUnbounded => unbounded,
            Fault::NeverTrims => Limits { log_entries: usize::MAX, log_bytes: usize::MAX, ..LIMITS },
            _ => LIMITS,
        };
        let inner = memory::backplane(MemoryConfig { limits, ..MemoryConfig::default() });
        let broken = Arc::new(Self { fault, inner, state: Mutex::default() });
        let backplane = Backplane {
            log: Arc::clone(&broken) as _,
            mailbox: Arc::clone(&broken) as _,
            outbox: Arc::clone(&broken) as _,
            leases: broken,
            may_be_away: false,
        };
        [backplane.clone(), backplane]
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics inside")
    }

    /// Whether it is the turn of a fault that shows now and then.
    pub(crate) fn every(&self, times: u32) -> bool {
        let mut state = self.state();
        state.count += 1;
        state.count.is_multiple_of(times)
    }

    /// The room that is meant, in this backend's opinion.
    pub(crate) fn room(&self, room: &RoomKey) -> RoomKey {
        let key = match self.fault {
            Fault::IgnoresTenants => ("all".to_owned(), room.room.to_string()),
            Fault::JoinsNames => ("all".to_owned(), format!("{}:{}", room.tenant, room.room)),
            _ => return room.clone(),
        };
        let key = RoomKey { tenant: key.0.parse().expect("short"), room: key.1.parse().expect("short") };
        self.state().originals.insert(key.clone(), room.clone());
        key
    }

    pub(crate) fn original(&self, room: &RoomKey) -> RoomKey {
        self.state().originals.get(room).unwrap_or(room).clone()
    }

    /// A head as this backend shows it.
    pub(crate) fn shown(&self, head: Head) -> Head {
        match self.fault {
            Fault::HasOneTag if head.offset > Offset(0) => Head { tag: antiphon_backplane::Tag(7), ..head },
            Fault::HasOneEpoch => Head { epoch: Epoch(1), ..head },
            _ => head,
        }
    }

    /// What a shown head stands for while `actual` is the head.
    pub(crate) fn meant(&self, shown: Head, actual: Head) -> Head {
        match self.fault {
            Fault::HasOneTag if shown.offset == actual.offset => Head { tag: actual.tag, ..shown },
            Fault::HasOneEpoch if shown.epoch == Epoch(1) => Head { epoch: actual.epoch, ..shown },
            _ => shown,
        }
    }

    /// The batch that is written in place of one.
    pub(crate) fn spoiled(&self, room: &RoomKey, mut batch: Batch) -> Batch {
        match self.fault {
            Fault::DoublesAnEntry => batch.entries.extend(batch.entries.last().cloned()),
            Fault::ReordersABatch => batch.entries.reverse(),
            Fault::TakesHalfABatch => batch.entries.truncate(1),
            Fault::StoresText => {
                batch.entries.iter_mut().chain(&mut batch.outbox).for_each(|bytes| *bytes = as_text(bytes));
            }
            Fault::DropsAMessage if !batch.outbox.is_empty() && self.every(3) => batch.outbox.clear(),
            Fault::DoublesAMessage => batch.outbox.extend(batch.outbox.last().cloned()),
            Fault::ReordersMessages => batch.outbox.reverse(),
            Fault::ForgetsMessagesWithTheRoom if batch.ends => batch.outbox.clear(),
            Fault::NeverEnds => batch.ends = false,
            Fault::NeverRestarts => batch.restarts = false,
            Fault::LosesADeadline => batch.deadline_ms = batch.deadline_ms.filter(|_| !self.every(2)),
            Fault::KeepsTheFirstDeadline => {
                batch.deadline_ms =
                    batch.deadline_ms.map(|new| *self.state().deadlines.entry(room.clone()).or_insert(new));
            }
            Fault::KeepsLiftedBans => batch.lifted.clear(),
            Fault::KeepsAClosedMailbox => {
                batch.mailboxes.retain(|change| !matches!(change, MailboxChange::Close(_)));
            }
            Fault::EmptiesAMailboxOnAdvance => {
                batch.mailboxes = batch.mailboxes.into_iter().flat_map(emptied_on_advance).collect();
            }
            _ => {}
        }
        batch
    }

    /// What the faults have to know of a batch that was written.
    pub(crate) fn remember(&self, room: &RoomKey, batch: &Batch) {
        let mut state = self.state();
        state.fired.remove(room);
        state.ever.insert(room.clone());
        if let Some(deadline_ms) = batch.deadline_ms {
            state.deadlines.insert(room.clone(), deadline_ms);
        }
        if let Some(bans) = state.bans.get_mut(room) {
            bans.retain(|standing| !batch.lifted.contains(&standing.identity));
        }
        for ban in &batch.bans {
            let bans = state.bans.entry(room.clone()).or_default();
            bans.retain(|standing| standing.identity != ban.identity);
            bans.push(ban.clone());
        }
        for change in &batch.mailboxes {
            if let MailboxChange::Advance { sid, generation } = *change {
                let current = state.generations.entry((room.clone(), sid)).or_default();
                *current = generation.max(*current);
            }
        }
    }

    /// Tells the watches of mailboxes that this batch closed.
    pub(crate) fn wake_closed(&self, room: &RoomKey, batch: &Batch) {
        let watched: Vec<_> = self.state().wakes.keys().cloned().collect();
        for (watched_room, sid) in watched {
            let closes = batch.ends || batch.mailboxes.contains(&MailboxChange::Close(sid));
            if watched_room == *room && closes && !self.has(Fault::LosesAWakeUp) {
                self.wake(room, sid);
            }
        }
    }

    /// Tells those who watch the outbox, now that it is not the memory that does.
    pub(crate) fn tell_outbox(&self, batch: &Batch) {
        if self.has(Fault::WakesOnlyWhoWaits) && !batch.outbox.is_empty() {
            self.state().outbox_watches.iter().for_each(|watch| watch.notify_waiters());
        }
    }

    pub(crate) fn wake(&self, room: &RoomKey, owner: Sid) {
        for watch in self.state().wakes.get(&(room.clone(), owner)).into_iter().flatten() {
            if self.has(Fault::WakesOnlyWhoWaits) { watch.notify_waiters() } else { watch.notify_one() }
        }
    }
}

pub(crate) fn as_text(bytes: &Bytes) -> Bytes {
    String::from_utf8_lossy(bytes).into_owned().into()
}

fn emptied_on_advance(change: MailboxChange) -> Vec<MailboxChange> {
    match change {
        MailboxChange::Advance { sid, .. } => vec![MailboxChange::Close(sid), MailboxChange::Open(sid), change],
        MailboxChange::Open(_) | MailboxChange::Close(_) => vec![change],
    }
}
