//! Logs that begin anew because they lost what they had acknowledged.

use bytes::Bytes;

use super::fixture::{
    Checked, Stage, batch, ensure, ensure_eq, ensure_matches, entry, letter, lost, room, sid, within,
};
use crate::{Batch, MailReadError, MailboxChange, Offset, ReadError, StoredBan};

pub(super) async fn a_restarted_log_begins_at_its_first_entry_in_a_greater_epoch(stage: &Stage) -> Checked {
    let room = room("anew");
    stage.append(&room, batch(["a"])).await?;
    let before = stage.append(&room, batch(["b"])).await?;
    stage.first.log.store_snapshot(&room, before, Bytes::from_static(b"snapshot")).await?;
    let mut watch = stage.second.log.watch(&room).await?;
    let head = stage.first.log.append(&room, before, Batch { restarts: true, ..batch(["c", "d"]) }).await?;
    ensure!(head.epoch > before.epoch, "the epoch is {:?} after {:?}", head.epoch, before.epoch);
    ensure_eq!(head.offset, Offset(2), "the offset of the second entry");
    for replica in [&stage.first, &stage.second] {
        let loaded = replica.log.load(&room).await?;
        ensure_eq!(loaded.head, head, "the head");
        ensure_eq!((loaded.snapshot, loaded.tail), (None, vec![entry(1, "c"), entry(2, "d")]), "the log");
        let earlier = replica.log.read(&room, before.epoch, Offset(0), 10).await;
        ensure_matches!(earlier, Err(ReadError::Trimmed), "the entries of the epoch before");
    }
    within("the watch sees the new epoch", watch.wait_for(|seen| *seen == head)).await??;
    let next = stage.append(&room, batch(["e"])).await?;
    ensure_eq!((next.epoch, next.offset), (head.epoch, Offset(3)), "the head of the batch behind");
    Ok(())
}

pub(super) async fn of_two_restarts_one_wins(stage: &Stage) -> Checked {
    let room = room("race");
    let before = stage.append(&room, batch(["a"])).await?;
    let head = stage.first.log.append(&room, before, Batch { restarts: true, ..batch(["b"]) }).await?;
    let (seen, tail) = lost(stage.second.log.append(&room, before, Batch { restarts: true, ..batch(["c"]) }).await)?;
    ensure_eq!((seen, tail), (head, None), "what the loser is told");
    ensure_eq!(stage.entries(&room).await?, vec![entry(1, "b")], "the log");
    Ok(())
}

pub(super) async fn a_log_that_is_empty_can_be_restarted(stage: &Stage) -> Checked {
    let room = room("empty");
    let empty = stage.first.log.load(&room).await?.head;
    let head = stage.first.log.append(&room, empty, Batch { restarts: true, ..batch(["a"]) }).await?;
    ensure!(head.epoch >= empty.epoch && head.offset == Offset(1), "the head is {head:?} after {empty:?}");
    ensure_eq!(stage.second.log.load(&room).await?.head, head, "the head");
    Ok(())
}

pub(super) async fn a_restart_closes_mailboxes_and_opens_its_own(stage: &Stage) -> Checked {
    let room = room("mail");
    let before = stage.open(&room, [sid(1), sid(2), sid(3)]).await?;
    stage.change(&room, MailboxChange::Advance { sid: sid(1), generation: 4 }).await?;
    stage.post(&room, letter(sid(2), 1, sid(3), "lost")).await?;
    let at = stage.first.log.load(&room).await?.head;
    ensure!(at != before, "the head has not moved: {at:?}");
    let mailboxes = vec![
        MailboxChange::Open(sid(1)),
        MailboxChange::Advance { sid: sid(1), generation: 5 },
        MailboxChange::Open(sid(3)),
    ];
    stage.first.log.append(&room, at, Batch { restarts: true, mailboxes, ..batch(["restored"]) }).await?;
    ensure_matches!(stage.mail(&room, sid(2), 0).await, Err(MailReadError::Closed), "a mailbox that was not opened");
    ensure_eq!(stage.texts(&room, sid(3), 0).await?, Vec::<String>::new(), "mail of before");
    let mut mine = letter(sid(1), 1, sid(3), "new");
    mine.generation = 5;
    stage.post(&room, mine).await?;
    ensure_eq!(stage.texts(&room, sid(3), 0).await?, ["new"], "mail of now");
    Ok(())
}

pub(super) async fn a_restart_is_no_end(stage: &Stage) -> Checked {
    let room = room("goes-on");
    let bans = vec![StoredBan { identity: "ada".parse()?, until_ms: 1 << 52 }];
    stage.append(&room, Batch { bans: bans.clone(), ..batch(["a"]) }).await?;
    let before = stage.second.log.load(&room).await?;
    stage.first.log.append(&room, before.head, Batch { restarts: true, deadline_ms: Some(9), ..batch(["b"]) }).await?;
    let after = stage.second.log.load(&room).await?;
    ensure_eq!((after.bans, after.ended), (bans, before.ended), "the bans and the last end");
    ensure!(after.ended < before.head.epoch, "the epoch before counts as ended");
    ensure_eq!(stage.second.log.list(&room.tenant, None, 10).await?, vec![room.room.clone()], "the rooms");
    ensure_eq!(stage.all_due(9).await?, vec![room], "the rooms that are due");
    Ok(())
}

pub(super) async fn an_end_is_remembered(stage: &Stage) -> Checked {
    let room = room("over");
    let first = stage.append(&room, batch(["a"])).await?;
    let ended = stage.second.log.load(&room).await?.ended;
    ensure!(ended < first.epoch, "{ended:?} has ended in {first:?}");
    stage.end(&room).await?;
    let ended = stage.second.log.load(&room).await?;
    ensure!(first.epoch <= ended.ended && ended.ended < ended.head.epoch, "after the end of {first:?}: {ended:?}");
    let second = stage.append(&room, batch(["b"])).await?;
    let ended = stage.second.log.load(&room).await?.ended;
    ensure!(first.epoch <= ended && ended < second.epoch, "in the next life {second:?}: {ended:?}");
    Ok(())
}
