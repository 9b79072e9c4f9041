//! What leaves the rooms: one bounded stream per partition, and the letters that could not be delivered.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::Notify;

use crate::Unavailable;

/// Some of the rooms: those whose messages share a stream. From 0 to [`Outbox::partitions`], exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Partition(pub u16);

/// A place in a partition's stream, or in a list of dead letters. Places grow and are never given again; the first is 1 or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Place(pub u64);

/// A message that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Where it stands.
    pub place: Place,
    /// As in [`crate::Batch::outbox`].
    pub payload: Bytes,
}

/// What was read of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OutboxPage {
    /// Oldest first.
    pub messages: Vec<Outgoing>,
    /// How many messages of this partition ever gave way to newer ones without having been settled. It only grows.
    pub lost: u64,
}

/// A message that was given up, to be looked at and sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Tells it from the others of its lane.
    pub id: String,
    /// Opaque.
    pub payload: Bytes,
}

/// A dead letter where it lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buried {
    /// In the order of burial.
    pub place: Place,
    /// What lies there.
    pub letter: DeadLetter,
}

/// Notified (with a permit) when something is appended to one partition.
pub type OutboxWatch = Arc<Notify>;

/// The way out of the rooms. [`crate::RoomLog::append`] writes to it, together with the entries; one consumer per partition reads,
/// sends, and settles.
///
/// Which messages were dealt with is settled one by one, because one that waits for its receiver for hours must not hold back
/// those for others. A consumer that starts anew finds what is not settled, in the old order.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// How many partitions there are. Messages of one room stand in one of them, also those of its later lives.
    fn partitions(&self) -> u16;

    /// The unsettled messages behind `after`, at most `limit`, oldest first.
    async fn read(&self, partition: Partition, after: Place, limit: usize) -> Result<OutboxPage, Unavailable>;

    /// These messages were dealt with: they go. Those that are gone already are passed over.
    async fn settle(&self, partition: Partition, places: &[Place]) -> Result<(), Unavailable>;

    /// Watches one partition: first watch, then read, then wait. Each watch is notified.
    async fn watch(&self, partition: Partition) -> Result<OutboxWatch, Unavailable>;

    /// Keeps a letter that is given up, in the lane's list. One whose id lies there already changes nothing. Gives the number of
    /// older letters of this lane that had to go for it.
    async fn bury(&self, lane: &str, letter: DeadLetter) -> Result<u64, Unavailable>;

    /// The dead letters of a lane behind `after`, at most `limit`, in the order of burial.
    async fn dead_letters(&self, lane: &str, after: Place, limit: usize) -> Result<Vec<Buried>, Unavailable>;

    /// One dead letter.
    async fn dead_letter(&self, lane: &str, id: &str) -> Result<Option<Buried>, Unavailable>;

    /// How many dead letters a lane has.
    async fn dead_count(&self, lane: &str) -> Result<u64, Unavailable>;

    /// This letter was delivered after all: it goes. Nothing happens where it is gone already.
    async fn exhume(&self, lane: &str, id: &str) -> Result<(), Unavailable>;
}
