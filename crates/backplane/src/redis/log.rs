//! The rooms' logs.

use antiphon_protocol::{RoomKey, RoomName, TenantId};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use redis::{Cmd, Value, cmd};

use super::{
    Redis, Shared,
    hub::Subject,
    keys::{RoomKeys, room_of},
    recheck::heads,
    reply::{self, Unreadable},
    scripts::{APPEND, LOAD, READ, SINCE, SNAPSHOT},
};
use crate::{
    AppendError, Batch, Entry, Epoch, Head, Loaded, MailboxChange, Offset, Partition, ReadError, RoomLog, StoredBan,
    Tag, Tail, Unavailable, Watch,
};

/// Partitions that are asked at a time where all of them are.
const AT_A_TIME: usize = 64;

#[async_trait]
impl RoomLog for Redis {
    async fn load(&self, room: &RoomKey) -> Result<Loaded, Unavailable> {
        let shared = &*self.shared;
        let of_room = shared.keys.room(room);
        let floor = shared.keys.floor(of_room.partition);
        let keys = [&*of_room.room(), &of_room.log(), &of_room.bans(), &floor, &of_room.ended()];
        let answer = shared.run(of_room.partition, &LOAD, &keys, &|_| {}).await?;
        read_loaded(answer).map_err(|_| shared.unreadable("LOAD"))
    }

    async fn append(&self, room: &RoomKey, expected: Head, batch: Batch) -> Result<Head, AppendError> {
        let shared = &*self.shared;
        let of_room = shared.keys.room(room);
        let append = Append {
            shared,
            room: &of_room,
            name: room.room.as_str(),
            expected,
            tag: Tag(rand::random()),
            batch: &batch,
        };
        let keys = append.keys(&room.tenant);
        let keys: Vec<_> = keys.iter().map(String::as_str).collect();
        let answer = shared.run(of_room.partition, &APPEND, &keys, &|command| append.arguments(command)).await?;
        match read_appended(answer, append.tag) {
            Ok(appended) => appended,
            Err(Unreadable) => Err(shared.unreadable("APPEND").into()),
        }
    }

    async fn read(&self, room: &RoomKey, epoch: Epoch, after: Offset, limit: usize) -> Result<Vec<Entry>, ReadError> {
        let shared = &*self.shared;
        let of_room = shared.keys.room(room);
        let floor = shared.keys.floor(of_room.partition);
        let keys = [&*of_room.room(), &of_room.log(), &floor];
        let arguments = |command: &mut Cmd| {
            command.arg(epoch.0).arg(after.0).arg(redis_count(limit));
        };
        let answer = shared.run(of_room.partition, &READ, &keys, &arguments).await?;
        let entries = reply::optional(answer, reply::entries).map_err(|_| shared.unreadable("READ"))?;
        entries.ok_or(ReadError::Trimmed)
    }

    async fn since(&self, room: &RoomKey, known: Head, limit: usize) -> Result<Tail, ReadError> {
        let shared = &*self.shared;
        let of_room = shared.keys.room(room);
        if let Some(tail) = shared.hub.told(&of_room, known, limit) {
            return Ok(tail);
        }
        let floor = shared.keys.floor(of_room.partition);
        let keys = [&*of_room.room(), &of_room.log(), &floor];
        let arguments = |command: &mut Cmd| {
            command.arg(known.epoch.0).arg(known.offset.0).arg(&known.tag.0.to_be_bytes()).arg(redis_count(limit));
        };
        let answer = shared.run(of_room.partition, &SINCE, &keys, &arguments).await?;
        let tail = reply::optional(answer, read_tail).map_err(|_| shared.unreadable("SINCE"))?;
        tail.ok_or(ReadError::Trimmed)
    }

    async fn store_snapshot(&self, room: &RoomKey, head: Head, snapshot: Bytes) -> Result<(), Unavailable> {
        let shared = &*self.shared;
        let of_room = shared.keys.room(room);
        let limits = shared.config.limits;
        let arguments = |command: &mut Cmd| {
            command.arg(head.epoch.0).arg(head.offset.0).arg(&head.tag.0.to_be_bytes()).arg(&*snapshot);
            command.arg(limits.log_entries).arg(limits.log_bytes);
        };
        shared.run(of_room.partition, &SNAPSHOT, &[&of_room.room(), &of_room.log()], &arguments).await?;
        Ok(())
    }

    async fn watch(&self, room: &RoomKey) -> Result<Watch, Unavailable> {
        let shared = &*self.shared;
        let of_room = shared.keys.room(room);
        let topic = shared.hub.room(&of_room);
        shared.subscribed(&topic).await?;
        heads(shared, of_room.partition, std::slice::from_ref(&topic)).await?;
        match &topic.subject {
            Subject::Room(room) => Ok(room.watch()),
            Subject::Outbox(_) => Err(Unavailable),
        }
    }

    async fn due(&self, partition: Partition, now_ms: u64, limit: usize) -> Result<Vec<RoomKey>, Unavailable> {
        let mut command = cmd("ZRANGEBYSCORE");
        command
            .arg(self.shared.keys.due(partition))
            .arg("-inf")
            .arg(now_ms)
            .arg("LIMIT")
            .arg(0)
            .arg(redis_count(limit));
        let answer = self.shared.command(partition, &command).await?;
        let read = |room| room_of(&reply::text(room)?).ok_or(Unreadable);
        let due = reply::array(answer).and_then(|rooms| rooms.into_iter().map(read).collect());
        due.map_err(|_| self.shared.unreadable("ZRANGEBYSCORE"))
    }

    async fn list(
        &self,
        tenant: &TenantId,
        after: Option<&RoomName>,
        limit: usize,
    ) -> Result<Vec<RoomName>, Unavailable> {
        let shared = &*self.shared;
        // A room that stays is on the page of its partition, and behind no more rooms there than altogether.
        let mut rooms =
            in_every_partition(shared, |partition| rooms_in(shared, partition, tenant, after, limit)).await?;
        rooms.sort_unstable();
        rooms.truncate(limit);
        Ok(rooms)
    }
}

async fn in_every_partition<T, F: Future<Output = Result<Vec<T>, Unavailable>>>(
    shared: &Shared,
    ask: impl Fn(Partition) -> F,
) -> Result<Vec<T>, Unavailable> {
    let answers = stream::iter(shared.keys.every_partition().map(ask)).buffer_unordered(AT_A_TIME);
    answers
        .try_fold(Vec::new(), async |mut all, some| {
            all.extend(some);
            Ok(all)
        })
        .await
}

async fn rooms_in(
    shared: &Shared,
    partition: Partition,
    tenant: &TenantId,
    after: Option<&RoomName>,
    limit: usize,
) -> Result<Vec<RoomName>, Unavailable> {
    let mut command = cmd("ZRANGEBYLEX");
    command.arg(shared.keys.rooms(partition, tenant));
    match after {
        Some(after) => command.arg(format!("({}", after.as_str())),
        None => command.arg("-"),
    };
    command.arg("+").arg("LIMIT").arg(0).arg(redis_count(limit));
    let answer = shared.command(partition, &command).await?;
    let read = |name| reply::text(name)?.parse().map_err(|_| Unreadable);
    let rooms = reply::array(answer).and_then(|names| names.into_iter().map(read).collect());
    rooms.map_err(|_| shared.unreadable("ZRANGEBYLEX"))
}

/// An append as its script takes it.
struct Append<'a> {
    shared: &'a Shared,
    room: &'a RoomKeys,
    name: &'a str,
    expected: Head,
    tag: Tag,
    batch: &'a Batch,
}

impl Append<'_> {
    fn keys(&self, tenant: &TenantId) -> Vec<String> {
        let (keys, room) = (&self.shared.keys, self.room);
        let mut all = vec![
            room.room(),
            room.log(),
            keys.due(room.partition),
            keys.rooms(room.partition, tenant),
            room.bans(),
            room.sessions(),
            keys.outbox(room.partition),
            keys.outbox_state(room.partition),
            keys.floor(room.partition),
            room.ended(),
        ];
        all.extend(self.batch.mailboxes.iter().map(|change| room.mailbox(change.sid())));
        all
    }

    fn arguments(&self, command: &mut Cmd) {
        let Self { shared, room, name, expected, tag, batch } = self;
        let limits = shared.config.limits;
        command
            .arg(expected.epoch.0)
            .arg(expected.offset.0)
            .arg(&expected.tag.0.to_be_bytes())
            .arg(&tag.0.to_be_bytes());
        command.arg(limits.log_entries).arg(limits.log_bytes).arg(limits.bans);
        command.arg(limits.outbox_messages).arg(limits.outbox_bytes);
        command.arg(u8::from(batch.restarts)).arg(u8::from(batch.ends));
        match batch.deadline_ms {
            Some(deadline_ms) => command.arg(deadline_ms),
            None => command.arg(""),
        };
        command.arg(room.id()).arg(name).arg(room.mail_prefix()).arg(room.mail_suffix());
        several(command, &batch.entries, |command, entry| {
            command.arg(&**entry);
        });
        several(command, &batch.mailboxes, |command, change| {
            let (letter, generation) = match change {
                MailboxChange::Open(_) => ("o", 0),
                MailboxChange::Advance { generation, .. } => ("a", *generation),
                MailboxChange::Close(_) => ("c", 0),
            };
            command.arg(letter).arg(change.sid().as_str()).arg(generation);
        });
        several(command, &batch.lifted, |command, identity| {
            command.arg(identity.as_str());
        });
        several(command, &batch.bans, |command, ban| {
            command.arg(ban.identity.as_str()).arg(ban.until_ms.min(LATEST_MS));
        });
        several(command, &batch.outbox, |command, message| {
            command.arg(&**message);
        });
    }
}

/// The latest time that a sorted set tells exactly from the one before, 285,000 years away.
pub(super) const LATEST_MS: u64 = 1 << 53;

fn several<T>(command: &mut Cmd, items: &[T], argument: impl Fn(&mut Cmd, &T)) {
    command.arg(items.len());
    for item in items {
        argument(command, item);
    }
}

/// A count that Redis reads.
pub(super) fn redis_count(limit: usize) -> u64 {
    (limit as u64).min(i64::MAX as u64)
}

fn read_loaded(answer: Value) -> Result<Loaded, Unreadable> {
    let [epoch, offset, tag, covered, snapshot, tail, bans, ended] = reply::fields(answer)?;
    let covered = reply::optional(covered, reply::number)?.map(Offset);
    Ok(Loaded {
        head: reply::head(epoch, offset, tag)?,
        snapshot: covered.zip(reply::optional(snapshot, reply::bytes)?),
        tail: reply::entries(tail)?,
        bans: read_bans(bans)?,
        ended: Epoch(reply::optional(ended, reply::number)?.unwrap_or(0)),
    })
}

fn read_tail(answer: Value) -> Result<Tail, Unreadable> {
    let [epoch, offset, tag, entries] = reply::fields(answer)?;
    Ok(Tail { head: reply::head(epoch, offset, tag)?, entries: reply::entries(entries)? })
}

fn read_bans(answer: Value) -> Result<Vec<StoredBan>, Unreadable> {
    let mut bans = Vec::new();
    let mut values = reply::array(answer)?.into_iter();
    while let (Some(identity), Some(until_ms)) = (values.next(), values.next()) {
        let identity = reply::text(identity)?.parse().map_err(|_| Unreadable)?;
        bans.push(StoredBan { identity, until_ms: reply::score(until_ms)? });
    }
    Ok(bans)
}

fn read_appended(answer: Value, tag: Tag) -> Result<Result<Head, AppendError>, Unreadable> {
    let mut values = reply::array(answer)?.into_iter();
    let mut next = || values.next().ok_or(Unreadable);
    match reply::number(next()?)? {
        0 => {
            let head = reply::head(next()?, next()?, next()?)?;
            let tail = reply::optional(next()?, reply::entries)?;
            Ok(Err(AppendError::Conflict { head, tail }))
        }
        1 => Ok(Ok(Head { epoch: Epoch(reply::number(next()?)?), offset: Offset(reply::number(next()?)?), tag })),
        _ => Err(Unreadable),
    }
}
