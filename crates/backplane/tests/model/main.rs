//! Random operations on the memory backplane and on a reference that remembers everything: both must say the same.

mod reference;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use antiphon_backplane::{
    AppendError, Backplane, Batch, Epoch, Head, Limits, MailOffset, MailReadError, MailWatch, MailboxChange, Offset,
    Partition, Posting, ReadError, Recipients, SendError, StoredBan, Watch,
    memory::{Memory, MemoryConfig},
};
use antiphon_protocol::{RoomKey, Sid, TenantId};
use bytes::Bytes;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};

use crate::reference::Reference;

const SEEDS: u64 = 2_000;
const OPERATIONS: usize = 80;
const LIMITS: Limits = Limits {
    log_entries: 5,
    log_bytes: 100,
    mailbox_messages: 4,
    mailbox_bytes: 60,
    bans: 3,
    outbox_messages: 0,
    outbox_bytes: 0,
    dead_letters: 0,
    dead_letter_bytes: 0,
};

#[tokio::test]
async fn memory_does_what_the_reference_does() {
    for seed in 0..SEEDS {
        let mut run = Run::new(seed);
        for operation in 0..OPERATIONS {
            run.operate()
                .await
                .map_err(|what| format!("seed {seed}, operation {operation}: {what}"))
                .expect("the same");
        }
        run.end_all().await;
    }
}

/// One run of random operations.
struct Run {
    random: StdRng,
    now_ms: Arc<AtomicU64>,
    memory: Arc<Memory>,
    backplane: Backplane,
    rooms: BTreeMap<RoomKey, Reference>,
    /// Half of the runs watch; in the others rooms come and go as they are written.
    watches: bool,
    head_watches: BTreeMap<RoomKey, Watch>,
    mail_watches: BTreeMap<(RoomKey, Sid), MailWatch>,
    /// Heads that were seen, also of earlier lives and of other rooms.
    seen: Vec<Head>,
}

impl Run {
    fn new(seed: u64) -> Self {
        let now_ms = Arc::new(AtomicU64::new(1_000));
        let clock = Arc::clone(&now_ms);
        let config = MemoryConfig { limits: LIMITS, shards: 1 + seed as usize % 3 };
        let keys = [("a", "room"), ("b", "room"), ("a", "other")].map(|(tenant, room)| RoomKey {
            tenant: tenant.parse().expect("short"),
            room: room.parse().expect("short"),
        });
        let memory = Arc::new(Memory::with_clock(config, Arc::new(move || clock.load(Ordering::Relaxed))));
        Self {
            random: StdRng::seed_from_u64(seed),
            now_ms,
            backplane: Backplane {
                log: Arc::clone(&memory) as _,
                mailbox: Arc::clone(&memory) as _,
                outbox: Arc::clone(&memory) as _,
                leases: Arc::clone(&memory) as _,
                may_be_away: false,
            },
            memory,
            rooms: keys.into_iter().map(|key| (key, Reference::default())).collect(),
            watches: seed.is_multiple_of(2),
            head_watches: BTreeMap::new(),
            mail_watches: BTreeMap::new(),
            seen: vec![Head::default()],
        }
    }

    async fn operate(&mut self) -> Result<(), String> {
        let keys: Vec<_> = self.rooms.keys().cloned().collect();
        let room = keys[self.random.random_range(0..keys.len())].clone();
        self.begin(&room).await;
        match self.random.random_range(0..12) {
            0..=3 => self.append(&room).await?,
            4 => self.store_snapshot(&room).await,
            5..=8 => self.post(&room).await?,
            9 => self.settle(&room).await?,
            10 => self.acknowledge(&room).await,
            _ => {
                self.now_ms.fetch_add(self.random.random_range(0..20), Ordering::Relaxed);
            }
        }
        self.begin(&room).await;
        self.compare_log(&room).await?;
        self.compare_mail(&room).await?;
        self.compare_list(&room.tenant).await?;
        self.compare_due().await
    }

    async fn compare_list(&mut self, tenant: &TenantId) -> Result<(), String> {
        let written = self.rooms.iter().filter(|(room, reference)| room.tenant == *tenant && !reference.is_empty());
        let expected: Vec<_> = written.map(|(room, _)| room.room.clone()).collect();
        let first = self.backplane.log.list(tenant, None, 1).await.expect("in reach");
        let rest = self.backplane.log.list(tenant, first.last(), 10).await.expect("in reach");
        same("list", &[first, rest].concat(), &expected)
    }

    /// Where a log is empty, the backplane chooses the epoch; the reference only knows those that it may not be.
    async fn begin(&mut self, room: &RoomKey) {
        let head = self.backplane.log.load(room).await.expect("in reach").head;
        let reference = self.rooms.get_mut(room).expect("one of three");
        if reference.is_empty() {
            reference.begin(head);
        }
        if self.watches && !self.head_watches.contains_key(room) {
            let watch = self.backplane.log.watch(room).await.expect("in reach");
            self.head_watches.insert(room.clone(), watch);
        }
    }

    async fn append(&mut self, room: &RoomKey) -> Result<(), String> {
        let reference = &self.rooms[room];
        let mut expected = match self.random.random_range(0..10) {
            0 => *self.seen.choose(&mut self.random).expect("not empty"),
            1 => *reference.heads.choose(&mut self.random).expect("begun"),
            _ => reference.head(),
        };
        match self.random.random_range(0..30) {
            0 => expected.tag.0 ^= 1,
            1 => expected.offset.0 += 1,
            2 => expected.epoch.0 += 1,
            _ => {}
        }
        let batch = self.random_batch();
        let appended = self.backplane.log.append(room, expected, batch.clone()).await;
        let chosen = *appended.as_ref().unwrap_or(&Head::default());
        let reference = self.rooms.get_mut(room).expect("one of three");
        let appended = match appended {
            Ok(head) => Ok(head),
            Err(AppendError::Conflict { head, tail }) => Err((head, tail)),
            Err(AppendError::Unavailable(error)) => return Err(error.to_string()),
        };
        self.seen.extend(appended.as_ref().ok());
        same("append", &appended, &reference.append(expected, &batch, chosen, &LIMITS))
    }

    fn random_batch(&mut self) -> Batch {
        let random = &mut self.random;
        let entries =
            (0..random.random_range(1..4)).map(|_| Bytes::from(vec![random.random(); random.random_range(0..40)]));
        let entries = entries.collect();
        let mailboxes = (0..random.random_range(0..4)).map(|_| {
            let sid = random_sid(random);
            match random.random_range(0..8) {
                0 => MailboxChange::Close(sid),
                1 | 2 => MailboxChange::Advance { sid, generation: random.random_range(0..3) },
                _ => MailboxChange::Open(sid),
            }
        });
        let mailboxes = mailboxes.collect();
        let now_ms = self.now_ms.load(Ordering::Relaxed);
        let bans = (0..random.random_range(0..6_usize).saturating_sub(4)).map(|_| StoredBan {
            identity: ["ada", "bob", "cleo"][random.random_range(0..3)].parse().expect("short"),
            until_ms: now_ms + random.random_range(0..100) - 20,
        });
        let bans = bans.collect();
        let deadline_ms = random.random_bool(0.6).then(|| random.random_range(0..9));
        let lifted = (0..random.random_range(0..4_usize).saturating_sub(2))
            .map(|_| ["ada", "bob", "cleo"][random.random_range(0..3)].parse().expect("short"))
            .collect();
        Batch {
            entries,
            deadline_ms,
            mailboxes,
            bans,
            lifted,
            outbox: Vec::new(),
            restarts: random.random_bool(0.05),
            ends: random.random_bool(0.06),
        }
    }

    async fn store_snapshot(&mut self, room: &RoomKey) {
        let reference = self.rooms.get_mut(room).expect("one of three");
        let from = if self.random.random_bool(0.9) { &reference.heads } else { &self.seen };
        let head = *from.choose(&mut self.random).expect("begun");
        let snapshot = Bytes::from(format!("{head:?}"));
        self.backplane.log.store_snapshot(room, head, snapshot.clone()).await.expect("in reach");
        reference.store_snapshot(head, snapshot, &LIMITS);
    }

    async fn post(&mut self, room: &RoomKey) -> Result<(), String> {
        let random = &mut self.random;
        let reference = self.rooms.get_mut(room).expect("one of three");
        let from = random_sid(random);
        let (generation, settled) =
            reference.mailboxes.get(&from).map_or((0, 0), |letters| (letters.generation, letters.settled));
        let to = if random.random_bool(0.7) {
            Recipients::One(random_sid(random))
        } else {
            Recipients::Many((0..random.random_range(0..4)).map(|_| random_sid(random)).collect())
        };
        let posting = Posting {
            from,
            generation: if random.random_bool(0.9) { generation } else { random.random_range(0..3) },
            seq: if random.random_bool(0.8) { settled + random.random_range(0..3) } else { 0 },
            to,
            after: Offset(random.random_range(0..9)),
            format: random.random(),
            body: Bytes::from(vec![random.random(); random.random_range(0..30)]),
        };
        let posted = self.backplane.mailbox.post(room, posting.clone()).await;
        let allowed = reference.post(&posting, &LIMITS);
        if allowed.contains(&posted) { Ok(()) } else { Err(format!("post: {posted:?}, expected one of {allowed:?}")) }
    }

    async fn settle(&mut self, room: &RoomKey) -> Result<(), String> {
        let (sid, generation, seq) =
            (random_sid(&mut self.random), self.random.random_range(0..3), self.random.random_range(0..9));
        let reference = self.rooms.get_mut(room).expect("one of three");
        let current = reference.mailboxes.get(&sid).is_some_and(|letters| letters.generation == generation);
        if current {
            reference.settle(sid, seq);
        }
        let settled = self.backplane.mailbox.settle(room, sid, generation, seq).await;
        same("settle", &settled, &current.then_some(()).ok_or(SendError::StaleSender))
    }

    async fn acknowledge(&mut self, room: &RoomKey) {
        let sid = random_sid(&mut self.random);
        let letters = self.rooms.get_mut(room).expect("one of three").mailboxes.get_mut(&sid);
        let end = letters.as_ref().map_or(0, |letters| letters.end().0);
        let through = MailOffset(self.random.random_range(0..end + 2));
        if self.random.random_bool(0.5) {
            self.backplane.mailbox.mark_written(room, sid, through).await.expect("in reach");
            letters.into_iter().for_each(|letters| letters.mark_written(through));
        } else {
            self.backplane.mailbox.trim(room, sid, through).await.expect("in reach");
            letters.into_iter().for_each(|letters| letters.trim(through));
        }
    }

    async fn compare_log(&mut self, room: &RoomKey) -> Result<(), String> {
        let reference = &self.rooms[room];
        let mut loaded = self.backplane.log.load(room).await.expect("in reach");
        loaded.bans.sort_by(|one, other| one.identity.cmp(&other.identity));
        same("head", &loaded.head, &reference.head())?;
        same("snapshot", &loaded.snapshot, &reference.snapshot)?;
        same("tail", &Some(loaded.tail), &reference.read(reference.epoch, reference.covered(), usize::MAX))?;
        same("bans", &loaded.bans, &reference.bans(self.now_ms.load(Ordering::Relaxed)))?;
        let epoch = Epoch(reference.epoch.0 + u64::from(self.random.random_bool(0.1)));
        let after = Offset(self.random.random_range(0..reference.head().offset.0 + 3));
        let limit = self.random.random_range(0..12);
        let read = match self.backplane.log.read(room, epoch, after, limit).await {
            Ok(entries) => Some(entries),
            Err(ReadError::Trimmed) => None,
            Err(ReadError::Unavailable(error)) => return Err(error.to_string()),
        };
        same("entries", &read, &reference.read(epoch, after, limit))?;
        let known = *self.seen.choose(&mut self.random).expect("one at least");
        let since = match self.backplane.log.since(room, known, limit).await {
            Ok(tail) => Some(tail),
            Err(ReadError::Trimmed) => None,
            Err(ReadError::Unavailable(error)) => return Err(error.to_string()),
        };
        same("tail behind a head", &since, &reference.since(known, limit))?;
        match self.head_watches.get(room) {
            Some(watch) => same("watched head", &*watch.borrow(), &reference.head()),
            None => Ok(()),
        }
    }

    async fn compare_mail(&mut self, room: &RoomKey) -> Result<(), String> {
        for sid in (0..4).map(sid) {
            let after = MailOffset(self.random.random_range(0..9));
            let limit = self.random.random_range(0..9);
            let reference = self.rooms.get_mut(room).expect("one of three");
            let letters = reference.mailboxes.get(&sid).ok_or(MailReadError::Closed);
            let read = self.backplane.mailbox.read(room, sid, after, limit).await;
            let expected = letters.and_then(|letters| letters.read(after, limit).ok_or(MailReadError::Trimmed));
            same("mail", &read, &expected)?;
            same("settled", &self.backplane.mailbox.settled(room, sid).await, &letters.map(|letters| letters.settled))?;
            same("end", &self.backplane.mailbox.end(room, sid).await, &letters.map(|letters| letters.end()))?;
            let open = letters.is_ok();
            let closed = reference.closed.remove(&sid);
            if let Some(watch) = self.mail_watches.get(&(room.clone(), sid)) {
                let notified = std::pin::pin!(watch.notified()).as_mut().enable();
                same("permit", &notified, &reference.told.remove(&sid))?;
                if closed {
                    self.mail_watches.remove(&(room.clone(), sid));
                }
            } else if self.watches && open {
                let watch = self.backplane.mailbox.watch(room, sid).await.map_err(|error| error.to_string())?;
                // Whether a new watch has a permit is left open.
                std::pin::pin!(watch.notified()).as_mut().enable();
                self.mail_watches.insert((room.clone(), sid), watch);
                reference.told.remove(&sid);
            }
        }
        Ok(())
    }

    async fn compare_due(&mut self) -> Result<(), String> {
        let now_ms = self.random.random_range(0..10);
        let is_due = |deadline_ms: Option<u64>| deadline_ms.is_some_and(|deadline_ms| deadline_ms <= now_ms);
        let rooms = self.rooms.iter().filter(|(_, reference)| is_due(reference.deadline_ms));
        let mut expected: Vec<_> = rooms.map(|(room, _)| room.clone()).collect();
        let mut due = Vec::new();
        for partition in (0..self.backplane.outbox.partitions()).map(Partition) {
            due.extend(self.backplane.log.due(partition, now_ms, 10).await.expect("in reach"));
        }
        due.sort();
        expected.sort();
        same("due", &due, &expected)
    }

    /// When everything is over and every ban has run out, nothing is left.
    async fn end_all(&mut self) {
        self.head_watches.clear();
        self.now_ms.fetch_add(1_000, Ordering::Relaxed);
        for room in self.rooms.keys() {
            let head = self.backplane.log.load(room).await.expect("in reach").head;
            let batch = Batch { entries: vec![Bytes::new()], ends: true, ..Batch::default() };
            self.backplane.log.append(room, head, batch).await.expect("nobody else appends");
        }
        assert_eq!(self.memory.rooms(), 0, "rooms that are left");
    }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, seen: &T, expected: &T) -> Result<(), String> {
    if seen == expected { Ok(()) } else { Err(format!("{what}: {seen:?}, expected {expected:?}")) }
}

fn sid(number: u8) -> Sid {
    Sid::from_random([number; 10])
}

fn random_sid(random: &mut StdRng) -> Sid {
    sid(random.random_range(0..4))
}
