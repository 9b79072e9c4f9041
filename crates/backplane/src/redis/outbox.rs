//! What leaves the rooms.

use async_trait::async_trait;
use redis::{Cmd, Value, cmd};

use super::{
    Redis,
    hub::Subject,
    log::redis_count,
    reply::{self, Unreadable},
    scripts::{BURY, EXHUME, FIND_LETTER, READ_OUTBOX, SETTLE_OUTBOX},
};
use crate::{Buried, DeadLetter, Outbox, OutboxPage, OutboxWatch, Outgoing, Partition, Place, Unavailable};

#[async_trait]
impl Outbox for Redis {
    fn partitions(&self) -> u16 {
        self.shared.keys.partitions()
    }

    async fn read(&self, partition: Partition, after: Place, limit: usize) -> Result<OutboxPage, Unavailable> {
        let shared = &*self.shared;
        let (outbox, state) = (shared.keys.outbox(partition), shared.keys.outbox_state(partition));
        let arguments = |command: &mut Cmd| {
            command.arg(after.0.saturating_add(1)).arg(redis_count(limit));
        };
        let answer = shared.run(partition, &READ_OUTBOX, &[&outbox, &state], &arguments).await?;
        read_page(answer).map_err(|_| shared.unreadable("READ_OUTBOX"))
    }

    async fn settle(&self, partition: Partition, places: &[Place]) -> Result<(), Unavailable> {
        let shared = &*self.shared;
        let (outbox, state) = (shared.keys.outbox(partition), shared.keys.outbox_state(partition));
        let arguments = |command: &mut Cmd| {
            for place in places {
                command.arg(place.0);
            }
        };
        shared.run(partition, &SETTLE_OUTBOX, &[&outbox, &state], &arguments).await?;
        Ok(())
    }

    async fn watch(&self, partition: Partition) -> Result<OutboxWatch, Unavailable> {
        let topic = self.shared.hub.outbox(partition);
        self.shared.subscribed(&topic).await?;
        match &topic.subject {
            Subject::Outbox(outbox) => Ok(outbox.watch()),
            Subject::Room(_) => Err(Unavailable),
        }
    }

    async fn bury(&self, lane: &str, letter: DeadLetter) -> Result<u64, Unavailable> {
        let limits = self.shared.config.limits;
        let arguments = |command: &mut Cmd| {
            command.arg(&letter.id).arg(&*letter.payload).arg(limits.dead_letters).arg(limits.dead_letter_bytes);
        };
        let answer = self.on_lane(lane, &BURY, &arguments).await?;
        reply::number(answer).map_err(|_| self.shared.unreadable("BURY"))
    }

    async fn dead_letters(&self, lane: &str, after: Place, limit: usize) -> Result<Vec<Buried>, Unavailable> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let (partition, [letters, _]) = self.shared.keys.dead_letters(lane);
        let mut command = cmd("XRANGE");
        command.arg(letters).arg(after.0.saturating_add(1)).arg("+").arg("COUNT").arg(redis_count(limit));
        let answer = self.shared.command(partition, &command).await?;
        read_letters(answer).map_err(|_| self.shared.unreadable("XRANGE"))
    }

    async fn dead_letter(&self, lane: &str, id: &str) -> Result<Option<Buried>, Unavailable> {
        let arguments = |command: &mut Cmd| {
            command.arg(id);
        };
        let answer = self.on_lane(lane, &FIND_LETTER, &arguments).await?;
        let letters = read_letters(answer).map_err(|_| self.shared.unreadable("FIND_LETTER"))?;
        Ok(letters.into_iter().next())
    }

    async fn dead_count(&self, lane: &str) -> Result<u64, Unavailable> {
        let (partition, [letters, _]) = self.shared.keys.dead_letters(lane);
        let answer = self.shared.command(partition, cmd("XLEN").arg(letters)).await?;
        reply::number(answer).map_err(|_| self.shared.unreadable("XLEN"))
    }

    async fn exhume(&self, lane: &str, id: &str) -> Result<(), Unavailable> {
        let arguments = |command: &mut Cmd| {
            command.arg(id);
        };
        self.on_lane(lane, &EXHUME, &arguments).await.map(|_| ())
    }
}

impl Redis {
    async fn on_lane(
        &self,
        lane: &str,
        script: &super::Script,
        arguments: &(dyn Fn(&mut Cmd) + Sync),
    ) -> Result<Value, Unavailable> {
        let (partition, [letters, ids]) = self.shared.keys.dead_letters(lane);
        self.shared.run(partition, script, &[&letters, &ids], arguments).await
    }
}

fn read_page(answer: Value) -> Result<OutboxPage, Unreadable> {
    let [lost, messages] = reply::fields(answer)?;
    let read = |message| {
        let (place, [_, payload]) = reply::stream_entry::<2>(message)?;
        Ok(Outgoing { place: Place(place), payload: reply::bytes(payload)? })
    };
    let messages = reply::array(messages)?.into_iter().map(read).collect::<Result<_, _>>()?;
    Ok(OutboxPage { messages, lost: reply::number(lost)? })
}

fn read_letters(answer: Value) -> Result<Vec<Buried>, Unreadable> {
    let read = |letter| {
        let (place, [_, id, _, payload]) = reply::stream_entry::<4>(letter)?;
        let letter = DeadLetter { id: reply::text(id)?, payload: reply::bytes(payload)? };
        Ok(Buried { place: Place(place), letter })
    };
    reply::array(answer)?.into_iter().map(read).collect()
}
