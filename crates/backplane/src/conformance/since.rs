//! What came behind a head.

use super::fixture::{Checked, Stage, batch, ensure_eq, ensure_matches, entry, room};
use crate::{Epoch, Head, Offset, ReadError, Tag, Tail};

pub(super) async fn what_came_behind_a_head_comes_with_the_end(stage: &Stage) -> Checked {
    let room = room("behind");
    let empty = stage.first.log.load(&room).await?.head;
    ensure_eq!(
        stage.second.log.since(&room, empty, 10).await?,
        Tail { head: empty, entries: Vec::new() },
        "behind the end of an empty log"
    );
    let one = stage.append(&room, batch(["a"])).await?;
    let three = stage.append(&room, batch(["b", "c"])).await?;
    let whole = [entry(1, "a"), entry(2, "b"), entry(3, "c")];
    for (known, behind) in [(empty, &whole[..]), (one, &whole[1..]), (three, &[])] {
        for limit in [usize::MAX, 2, 1] {
            let expected = Tail { head: three, entries: behind[..behind.len().min(limit)].to_vec() };
            ensure_eq!(stage.second.log.since(&room, known, limit).await?, expected, "{limit} behind {known:?}");
        }
    }
    Ok(())
}

pub(super) async fn nothing_is_read_behind_a_head_that_is_not_in_the_log(stage: &Stage) -> Checked {
    let room = room("foreign");
    let one = stage.append(&room, batch(["a"])).await?;
    let two = stage.append(&room, batch(["b"])).await?;
    let foreign = [
        Head { tag: Tag(one.tag.0.wrapping_add(1)), ..one },
        Head { tag: one.tag, ..two },
        Head { epoch: Epoch(one.epoch.0 + 1), ..one },
        Head { offset: Offset(3), ..two },
    ];
    for known in foreign {
        let read = stage.second.log.since(&room, known, 10).await;
        ensure_matches!(read, Err(ReadError::Trimmed), "behind {known:?}");
    }
    stage.end(&room).await?;
    ensure_matches!(stage.second.log.since(&room, two, 10).await, Err(ReadError::Trimmed), "behind an earlier life");
    Ok(())
}
