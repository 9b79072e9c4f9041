//! Reading ranges of the log.

use super::fixture::{Checked, Stage, batch, ensure_eq, ensure_matches, entry, room};
use crate::{Epoch, Offset, ReadError};

pub(super) async fn a_range_begins_behind_its_start_and_keeps_to_its_limit(stage: &Stage) -> Checked {
    let room = room("range");
    let head = stage.append(&room, batch(["a", "b", "c", "d"])).await?;
    let all = [entry(1, "a"), entry(2, "b"), entry(3, "c"), entry(4, "d")];
    for after in 0..=4usize {
        for limit in [0, 1, 2, 3, 4, 5, usize::MAX] {
            let read = stage.second.log.read(&room, head.epoch, Offset(after as u64), limit).await?;
            ensure_eq!(read, all[after..after.saturating_add(limit).min(4)], "{limit} entries behind {after}");
        }
    }
    Ok(())
}

pub(super) async fn reading_beyond_the_head_is_refused(stage: &Stage) -> Checked {
    let (written, unwritten) = (room("written"), room("unwritten"));
    let epoch = stage.append(&written, batch(["a", "b"])).await?.epoch;
    for after in [3, 4, u64::MAX] {
        let read = stage.second.log.read(&written, epoch, Offset(after), 10).await;
        ensure_matches!(read, Err(ReadError::Trimmed), "entries behind {after}");
    }
    let epoch = stage.first.log.load(&unwritten).await?.head.epoch;
    let read = stage.first.log.read(&unwritten, epoch, Offset(1), 10).await;
    ensure_matches!(read, Err(ReadError::Trimmed), "entries of an empty log");
    Ok(())
}

pub(super) async fn reading_another_epoch_is_refused(stage: &Stage) -> Checked {
    let room = room("epoch");
    let epoch = stage.append(&room, batch(["a", "b"])).await?.epoch;
    for foreign in [epoch.0 + 1, epoch.0.wrapping_sub(1)] {
        for after in 0..3 {
            let read = stage.second.log.read(&room, Epoch(foreign), Offset(after), 10).await;
            ensure_matches!(read, Err(ReadError::Trimmed), "epoch {foreign} behind {after}");
        }
    }
    Ok(())
}
