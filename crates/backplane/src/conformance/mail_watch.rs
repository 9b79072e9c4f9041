//! Being told of mail.

use std::collections::BTreeMap;

use antiphon_protocol::{RoomKey, Sid};
use tokio::{
    sync::watch,
    task::{JoinSet, yield_now},
};

use super::fixture::{Checked, Failure, Stage, ensure, ensure_eq, letter, room, sid, text, within};
use crate::{Backplane, MailOffset, MailboxChange, SendError};

const SENDERS: u8 = 4;
const LETTERS: u32 = 50;

pub(super) async fn a_posting_before_the_wait_leaves_a_permit(stage: &Stage) -> Checked {
    let room = room("permit");
    stage.open(&room, [sid(1), sid(2)]).await?;
    for replica in [&stage.first, &stage.second] {
        let watch = replica.mailbox.watch(&room, sid(2)).await?;
        for _ in 0..3 {
            stage.post(&room, letter(sid(1), 0, sid(2), "x")).await?;
            within("the permit", watch.notified()).await?;
        }
    }
    Ok(())
}

pub(super) async fn a_wait_that_began_is_woken(stage: &Stage) -> Checked {
    let room = room("wait");
    stage.open(&room, [sid(1), sid(2)]).await?;
    for replica in [&stage.first, &stage.second] {
        let watch = replica.mailbox.watch(&room, sid(2)).await?;
        for _ in 0..3 {
            let (woken, posted) = tokio::join!(within("the wake-up", watch.notified()), async {
                yield_now().await;
                stage.post(&room, letter(sid(1), 0, sid(2), "x")).await
            });
            woken?;
            posted?;
        }
    }
    Ok(())
}

pub(super) async fn every_watch_of_a_mailbox_is_told(stage: &Stage) -> Checked {
    let room = room("watches");
    stage.open(&room, [sid(1), sid(2)]).await?;
    let older = stage.first.mailbox.watch(&room, sid(2)).await?;
    let newer = stage.first.mailbox.watch(&room, sid(2)).await?;
    let elsewhere = stage.second.mailbox.watch(&room, sid(2)).await?;
    for _ in 0..2 {
        stage.post(&room, letter(sid(1), 0, sid(2), "x")).await?;
        for (watch, which) in [(&older, "the older watch"), (&newer, "the newer"), (&elsewhere, "the other replica's")]
        {
            within(which, watch.notified()).await?;
        }
    }
    Ok(())
}

pub(super) async fn closing_a_mailbox_wakes_its_watch(stage: &Stage) -> Checked {
    let room = room("close");
    stage.open(&room, [sid(1), sid(2)]).await?;
    let closed = stage.second.mailbox.watch(&room, sid(1)).await?;
    let ended = stage.second.mailbox.watch(&room, sid(2)).await?;
    stage.change(&room, MailboxChange::Close(sid(1))).await?;
    within("the wake-up of a mailbox that closed", closed.notified()).await?;
    stage.end(&room).await?;
    within("the wake-up of a mailbox whose room ended", ended.notified()).await
}

pub(super) async fn racing_senders_lose_nothing_and_keep_their_order(stage: &Stage) -> Checked {
    let room = room("race");
    let owner = sid(0);
    stage.open(&room, (0..=SENDERS).map(sid)).await?;
    let (written, progress) = watch::channel(MailOffset(0));
    let mut senders = JoinSet::new();
    for sender in 1..=SENDERS {
        let replica = if sender % 2 == 0 { &stage.first } else { &stage.second };
        senders.spawn(send_all(replica.clone(), room.clone(), sender, owner, progress.clone()));
    }
    let received = receive_all(&stage.second, &room, owner, &written).await?;
    for sent in senders.join_all().await {
        sent?;
    }
    let mut next = BTreeMap::<&str, u32>::new();
    for text in &received {
        let (sender, seq) = text.split_once(' ').unwrap_or_default();
        let next = next.entry(sender).or_insert(1);
        ensure_eq!(seq, next.to_string(), "the next message of sender {sender}");
        *next += 1;
    }
    ensure!(next.values().all(|next| *next == LETTERS + 1), "of each sender came: {next:?}");
    Ok(())
}

/// Where the mailbox is full, waits for its reader.
async fn send_all(
    replica: Backplane,
    room: RoomKey,
    sender: u8,
    owner: Sid,
    mut progress: watch::Receiver<MailOffset>,
) -> Result<(), Failure> {
    for seq in 1..=LETTERS {
        loop {
            yield_now().await;
            progress.borrow_and_update();
            match replica.mailbox.post(&room, letter(sid(sender), seq, owner, &format!("{sender} {seq}"))).await {
                Ok(_) => break,
                Err(SendError::Full(_)) => within("the reader of a full mailbox", progress.changed()).await??,
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

/// As a connection does: watch, read until nothing is left, wait.
async fn receive_all(
    replica: &Backplane,
    room: &RoomKey,
    owner: Sid,
    written: &watch::Sender<MailOffset>,
) -> Result<Vec<String>, Failure> {
    let watch = replica.mailbox.watch(room, owner).await?;
    let mut received = Vec::new();
    let mut through = MailOffset(0);
    while received.len() < usize::from(SENDERS) * LETTERS as usize {
        let mail = replica.mailbox.read(room, owner, through, 3).await?;
        let Some(last) = mail.last() else {
            within("more mail", watch.notified()).await?;
            continue;
        };
        through = last.offset;
        received.extend(mail.iter().map(|mail| text(&mail.body)));
        replica.mailbox.mark_written(room, owner, through).await?;
        written.send_replace(through);
    }
    Ok(received)
}
