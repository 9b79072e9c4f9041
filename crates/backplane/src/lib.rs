//! What replicas share.
//!
//! A room is an ordered log that replicas race to append to ([`RoomLog`]); directed messages go to a mailbox per
//! session ([`Mailbox`]); what is told to the outside leaves through streams that are written with the log ([`Outbox`]); and who
//! of the replicas lives, and has people where, stands in [`Leases`].
//! Payloads are opaque bytes here. [`memory`] is the implementation for one process, `redis` the one for many;
//! `conformance` is the suite that every implementation passes.

#[cfg(feature = "conformance")]
pub mod conformance;
mod leases;
mod limits;
mod log;
mod mailbox;
pub mod memory;
mod outbox;
#[cfg(feature = "redis")]
pub mod redis;

use std::sync::Arc;

pub use leases::{Leases, Renewed, Replica};
pub use limits::Limits;
pub use log::{
    AppendError, Batch, Entry, Epoch, Head, Loaded, Offset, ReadError, RoomLog, StoredBan, Tag, Tail, Watch,
};
pub use mailbox::{
    Mail, MailOffset, MailReadError, MailWatch, Mailbox, MailboxChange, Posting, Recipients, SendError, Sent,
};
pub use outbox::{Buried, DeadLetter, Outbox, OutboxPage, OutboxWatch, Outgoing, Partition, Place};

/// The engine is out of reach; nothing is known about what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the backplane is out of reach")]
pub struct Unavailable;

/// Everything that replicas share.
#[derive(Clone)]
pub struct Backplane {
    /// The rooms' logs.
    pub log: Arc<dyn RoomLog>,
    /// The sessions' mailboxes.
    pub mailbox: Arc<dyn Mailbox>,
    /// What leaves the rooms.
    pub outbox: Arc<dyn Outbox>,
    /// Who is alive.
    pub leases: Arc<dyn Leases>,
    /// Calls can come to [`Unavailable`], and what was acknowledged can be lost: what a replica knows has to outlive that.
    pub may_be_away: bool,
}

impl std::fmt::Debug for Backplane {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Backplane")
    }
}
