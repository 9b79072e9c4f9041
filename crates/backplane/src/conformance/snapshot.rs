//! Snapshots, and the cap on the log.

use antiphon_protocol::RoomKey;
use bytes::Bytes;

use super::{
    LIMITS,
    fixture::{Checked, Failure, Stage, batch, ensure, ensure_eq, entry, lost, room, text},
};
use crate::{Epoch, Head, Offset, ReadError, Tag};

pub(super) async fn a_snapshot_stands_for_what_it_covers(stage: &Stage) -> Checked {
    let room = room("snapshot");
    stage.append(&room, batch(["a"])).await?;
    let covered = stage.append(&room, batch(["b", "c"])).await?;
    let head = stage.append(&room, batch(["d"])).await?;
    stage.first.log.store_snapshot(&room, covered, Bytes::from_static(b"abc")).await?;
    let loaded = stage.second.log.load(&room).await?;
    ensure_eq!(loaded.head, head, "the head");
    ensure_eq!(loaded.snapshot, Some((Offset(3), Bytes::from_static(b"abc"))), "the snapshot");
    ensure_eq!(loaded.tail, [entry(4, "d")], "the entries behind it");
    stage.first.log.store_snapshot(&room, head, Bytes::from_static(b"abcd")).await?;
    let loaded = stage.second.log.load(&room).await?;
    ensure_eq!(loaded.snapshot, Some((Offset(4), Bytes::from_static(b"abcd"))), "the newer snapshot");
    ensure_eq!(loaded.tail, [], "the entries behind it");
    Ok(())
}

pub(super) async fn an_older_snapshot_is_ignored(stage: &Stage) -> Checked {
    let room = room("older");
    let older = stage.append(&room, batch(["a"])).await?;
    let newer = stage.append(&room, batch(["b"])).await?;
    stage.append(&room, batch(["c"])).await?;
    stage.first.log.store_snapshot(&room, newer, Bytes::from_static(b"ab")).await?;
    stage.second.log.store_snapshot(&room, older, Bytes::from_static(b"a")).await?;
    let loaded = stage.second.log.load(&room).await?;
    ensure_eq!(loaded.snapshot, Some((Offset(2), Bytes::from_static(b"ab"))), "the snapshot");
    ensure_eq!(loaded.tail, [entry(3, "c")], "the entries behind it");
    Ok(())
}

pub(super) async fn a_snapshot_of_another_history_is_ignored(stage: &Stage) -> Checked {
    let room = room("foreign");
    let head = stage.append(&room, batch(["a", "b"])).await?;
    let before = stage.first.log.load(&room).await?;
    for foreign in [
        Head { epoch: Epoch(head.epoch.0 + 1), ..head },
        Head { epoch: Epoch(head.epoch.0.wrapping_sub(1)), ..head },
        Head { offset: Offset(3), ..head },
        Head { tag: Tag(head.tag.0 ^ 1), ..head },
    ] {
        stage.first.log.store_snapshot(&room, foreign, Bytes::from_static(b"foreign")).await?;
        ensure_eq!(stage.second.log.load(&room).await?, before, "the room after a snapshot at {foreign:?}");
    }
    Ok(())
}

pub(super) async fn a_capped_log_has_no_holes(stage: &Stage) -> Checked {
    let room = room("capped");
    let total = 40 * LIMITS.log_entries as u64;
    let mut head = stage.first.log.load(&room).await?.head;
    while head.offset.0 < total {
        head = append_numbered(stage, &room, head, 8).await?;
        let covered = head;
        head = append_numbered(stage, &room, head, 4).await?;
        stage.first.log.store_snapshot(&room, covered, Bytes::from(covered.offset.0.to_string())).await?;
        let loaded = stage.second.log.load(&room).await?;
        let Some((at, _)) = loaded.snapshot else { return Err(Failure("the snapshot is gone".to_owned())) };
        ensure_eq!(at, covered.offset, "the snapshot");
        numbered(&loaded.tail, at, head.offset)?;
    }
    let mut readable = false;
    for after in 0..=head.offset.0 {
        match stage.second.log.read(&room, head.epoch, Offset(after), usize::MAX).await {
            Ok(entries) => {
                numbered(&entries, Offset(after), head.offset)?;
                readable = true;
            }
            Err(ReadError::Trimmed) => ensure!(!readable, "behind {after} is trimmed, but not what is older"),
            Err(ReadError::Unavailable(error)) => return Err(error.into()),
        }
    }
    let first = stage.second.log.read(&room, head.epoch, Offset(0), 1).await;
    ensure!(first.is_err(), "{total} entries on, the first is kept though the limit is {}", LIMITS.log_entries);
    Ok(())
}

pub(super) async fn what_no_snapshot_covers_is_kept(stage: &Stage) -> Checked {
    let room = room("uncovered");
    let mut head = stage.first.log.load(&room).await?.head;
    for nth in 0..40 {
        head = append_numbered(stage, &room, head, LIMITS.log_entries as u64 / 4).await?;
        if nth == 2 {
            stage.first.log.store_snapshot(&room, head, Bytes::from_static(b"early")).await?;
        }
    }
    let loaded = stage.second.log.load(&room).await?;
    let Some((at, _)) = loaded.snapshot else { return Err(Failure("the snapshot is gone".to_owned())) };
    numbered(&loaded.tail, at, head.offset)
}

pub(super) async fn a_conflict_across_trimmed_entries_has_no_tail(stage: &Stage) -> Checked {
    let room = room("long-ago");
    let empty = stage.first.log.load(&room).await?.head;
    let early = append_numbered(stage, &room, empty, 2).await?;
    let mut head = early;
    for _ in 0..40 {
        head = append_numbered(stage, &room, head, LIMITS.log_entries as u64).await?;
        stage.first.log.store_snapshot(&room, head, Bytes::from_static(b"snapshot")).await?;
    }
    for behind in [empty, early] {
        let conflict = lost(stage.second.log.append(&room, behind, batch(["late"])).await)?;
        ensure_eq!(conflict, (head, None), "the conflict for {behind:?}");
    }
    Ok(())
}

/// Appends entries that say their own offsets.
async fn append_numbered(stage: &Stage, room: &RoomKey, head: Head, count: u64) -> Result<Head, Failure> {
    let texts = (1..=count).map(|nth| (head.offset.0 + nth).to_string());
    Ok(stage.first.log.append(room, head, batch(texts)).await?)
}

/// Exactly the entries behind one offset up to another.
fn numbered(entries: &[crate::Entry], after: Offset, through: Offset) -> Checked {
    ensure_eq!(entries.len() as u64, through.0 - after.0, "entries behind {after:?}");
    for (entry, offset) in entries.iter().zip(after.0 + 1..) {
        ensure_eq!((entry.offset.0, text(&entry.payload)), (offset, offset.to_string()), "the entry at {offset}");
    }
    Ok(())
}
