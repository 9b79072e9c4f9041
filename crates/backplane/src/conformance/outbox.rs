//! What leaves the rooms.

use std::collections::{BTreeMap, BTreeSet};

use antiphon_protocol::RoomKey;
use bytes::Bytes;
use tokio::task::{JoinSet, yield_now};

use super::fixture::{Checked, Failure, Stage, batch, ensure, ensure_eq, lost, room, room_of, text};
use crate::{AppendError, Backplane, Batch, Offset, Outgoing, Partition, Place};

const RACERS: usize = 8;
const BATCHES: usize = 6;

pub(super) async fn what_a_batch_sends_is_read_as_sent_and_in_order(stage: &Stage) -> Checked {
    let room = room("sends");
    let every_byte = Bytes::from((0..=255).collect::<Vec<u8>>());
    let mut sent = vec![every_byte.clone(), Bytes::new()];
    stage.append(&room, Batch { outbox: sent.clone(), ..batch(["first"]) }).await?;
    for nth in 0..12 {
        let texts = [format!("{nth} a"), format!("{nth} b")];
        sent.extend(texts.iter().cloned().map(Bytes::from));
        stage.append(&room, sending(&texts)).await?;
        stage.append(&room, batch(["silent"])).await?;
    }
    let read: Vec<_> = everything(&stage.second).await?.into_values().flatten().collect();
    ensure!(read.is_sorted_by_key(|outgoing| outgoing.place), "places do not grow: {read:?}");
    ensure!(read.first().is_some_and(|first| first.place > Place(0)), "the first place is not above 0: {read:?}");
    let payloads: Vec<_> = read.into_iter().map(|outgoing| outgoing.payload).collect();
    ensure!(payloads == sent, "sent {sent:?}, read {payloads:?}");
    Ok(())
}

pub(super) async fn a_losing_append_sends_nothing(stage: &Stage) -> Checked {
    let room = room("losing");
    let behind = stage.first.log.load(&room).await?.head;
    stage.append(&room, sending(&["won"])).await?;
    lost(stage.second.log.append(&room, behind, sending(&["lost"])).await)?;
    ensure_eq!(texts(&stage.first).await?, ["won"], "what was sent");
    Ok(())
}

pub(super) async fn a_room_sends_through_one_partition(stage: &Stage) -> Checked {
    let rooms: Vec<_> = (0..4).map(|nth| room_of(&format!("tenant{}", nth % 2), &format!("room{nth}"))).collect();
    for nth in 0..6 {
        for (which, room) in rooms.iter().enumerate() {
            let batch = sending(&[format!("{which} {nth}")]);
            stage.append(room, Batch { ends: nth % 3 == 2, ..batch }).await?;
        }
    }
    let mut partitions = BTreeMap::<String, BTreeSet<Partition>>::new();
    let mut order = BTreeMap::<String, Vec<String>>::new();
    for (partition, messages) in everything(&stage.second).await? {
        for outgoing in messages {
            let text = text(&outgoing.payload);
            let (which, nth) = text.split_once(' ').unwrap_or_default();
            partitions.entry(which.to_owned()).or_default().insert(partition);
            order.entry(which.to_owned()).or_default().push(nth.to_owned());
        }
    }
    ensure_eq!(partitions.len(), rooms.len(), "rooms that sent something");
    for (which, partitions) in partitions {
        ensure_eq!(partitions.len(), 1, "partitions of room {which}");
        ensure_eq!(order[&which], ["0", "1", "2", "3", "4", "5"], "what room {which} sent");
    }
    Ok(())
}

pub(super) async fn reading_an_outbox_keeps_to_its_range(stage: &Stage) -> Checked {
    let (partition, places) = five_messages(stage).await?;
    for (after, limit, expected) in
        [(Place(0), 2, &places[..2]), (places[1], 2, &places[2..4]), (places[3], 9, &places[4..]), (places[4], 9, &[])]
    {
        let read = stage.second.outbox.read(partition, after, limit).await?.messages;
        let read: Vec<_> = read.into_iter().map(|outgoing| outgoing.place).collect();
        ensure_eq!(read, expected, "{limit} places behind {after:?}");
    }
    Ok(())
}

pub(super) async fn what_is_settled_is_gone_and_the_rest_stays(stage: &Stage) -> Checked {
    let (partition, places) = five_messages(stage).await?;
    stage.first.outbox.settle(partition, &[places[3], places[1]]).await?;
    ensure_eq!(texts(&stage.second).await?, ["0", "2", "4"], "what is left");
    stage.second.outbox.settle(partition, &[places[0], places[1]]).await?;
    ensure_eq!(texts(&stage.first).await?, ["2", "4"], "what is left then");
    ensure_eq!(stage.first.outbox.read(partition, Place(0), 9).await?.lost, 0, "messages lost");
    Ok(())
}

pub(super) async fn a_place_is_never_given_again(stage: &Stage) -> Checked {
    let (partition, places) = five_messages(stage).await?;
    stage.first.outbox.settle(partition, &places).await?;
    stage.append(&room("five"), sending(&["after"])).await?;
    let behind = stage.second.outbox.read(partition, places[4], 9).await?.messages;
    ensure_eq!(behind.len(), 1, "messages behind the last place");
    Ok(())
}

pub(super) async fn a_room_that_ended_has_sent_what_it_sent(stage: &Stage) -> Checked {
    let room = room("ends");
    stage.append(&room, sending(&["life"])).await?;
    stage.append(&room, Batch { ends: true, ..sending(&["death"]) }).await?;
    stage.append(&room, sending(&["rebirth"])).await?;
    ensure_eq!(texts(&stage.second).await?, ["life", "death", "rebirth"], "what was sent");
    Ok(())
}

pub(super) async fn racing_appenders_send_what_they_append(stage: &Stage) -> Checked {
    let room = room("race");
    let mut racers = JoinSet::new();
    for racer in 0..RACERS {
        let replica = if racer % 2 == 0 { stage.first.clone() } else { stage.second.clone() };
        racers.spawn(append_all(replica, room.clone(), racer));
    }
    for raced in racers.join_all().await {
        raced?;
    }
    let entries: Vec<_> = stage.entries(&room).await?.iter().map(|entry| text(&entry.payload)).collect();
    ensure_eq!(entries.len(), RACERS * BATCHES, "entries");
    ensure_eq!(texts(&stage.second).await?, entries, "what was sent");
    Ok(())
}

/// Appends under races until all is in the log; each entry sends its own text.
async fn append_all(replica: Backplane, room: RoomKey, racer: usize) -> Result<(), Failure> {
    let mut head = replica.log.load(&room).await?.head;
    for nth in 0..BATCHES {
        let text = format!("{racer} {nth}");
        loop {
            yield_now().await;
            let batch = Batch { outbox: vec![Bytes::from(text.clone())], ..batch([text.clone()]) };
            match replica.log.append(&room, head, batch).await {
                Ok(appended) => head = appended,
                Err(AppendError::Conflict { head: newer, .. }) => {
                    ensure!(newer.offset <= Offset((RACERS * BATCHES) as u64), "the log grew to {newer:?}");
                    head = newer;
                    continue;
                }
                Err(AppendError::Unavailable(error)) => return Err(error.into()),
            }
            break;
        }
    }
    Ok(())
}

/// A batch of one entry that sends these texts.
pub(super) fn sending<T: AsRef<str>>(texts: &[T]) -> Batch {
    let outbox = texts.iter().map(|text| Bytes::copy_from_slice(text.as_ref().as_bytes())).collect();
    Batch { outbox, ..batch(["sends"]) }
}

/// Room "five" sends "0" to "4": its partition, and where they stand.
pub(super) async fn five_messages(stage: &Stage) -> Result<(Partition, Vec<Place>), Failure> {
    for nth in 0..5 {
        stage.append(&room("five"), sending(&[nth.to_string()])).await?;
    }
    let all = everything(&stage.second).await?;
    match all.into_iter().next() {
        Some((partition, messages)) if messages.len() == 5 => {
            Ok((partition, messages.into_iter().map(|outgoing| outgoing.place).collect()))
        }
        other => Err(Failure(format!("five messages in one partition, found {other:?}"))),
    }
}

/// Every message by partition; partitions without any are left out.
pub(super) async fn everything(replica: &Backplane) -> Result<BTreeMap<Partition, Vec<Outgoing>>, Failure> {
    let mut all = BTreeMap::new();
    for partition in (0..replica.outbox.partitions()).map(Partition) {
        let messages = replica.outbox.read(partition, Place(0), usize::MAX).await?.messages;
        if !messages.is_empty() {
            all.insert(partition, messages);
        }
    }
    Ok(all)
}

/// The text of every message, by partition and place.
pub(super) async fn texts(replica: &Backplane) -> Result<Vec<String>, Failure> {
    Ok(everything(replica).await?.into_values().flatten().map(|outgoing| text(&outgoing.payload)).collect())
}
