//! Directed messages: one bounded mailbox per session.

use std::sync::Arc;

use antiphon_protocol::{RoomKey, Sid};
use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::Notify;

use crate::{Offset, Unavailable};

/// The position of a message in its mailbox; the first stands at 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct MailOffset(pub u64);

/// A change that comes into force with a batch of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailboxChange {
    /// A session began: generation 0.
    Open(Sid),
    /// Its connection changed: postings of older generations are refused.
    Advance {
        /// The session.
        sid: Sid,
        /// Its generation now.
        generation: u32,
    },
    /// The session ended; what is in the mailbox goes.
    Close(Sid),
}

impl MailboxChange {
    /// Whose mailbox.
    #[must_use]
    pub fn sid(&self) -> Sid {
        match self {
            Self::Open(sid) | Self::Close(sid) | Self::Advance { sid, .. } => *sid,
        }
    }
}

/// Whom a message is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipients {
    /// One session.
    One(Sid),
    /// Several; one that is named twice is given the message once.
    Many(Vec<Sid>),
}

/// A message on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Who sends it.
    pub from: Sid,
    /// The sender's connection.
    pub generation: u32,
    /// The sender's client frame; each is taken once. 0: not numbered, always taken.
    pub seq: u32,
    /// Whose mailboxes; may hold the sender's own. It is stored in all of them or in none.
    pub to: Recipients,
    /// The receiver must have been given the log up to here before it is given this.
    pub after: Offset,
    /// What it says; opaque.
    pub format: u8,
    /// What it says; opaque.
    pub body: Bytes,
}

/// A message in a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Where it stands.
    pub offset: MailOffset,
    /// As posted.
    pub after: Offset,
    /// As posted.
    pub format: u8,
    /// As posted.
    pub body: Bytes,
}

/// What became of a posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It stands in every recipient's mailbox.
    Stored,
    /// This `seq` of the sender was settled before; nothing was done.
    Repeated,
}

/// Why a posting was not taken. Nothing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// There is no such mailbox in this room.
    #[error("no such recipient: {0}")]
    NoRecipient(Sid),
    /// The sender's session ended or moved to a newer connection.
    #[error("the sender's connection is not its session's current one")]
    StaleSender,
    /// The recipient reads too slowly.
    #[error("the mailbox of {0} is full")]
    Full(Sid),
    /// Out of reach. The posting may or may not have happened: post it again, it is taken once.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why a mailbox cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailReadError {
    /// The message after this offset is gone: it was written to a socket once and trimmed since. Also: it never was,
    /// the offset lies beyond the last message.
    #[error("the messages after this offset are gone")]
    Trimmed,
    /// The session ended.
    #[error("the mailbox is closed")]
    Closed,
    /// Out of reach.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Notified (with a permit) when something is posted to one mailbox, or when it closes.
pub type MailWatch = Arc<Notify>;

/// The mailboxes of every session.
///
/// A mailbox has two bounds, on messages and on bytes. What the replica has marked `written` gives way to new messages;
/// what it has not makes the mailbox full.
#[async_trait]
pub trait Mailbox: Send + Sync {
    /// Takes a message, once per (sender, seq).
    async fn post(&self, room: &RoomKey, posting: Posting) -> Result<Sent, SendError>;

    /// Marks the sender's `seq` settled without posting anything (the frame was refused, or went to several mailboxes).
    async fn settle(&self, room: &RoomKey, sender: Sid, generation: u32, seq: u32) -> Result<(), SendError>;

    /// The highest `seq` of this sender that was posted or settled here; 0: none.
    async fn settled(&self, room: &RoomKey, sender: Sid) -> Result<u32, MailReadError>;

    /// The position of the last message, read or not: behind it, only what comes later.
    async fn end(&self, room: &RoomKey, owner: Sid) -> Result<MailOffset, MailReadError>;

    /// The messages behind `after`, at most `limit`, oldest first; none when `after` is the last.
    async fn read(
        &self,
        room: &RoomKey,
        owner: Sid,
        after: MailOffset,
        limit: usize,
    ) -> Result<Vec<Mail>, MailReadError>;

    /// Everything up to here was written to the owner's socket, and may be trimmed when room is needed.
    async fn mark_written(&self, room: &RoomKey, owner: Sid, through: MailOffset) -> Result<(), Unavailable>;

    /// The owner has acknowledged everything up to here: it goes.
    async fn trim(&self, room: &RoomKey, owner: Sid, through: MailOffset) -> Result<(), Unavailable>;

    /// Watches one mailbox: first watch, then read, then wait. Each watch is notified, so two connections of one
    /// session that overlap do not take each other's permits.
    async fn watch(&self, room: &RoomKey, owner: Sid) -> Result<MailWatch, MailReadError>;
}
