//! Everything that is kept of one room.

use std::{
    collections::BTreeMap,
    hash::{BuildHasher as _, RandomState},
    sync::Mutex,
};

use antiphon_protocol::{RoomKey, Sid};
use bytes::Bytes;
use tokio::sync::watch;

use super::{
    deadlines::Deadlines,
    directory::Directory,
    history::History,
    locked,
    outbox::Outboxes,
    postbox::{Letter, Postbox},
    shard::before,
};
use crate::{
    Batch, Entry, Epoch, Head, Limits, Loaded, MailboxChange, Offset, Posting, ReadError, Recipients, SendError, Sent,
    StoredBan, Tag, Watch,
};

/// What an operation on a room needs to know of the world.
pub(super) struct Scope<'memory> {
    pub(super) limits: &'memory Limits,
    pub(super) now_ms: u64,
    pub(super) hasher: &'memory RandomState,
    /// Locked inside a shard's lock, never the other way round.
    pub(super) deadlines: &'memory Mutex<Deadlines>,
    /// As `deadlines`.
    pub(super) directory: &'memory Mutex<Directory>,
    /// As `deadlines`.
    pub(super) outboxes: &'memory Outboxes,
}

/// One room.
pub(super) struct Slot {
    pub(super) room: RoomKey,
    history: History,
    /// Boxed, because a node of the map has places for eleven.
    mailboxes: BTreeMap<Sid, Box<Postbox>>,
    bans: Vec<StoredBan>,
    deadline_ms: Option<u64>,
    /// As in [`Loaded::ended`].
    ended: Epoch,
    watch: Option<watch::Sender<Head>>,
}

impl Slot {
    pub(super) fn new(room: RoomKey, epoch: Epoch) -> Self {
        Self {
            room,
            history: History::new(epoch),
            mailboxes: BTreeMap::new(),
            bans: Vec::new(),
            deadline_ms: None,
            ended: before(epoch),
            watch: None,
        }
    }

    /// Whether the room can be forgotten.
    pub(super) fn is_idle(&self, now_ms: u64) -> bool {
        self.history.is_empty()
            && self.mailboxes.is_empty()
            && self.bans.iter().all(|ban| ban.until_ms <= now_ms)
            && self.watch.as_ref().is_none_or(|sender| sender.receiver_count() == 0)
    }

    pub(super) fn load(&self, now_ms: u64) -> Loaded {
        Loaded {
            head: self.history.head(),
            snapshot: self.history.snapshot(),
            tail: self.history.uncovered(),
            bans: self.bans.iter().filter(|ban| ban.until_ms > now_ms).cloned().collect(),
            ended: self.ended,
        }
    }

    pub(super) fn read(&self, epoch: Epoch, after: Offset, limit: usize) -> Result<Vec<Entry>, ReadError> {
        if epoch != self.history.head().epoch {
            return Err(ReadError::Trimmed);
        }
        self.history.behind(after, limit).ok_or(ReadError::Trimmed)
    }

    pub(super) fn history(&self) -> &History {
        &self.history
    }

    /// What stood in the log goes; the next batch is the first of a greater epoch.
    pub(super) fn restart(&mut self, epoch: Epoch, scope: &Scope<'_>) {
        if !self.history.is_empty() {
            locked(scope.directory).leave(&self.room);
        }
        self.close_mailboxes();
        self.history = History::new(epoch);
    }

    fn close_mailboxes(&mut self) {
        for (_, postbox) in std::mem::take(&mut self.mailboxes) {
            postbox.wake();
        }
    }

    /// Takes a batch whose expected head was compared. `next_life` begins where the batch ends the room.
    pub(super) fn append(&mut self, batch: Batch, tag: Tag, scope: &Scope<'_>, next_life: Epoch) -> Head {
        let Batch { entries, deadline_ms, mailboxes, bans, lifted, outbox, restarts: _, ends } = batch;
        debug_assert!(!entries.is_empty(), "a batch has at least one entry");
        let begins = self.history.is_empty();
        self.history.append(entries, tag, scope.limits);
        let head = self.history.head();
        for change in mailboxes {
            self.change_mailbox(change);
        }
        if !lifted.is_empty() {
            self.bans.retain(|ban| !lifted.contains(&ban.identity));
        }
        if !bans.is_empty() {
            self.ban(bans, scope);
        }
        scope.outboxes.push(scope.hasher.hash_one(&self.room), outbox, scope.limits);
        if ends {
            self.close_mailboxes();
            self.history = History::new(next_life);
            self.ended = before(next_life);
        }
        match (begins, ends) {
            (true, false) => locked(scope.directory).enter(&self.room),
            (false, true) => locked(scope.directory).leave(&self.room),
            (true, true) | (false, false) => {}
        }
        self.set_deadline(deadline_ms.filter(|_| !ends), scope);
        self.tell_head();
        head
    }

    pub(super) fn store_snapshot(&mut self, head: Head, snapshot: Bytes, limits: &Limits) {
        self.history.store_snapshot(head, snapshot, limits);
    }

    pub(super) fn watch(&mut self) -> Watch {
        match &self.watch {
            Some(sender) => sender.subscribe(),
            None => {
                let (sender, receiver) = watch::channel(self.history.head());
                self.watch = Some(sender);
                receiver
            }
        }
    }

    pub(super) fn postbox(&mut self, owner: Sid) -> Option<&mut Postbox> {
        self.mailboxes.get_mut(&owner).map(Box::as_mut)
    }

    pub(super) fn post(&mut self, posting: Posting, limits: &Limits) -> Result<Sent, SendError> {
        let Posting { from, generation, seq, to, after, format, body } = posting;
        let sender = self.sender(from, generation)?;
        if seq != 0 && seq <= sender.settled() {
            return Ok(Sent::Repeated);
        }
        match to {
            Recipients::One(to) => {
                let postbox = self.postbox(to).ok_or(SendError::NoRecipient(to))?;
                if !postbox.takes(body.len(), limits) {
                    return Err(SendError::Full(to));
                }
                postbox.push(Letter { after, format, body }, limits);
            }
            Recipients::Many(mut recipients) => {
                recipients.sort_unstable();
                recipients.dedup();
                for to in &recipients {
                    let postbox = self.postbox(*to).ok_or(SendError::NoRecipient(*to))?;
                    if !postbox.takes(body.len(), limits) {
                        return Err(SendError::Full(*to));
                    }
                }
                for to in &recipients {
                    if let Some(postbox) = self.postbox(*to) {
                        postbox.push(Letter { after, format, body: body.clone() }, limits);
                    }
                }
            }
        }
        self.settle(from, generation, seq)?;
        Ok(Sent::Stored)
    }

    pub(super) fn settle(&mut self, sender: Sid, generation: u32, seq: u32) -> Result<(), SendError> {
        self.sender(sender, generation)?.settle(seq);
        Ok(())
    }

    fn sender(&mut self, sid: Sid, generation: u32) -> Result<&mut Postbox, SendError> {
        self.postbox(sid).filter(|sender| sender.generation() == generation).ok_or(SendError::StaleSender)
    }

    fn change_mailbox(&mut self, change: MailboxChange) {
        match change {
            MailboxChange::Open(sid) => {
                self.mailboxes.entry(sid).or_default();
            }
            MailboxChange::Advance { sid, generation } => {
                if let Some(postbox) = self.postbox(sid) {
                    postbox.advance(generation);
                }
            }
            MailboxChange::Close(sid) => {
                if let Some(postbox) = self.mailboxes.remove(&sid) {
                    postbox.wake();
                }
            }
        }
    }

    /// Of two bans of one identity the longer one holds.
    fn ban(&mut self, bans: Vec<StoredBan>, scope: &Scope<'_>) {
        self.bans.retain(|ban| ban.until_ms > scope.now_ms);
        for ban in bans {
            match self.bans.iter_mut().find(|standing| standing.identity == ban.identity) {
                Some(standing) => standing.until_ms = standing.until_ms.max(ban.until_ms),
                None => self.bans.push(ban),
            }
        }
        if self.bans.len() > scope.limits.bans {
            self.bans.sort_by_key(|ban| std::cmp::Reverse(ban.until_ms));
            self.bans.truncate(scope.limits.bans);
        }
    }

    fn set_deadline(&mut self, deadline_ms: Option<u64>, scope: &Scope<'_>) {
        if deadline_ms != self.deadline_ms {
            let hash = scope.hasher.hash_one(&self.room);
            locked(scope.deadlines).shift(hash, &self.room, self.deadline_ms, deadline_ms);
            self.deadline_ms = deadline_ms;
        }
    }

    fn tell_head(&mut self) {
        let head = self.history.head();
        match &self.watch {
            Some(sender) if sender.receiver_count() > 0 => {
                sender.send_replace(head);
            }
            Some(_) | None => self.watch = None,
        }
    }
}
