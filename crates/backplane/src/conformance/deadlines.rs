//! When rooms have to be looked at again.

use antiphon_protocol::RoomKey;

use super::fixture::{Checked, Failure, Stage, batch, ensure_eq, room};
use crate::Batch;

pub(super) async fn rooms_fall_due_at_their_time_and_earliest_first(stage: &Stage) -> Checked {
    for (name, deadline_ms) in [("late", 30), ("early", 10), ("never", 0), ("middle", 20)] {
        write(stage, &room(name), (deadline_ms > 0).then_some(deadline_ms)).await?;
    }
    due(stage, 9, &[]).await?;
    due(stage, 10, &["early"]).await?;
    due(stage, 29, &["early", "middle"]).await?;
    due(stage, u64::MAX, &["early", "middle", "late"]).await?;
    let limited = stage.second.log.due(100, 2).await?;
    ensure_eq!(limited, [room("early"), room("middle")], "the first two rooms");
    Ok(())
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
    let rooms = stage.second.log.due(now_ms, 100).await?;
    ensure_eq!(rooms, expected.iter().map(|name| room(name)).collect::<Vec<_>>(), "rooms due at {now_ms}");
    Ok(())
}
