//! The backplane of one process: everything in memory, lost with the process.
//!
//! Rooms are spread over shards by the hash of their name; an operation locks its shard, works without allocating more
//! than its result, and never waits inside. [`crate::Unavailable`] does not occur.
//!
//! A room that holds nothing (never written to, or ended with its bans run out) takes no memory, except while it is
//! watched.

mod deadlines;
mod directory;
mod history;
mod leases;
mod outbox;
mod postbox;
mod shard;
mod slot;

use std::{
    hash::{BuildHasher as _, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use antiphon_protocol::{ReplicaId, RoomKey, RoomName, Sid, TenantId};
use async_trait::async_trait;
use bytes::Bytes;

use self::{deadlines::Deadlines, directory::Directory, leases::Replicas, outbox::Outboxes, shard::Shard, slot::Scope};
use crate::{
    AppendError, Backplane, Batch, Buried, DeadLetter, Entry, Epoch, Head, Leases, Limits, Loaded, Mail, MailOffset,
    MailReadError, MailWatch, Mailbox, Offset, Outbox, OutboxPage, OutboxWatch, Partition, Place, Posting, ReadError,
    Renewed, Replica, RoomLog, SendError, Sent, Tag, Tail, Unavailable, Watch,
};

/// The wall clock: milliseconds since the Unix epoch.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// How the memory backplane is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryConfig {
    /// What a room may hold.
    pub limits: Limits,
    /// Locks that the rooms are spread over, at least 1.
    pub shards: usize,
}

impl Default for MemoryConfig {
    fn default() -> Self {
        Self { limits: Limits::default(), shards: 64 }
    }
}

/// A backplane for one process.
#[must_use]
pub fn backplane(config: MemoryConfig) -> Backplane {
    Memory::new(config).into_backplane()
}

/// The rooms of one process.
pub struct Memory {
    limits: Limits,
    clock: Clock,
    hasher: RandomState,
    shards: Box<[Mutex<Shard>]>,
    deadlines: Mutex<Deadlines>,
    directory: Mutex<Directory>,
    outboxes: Outboxes,
    replicas: Mutex<Replicas>,
}

impl Memory {
    /// An empty backplane on the system's clock.
    #[must_use]
    pub fn new(config: MemoryConfig) -> Self {
        Self::with_clock(config, Arc::new(system_now_ms))
    }

    /// An empty backplane on another clock. Only whether a ban or a lease has run out depends on it.
    #[must_use]
    pub fn with_clock(config: MemoryConfig, clock: Clock) -> Self {
        Self {
            limits: config.limits,
            clock,
            hasher: RandomState::new(),
            shards: (0..config.shards.max(1)).map(|_| Mutex::default()).collect(),
            deadlines: Mutex::default(),
            directory: Mutex::default(),
            outboxes: Outboxes::default(),
            replicas: Mutex::default(),
        }
    }

    /// Every trait behind one value.
    #[must_use]
    pub fn into_backplane(self) -> Backplane {
        let memory = Arc::new(self);
        Backplane {
            log: Arc::clone(&memory) as _,
            mailbox: Arc::clone(&memory) as _,
            outbox: Arc::clone(&memory) as _,
            leases: memory,
            may_be_away: false,
        }
    }

    /// How many rooms take memory now.
    #[must_use]
    pub fn rooms(&self) -> usize {
        self.shards.iter().map(|shard| locked(shard).len()).sum()
    }

    fn shard(&self, room: &RoomKey) -> (MutexGuard<'_, Shard>, u64) {
        let hash = self.hasher.hash_one(room);
        // The low bits choose the bucket within the shard, so the high half chooses the shard.
        let index = (hash >> 32) as usize % self.shards.len();
        (locked(&self.shards[index]), hash)
    }

    fn scope(&self) -> Scope<'_> {
        Scope {
            limits: &self.limits,
            now_ms: (self.clock)(),
            hasher: &self.hasher,
            deadlines: &self.deadlines,
            directory: &self.directory,
            outboxes: &self.outboxes,
        }
    }
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Memory").field("limits", &self.limits).finish_non_exhaustive()
    }
}

#[async_trait]
impl RoomLog for Memory {
    async fn load(&self, room: &RoomKey) -> Result<Loaded, Unavailable> {
        let now_ms = (self.clock)();
        let (shard, hash) = self.shard(room);
        Ok(shard.load(hash, room, now_ms))
    }

    async fn append(&self, room: &RoomKey, expected: Head, batch: Batch) -> Result<Head, AppendError> {
        let tag = Tag(rand::random());
        let scope = self.scope();
        let (mut shard, hash) = self.shard(room);
        shard.append(hash, room, expected, batch, tag, &scope)
    }

    async fn read(&self, room: &RoomKey, epoch: Epoch, after: Offset, limit: usize) -> Result<Vec<Entry>, ReadError> {
        let (shard, hash) = self.shard(room);
        shard.read(hash, room, epoch, after, limit)
    }

    async fn since(&self, room: &RoomKey, known: Head, limit: usize) -> Result<Tail, ReadError> {
        let (shard, hash) = self.shard(room);
        shard.since(hash, room, known, limit)
    }

    async fn store_snapshot(&self, room: &RoomKey, head: Head, snapshot: Bytes) -> Result<(), Unavailable> {
        let (mut shard, hash) = self.shard(room);
        if let Some(slot) = shard.find_mut(hash, room) {
            slot.store_snapshot(head, snapshot, &self.limits);
        }
        Ok(())
    }

    async fn watch(&self, room: &RoomKey) -> Result<Watch, Unavailable> {
        let scope = self.scope();
        let (mut shard, hash) = self.shard(room);
        Ok(shard.watch(hash, room, &scope))
    }

    async fn due(&self, partition: Partition, now_ms: u64, limit: usize) -> Result<Vec<RoomKey>, Unavailable> {
        Ok(locked(&self.deadlines).due(partition, now_ms, limit))
    }

    async fn list(
        &self,
        tenant: &TenantId,
        after: Option<&RoomName>,
        limit: usize,
    ) -> Result<Vec<RoomName>, Unavailable> {
        Ok(locked(&self.directory).list(tenant, after, limit))
    }
}

#[async_trait]
impl Mailbox for Memory {
    async fn post(&self, room: &RoomKey, posting: Posting) -> Result<Sent, SendError> {
        let (mut shard, hash) = self.shard(room);
        shard.find_mut(hash, room).ok_or(SendError::StaleSender)?.post(posting, &self.limits)
    }

    async fn settle(&self, room: &RoomKey, sender: Sid, generation: u32, seq: u32) -> Result<(), SendError> {
        let (mut shard, hash) = self.shard(room);
        shard.find_mut(hash, room).ok_or(SendError::StaleSender)?.settle(sender, generation, seq)
    }

    async fn settled(&self, room: &RoomKey, sender: Sid) -> Result<u32, MailReadError> {
        let (mut shard, hash) = self.shard(room);
        shard.postbox(hash, room, sender).map(|postbox| postbox.settled()).ok_or(MailReadError::Closed)
    }

    async fn end(&self, room: &RoomKey, owner: Sid) -> Result<MailOffset, MailReadError> {
        let (mut shard, hash) = self.shard(room);
        shard.postbox(hash, room, owner).map(|postbox| MailOffset(postbox.last())).ok_or(MailReadError::Closed)
    }

    async fn read(
        &self,
        room: &RoomKey,
        owner: Sid,
        after: MailOffset,
        limit: usize,
    ) -> Result<Vec<Mail>, MailReadError> {
        let (mut shard, hash) = self.shard(room);
        let postbox = shard.postbox(hash, room, owner).ok_or(MailReadError::Closed)?;
        postbox.read(after, limit).ok_or(MailReadError::Trimmed)
    }

    async fn mark_written(&self, room: &RoomKey, owner: Sid, through: MailOffset) -> Result<(), Unavailable> {
        let (mut shard, hash) = self.shard(room);
        if let Some(postbox) = shard.postbox(hash, room, owner) {
            postbox.mark_written(through);
        }
        Ok(())
    }

    async fn trim(&self, room: &RoomKey, owner: Sid, through: MailOffset) -> Result<(), Unavailable> {
        let (mut shard, hash) = self.shard(room);
        if let Some(postbox) = shard.postbox(hash, room, owner) {
            postbox.trim(through);
        }
        Ok(())
    }

    async fn watch(&self, room: &RoomKey, owner: Sid) -> Result<MailWatch, MailReadError> {
        let (mut shard, hash) = self.shard(room);
        shard.postbox(hash, room, owner).map(|postbox| postbox.watch()).ok_or(MailReadError::Closed)
    }
}

#[async_trait]
impl Outbox for Memory {
    fn partitions(&self) -> u16 {
        self.outboxes.partitions()
    }

    async fn read(&self, partition: Partition, after: Place, limit: usize) -> Result<OutboxPage, Unavailable> {
        Ok(self.outboxes.read(partition, after, limit))
    }

    async fn settle(&self, partition: Partition, places: &[Place]) -> Result<(), Unavailable> {
        self.outboxes.settle(partition, places);
        Ok(())
    }

    async fn watch(&self, partition: Partition) -> Result<OutboxWatch, Unavailable> {
        Ok(self.outboxes.watch(partition))
    }

    async fn bury(&self, lane: &str, letter: DeadLetter) -> Result<u64, Unavailable> {
        Ok(self.outboxes.bury(lane, letter, &self.limits))
    }

    async fn dead_letters(&self, lane: &str, after: Place, limit: usize) -> Result<Vec<Buried>, Unavailable> {
        Ok(self.outboxes.dead_letters(lane, after, limit))
    }

    async fn dead_letter(&self, lane: &str, id: &str) -> Result<Option<Buried>, Unavailable> {
        Ok(self.outboxes.dead_letter(lane, id))
    }

    async fn dead_count(&self, lane: &str) -> Result<u64, Unavailable> {
        Ok(self.outboxes.dead_count(lane))
    }

    async fn exhume(&self, lane: &str, id: &str) -> Result<(), Unavailable> {
        self.outboxes.exhume(lane, id);
        Ok(())
    }
}

#[async_trait]
impl Leases for Memory {
    async fn renew(&self, replica: ReplicaId, lease: Duration, about: Bytes) -> Result<Renewed, Unavailable> {
        Ok(locked(&self.replicas).renew(replica, lease, about, (self.clock)()))
    }

    async fn replicas(&self) -> Result<Vec<Replica>, Unavailable> {
        Ok(locked(&self.replicas).all((self.clock)()))
    }

    async fn enter(&self, replica: ReplicaId, room: &RoomKey) -> Result<(), Unavailable> {
        locked(&self.replicas).enter(replica, room);
        Ok(())
    }

    async fn leave(&self, replica: ReplicaId, room: &RoomKey) -> Result<(), Unavailable> {
        locked(&self.replicas).leave(replica, room);
        Ok(())
    }

    async fn entered(&self, replica: ReplicaId, limit: usize) -> Result<Vec<RoomKey>, Unavailable> {
        Ok(locked(&self.replicas).entered(replica, limit))
    }

    async fn release(&self, replica: ReplicaId) -> Result<(), Unavailable> {
        locked(&self.replicas).release(replica);
        Ok(())
    }

    async fn forget(&self, replica: ReplicaId) -> Result<(), Unavailable> {
        locked(&self.replicas).forget(replica, (self.clock)());
        Ok(())
    }
}

/// A panic inside a lock would be a fault of ours that its caller has seen; the other rooms of the shard go on.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn system_now_ms() -> u64 {
    // A clock before 1970 is not set; the bans it then keeps too long are the safe side.
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}
