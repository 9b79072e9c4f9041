//! A mailbox is bounded.

use antiphon_protocol::RoomKey;
use bytes::Bytes;

use super::{
    LIMITS,
    fixture::{Checked, Failure, Stage, ensure_eq, ensure_matches, letter, room, sid},
};
use crate::{MailOffset, MailReadError, Posting, Recipients, SendError, Sent};

const COUNT: u64 = LIMITS.mailbox_messages as u64;

pub(super) async fn a_mailbox_is_full_by_count(stage: &Stage) -> Checked {
    let room = room("count");
    fill(stage, &room).await?;
    refused(stage, &room, 1).await?;
    ensure_eq!(stage.mail(&room, sid(2), 0).await?.len() as u64, COUNT, "messages in the mailbox");
    ensure_eq!(stage.post(&room, sized(3, 1)).await?, Sent::Stored, "a posting to somebody else");
    Ok(())
}

pub(super) async fn a_mailbox_is_full_by_bytes(stage: &Stage) -> Checked {
    let room = room("bytes");
    stage.open(&room, [sid(1), sid(2)]).await?;
    refused(stage, &room, LIMITS.mailbox_bytes + 1).await?;
    stage.post(&room, sized(2, LIMITS.mailbox_bytes - 100)).await?;
    refused(stage, &room, 101).await?;
    ensure_eq!(stage.post(&room, sized(2, 100)).await?, Sent::Stored, "a posting that just fits");
    refused(stage, &room, 1).await?;
    ensure_eq!(stage.mail(&room, sid(2), 0).await?.len(), 2, "messages in the mailbox");
    Ok(())
}

pub(super) async fn written_mail_gives_way(stage: &Stage) -> Checked {
    let room = room("written");
    fill(stage, &room).await?;
    stage.first.mailbox.mark_written(&room, sid(2), MailOffset(3)).await?;
    stage.first.mailbox.mark_written(&room, sid(2), MailOffset(1)).await?;
    ensure_eq!(stage.mail(&room, sid(2), 0).await?.len() as u64, COUNT, "messages before room is needed");
    for more in 1..=3 {
        ensure_eq!(stage.post(&room, sized(2, 1)).await?, Sent::Stored, "posting {more} in place of a written one");
    }
    refused(stage, &room, 1).await?;
    for after in 0..3 {
        ensure_matches!(stage.mail(&room, sid(2), after).await, Err(MailReadError::Trimmed), "mail behind {after}");
    }
    let offsets: Vec<_> = stage.mail(&room, sid(2), 3).await?.iter().map(|mail| mail.offset.0).collect();
    ensure_eq!(offsets, (4..=COUNT + 3).collect::<Vec<_>>(), "what is left");
    Ok(())
}

pub(super) async fn written_bytes_give_way(stage: &Stage) -> Checked {
    let room = room("written-bytes");
    stage.open(&room, [sid(1), sid(2)]).await?;
    let half = LIMITS.mailbox_bytes / 2;
    for _ in 0..2 {
        stage.post(&room, sized(2, half)).await?;
    }
    stage.first.mailbox.mark_written(&room, sid(2), MailOffset(1)).await?;
    refused(stage, &room, half + 1).await?;
    ensure_eq!(stage.mail(&room, sid(2), 0).await?.len(), 2, "messages after a refusal");
    ensure_eq!(stage.post(&room, sized(2, half)).await?, Sent::Stored, "a posting in place of the written one");
    refused(stage, &room, 1).await?;
    let offsets: Vec<_> = stage.mail(&room, sid(2), 1).await?.iter().map(|mail| mail.offset.0).collect();
    ensure_eq!(offsets, [2, 3], "what is left");
    Ok(())
}

pub(super) async fn acknowledged_mail_makes_room(stage: &Stage) -> Checked {
    let room = room("acknowledged");
    fill(stage, &room).await?;
    stage.first.mailbox.mark_written(&room, sid(2), MailOffset(COUNT)).await?;
    stage.first.mailbox.trim(&room, sid(2), MailOffset(COUNT)).await?;
    for _ in 0..COUNT {
        ensure_eq!(stage.post(&room, sized(2, 1)).await?, Sent::Stored, "a posting to an empty mailbox");
    }
    refused(stage, &room, 1).await?;
    stage.first.mailbox.trim(&room, sid(2), MailOffset(COUNT + 2)).await?;
    for _ in 0..2 {
        ensure_eq!(
            stage.post(&room, sized(2, 1)).await?,
            Sent::Stored,
            "a posting in place of an unwritten, acknowledged one"
        );
    }
    refused(stage, &room, 1).await
}

pub(super) async fn a_full_mailbox_among_several_refuses_for_all(stage: &Stage) -> Checked {
    let room = room("several");
    fill(stage, &room).await?;
    for recipients in [vec![sid(2), sid(3)], vec![sid(3), sid(2)], vec![sid(3), sid(2), sid(1)]] {
        let to = Recipients::Many(recipients);
        let posted = stage.post(&room, Posting { to, ..sized(2, 1) }).await;
        ensure_matches!(posted, Err(SendError::Full(full)) if *full == sid(2), "a posting to several");
    }
    for owner in [1, 3] {
        ensure_eq!(stage.mail(&room, sid(owner), 0).await?, [], "the mailbox of {owner}");
    }
    Ok(())
}

/// A room of three in which the mailbox of the second holds as many messages as it can.
async fn fill(stage: &Stage, room: &RoomKey) -> Result<(), Failure> {
    stage.open(room, [sid(1), sid(2), sid(3)]).await?;
    for _ in 0..COUNT {
        stage.post(room, sized(2, 1)).await?;
    }
    Ok(())
}

async fn refused(stage: &Stage, room: &RoomKey, size: usize) -> Checked {
    let posted = stage.second.mailbox.post(room, sized(2, size)).await;
    ensure_matches!(posted, Err(SendError::Full(full)) if *full == sid(2), "a posting of {size} bytes");
    Ok(())
}

fn sized(to: u8, size: usize) -> Posting {
    Posting { body: Bytes::from(vec![b'x'; size]), ..letter(sid(1), 0, sid(to), "") }
}
