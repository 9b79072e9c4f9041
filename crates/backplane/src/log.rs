//! The room's log: compare-and-append.

use antiphon_protocol::{Identity, RoomKey, RoomName, TenantId};
use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::watch;

use crate::{MailboxChange, Partition, Unavailable};

/// Counts the lives of a log: a new one begins when the engine lost what was acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Epoch(pub u64);

/// The position of an entry in its epoch; the first entry stands at 1, an empty log's head at 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Offset(pub u64);

/// Random per batch, so that two histories of equal length are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Tag(pub u64);

/// The end of a log. Appending compares all three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Head {
    /// Which life of the log.
    pub epoch: Epoch,
    /// Its last entry.
    pub offset: Offset,
    /// The batch that wrote it.
    pub tag: Tag,
}

/// One entry of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands.
    pub offset: Offset,
    /// What it says.
    pub payload: Bytes,
}

/// A ban beside the log: it outlives the room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBan {
    /// Who.
    pub identity: Identity,
    /// Milliseconds since the Unix epoch.
    pub until_ms: u64,
}

/// What is appended as one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// New entries, in order; at least one.
    pub entries: Vec<Bytes>,
    /// When the room has to be looked at again though nobody asks (milliseconds since the Unix epoch); `None`: never.
    pub deadline_ms: Option<u64>,
    /// Mailboxes that open, move to another generation, or close with this batch.
    pub mailboxes: Vec<MailboxChange>,
    /// Bans that begin with this batch. An identity that is banned already stays so until the later of the two times.
    pub bans: Vec<StoredBan>,
    /// Bans that end with this batch, before those in `bans` begin.
    pub lifted: Vec<Identity>,
    /// Messages that leave the room with this batch, in order, into the [`crate::Outbox`] of the room's partition.
    pub outbox: Vec<Bytes>,
    /// The log begins anew: what stood in it goes, with its snapshot and mailboxes, and the first entry of this batch stands at 1 of a
    /// greater epoch. Its bans and what it sent stay. For a log that lost what it had acknowledged.
    pub restarts: bool,
    /// The room is over: its log, snapshot and mailboxes go after this batch; its bans and what it sent stay. The next `load` finds an
    /// empty log whose epoch is greater.
    pub ends: bool,
}

/// A room as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The end of the log.
    pub head: Head,
    /// A fold of the log up to an offset.
    pub snapshot: Option<(Offset, Bytes)>,
    /// The entries behind the snapshot (or all of them), up to `head`.
    pub tail: Vec<Entry>,
    /// Bans that have not run out.
    pub bans: Vec<StoredBan>,
    /// The epochs up to here are over because a batch ended the room ([`Batch::ends`]). A life that stopped without an end lies above: its
    /// log was lost. [`Epoch`] 0 where no end is remembered; an end is remembered for an hour at least.
    pub ended: Epoch,
}

/// What came behind a head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tail {
    /// The end of the log.
    pub head: Head,
    /// The entries behind the head that was known, oldest first. They end at `head` unless there were more than asked for.
    pub entries: Vec<Entry>,
}

/// Why an append did not happen.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The log has another head: fold `tail` (the entries behind the expected offset) and decide again. `tail` is
    /// `None` when the epoch or the tag differ or the entries are trimmed: load the room afresh.
    #[error("the log went on to {head:?}")]
    Conflict {
        /// The end of the log now.
        head: Head,
        /// What came since.
        tail: Option<Vec<Entry>>,
    },
    /// Out of reach. The append may or may not have happened.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why entries cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The log is capped and the entry after this offset is gone, or never was in this epoch.
    #[error("the entries after this offset are gone")]
    Trimmed,
    /// Out of reach.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Told of a log's head whenever it moves, also by other replicas; the value may skip heads, the last one always
/// arrives.
pub type Watch = watch::Receiver<Head>;

/// The ordered log of every room.
#[async_trait]
pub trait RoomLog: Send + Sync {
    /// Reads a room. One that was never written to has an empty log.
    async fn load(&self, room: &RoomKey) -> Result<Loaded, Unavailable>;

    /// Appends, if `expected` is the head; all of the batch or nothing. The new head stands at the last entry of the
    /// batch, also where the batch ends the room (no append against it succeeds then).
    async fn append(&self, room: &RoomKey, expected: Head, batch: Batch) -> Result<Head, AppendError>;

    /// The entries behind `after`, at most `limit`, oldest first; none when `after` is the head.
    async fn read(&self, room: &RoomKey, epoch: Epoch, after: Offset, limit: usize) -> Result<Vec<Entry>, ReadError>;

    /// What came behind a head, at most `limit` entries. [`ReadError::Trimmed`] also where the log does not contain `known`: the epoch, or
    /// the batch at that offset, is another one.
    async fn since(&self, room: &RoomKey, known: Head, limit: usize) -> Result<Tail, ReadError>;

    /// Stores the fold of the log up to `head.offset`; entries before it may be trimmed. Ignored when a newer snapshot
    /// stands or `head` is of another epoch.
    async fn store_snapshot(&self, room: &RoomKey, head: Head, snapshot: Bytes) -> Result<(), Unavailable>;

    /// Watches the head. The value that it begins with is the head now and counts as seen. A room that ends moves on to
    /// the empty head of its next life.
    async fn watch(&self, room: &RoomKey) -> Result<Watch, Unavailable>;

    /// Rooms of a partition whose `deadline_ms` has come, at most `limit`, earliest first. A room stays due until a batch
    /// gives it another deadline. The partitions are those of [`crate::Outbox::partitions`].
    async fn due(&self, partition: Partition, now_ms: u64, limit: usize) -> Result<Vec<RoomKey>, Unavailable>;

    /// The rooms of a tenant whose log is not empty, at most `limit`, by the bytes of their names, those behind `after`
    /// only. A room that begins or ends while the pages are read may be missed or be there; every other one is there once.
    async fn list(
        &self,
        tenant: &TenantId,
        after: Option<&RoomName>,
        limit: usize,
    ) -> Result<Vec<RoomName>, Unavailable>;
}
