//! Watching the head.

use super::fixture::{Checked, Failure, Stage, batch, ensure, ensure_eq, room, within};
use crate::{Head, Watch};

pub(super) async fn a_watch_begins_at_the_head(stage: &Stage) -> Checked {
    let room = room("begins");
    let empty = stage.first.log.load(&room).await?.head;
    ensure_eq!(*stage.second.log.watch(&room).await?.borrow(), empty, "the watch of an unwritten room");
    let head = stage.append(&room, batch(["a"])).await?;
    let watch = stage.second.log.watch(&room).await?;
    ensure_eq!(*watch.borrow(), head, "the watch of a written room");
    ensure_eq!(watch.has_changed()?, false, "whether the first value counts as new");
    Ok(())
}

pub(super) async fn a_watch_ends_at_the_last_head(stage: &Stage) -> Checked {
    let room = room("ends");
    let mut head = stage.append(&room, batch(["start"])).await?;
    let mut watches = Vec::new();
    for replica in [&stage.first, &stage.second, &stage.second] {
        watches.push(replica.log.watch(&room).await?);
        head = stage.first.log.append(&room, head, batch(["a"])).await?;
    }
    for _ in 0..20 {
        head = stage.first.log.append(&room, head, batch(["b", "c"])).await?;
        head = stage.second.log.append(&room, head, batch(["d"])).await?;
    }
    for watch in &mut watches {
        reaches(watch, head).await?;
    }
    // Between two appends the watch sleeps: each has to wake it.
    for _ in 0..20 {
        head = stage.first.log.append(&room, head, batch(["e"])).await?;
        for watch in &mut watches {
            reaches(watch, head).await?;
        }
    }
    Ok(())
}

pub(super) async fn a_watch_of_an_unwritten_room_sees_its_first_batch(stage: &Stage) -> Checked {
    let room = room("first");
    let mut watch = stage.second.log.watch(&room).await?;
    let head = stage.append(&room, batch(["a"])).await?;
    reaches(&mut watch, head).await
}

pub(super) async fn a_watch_sees_the_room_end(stage: &Stage) -> Checked {
    let room = room("over");
    let head = stage.append(&room, batch(["a"])).await?;
    let mut watch = stage.second.log.watch(&room).await?;
    stage.end(&room).await?;
    let next_life = stage.first.log.load(&room).await?.head;
    ensure!(next_life.epoch > head.epoch, "the next life is {next_life:?}, the last was {head:?}");
    reaches(&mut watch, next_life).await?;
    let head = stage.append(&room, batch(["b"])).await?;
    reaches(&mut watch, head).await
}

async fn reaches(watch: &mut Watch, head: Head) -> Checked {
    let reached = within("the last head", watch.wait_for(|seen| *seen == head)).await.map(|seen| seen.is_ok());
    let standing = *watch.borrow();
    match reached {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure(format!("the watch broke off at {standing:?}"))),
        Err(Failure(failure)) => Err(Failure(format!("{failure}; the watch stands at {standing:?}"))),
    }
}
