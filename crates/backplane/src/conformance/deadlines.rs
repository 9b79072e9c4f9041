//! When rooms have to be looked at again.

use antiphon_protocol::RoomKey;

use super::fixture::{Checked, Failure, Stage, batch, ensure_eq, room};
use crate::Batch;

pub(super) async fn rooms_fall_due_at_their_time_and_earliest_first(stage: &Stage) -> Checked {
    // So many that some share a partition, whatever the partitions are.
    let last = 4 * u64::from(stage.first.outbox.partitions());
    for deadline_ms in (1..=last).rev() {
        write(stage, &due_at(deadline_ms), Some(deadline_ms)).await?;
    }
    write(stage, &room("never"), None).await?;
    for now_ms in [0, 1, last / 2, last, u64::MAX] {
        let mut expected: Vec<_> = (1..=now_ms.min(last)).map(due_at).collect();
        expected.sort();
        let mut seen = stage.due(now_ms, usize::MAX).await?.concat();
        seen.sort();
        ensure_eq!(seen, expected, "rooms due at {now_ms}");
    }
    let (whole, limited) = (stage.due(last, usize::MAX).await?, stage.due(last, 2).await?);
    for (whole, limited) in whole.iter().zip(&limited) {
        let earliest: Vec<_> = (1..=last).map(due_at).filter(|room| whole.contains(room)).collect();
        ensure_eq!(*whole, earliest, "the rooms of a partition in their order");
        ensure_eq!(limited[..], earliest[..earliest.len().min(2)], "the first two rooms of a partition");
    }
    Ok(())
}

fn due_at(deadline_ms: u64) -> RoomKey {
    room(&format!("due-{deadline_ms}"))
}

pub(super) async fn a_room_stays_due_until_it_is_written_to(stage: &Stage) -> Checked {
    write(stage, &room("due"), Some(10)).await?;
    for _ in 0..3 {
        due(stage, 15, &["due"]).await?;
    }
    write(stage, &room("due"), Some(20)).await?;
    due(stage, 15, &[]).await
}

pub(super) async fn a_deadline_moves_with_each_batch(stage: &Stage) -> Checked {
    write(stage, &room("still"), Some(25)).await?;
    write(stage, &room("moving"), Some(10)).await?;
    write(stage, &room("moving"), Some(50)).await?;
    due(stage, 49, &["still"]).await?;
    due(stage, 50, &["still", "moving"]).await?;
    write(stage, &room("moving"), Some(5)).await?;
    due(stage, 5, &["moving"]).await?;
    due(stage, 50, &["moving", "still"]).await?;
    write(stage, &room("moving"), Some(5)).await?;
    due(stage, 50, &["moving", "still"]).await
}

pub(super) async fn a_deadline_is_cleared_by_a_batch_without_one(stage: &Stage) -> Checked {
    write(stage, &room("cleared"), Some(10)).await?;
    write(stage, &room("cleared"), None).await?;
    due(stage, u64::MAX, &[]).await?;
    write(stage, &room("cleared"), Some(20)).await?;
    due(stage, u64::MAX, &["cleared"]).await
}

pub(super) async fn a_deadline_goes_when_the_room_ends(stage: &Stage) -> Checked {
    let room = room("over");
    write(stage, &room, Some(10)).await?;
    stage.append(&room, Batch { deadline_ms: Some(20), ends: true, ..batch(["ended"]) }).await?;
    due(stage, u64::MAX, &[]).await?;
    write(stage, &room, Some(30)).await?;
    due(stage, u64::MAX, &["over"]).await
}

async fn write(stage: &Stage, room: &RoomKey, deadline_ms: Option<u64>) -> Result<(), Failure> {
    stage.append(room, Batch { deadline_ms, ..batch(["a"]) }).await?;
    Ok(())
}

async fn due(stage: &Stage, now_ms: u64, expected: &[&str]) -> Checked {
    let mut expected: Vec<_> = expected.iter().map(|name| room(name)).collect();
    expected.sort();
    ensure_eq!(stage.all_due(now_ms).await?, expected, "rooms due at {now_ms}");
    Ok(())
}
