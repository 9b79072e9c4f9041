//! Looking for what notices did not tell.

use std::sync::Arc;

use super::{
    Shared, Topic,
    hub::Subject,
    reply,
    scripts::{HEADS, LASTS},
};
use crate::{Head, MailOffset, Partition, Unavailable};

/// Rooms, or mailboxes, of one script.
const CHUNK: usize = 100;

/// Compares what is known of a partition's watched rooms and mailboxes with what there is.
pub(super) async fn recheck(shared: &Shared, partition: Partition) {
    let rooms = watched_rooms(shared, partition);
    // Where Redis does not answer, this is done again when it does.
    _ = recheck_heads(shared, partition, &rooms).await;
    _ = recheck_mailboxes(shared, partition, &rooms).await;
}

/// After a time without a subscription: looks at the rooms; who waits for mail or an outbox looks by himself.
pub(super) async fn recheck_missed(shared: &Shared, partition: Partition) {
    _ = recheck_heads(shared, partition, &watched_rooms(shared, partition)).await;
    for topic in shared.hub.watched(partition) {
        match &topic.subject {
            Subject::Room(room) => room.wake_all(),
            Subject::Outbox(outbox) => outbox.tell(),
        }
    }
}

fn watched_rooms(shared: &Shared, partition: Partition) -> Vec<Arc<Topic>> {
    shared.hub.watched(partition).into_iter().filter(|topic| topic.as_room().is_some()).collect()
}

async fn recheck_heads(shared: &Shared, partition: Partition, rooms: &[Arc<Topic>]) -> Result<(), Unavailable> {
    for rooms in rooms.chunks(CHUNK) {
        heads(shared, partition, rooms).await?;
    }
    Ok(())
}

async fn recheck_mailboxes(shared: &Shared, partition: Partition, rooms: &[Arc<Topic>]) -> Result<(), Unavailable> {
    let mut mailboxes = Vec::new();
    for room in rooms.iter().filter_map(|topic| topic.as_room()) {
        mailboxes.extend(room.mailboxes().into_iter().map(|(owner, key)| (room, owner, key)));
    }
    for mailboxes in mailboxes.chunks(CHUNK) {
        let keys: Vec<_> = mailboxes.iter().map(|(_, _, key)| key.as_str()).collect();
        let answer = shared.run(partition, &LASTS, &keys, &|_| {}).await?;
        let lasts = reply::array(answer).map_err(|_| shared.unreadable("LASTS"))?;
        for ((room, owner, _), last) in mailboxes.iter().zip(lasts) {
            room.found_mail(*owner, reply::number(last).ok().map(MailOffset));
        }
    }
    Ok(())
}

/// Asks for the heads of watched rooms of one partition, and tells who watches them.
pub(super) async fn heads(
    shared: &Shared,
    partition: Partition,
    rooms: &[Arc<Topic>],
) -> Result<Vec<Head>, Unavailable> {
    let floor = shared.keys.floor(partition);
    let asked: Vec<_> = rooms
        .iter()
        .filter_map(|topic| match &topic.subject {
            Subject::Room(room) => Some((room, room.ask())),
            Subject::Outbox(_) => None,
        })
        .collect();
    let mut keys = vec![floor.as_str()];
    keys.extend(asked.iter().map(|(room, _)| &*room.key));
    let answer = shared.run(partition, &HEADS, &keys, &|_| {}).await?;
    let read = |answer| {
        let [epoch, offset, tag] = reply::fields(answer)?;
        reply::head(epoch, offset, tag)
    };
    let heads = reply::array(answer).and_then(|heads| heads.into_iter().map(read).collect::<Result<Vec<_>, _>>());
    let heads = heads.map_err(|_| shared.unreadable("HEADS"))?;
    for ((room, asked), head) in asked.into_iter().zip(&heads) {
        room.found(*head, asked);
    }
    Ok(heads)
}
