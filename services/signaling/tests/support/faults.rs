//! A backplane that can be out of reach.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use antiphon_backplane::{
    AppendError, Backplane, Batch, Buried, DeadLetter, Entry, Epoch, Head, Leases, Loaded, Mail, MailOffset,
    MailReadError, MailWatch, Mailbox, Offset, Outbox, OutboxPage, OutboxWatch, Partition, Place, Posting, ReadError,
    Renewed, Replica, RoomLog, SendError, Sent, Tail, Unavailable, Watch,
};
use antiphon_protocol::{ReplicaId, RoomKey, RoomName, Sid, TenantId};
use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::Semaphore;

/// What is out of reach, and what waits.
#[derive(Debug)]
pub(crate) struct Faults {
    /// Logs cannot be read.
    pub(crate) no_load: AtomicBool,
    /// Nothing can be appended.
    pub(crate) no_append: AtomicBool,
    /// The next append happens, and its answer is lost.
    pub(crate) lose_append: AtomicBool,
    /// An append takes place with a permit from here.
    pub(crate) may_append: Semaphore,
    /// What waits to be delivered cannot be read.
    pub(crate) no_outbox: AtomicBool,
    /// What was delivered cannot be taken away.
    pub(crate) no_settle: AtomicBool,
    /// What was given up cannot be laid aside.
    pub(crate) no_bury: AtomicBool,
    /// Nothing can be posted.
    pub(crate) no_post: AtomicBool,
    /// What stands behind these faults now: the engine was restarted without its data, or another one took over.
    pub(crate) replaced: Mutex<Option<Backplane>>,
    /// Leases cannot be renewed, and nothing is heard of other replicas.
    pub(crate) no_lease: AtomicBool,
    /// A resume that has taken place tells so here …
    pub(crate) resumed: Semaphore,
    /// … and goes on with a permit from here.
    pub(crate) may_go_on: Semaphore,
}

impl Default for Faults {
    /// None.
    fn default() -> Self {
        Self {
            no_load: AtomicBool::default(),
            no_append: AtomicBool::default(),
            lose_append: AtomicBool::default(),
            may_append: Semaphore::new(Semaphore::MAX_PERMITS),
            no_outbox: AtomicBool::default(),
            no_settle: AtomicBool::default(),
            no_bury: AtomicBool::default(),
            no_post: AtomicBool::default(),
            replaced: Mutex::default(),
            no_lease: AtomicBool::default(),
            resumed: Semaphore::new(0),
            may_go_on: Semaphore::new(Semaphore::MAX_PERMITS),
        }
    }
}

fn is_set(fault: &AtomicBool) -> Result<(), Unavailable> {
    if fault.load(Ordering::Relaxed) { Err(Unavailable) } else { Ok(()) }
}

impl Faults {
    /// The replica seems dead to the others: nothing of it reaches them.
    pub(crate) fn dies(&self) {
        self.set_all(true);
    }

    /// It is back.
    pub(crate) fn lives(&self) {
        self.set_all(false);
    }

    fn set_all(&self, is_away: bool) {
        for fault in [&self.no_load, &self.no_append, &self.no_post, &self.no_lease, &self.no_outbox, &self.no_settle] {
            fault.store(is_away, Ordering::Relaxed);
        }
    }

    /// The backplane behind these faults.
    pub(crate) fn before(self: &Arc<Self>, backplane: &Backplane) -> Backplane {
        let faulty = Arc::new(Faulty { faults: Arc::clone(self), behind: backplane.clone() });
        Backplane {
            log: Arc::clone(&faulty) as Arc<dyn RoomLog>,
            mailbox: Arc::clone(&faulty) as Arc<dyn Mailbox>,
            outbox: Arc::clone(&faulty) as Arc<dyn Outbox>,
            leases: faulty,
            may_be_away: true,
        }
    }
}

struct Faulty {
    faults: Arc<Faults>,
    behind: Backplane,
}

impl Faulty {
    /// What was behind at first, or what has taken its place.
    fn behind(&self) -> Backplane {
        self.faults.replaced.lock().expect("no test panics inside").clone().unwrap_or_else(|| self.behind.clone())
    }
}

#[async_trait]
impl RoomLog for Faulty {
    async fn load(&self, room: &RoomKey) -> Result<Loaded, Unavailable> {
        is_set(&self.faults.no_load)?;
        self.behind().log.load(room).await
    }

    async fn append(&self, room: &RoomKey, expected: Head, batch: Batch) -> Result<Head, AppendError> {
        is_set(&self.faults.no_append)?;
        self.faults.may_append.acquire().await.expect("never closed").forget();
        let appended = self.behind().log.append(room, expected, batch).await;
        if self.faults.lose_append.swap(false, Ordering::Relaxed) { Err(Unavailable.into()) } else { appended }
    }

    async fn read(&self, room: &RoomKey, epoch: Epoch, after: Offset, limit: usize) -> Result<Vec<Entry>, ReadError> {
        self.behind().log.read(room, epoch, after, limit).await
    }

    async fn since(&self, room: &RoomKey, known: Head, limit: usize) -> Result<Tail, ReadError> {
        is_set(&self.faults.no_load)?;
        self.behind().log.since(room, known, limit).await
    }

    async fn store_snapshot(&self, room: &RoomKey, head: Head, snapshot: Bytes) -> Result<(), Unavailable> {
        self.behind().log.store_snapshot(room, head, snapshot).await
    }

    async fn watch(&self, room: &RoomKey) -> Result<Watch, Unavailable> {
        self.behind().log.watch(room).await
    }

    async fn due(&self, partition: Partition, now_ms: u64, limit: usize) -> Result<Vec<RoomKey>, Unavailable> {
        self.behind().log.due(partition, now_ms, limit).await
    }

    async fn list(
        &self,
        tenant: &TenantId,
        after: Option<&RoomName>,
        limit: usize,
    ) -> Result<Vec<RoomName>, Unavailable> {
        is_set(&self.faults.no_load)?;
        self.behind().log.list(tenant, after, limit).await
    }
}

#[async_trait]
impl Mailbox for Faulty {
    async fn post(&self, room: &RoomKey, posting: Posting) -> Result<Sent, SendError> {
        is_set(&self.faults.no_post)?;
        self.behind().mailbox.post(room, posting).await
    }

    async fn settle(&self, room: &RoomKey, sender: Sid, generation: u32, seq: u32) -> Result<(), SendError> {
        self.behind().mailbox.settle(room, sender, generation, seq).await
    }

    async fn settled(&self, room: &RoomKey, sender: Sid) -> Result<u32, MailReadError> {
        self.faults.resumed.add_permits(1);
        self.faults.may_go_on.acquire().await.expect("never closed").forget();
        self.behind().mailbox.settled(room, sender).await
    }

    async fn end(&self, room: &RoomKey, owner: Sid) -> Result<MailOffset, MailReadError> {
        self.behind().mailbox.end(room, owner).await
    }

    async fn read(
        &self,
        room: &RoomKey,
        owner: Sid,
        after: MailOffset,
        limit: usize,
    ) -> Result<Vec<Mail>, MailReadError> {
        self.behind().mailbox.read(room, owner, after, limit).await
    }

    async fn mark_written(&self, room: &RoomKey, owner: Sid, through: MailOffset) -> Result<(), Unavailable> {
        self.behind().mailbox.mark_written(room, owner, through).await
    }

    async fn trim(&self, room: &RoomKey, owner: Sid, through: MailOffset) -> Result<(), Unavailable> {
        self.behind().mailbox.trim(room, owner, through).await
    }

    async fn watch(&self, room: &RoomKey, owner: Sid) -> Result<MailWatch, MailReadError> {
        self.behind().mailbox.watch(room, owner).await
    }
}

#[async_trait]
impl Outbox for Faulty {
    fn partitions(&self) -> u16 {
        self.behind().outbox.partitions()
    }

    async fn read(&self, partition: Partition, after: Place, limit: usize) -> Result<OutboxPage, Unavailable> {
        is_set(&self.faults.no_outbox)?;
        self.behind().outbox.read(partition, after, limit).await
    }

    async fn settle(&self, partition: Partition, places: &[Place]) -> Result<(), Unavailable> {
        is_set(&self.faults.no_settle)?;
        self.behind().outbox.settle(partition, places).await
    }

    async fn watch(&self, partition: Partition) -> Result<OutboxWatch, Unavailable> {
        is_set(&self.faults.no_outbox)?;
        self.behind().outbox.watch(partition).await
    }

    async fn bury(&self, lane: &str, letter: DeadLetter) -> Result<u64, Unavailable> {
        is_set(&self.faults.no_bury)?;
        self.behind().outbox.bury(lane, letter).await
    }

    async fn dead_letters(&self, lane: &str, after: Place, limit: usize) -> Result<Vec<Buried>, Unavailable> {
        self.behind().outbox.dead_letters(lane, after, limit).await
    }

    async fn dead_letter(&self, lane: &str, id: &str) -> Result<Option<Buried>, Unavailable> {
        self.behind().outbox.dead_letter(lane, id).await
    }

    async fn dead_count(&self, lane: &str) -> Result<u64, Unavailable> {
        self.behind().outbox.dead_count(lane).await
    }

    async fn exhume(&self, lane: &str, id: &str) -> Result<(), Unavailable> {
        self.behind().outbox.exhume(lane, id).await
    }
}

#[async_trait]
impl Leases for Faulty {
    async fn renew(&self, replica: ReplicaId, lease: Duration, about: Bytes) -> Result<Renewed, Unavailable> {
        is_set(&self.faults.no_lease)?;
        self.behind().leases.renew(replica, lease, about).await
    }

    async fn replicas(&self) -> Result<Vec<Replica>, Unavailable> {
        is_set(&self.faults.no_lease)?;
        self.behind().leases.replicas().await
    }

    async fn enter(&self, replica: ReplicaId, room: &RoomKey) -> Result<(), Unavailable> {
        is_set(&self.faults.no_lease)?;
        self.behind().leases.enter(replica, room).await
    }

    async fn leave(&self, replica: ReplicaId, room: &RoomKey) -> Result<(), Unavailable> {
        is_set(&self.faults.no_lease)?;
        self.behind().leases.leave(replica, room).await
    }

    async fn entered(&self, replica: ReplicaId, limit: usize) -> Result<Vec<RoomKey>, Unavailable> {
        is_set(&self.faults.no_lease)?;
        self.behind().leases.entered(replica, limit).await
    }

    async fn release(&self, replica: ReplicaId) -> Result<(), Unavailable> {
        is_set(&self.faults.no_lease)?;
        self.behind().leases.release(replica).await
    }

    async fn forget(&self, replica: ReplicaId) -> Result<(), Unavailable> {
        is_set(&self.faults.no_lease)?;
        self.behind().leases.forget(replica).await
    }
}
