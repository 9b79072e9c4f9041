//! What the checks have in common.

use antiphon_protocol::{RoomKey, Sid};
use bytes::Bytes;

use super::PATIENCE;
use crate::{
    AppendError, Backplane, Batch, Entry, Head, Mail, MailOffset, MailReadError, MailboxChange, Offset, Partition,
    Posting, Recipients, SendError, Sent,
};

/// What a check saw and should not have seen.
pub(super) struct Failure(pub(super) String);

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(format!("unexpected error: {error}"))
    }
}

macro_rules! ensure {
    ($condition:expr, $($message:tt)+) => {
        if !$condition {
            return Err($crate::conformance::fixture::Failure(format!($($message)+)));
        }
    };
}

macro_rules! ensure_eq {
    ($seen:expr, $expected:expr, $($message:tt)+) => {
        match (&$seen, &$expected) {
            (seen, expected) if *seen == *expected => {}
            (seen, expected) => {
                let what = format!($($message)+);
                return Err($crate::conformance::fixture::Failure(format!("{what}: {seen:?}, expected {expected:?}")));
            }
        }
    };
}

macro_rules! ensure_matches {
    ($seen:expr, $pattern:pat $(if $guard:expr)?, $($message:tt)+) => {{
        let seen = $seen;
        if !matches!(&seen, $pattern $(if $guard)?) {
            let what = format!($($message)+);
            return Err($crate::conformance::fixture::Failure(format!("{what}: {seen:?}")));
        }
    }};
}

pub(super) use {ensure, ensure_eq, ensure_matches};

pub(super) type Checked = Result<(), Failure>;

/// Two replicas and one empty engine.
pub(super) struct Stage {
    pub(super) first: Backplane,
    pub(super) second: Backplane,
}

impl Stage {
    pub(super) fn new([first, second]: [Backplane; 2]) -> Self {
        Self { first, second }
    }

    /// Appends at the head, wherever that is.
    pub(super) async fn append(&self, room: &RoomKey, batch: Batch) -> Result<Head, Failure> {
        let head = self.first.log.load(room).await?.head;
        Ok(self.first.log.append(room, head, batch).await?)
    }

    /// A room with these mailboxes; its log has one entry.
    pub(super) async fn open(&self, room: &RoomKey, sids: impl IntoIterator<Item = Sid>) -> Result<Head, Failure> {
        let mailboxes = sids.into_iter().map(MailboxChange::Open).collect();
        self.append(room, Batch { mailboxes, ..batch(["opened"]) }).await
    }

    /// Changes one mailbox.
    pub(super) async fn change(&self, room: &RoomKey, change: MailboxChange) -> Result<Head, Failure> {
        self.append(room, Batch { mailboxes: vec![change], ..batch(["changed"]) }).await
    }

    /// The room ends.
    pub(super) async fn end(&self, room: &RoomKey) -> Result<Head, Failure> {
        self.append(room, Batch { ends: true, ..batch(["ended"]) }).await
    }

    pub(super) async fn post(&self, room: &RoomKey, posting: Posting) -> Result<Sent, SendError> {
        self.first.mailbox.post(room, posting).await
    }

    /// What the other replica finds in a mailbox.
    pub(super) async fn mail(&self, room: &RoomKey, owner: Sid, after: u64) -> Result<Vec<Mail>, MailReadError> {
        self.second.mailbox.read(room, owner, MailOffset(after), usize::MAX).await
    }

    /// The texts in a mailbox.
    pub(super) async fn texts(&self, room: &RoomKey, owner: Sid, after: u64) -> Result<Vec<String>, MailReadError> {
        Ok(self.mail(room, owner, after).await?.iter().map(|mail| text(&mail.body)).collect())
    }

    /// The rooms that are due in each partition, as the other replica sees them.
    pub(super) async fn due(&self, now_ms: u64, limit: usize) -> Result<Vec<Vec<RoomKey>>, Failure> {
        let mut due = Vec::new();
        for partition in (0..self.second.outbox.partitions()).map(Partition) {
            due.push(self.second.log.due(partition, now_ms, limit).await?);
        }
        Ok(due)
    }

    /// All rooms that are due, by name.
    pub(super) async fn all_due(&self, now_ms: u64) -> Result<Vec<RoomKey>, Failure> {
        let mut rooms = self.due(now_ms, 100).await?.concat();
        rooms.sort();
        Ok(rooms)
    }

    /// The whole log, as the other replica reads it.
    pub(super) async fn entries(&self, room: &RoomKey) -> Result<Vec<Entry>, Failure> {
        let epoch = self.second.log.load(room).await?.head.epoch;
        Ok(self.second.log.read(room, epoch, Offset(0), usize::MAX).await?)
    }
}

pub(super) fn room(name: &str) -> RoomKey {
    room_of("tenant", name)
}

pub(super) fn room_of(tenant: &str, name: &str) -> RoomKey {
    RoomKey { tenant: tenant.parse().expect("a tenant"), room: name.parse().expect("a room name") }
}

pub(super) fn sid(number: u8) -> Sid {
    Sid::from_random([number; 10])
}

pub(super) fn batch<T: Into<String>>(entries: impl IntoIterator<Item = T>) -> Batch {
    Batch { entries: entries.into_iter().map(|text| Bytes::from(text.into())).collect(), ..Batch::default() }
}

pub(super) fn entry(offset: u64, text: &str) -> Entry {
    Entry { offset: Offset(offset), payload: Bytes::from(text.to_owned()) }
}

pub(super) fn letter(from: Sid, seq: u32, to: Sid, text: &str) -> Posting {
    Posting {
        from,
        generation: 0,
        seq,
        to: Recipients::One(to),
        after: Offset(1),
        format: 0,
        body: Bytes::from(text.to_owned()),
    }
}

pub(super) fn text(bytes: &Bytes) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The tail that a losing append is given; a failure where it won or could not be tried.
pub(super) fn lost(result: Result<Head, AppendError>) -> Result<(Head, Option<Vec<Entry>>), Failure> {
    match result {
        Err(AppendError::Conflict { head, tail }) => Ok((head, tail)),
        Ok(head) => Err(Failure(format!("the append was accepted at {head:?}"))),
        Err(AppendError::Unavailable(error)) => Err(error.into()),
    }
}

/// Waits for something that must happen.
pub(super) async fn within<T>(what: &str, happening: impl Future<Output = T>) -> Result<T, Failure> {
    tokio::time::timeout(PATIENCE, happening).await.map_err(|_| Failure(format!("{what}: not in time")))
}
