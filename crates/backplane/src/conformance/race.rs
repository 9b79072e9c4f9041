//! Appenders that race.

use std::collections::BTreeMap;

use antiphon_protocol::RoomKey;
use tokio::task::{JoinSet, yield_now};

use super::fixture::{Checked, Failure, Stage, batch, ensure, ensure_eq, room, text};
use crate::{AppendError, Backplane, Offset};

const MANY: usize = 16;
const BATCHES: usize = 12;

/// Each race that one appender loses, another wins.
const MOST_LOST: usize = MANY * BATCHES;

pub(super) async fn two_racing_appenders_lose_nothing(stage: &Stage) -> Checked {
    race(stage, 2).await
}

pub(super) async fn many_racing_appenders_lose_nothing(stage: &Stage) -> Checked {
    race(stage, MANY).await
}

pub(super) async fn of_appends_against_one_head_one_wins(stage: &Stage) -> Checked {
    let room = room("one");
    let expected = stage.append(&room, batch(["start"])).await?;
    let mut appends = JoinSet::new();
    for appender in 0..MANY {
        let (replica, room) = (replica(stage, appender), room.clone());
        appends.spawn(async move {
            yield_now().await;
            replica.log.append(&room, expected, batch([format!("{appender}")])).await.is_ok()
        });
    }
    let accepted = appends.join_all().await.into_iter().filter(|accepted| *accepted).count();
    ensure_eq!(accepted, 1, "accepted appends");
    ensure_eq!(stage.entries(&room).await?.len(), 2, "entries");
    Ok(())
}

async fn race(stage: &Stage, appenders: usize) -> Checked {
    let room = room("race");
    let mut racers = JoinSet::new();
    for appender in 0..appenders {
        racers.spawn(append_all(replica(stage, appender), room.clone(), appender));
    }
    let mut folds = Vec::new();
    for fold in racers.join_all().await {
        folds.push(fold?);
    }
    let log: Vec<String> = stage.entries(&room).await?.iter().map(|entry| text(&entry.payload)).collect();
    for fold in folds {
        ensure!(log.starts_with(&fold), "an appender folded {fold:?}, the log is {log:?}");
    }
    ensure_eq!(log.len(), appenders * BATCHES * 2, "entries in the log");
    let mut accepted = BTreeMap::<&str, usize>::new();
    for pair in log.chunks(2) {
        let (who, nth) = pair[0].split_once(' ').unwrap_or_default();
        ensure_eq!(pair[1], format!("{who} {nth}+"), "the second entry of a batch");
        let count = accepted.entry(who).or_default();
        ensure_eq!(nth, count.to_string(), "the next batch of appender {who}");
        *count += 1;
    }
    Ok(())
}

/// As a replica does: append; where that is lost, fold the tail (or load) and append again.
async fn append_all(replica: Backplane, room: RoomKey, appender: usize) -> Result<Vec<String>, Failure> {
    let mut head = replica.log.load(&room).await?.head;
    let mut fold = Vec::new();
    if head.offset > Offset(0) {
        let entries = replica.log.read(&room, head.epoch, Offset(0), head.offset.0 as usize).await?;
        fold.extend(entries.iter().map(|entry| text(&entry.payload)));
    }
    let mut lost = 0;
    for nth in 0..BATCHES {
        let texts = [format!("{appender} {nth}"), format!("{appender} {nth}+")];
        loop {
            yield_now().await;
            ensure!(lost < MOST_LOST, "lost {lost} races, more than others can have won");
            match replica.log.append(&room, head, batch(texts.iter().cloned())).await {
                Ok(next) => {
                    head = next;
                    fold.extend(texts);
                    break;
                }
                Err(AppendError::Conflict { head: next, tail }) => {
                    let tail = tail.ok_or_else(|| Failure(format!("no tail between {head:?} and {next:?}")))?;
                    fold.extend(tail.iter().map(|entry| text(&entry.payload)));
                    head = next;
                    lost += 1;
                }
                Err(AppendError::Unavailable(error)) => return Err(error.into()),
            }
        }
    }
    Ok(fold)
}

fn replica(stage: &Stage, nth: usize) -> Backplane {
    if nth.is_multiple_of(2) { stage.first.clone() } else { stage.second.clone() }
}
