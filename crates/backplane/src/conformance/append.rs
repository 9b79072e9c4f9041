//! Compare-and-append.

use antiphon_protocol::RoomKey;
use bytes::Bytes;

use super::fixture::{Checked, Failure, Stage, batch, ensure, ensure_eq, ensure_matches, entry, lost, room, sid, text};
use crate::{Batch, Epoch, Head, MailReadError, MailboxChange, Offset, StoredBan, Tag};

pub(super) async fn a_room_never_written_to_has_an_empty_log(stage: &Stage) -> Checked {
    let room = room("new");
    let loaded = stage.first.log.load(&room).await?;
    ensure_eq!(loaded.head.offset, Offset(0), "the head of an empty log");
    ensure!(loaded.snapshot.is_none() && loaded.tail.is_empty() && loaded.bans.is_empty(), "not empty: {loaded:?}");
    ensure_eq!(stage.second.log.load(&room).await?, loaded, "another replica's view");
    ensure_eq!(stage.first.log.load(&room).await?, loaded, "loaded again");
    ensure_eq!(
        stage.first.log.read(&room, loaded.head.epoch, Offset(0), 10).await?.len(),
        0,
        "entries of an empty log"
    );
    Ok(())
}

pub(super) async fn an_accepted_batch_is_seen_by_every_replica(stage: &Stage) -> Checked {
    let room = room("seen");
    let empty = stage.first.log.load(&room).await?.head;
    let head = stage.first.log.append(&room, empty, batch(["a", "b", "c"])).await?;
    ensure_eq!((head.epoch, head.offset), (empty.epoch, Offset(3)), "the new head");
    let expected = vec![entry(1, "a"), entry(2, "b"), entry(3, "c")];
    for replica in [&stage.first, &stage.second] {
        let loaded = replica.log.load(&room).await?;
        ensure_eq!(loaded.head, head, "the loaded head");
        ensure_eq!(loaded.tail, expected, "the loaded entries");
    }
    let next = stage.second.log.append(&room, head, batch(["d"])).await?;
    ensure_eq!(stage.first.log.load(&room).await?.head, next, "the other replica's append");
    Ok(())
}

pub(super) async fn offsets_are_dense_and_in_order(stage: &Stage) -> Checked {
    let room = room("dense");
    let mut written = Vec::new();
    for size in [1, 5, 2, 1, 3] {
        let texts: Vec<_> = (0..size).map(|nth| format!("{size}.{nth}.{}", written.len())).collect();
        let head = stage.append(&room, batch(texts.iter().cloned())).await?;
        written.extend(texts);
        ensure_eq!(head.offset.0, written.len() as u64, "the head after {} entries", written.len());
    }
    let expected: Vec<_> = written.iter().zip(1..).map(|(text, offset)| entry(offset, text)).collect();
    ensure_eq!(stage.entries(&room).await?, expected, "the log");
    Ok(())
}

pub(super) async fn payloads_come_back_byte_for_byte(stage: &Stage) -> Checked {
    let room = room("bytes");
    let every_byte: Vec<u8> = (0..=255).collect();
    let entries = vec![Bytes::new(), Bytes::from(every_byte), Bytes::from(vec![0; 64 << 10])];
    stage.append(&room, Batch { entries: entries.clone(), ..Batch::default() }).await?;
    let payloads: Vec<_> = stage.entries(&room).await?.into_iter().map(|entry| entry.payload).collect();
    ensure!(payloads == entries, "the payloads changed");
    Ok(())
}

pub(super) async fn each_batch_has_its_own_tag(stage: &Stage) -> Checked {
    let mut tags = Vec::new();
    for name in ["tag-one", "tag-two"] {
        for _ in 0..8 {
            tags.push(stage.append(&room(name), batch(["same"])).await?.tag.0);
        }
    }
    let batches = tags.len();
    tags.sort_unstable();
    tags.dedup();
    ensure_eq!(tags.len(), batches, "different tags");
    Ok(())
}

pub(super) async fn an_append_behind_the_head_is_given_the_exact_tail(stage: &Stage) -> Checked {
    let room = room("tail");
    let (heads, entries) = three_batches(stage, &room).await?;
    for behind in &heads[..3] {
        let (head, tail) = lost(stage.second.log.append(&room, *behind, batch(["late"])).await)?;
        ensure_eq!(head, heads[3], "the head in the conflict");
        ensure_eq!(tail.as_deref(), Some(&entries[behind.offset.0 as usize..]), "the tail behind {behind:?}");
    }
    ensure_eq!(stage.entries(&room).await?, entries, "the log");
    Ok(())
}

pub(super) async fn an_append_with_a_foreign_tag_loses(stage: &Stage) -> Checked {
    let room = room("tag");
    let (heads, entries) = three_batches(stage, &room).await?;
    for known in heads {
        let foreign = Head { tag: Tag(known.tag.0 ^ 1), ..known };
        let (head, tail) = lost(stage.second.log.append(&room, foreign, batch(["foreign"])).await)?;
        ensure_eq!(head, heads[3], "the head in the conflict");
        ensure_eq!(tail, None, "the tail behind a foreign head {foreign:?}");
    }
    ensure_eq!(stage.entries(&room).await?, entries, "the log");
    Ok(())
}

pub(super) async fn an_append_with_a_foreign_epoch_loses(stage: &Stage) -> Checked {
    let room = room("epoch");
    let empty = stage.first.log.load(&room).await?.head;
    let before_any = Head { epoch: Epoch(empty.epoch.0 + 1), ..empty };
    ensure_eq!(
        lost(stage.first.log.append(&room, before_any, batch(["foreign"])).await)?,
        (empty, None),
        "on an empty log"
    );
    let (heads, entries) = three_batches(stage, &room).await?;
    for known in heads {
        for epoch in [known.epoch.0 + 1, known.epoch.0.wrapping_sub(1)] {
            let foreign = Head { epoch: Epoch(epoch), ..known };
            let conflict = lost(stage.second.log.append(&room, foreign, batch(["foreign"])).await)?;
            ensure_eq!(conflict, (heads[3], None), "the conflict for {foreign:?}");
        }
    }
    ensure_eq!(stage.entries(&room).await?, entries, "the log");
    Ok(())
}

pub(super) async fn an_append_beyond_the_head_loses(stage: &Stage) -> Checked {
    let room = room("beyond");
    let (heads, entries) = three_batches(stage, &room).await?;
    for offset in [heads[3].offset.0 + 1, u64::MAX] {
        let beyond = Head { offset: Offset(offset), ..heads[3] };
        let conflict = lost(stage.second.log.append(&room, beyond, batch(["beyond"])).await)?;
        ensure_eq!(conflict, (heads[3], None), "the conflict for {beyond:?}");
    }
    ensure_eq!(stage.entries(&room).await?, entries, "the log");
    Ok(())
}

pub(super) async fn a_losing_append_changes_nothing(stage: &Stage) -> Checked {
    let room = room("losing");
    let behind = stage.open(&room, [sid(1)]).await?;
    stage.append(&room, Batch { deadline_ms: Some(500), ..batch(["on"]) }).await?;
    let before = stage.first.log.load(&room).await?;
    let losing = Batch {
        deadline_ms: Some(5),
        mailboxes: vec![MailboxChange::Open(sid(2)), MailboxChange::Close(sid(1))],
        bans: vec![StoredBan { identity: "ada".parse()?, until_ms: u64::MAX / 2 }],
        ends: true,
        ..batch(["losing"])
    };
    lost(stage.first.log.append(&room, behind, losing).await)?;
    ensure_eq!(stage.second.log.load(&room).await?, before, "the room");
    ensure_matches!(
        stage.first.mailbox.settled(&room, sid(2)).await,
        Err(MailReadError::Closed),
        "the mailbox to open"
    );
    ensure_matches!(stage.first.mailbox.settled(&room, sid(1)).await, Ok(0), "the mailbox to close");
    ensure_eq!(stage.all_due(499).await?, vec![], "rooms due early");
    ensure_eq!(stage.all_due(500).await?, vec![room], "rooms due in time");
    Ok(())
}

pub(super) async fn an_append_whose_answer_was_lost_finds_itself_in_the_tail(stage: &Stage) -> Checked {
    let room = room("again");
    let expected = stage.append(&room, batch(["before"])).await?;
    let head = stage.first.log.append(&room, expected, batch(["mine", "too"])).await?;
    let (seen, tail) = lost(stage.first.log.append(&room, expected, batch(["mine", "too"])).await)?;
    ensure_eq!(seen, head, "the head in the conflict");
    ensure_eq!(tail, Some(vec![entry(2, "mine"), entry(3, "too")]), "the tail");
    let texts: Vec<_> = stage.entries(&room).await?.iter().map(|entry| text(&entry.payload)).collect();
    ensure_eq!(texts, ["before", "mine", "too"], "the log");
    Ok(())
}

/// The head of the empty log and those after each of three batches, and the log.
async fn three_batches(stage: &Stage, room: &RoomKey) -> Result<([Head; 4], Vec<crate::Entry>), Failure> {
    let empty = stage.first.log.load(room).await?.head;
    let one = stage.first.log.append(room, empty, batch(["a"])).await?;
    let two = stage.first.log.append(room, one, batch(["b", "c"])).await?;
    let three = stage.first.log.append(room, two, batch(["d"])).await?;
    Ok(([empty, one, two, three], vec![entry(1, "a"), entry(2, "b"), entry(3, "c"), entry(4, "d")]))
}
