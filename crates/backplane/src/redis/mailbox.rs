//! The sessions' mailboxes: one hash each, with the messages under their positions.
//!
//! Beside them stand `g` the generation, `s` the last seq of the session's own that is settled, `l` the last message, `t` how far
//! they are trimmed and `w` how far they are written, `b` the bytes of all bodies and `v` those of the written ones.

use std::time::Duration;

use antiphon_protocol::{RoomKey, Sid};
use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};
use redis::{Cmd, Value, cmd};

use super::{
    Redis, Shared,
    hub::Subject,
    notice::{stored_mail, to_stored},
    reply::{self, Unreadable},
    scripts::{POST, READ_MAIL, SETTLE, TAKE_MAIL},
    watched_mail::WatchedMail,
};
use crate::{
    Mail, MailOffset, MailReadError, MailWatch, Mailbox, Partition, Posting, Recipients, SendError, Sent, Unavailable,
};

#[async_trait]
impl Mailbox for Redis {
    async fn post(&self, room: &RoomKey, posting: Posting) -> Result<Sent, SendError> {
        let shared = &*self.shared;
        let of_room = shared.keys.room(room);
        let Posting { from, generation, seq, to, after, format, body } = posting;
        let recipients = match to {
            Recipients::One(to) => vec![to],
            Recipients::Many(mut recipients) => {
                recipients.sort_unstable();
                recipients.dedup();
                recipients
            }
        };
        let mut keys = vec![of_room.mailbox(from)];
        keys.extend(recipients.iter().map(|to| of_room.mailbox(*to)));
        let keys: Vec<_> = keys.iter().map(String::as_str).collect();
        let (channel, message, limits) = (of_room.room(), to_stored(after, format, &body), shared.config.limits);
        let arguments = |command: &mut Cmd| {
            command.arg(generation).arg(seq).arg(limits.mailbox_messages).arg(limits.mailbox_bytes);
            command.arg(&channel).arg(&message);
            for to in &recipients {
                command.arg(to.as_str());
            }
        };
        let answer = shared.run(of_room.partition, &POST, &keys, &arguments).await?;
        match read_posted(answer, &recipients) {
            Ok(posted) => posted,
            Err(Unreadable) => Err(shared.unreadable("POST").into()),
        }
    }

    async fn settle(&self, room: &RoomKey, sender: Sid, generation: u32, seq: u32) -> Result<(), SendError> {
        let shared = &*self.shared;
        let of_room = shared.keys.room(room);
        let arguments = |command: &mut Cmd| {
            command.arg(generation).arg(seq);
        };
        let answer = shared.run(of_room.partition, &SETTLE, &[&of_room.mailbox(sender)], &arguments).await?;
        match reply::number(answer) {
            Ok(0) => Err(SendError::StaleSender),
            Ok(_) => Ok(()),
            Err(Unreadable) => Err(shared.unreadable("SETTLE").into()),
        }
    }

    async fn settled(&self, room: &RoomKey, sender: Sid) -> Result<u32, MailReadError> {
        let settled = self.field(room, sender, "s").await?;
        Ok(u32::try_from(settled).map_err(|_| self.shared.unreadable("HGET"))?)
    }

    async fn end(&self, room: &RoomKey, owner: Sid) -> Result<MailOffset, MailReadError> {
        self.field(room, owner, "l").await.map(MailOffset)
    }

    async fn read(
        &self,
        room: &RoomKey,
        owner: Sid,
        after: MailOffset,
        limit: usize,
    ) -> Result<Vec<Mail>, MailReadError> {
        let shared = &*self.shared;
        let of_room = shared.keys.room(room);
        if let Some(mail) = shared.hub.told_mail(&of_room, owner, after, limit) {
            return Ok(mail);
        }
        let arguments = |command: &mut Cmd| {
            command.arg(after.0).arg(limit);
        };
        let answer = shared.run(of_room.partition, &READ_MAIL, &[&of_room.mailbox(owner)], &arguments).await?;
        if answer == Value::Int(0) {
            return Err(MailReadError::Closed);
        }
        if answer == Value::Nil {
            return Err(MailReadError::Trimmed);
        }
        read_mail(answer, after).map_err(|_| shared.unreadable("READ_MAIL").into())
    }

    async fn mark_written(&self, room: &RoomKey, owner: Sid, through: MailOffset) -> Result<(), Unavailable> {
        let of_room = self.shared.keys.room(room);
        if !self.shared.hub.wrote(&of_room, owner, through, &self.shared.config.limits) {
            return Ok(());
        }
        let key = of_room.mailbox(owner);
        self.shared.take_mail(of_room.partition, &key, through, MailOffset(0)).await
    }

    async fn trim(&self, room: &RoomKey, owner: Sid, through: MailOffset) -> Result<(), Unavailable> {
        let of_room = self.shared.keys.room(room);
        self.shared.take_mail(of_room.partition, &of_room.mailbox(owner), through, through).await?;
        self.shared.hub.acknowledged(&of_room, owner, through);
        Ok(())
    }

    async fn watch(&self, room: &RoomKey, owner: Sid) -> Result<MailWatch, MailReadError> {
        let shared = &*self.shared;
        let topic = shared.hub.room(&shared.keys.room(room));
        shared.subscribed(&topic).await?;
        let Subject::Room(of_room) = &topic.subject else { return Err(Unavailable.into()) };
        // Watched before it is looked at, so that nothing falls between.
        let watch = of_room.watch_mail(owner);
        let last = self.end(room, owner).await?;
        of_room.found_mail(owner, Some(last));
        Ok(watch)
    }
}

impl Redis {
    /// A number of a mailbox.
    async fn field(&self, room: &RoomKey, owner: Sid, field: &str) -> Result<u64, MailReadError> {
        let of_room = self.shared.keys.room(room);
        let mut command = cmd("HGET");
        command.arg(of_room.mailbox(owner)).arg(field);
        let answer = self.shared.command(of_room.partition, &command).await?;
        let number = reply::optional(answer, reply::number).map_err(|_| self.shared.unreadable("HGET"))?;
        number.ok_or(MailReadError::Closed)
    }
}

impl Shared {
    /// Says how far a mailbox is written and acknowledged.
    async fn take_mail(
        &self,
        partition: Partition,
        key: &str,
        written: MailOffset,
        trimmed: MailOffset,
    ) -> Result<(), Unavailable> {
        let arguments = |command: &mut Cmd| {
            command.arg(written.0).arg(trimmed.0);
        };
        self.run(partition, &TAKE_MAIL, &[key], &arguments).await.map(|_| ())
    }
}

/// How long it may take until the engine is told how far a mailbox is written.
const SOON: Duration = Duration::from_secs(1);

/// Mailboxes that are told of at a time.
const AT_A_TIME: usize = 64;

/// Tells what is owed, until it is dropped.
pub(super) async fn tell_written(shared: &Shared) {
    loop {
        tokio::time::sleep(SOON).await;
        let owed = stream::iter(shared.hub.take_owed());
        owed.for_each_concurrent(AT_A_TIME, |(topic, owner)| async move {
            let Some(room) = topic.as_room() else { return };
            let Some(through) = room.with_mailbox(owner, WatchedMail::owed).flatten() else { return };
            let told = shared.take_mail(topic.partition, &room.mailbox_key(owner), through, MailOffset(0)).await;
            if told.is_err() {
                room.with_mailbox(owner, WatchedMail::not_told);
            }
        })
        .await;
    }
}

fn read_posted(answer: Value, recipients: &[Sid]) -> Result<Result<Sent, SendError>, Unreadable> {
    let mut values = reply::array(answer)?.into_iter();
    let mut next = || values.next().ok_or(Unreadable).and_then(reply::number);
    let verdict = next()?;
    let mut recipient = || recipients.get(next()? as usize).copied().ok_or(Unreadable);
    Ok(match verdict {
        0 => Ok(Sent::Stored),
        1 => Err(SendError::StaleSender),
        2 => Ok(Sent::Repeated),
        3 => Err(SendError::NoRecipient(recipient()?)),
        4 => Err(SendError::Full(recipient()?)),
        _ => return Err(Unreadable),
    })
}

fn read_mail(answer: Value, after: MailOffset) -> Result<Vec<Mail>, Unreadable> {
    let messages = reply::array(answer)?.into_iter().zip(after.0 + 1..);
    let read = |(message, offset)| stored_mail(MailOffset(offset), reply::bytes(message)?).ok_or(Unreadable);
    messages.map(read).collect()
}
