//! What a mailbox holds.

use bytes::Bytes;

use super::fixture::{Checked, Stage, ensure_eq, ensure_matches, letter, room, sid};
use crate::{Mail, MailOffset, MailReadError, MailboxChange, Offset, Posting, Recipients, SendError, Sent};

pub(super) async fn mail_arrives_as_posted_and_in_order(stage: &Stage) -> Checked {
    let room = room("post");
    stage.open(&room, [sid(1), sid(2), sid(3)]).await?;
    let bodies = [Bytes::new(), Bytes::from((0..=255).collect::<Vec<u8>>()), Bytes::from_static(b"three")];
    let mut expected = Vec::new();
    for (body, nth) in bodies.into_iter().zip(1u8..) {
        let (after, format) = (Offset(u64::from(nth) * 7), nth);
        let posting = Posting { after, format, body: body.clone(), ..letter(sid(1), u32::from(nth), sid(2), "") };
        ensure_eq!(stage.post(&room, posting).await?, Sent::Stored, "posting {nth}");
        expected.push(Mail { offset: MailOffset(u64::from(nth)), after, format, body });
    }
    ensure_eq!(stage.mail(&room, sid(2), 0).await?, expected, "the mailbox");
    ensure_eq!(stage.mail(&room, sid(2), 0).await?, expected, "the mailbox, read again");
    ensure_eq!(stage.mail(&room, sid(3), 0).await?, [], "somebody else's mailbox");
    ensure_eq!(stage.mail(&room, sid(1), 0).await?, [], "the sender's mailbox");
    Ok(())
}

pub(super) async fn reading_mail_keeps_to_its_range(stage: &Stage) -> Checked {
    let room = room("range");
    stage.open(&room, [sid(1), sid(2)]).await?;
    for seq in 1..=4 {
        stage.post(&room, letter(sid(1), seq, sid(2), "x")).await?;
    }
    for after in 0..=4 {
        for limit in [0, 1, 3, 4, usize::MAX] {
            let mail = stage.second.mailbox.read(&room, sid(2), MailOffset(after), limit).await?;
            let offsets: Vec<_> = mail.iter().map(|mail| mail.offset.0).collect();
            let expected: Vec<_> = (after + 1..=4).take(limit).collect();
            ensure_eq!(offsets, expected, "{limit} messages behind {after}");
        }
    }
    for after in [5, u64::MAX] {
        ensure_matches!(stage.mail(&room, sid(2), after).await, Err(MailReadError::Trimmed), "mail behind {after}");
    }
    Ok(())
}

pub(super) async fn acknowledged_mail_is_gone(stage: &Stage) -> Checked {
    let room = room("trim");
    stage.open(&room, [sid(1), sid(2)]).await?;
    for seq in 1..=4 {
        stage.post(&room, letter(sid(1), seq, sid(2), &seq.to_string())).await?;
    }
    stage.first.mailbox.trim(&room, sid(2), MailOffset(2)).await?;
    for repeated in [2, 1, 0] {
        stage.first.mailbox.trim(&room, sid(2), MailOffset(repeated)).await?;
        ensure_eq!(stage.texts(&room, sid(2), 2).await?, ["3", "4"], "mail behind the acknowledged");
        ensure_matches!(stage.mail(&room, sid(2), 1).await, Err(MailReadError::Trimmed), "acknowledged mail");
    }
    stage.first.mailbox.trim(&room, sid(2), MailOffset(u64::MAX)).await?;
    ensure_eq!(stage.texts(&room, sid(2), 4).await?.len(), 0, "mail when all is acknowledged");
    stage.post(&room, letter(sid(1), 5, sid(2), "5")).await?;
    let mail = stage.mail(&room, sid(2), 4).await?;
    ensure_eq!(mail.iter().map(|mail| mail.offset.0).collect::<Vec<_>>(), [5], "the next message");
    Ok(())
}

pub(super) async fn a_mailbox_ends_at_its_last_message(stage: &Stage) -> Checked {
    let room = room("end");
    ensure_matches!(stage.first.mailbox.end(&room, sid(2)).await, Err(MailReadError::Closed), "no mailbox");
    stage.open(&room, [sid(1), sid(2)]).await?;
    ensure_eq!(stage.first.mailbox.end(&room, sid(2)).await?, MailOffset(0), "an empty mailbox");
    for seq in 1..=3 {
        stage.post(&room, letter(sid(1), seq, sid(2), "x")).await?;
        ensure_eq!(stage.second.mailbox.end(&room, sid(2)).await?, MailOffset(seq.into()), "the last message");
    }
    stage.first.mailbox.trim(&room, sid(2), MailOffset(3)).await?;
    ensure_eq!(stage.second.mailbox.end(&room, sid(2)).await?, MailOffset(3), "when all is acknowledged");
    Ok(())
}

pub(super) async fn mail_to_several_reaches_each_once(stage: &Stage) -> Checked {
    let room = room("several");
    stage.open(&room, (1..=4).map(sid)).await?;
    let to = Recipients::Many(vec![sid(3), sid(2), sid(3), sid(1)]);
    ensure_eq!(
        stage.post(&room, Posting { to, ..letter(sid(1), 1, sid(1), "all") }).await?,
        Sent::Stored,
        "the posting"
    );
    for (owner, expected) in [(1, &["all"][..]), (2, &["all"]), (3, &["all"]), (4, &[])] {
        ensure_eq!(stage.texts(&room, sid(owner), 0).await?, expected, "the mailbox of {owner}");
    }
    Ok(())
}

pub(super) async fn mail_to_several_reaches_all_or_none(stage: &Stage) -> Checked {
    let room = room("none");
    stage.open(&room, (1..=3).map(sid)).await?;
    for missing in 0..3 {
        let mut recipients = vec![sid(2), sid(3)];
        recipients.insert(missing, sid(9));
        let posting = Posting { to: Recipients::Many(recipients), ..letter(sid(1), 1, sid(2), "none") };
        let posted = stage.post(&room, posting).await;
        ensure_matches!(posted, Err(SendError::NoRecipient(nobody)) if *nobody == sid(9), "with somebody missing");
        for owner in [2, 3] {
            ensure_eq!(stage.mail(&room, sid(owner), 0).await?, [], "the mailbox of {owner}");
        }
    }
    ensure_eq!(stage.first.mailbox.settled(&room, sid(1)).await?, 0, "settled");
    Ok(())
}

pub(super) async fn mail_to_nobody_is_refused(stage: &Stage) -> Checked {
    let room = room("nobody");
    stage.open(&room, [sid(1), sid(2)]).await?;
    stage.change(&room, MailboxChange::Close(sid(2))).await?;
    for nobody in [sid(2), sid(9)] {
        let posted = stage.post(&room, letter(sid(1), 1, nobody, "x")).await;
        ensure_matches!(posted, Err(SendError::NoRecipient(seen)) if *seen == nobody, "a posting to {nobody}");
    }
    Ok(())
}

pub(super) async fn a_closed_mailbox_loses_what_it_held(stage: &Stage) -> Checked {
    let room = room("closed");
    stage.open(&room, [sid(1), sid(2)]).await?;
    stage.post(&room, letter(sid(1), 1, sid(2), "x")).await?;
    stage.change(&room, MailboxChange::Close(sid(2))).await?;
    ensure_matches!(stage.mail(&room, sid(2), 0).await, Err(MailReadError::Closed), "mail");
    ensure_matches!(stage.first.mailbox.settled(&room, sid(2)).await, Err(MailReadError::Closed), "settled");
    ensure_matches!(stage.first.mailbox.watch(&room, sid(2)).await, Err(MailReadError::Closed), "the watch");
    stage.first.mailbox.trim(&room, sid(2), MailOffset(1)).await?;
    stage.first.mailbox.mark_written(&room, sid(2), MailOffset(1)).await?;
    stage.change(&room, MailboxChange::Open(sid(2))).await?;
    ensure_eq!(stage.mail(&room, sid(2), 0).await?, [], "mail after it opened again");
    Ok(())
}

pub(super) async fn the_end_of_a_room_closes_its_mailboxes(stage: &Stage) -> Checked {
    let room = room("over");
    stage.open(&room, [sid(1), sid(2)]).await?;
    stage.post(&room, letter(sid(1), 1, sid(2), "x")).await?;
    stage.end(&room).await?;
    ensure_matches!(stage.mail(&room, sid(2), 0).await, Err(MailReadError::Closed), "mail");
    let posted = stage.post(&room, letter(sid(1), 2, sid(2), "y")).await;
    ensure_matches!(posted, Err(SendError::StaleSender), "a posting");
    stage.open(&room, [sid(1), sid(2)]).await?;
    ensure_eq!(stage.mail(&room, sid(2), 0).await?, [], "mail in the next life");
    ensure_eq!(stage.first.mailbox.settled(&room, sid(1)).await?, 0, "settled in the next life");
    Ok(())
}
