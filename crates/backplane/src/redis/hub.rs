//! Who in this process waits for what: one subscription for a room, however many watch it.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use antiphon_protocol::Sid;
use bytes::Bytes;
use redis::{PushInfo, PushKind, Value};
use tokio::sync::watch;

use super::{
    keys::{Keys, RoomKeys},
    notice::Notice,
    topic::{OutboxTopic, RoomTopic},
    watched_mail::Telling,
};
use crate::{Head, Limits, Mail, MailOffset, Partition, Tail};

/// Every channel that this process needs.
pub(super) struct Hub {
    keys: Keys,
    shards: Box<[Mutex<Shard>]>,
    changed: watch::Sender<()>,
    /// Mailboxes of which the engine has to be told how far they are written; each stands here once.
    owed: Mutex<Vec<(Arc<Topic>, Sid)>>,
}

#[derive(Default)]
struct Shard {
    topics: HashMap<Box<str>, Arc<Topic>>,
    pending: Vec<Change>,
}

/// What a subscription has to be told.
pub(super) enum Change {
    Subscribe(Arc<Topic>),
    Unsubscribe(Box<str>),
}

/// One channel.
pub(super) struct Topic {
    pub(super) channel: Box<str>,
    pub(super) partition: Partition,
    pub(super) subject: Subject,
    confirmed: watch::Sender<bool>,
    /// Nobody used it when it was last looked at.
    was_idle: AtomicBool,
}

/// What is announced in a channel.
pub(super) enum Subject {
    Room(RoomTopic),
    Outbox(OutboxTopic),
}

impl Hub {
    pub(super) fn new(keys: &Keys) -> Self {
        let shards = keys.every_partition().map(|_| Mutex::default()).collect();
        Self { keys: keys.clone(), shards, changed: watch::Sender::default(), owed: Mutex::default() }
    }

    /// Told when there is something pending.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// The channel of a room. It is subscribed soon; see [`Topic::subscribed`].
    pub(super) fn room(&self, room: &RoomKeys) -> Arc<Topic> {
        self.topic(room.partition, &room.room(), || Subject::Room(RoomTopic::new(room)))
    }

    /// The channel of a partition's outbox.
    pub(super) fn outbox(&self, partition: Partition) -> Arc<Topic> {
        self.topic(partition, &self.keys.outbox(partition), || Subject::Outbox(OutboxTopic::default()))
    }

    fn topic(&self, partition: Partition, channel: &str, subject: impl FnOnce() -> Subject) -> Arc<Topic> {
        let mut shard = self.shard(partition);
        if let Some(topic) = shard.topics.get(channel) {
            return Arc::clone(topic);
        }
        let topic = Arc::new(Topic {
            channel: channel.into(),
            partition,
            subject: subject(),
            confirmed: watch::Sender::new(false),
            was_idle: AtomicBool::new(false),
        });
        shard.topics.insert(channel.into(), Arc::clone(&topic));
        shard.pending.push(Change::Subscribe(Arc::clone(&topic)));
        drop(shard);
        self.changed.send_replace(());
        topic
    }

    /// What came behind a head, where notices told all of it. Nobody who is at the known head is told so by this: what there is,
    /// only the engine knows.
    pub(super) fn told(&self, room: &RoomKeys, known: Head, limit: usize) -> Option<Tail> {
        self.heard(room)?.as_room()?.told(known, limit)
    }

    /// The messages behind `after`, where notices told all of them; as [`Hub::told`].
    pub(super) fn told_mail(&self, room: &RoomKeys, owner: Sid, after: MailOffset, limit: usize) -> Option<Vec<Mail>> {
        self.heard(room)?.as_room()?.with_mailbox(owner, |mailbox| mailbox.read(after, limit))?
    }

    /// A mailbox is written up to here. Whether the engine has to be told at once; otherwise it is owed.
    pub(super) fn wrote(&self, room: &RoomKeys, owner: Sid, through: MailOffset, limits: &Limits) -> bool {
        let Some(topic) = self.heard(room) else { return true };
        let telling =
            topic.as_room().and_then(|room| room.with_mailbox(owner, |mailbox| mailbox.wrote(through, limits)));
        if telling == Some(Telling::Soon) {
            locked(&self.owed).push((topic, owner));
        }
        matches!(telling, None | Some(Telling::Now))
    }

    /// The engine knows that a mailbox is acknowledged up to here.
    pub(super) fn acknowledged(&self, room: &RoomKeys, owner: Sid, through: MailOffset) {
        if let Some(room) = self.heard(room).as_deref().and_then(Topic::as_room) {
            room.with_mailbox(owner, |mailbox| mailbox.acknowledged(through));
        }
    }

    /// The mailboxes of which the engine has to be told; they count as done.
    pub(super) fn take_owed(&self) -> Vec<(Arc<Topic>, Sid)> {
        std::mem::take(&mut *locked(&self.owed))
    }

    /// A room that notices are heard of.
    fn heard(&self, room: &RoomKeys) -> Option<Arc<Topic>> {
        let topic = self.shard(room.partition).topics.get(&*room.room()).map(Arc::clone)?;
        topic.is_subscribed().then_some(topic)
    }

    /// What is to be subscribed and given up in a partition; it counts as done.
    pub(super) fn take_pending(&self, partition: Partition) -> Vec<Change> {
        std::mem::take(&mut self.shard(partition).pending)
    }

    /// No subscription of this partition stands any more: all are pending again.
    pub(super) fn forget(&self, partition: Partition) {
        let mut shard = self.shard(partition);
        let all: Vec<_> = shard.topics.values().map(|topic| Change::Subscribe(Arc::clone(topic))).collect();
        for topic in shard.topics.values() {
            topic.confirmed.send_replace(false);
        }
        shard.pending = all;
    }

    /// The channels of a partition that somebody waits for.
    pub(super) fn watched(&self, partition: Partition) -> Vec<Arc<Topic>> {
        self.shard(partition).topics.values().filter(|topic| topic.is_used()).map(Arc::clone).collect()
    }

    /// Gives up the channels that nobody has used since this was last called.
    pub(super) fn sweep(&self, partition: Partition) {
        let mut shard = self.shard(partition);
        let Shard { topics, pending } = &mut *shard;
        let before = pending.len();
        topics.retain(|channel, topic| {
            // Whoever has taken a topic and not begun to watch holds it; new ones take it under this lock.
            let idle = Arc::strong_count(topic) == 1 && !topic.is_used();
            let gone = topic.was_idle.swap(idle, Ordering::Relaxed) && idle;
            if gone {
                pending.push(Change::Unsubscribe(channel.clone()));
            }
            !gone
        });
        let told = pending.len() > before;
        drop(shard);
        if told {
            self.changed.send_replace(());
        }
    }

    /// Takes what a server pushed.
    pub(super) fn take(&self, push: PushInfo) {
        let mut data = push.data.into_iter();
        let Some(Value::BulkString(channel)) = data.next() else { return };
        let Some(topic) = self.find(&channel) else { return };
        if push.kind == PushKind::SSubscribe {
            topic.confirmed.send_replace(true);
        } else if push.kind == PushKind::SUnsubscribe {
            // Not asked for: the partition moves to another server.
            topic.confirmed.send_replace(false);
            self.shard(topic.partition).pending.push(Change::Subscribe(topic));
            self.changed.send_replace(());
        } else if let (PushKind::SMessage, Some(Value::BulkString(message))) = (push.kind, data.next()) {
            topic.tell(message.into());
        }
    }

    fn find(&self, channel: &[u8]) -> Option<Arc<Topic>> {
        let partition = self.keys.partition_in(channel)?;
        self.shard(partition).topics.get(str::from_utf8(channel).ok()?).map(Arc::clone)
    }

    fn shard(&self, partition: Partition) -> MutexGuard<'_, Shard> {
        locked(&self.shards[usize::from(partition.0)])
    }
}

impl Topic {
    /// Waits until the channel is subscribed; what is published from then on arrives.
    pub(super) async fn subscribed(&self) {
        // The sender is in `self`.
        _ = self.confirmed.subscribe().wait_for(|confirmed| *confirmed).await;
    }

    pub(super) fn as_room(&self) -> Option<&RoomTopic> {
        match &self.subject {
            Subject::Room(room) => Some(room),
            Subject::Outbox(_) => None,
        }
    }

    pub(super) fn is_subscribed(&self) -> bool {
        *self.confirmed.borrow()
    }

    fn is_used(&self) -> bool {
        match &self.subject {
            Subject::Room(room) => room.is_used(),
            Subject::Outbox(outbox) => outbox.is_used(),
        }
    }

    fn tell(&self, message: Bytes) {
        match &self.subject {
            Subject::Room(room) => match Notice::read(message) {
                Some(notice) => room.take(notice),
                None => tracing::warn!("a notice in a room's channel is none that this version knows"),
            },
            Subject::Outbox(outbox) => outbox.tell(),
        }
    }
}

/// A panic inside a lock would be a fault of ours that its caller has seen.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
