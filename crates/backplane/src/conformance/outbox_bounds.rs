//! How much an outbox holds, and being told of it.

use tokio::task::yield_now;

use super::{
    LIMITS,
    fixture::{Checked, Failure, Stage, ensure, ensure_eq, room, within},
    outbox::{everything, five_messages, sending, texts},
};
use crate::{Backplane, Partition, Place};

pub(super) async fn an_outbox_beyond_its_messages_loses_the_oldest_and_says_so(stage: &Stage) -> Checked {
    let beyond = 7;
    let all: Vec<_> = (0..LIMITS.outbox_messages + beyond).map(|nth| nth.to_string()).collect();
    for text in &all {
        stage.append(&room("many"), sending(&[text])).await?;
    }
    ensure_eq!(texts(&stage.second).await?, all[beyond..], "what is left");
    ensure_eq!(lost(&stage.second).await?, beyond as u64, "messages lost");
    Ok(())
}

pub(super) async fn an_outbox_beyond_its_bytes_loses_the_oldest_and_says_so(stage: &Stage) -> Checked {
    let large = |nth: usize| format!("{nth}{}", "x".repeat(LIMITS.outbox_bytes / 4 - 1));
    for nth in 0..6 {
        stage.append(&room("large"), sending(&[large(nth)])).await?;
    }
    let left: Vec<_> = texts(&stage.second).await?.iter().map(|text| text[..1].to_owned()).collect();
    ensure_eq!(left, ["2", "3", "4", "5"], "what is left");
    ensure_eq!(lost(&stage.second).await?, 2, "messages lost");
    Ok(())
}

pub(super) async fn what_is_settled_makes_room(stage: &Stage) -> Checked {
    for nth in 0..3 * LIMITS.outbox_messages {
        stage.append(&room("flow"), sending(&[nth.to_string()])).await?;
        for (partition, messages) in everything(&stage.second).await? {
            let places: Vec<_> = messages.iter().map(|outgoing| outgoing.place).collect();
            ensure_eq!(places.len(), 1, "unsettled messages");
            stage.second.outbox.settle(partition, &places).await?;
        }
    }
    ensure_eq!(lost(&stage.first).await?, 0, "messages lost");
    Ok(())
}

pub(super) async fn every_watch_of_an_outbox_is_told(stage: &Stage) -> Checked {
    let (partition, _) = five_messages(stage).await?;
    let older = stage.first.outbox.watch(partition).await?;
    let newer = stage.first.outbox.watch(partition).await?;
    let elsewhere = stage.second.outbox.watch(partition).await?;
    for _ in 0..3 {
        let told = async {
            for (watch, which) in [(&older, "the older watch"), (&newer, "the newer"), (&elsewhere, "elsewhere")] {
                within(which, watch.notified()).await?;
            }
            Ok::<_, Failure>(())
        };
        let (told, sent) = tokio::join!(told, async {
            yield_now().await;
            stage.append(&room("five"), sending(&["more"])).await
        });
        told?;
        sent?;
    }
    Ok(())
}

pub(super) async fn a_message_before_the_wait_leaves_a_permit(stage: &Stage) -> Checked {
    let (partition, places) = five_messages(stage).await?;
    let watch = stage.second.outbox.watch(partition).await?;
    for _ in 0..3 {
        stage.append(&room("five"), sending(&["more"])).await?;
        within("the permit", watch.notified()).await?;
        let behind = stage.second.outbox.read(partition, places[4], 9).await?.messages;
        ensure!(!behind.is_empty(), "told before it can be read");
    }
    Ok(())
}

async fn lost(replica: &Backplane) -> Result<u64, Failure> {
    let mut lost = 0;
    for partition in (0..replica.outbox.partitions()).map(Partition) {
        lost += replica.outbox.read(partition, Place(0), 1).await?.lost;
    }
    Ok(lost)
}
