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

/// Compares what is known of a partition's watched rooms with what there is.
pub(super) async fn recheck(shared: &Shared, partition: Partition) {
    // Where Redis does not answer, this is done again when it does.
    _ = recheck_rooms(shared, partition).await;
}

/// As [`recheck`] after a time without a subscription: who waits for mail or an outbox looks by himself.
pub(super) async fn recheck_all(shared: &Shared, partition: Partition) {
    recheck(shared, partition).await;
    for topic in shared.hub.watched(partition) {
        match &topic.subject {
            Subject::Room(room) => room.wake_all(),
            Subject::Outbox(outbox) => outbox.tell(),
        }
    }
}

async fn recheck_rooms(shared: &Shared, partition: Partition) -> Result<(), Unavailable> {
    let topics = shared.hub.watched(partition);
    let rooms: Vec<_> = topics.iter().filter(|topic| matches!(topic.subject, Subject::Room(_))).cloned().collect();
    for rooms in rooms.chunks(CHUNK) {
        heads(shared, partition, rooms).await?;
    }
    for topic in &rooms {
        let Subject::Room(room) = &topic.subject else { continue };
        for mailboxes in room.mailboxes().chunks(CHUNK) {
            let keys: Vec<_> = mailboxes.iter().map(|(_, key)| key.as_str()).collect();
            let answer = shared.run(partition, &LASTS, &keys, &|_| {}).await?;
            let lasts = reply::array(answer).map_err(|_| shared.unreadable("LASTS"))?;
            for ((owner, _), last) in mailboxes.iter().zip(lasts) {
                room.found_mail(*owner, reply::number(last).ok().map(MailOffset));
            }
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
