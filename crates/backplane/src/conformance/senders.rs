//! Whose postings are taken, and how often.

use super::{
    LIMITS,
    fixture::{Checked, Stage, ensure_eq, ensure_matches, letter, room, sid},
};
use crate::{MailOffset, MailboxChange, Posting, SendError, Sent};

pub(super) async fn a_repeated_seq_is_taken_once(stage: &Stage) -> Checked {
    let room = room("repeat");
    stage.open(&room, [sid(1), sid(2), sid(3)]).await?;
    ensure_eq!(stage.post(&room, letter(sid(1), 1, sid(2), "a")).await?, Sent::Stored, "the first time");
    ensure_eq!(stage.post(&room, letter(sid(1), 3, sid(2), "b")).await?, Sent::Stored, "a later seq");
    for seq in [3, 2, 1] {
        for to in [sid(2), sid(3)] {
            let sent = stage.second.mailbox.post(&room, letter(sid(1), seq, to, "again")).await?;
            ensure_eq!(sent, Sent::Repeated, "seq {seq} again");
        }
    }
    ensure_eq!(stage.texts(&room, sid(2), 0).await?, ["a", "b"], "the mailbox");
    ensure_eq!(stage.texts(&room, sid(3), 0).await?.len(), 0, "another mailbox");
    ensure_eq!(stage.second.mailbox.settled(&room, sid(1)).await?, 3, "settled");
    stage.first.mailbox.trim(&room, sid(2), MailOffset(2)).await?;
    let sent = stage.post(&room, letter(sid(1), 3, sid(2), "again")).await?;
    ensure_eq!(sent, Sent::Repeated, "again after the first is acknowledged");
    Ok(())
}

pub(super) async fn each_sender_counts_for_itself(stage: &Stage) -> Checked {
    let room = room("senders");
    stage.open(&room, [sid(1), sid(2), sid(3)]).await?;
    for (from, text) in [(1, "one"), (2, "two"), (3, "three")] {
        let sent = stage.post(&room, letter(sid(from), 1, sid(3), text)).await?;
        ensure_eq!(sent, Sent::Stored, "seq 1 of sender {from}");
    }
    ensure_eq!(stage.texts(&room, sid(3), 0).await?, ["one", "two", "three"], "the mailbox");
    Ok(())
}

pub(super) async fn unnumbered_mail_is_always_taken(stage: &Stage) -> Checked {
    let room = room("unnumbered");
    stage.open(&room, [sid(1), sid(2)]).await?;
    stage.post(&room, letter(sid(1), 5, sid(2), "numbered")).await?;
    for _ in 0..2 {
        ensure_eq!(stage.post(&room, letter(sid(1), 0, sid(2), "x")).await?, Sent::Stored, "an unnumbered message");
    }
    ensure_eq!(stage.texts(&room, sid(2), 0).await?, ["numbered", "x", "x"], "the mailbox");
    ensure_eq!(stage.first.mailbox.settled(&room, sid(1)).await?, 5, "settled");
    Ok(())
}

pub(super) async fn a_settled_seq_counts_as_posted(stage: &Stage) -> Checked {
    let room = room("settle");
    stage.open(&room, [sid(1), sid(2)]).await?;
    for (settle, expected) in [(3, 3), (2, 3), (3, 3), (4, 4)] {
        stage.first.mailbox.settle(&room, sid(1), 0, settle).await?;
        ensure_eq!(stage.second.mailbox.settled(&room, sid(1)).await?, expected, "settled after {settle}");
    }
    ensure_eq!(stage.post(&room, letter(sid(1), 4, sid(2), "x")).await?, Sent::Repeated, "a settled seq");
    ensure_eq!(stage.post(&room, letter(sid(1), 5, sid(2), "y")).await?, Sent::Stored, "the next seq");
    ensure_eq!(stage.texts(&room, sid(2), 0).await?, ["y"], "the mailbox");
    ensure_eq!(stage.first.mailbox.settled(&room, sid(2)).await?, 0, "settled of the recipient");
    Ok(())
}

pub(super) async fn a_refused_posting_is_not_settled(stage: &Stage) -> Checked {
    let room = room("refused");
    stage.open(&room, [sid(1), sid(2), sid(3)]).await?;
    for _ in 0..LIMITS.mailbox_messages {
        stage.post(&room, letter(sid(3), 0, sid(2), "x")).await?;
    }
    ensure_matches!(
        stage.post(&room, letter(sid(1), 1, sid(2), "y")).await,
        Err(SendError::Full(_)),
        "to a full mailbox"
    );
    ensure_matches!(
        stage.post(&room, letter(sid(1), 1, sid(9), "y")).await,
        Err(SendError::NoRecipient(_)),
        "to nobody"
    );
    ensure_eq!(stage.first.mailbox.settled(&room, sid(1)).await?, 0, "settled");
    stage.first.mailbox.trim(&room, sid(2), MailOffset(1)).await?;
    ensure_eq!(
        stage.post(&room, letter(sid(1), 1, sid(2), "y")).await?,
        Sent::Stored,
        "the same seq once there is room"
    );
    Ok(())
}

pub(super) async fn mail_of_another_generation_is_refused(stage: &Stage) -> Checked {
    let room = room("generation");
    stage.open(&room, [sid(1), sid(2)]).await?;
    let of = |generation, seq| Posting { generation, ..letter(sid(1), seq, sid(2), &format!("{generation}")) };
    ensure_matches!(stage.post(&room, of(1, 1)).await, Err(SendError::StaleSender), "a generation to come");
    ensure_eq!(stage.post(&room, of(0, 1)).await?, Sent::Stored, "the first generation");
    for (to, current) in [(2, 2), (1, 2), (3, 3)] {
        stage.change(&room, MailboxChange::Advance { sid: sid(1), generation: to }).await?;
        let seq = to + current;
        for stale in [current - 1, 0] {
            // A repeated seq is refused too: the old connection has nobody left to tell.
            for seq in [seq, 1] {
                let posted = stage.second.mailbox.post(&room, of(stale, seq)).await;
                ensure_matches!(posted, Err(SendError::StaleSender), "generation {stale}, current {current}");
            }
            let settled = stage.second.mailbox.settle(&room, sid(1), stale, 99).await;
            ensure_matches!(settled, Err(SendError::StaleSender), "settling as generation {stale}");
        }
    }
    ensure_eq!(stage.post(&room, of(3, 9)).await?, Sent::Stored, "the current generation");
    ensure_eq!(stage.texts(&room, sid(2), 0).await?, ["0", "3"], "the mailbox");
    ensure_eq!(stage.first.mailbox.settled(&room, sid(1)).await?, 9, "settled");
    Ok(())
}

pub(super) async fn a_new_generation_keeps_mail_and_count(stage: &Stage) -> Checked {
    let room = room("resume");
    stage.open(&room, [sid(1), sid(2)]).await?;
    stage.post(&room, letter(sid(1), 4, sid(2), "a")).await?;
    stage.post(&room, letter(sid(2), 1, sid(1), "b")).await?;
    stage.change(&room, MailboxChange::Advance { sid: sid(1), generation: 1 }).await?;
    ensure_eq!(stage.texts(&room, sid(1), 0).await?, ["b"], "the mailbox that moved");
    ensure_eq!(stage.first.mailbox.settled(&room, sid(1)).await?, 4, "settled");
    let again = Posting { generation: 1, ..letter(sid(1), 4, sid(2), "a") };
    ensure_eq!(stage.post(&room, again).await?, Sent::Repeated, "what the older connection had posted");
    stage.post(&room, letter(sid(2), 2, sid(1), "c")).await?;
    ensure_eq!(stage.texts(&room, sid(1), 0).await?, ["b", "c"], "the mailbox after more was posted");
    Ok(())
}

pub(super) async fn a_sender_that_left_is_refused(stage: &Stage) -> Checked {
    let room = room("left");
    stage.open(&room, [sid(1), sid(2)]).await?;
    stage.change(&room, MailboxChange::Close(sid(1))).await?;
    for nobody in [sid(1), sid(9)] {
        let posted = stage.post(&room, letter(nobody, 1, sid(2), "x")).await;
        ensure_matches!(posted, Err(SendError::StaleSender), "a posting of {nobody}");
        let settled = stage.first.mailbox.settle(&room, nobody, 0, 1).await;
        ensure_matches!(settled, Err(SendError::StaleSender), "settling of {nobody}");
    }
    ensure_eq!(stage.mail(&room, sid(2), 0).await?, [], "the mailbox");
    Ok(())
}
