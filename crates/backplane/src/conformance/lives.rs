//! Rooms that end and begin again, and the bans that stay.

use bytes::Bytes;

use super::{
    LIMITS,
    fixture::{Checked, Failure, Stage, batch, ensure, ensure_eq, ensure_matches, lost, room, sid},
};
use crate::{Batch, Epoch, Head, MailReadError, Offset, ReadError, StoredBan};

/// Longer than any clock of a test will go.
const FAR_MS: u64 = 1 << 52;

pub(super) async fn a_room_that_ended_is_empty_in_a_greater_epoch(stage: &Stage) -> Checked {
    let room = room("ended");
    let opened = stage.open(&room, [sid(1)]).await?;
    stage.first.log.store_snapshot(&room, opened, Bytes::from_static(b"snapshot")).await?;
    let last = stage.end(&room).await?;
    ensure_eq!((last.epoch, last.offset), (opened.epoch, Offset(2)), "the head of the batch that ended the room");
    for replica in [&stage.first, &stage.second] {
        let loaded = replica.log.load(&room).await?;
        ensure!(loaded.head.epoch > last.epoch, "the next life is {:?}, the last was {last:?}", loaded.head);
        ensure_eq!(loaded.head.offset, Offset(0), "the head of the next life");
        ensure!(loaded.snapshot.is_none() && loaded.tail.is_empty(), "something is left: {loaded:?}");
        ensure_matches!(replica.mailbox.settled(&room, sid(1)).await, Err(MailReadError::Closed), "the mailbox");
    }
    Ok(())
}

pub(super) async fn an_ended_room_takes_nothing_of_its_earlier_life(stage: &Stage) -> Checked {
    let room = room("again");
    let empty = stage.first.log.load(&room).await?.head;
    let written = stage.append(&room, batch(["a"])).await?;
    let last = stage.end(&room).await?;
    let next_life = stage.first.log.load(&room).await?.head;
    refuses_earlier_heads(stage, [empty, written, last], next_life).await?;
    let begun = stage.first.log.append(&room, next_life, batch(["b"])).await?;
    refuses_earlier_heads(stage, [empty, written, last, next_life], begun).await
}

/// `earlier` holds heads of earlier lives, and of this life those behind `head`.
async fn refuses_earlier_heads(stage: &Stage, earlier: impl IntoIterator<Item = Head>, head: Head) -> Checked {
    let room = room("again");
    for earlier in earlier {
        let (seen, tail) = lost(stage.second.log.append(&room, earlier, batch(["late"])).await)?;
        ensure_eq!(seen, head, "the head in the conflict for {earlier:?}");
        if earlier.epoch != head.epoch {
            ensure_eq!(tail, None, "the tail behind {earlier:?}");
            stage.first.log.store_snapshot(&room, earlier, Bytes::from_static(b"earlier")).await?;
            let read = stage.first.log.read(&room, earlier.epoch, Offset(0), 10).await;
            ensure_matches!(read, Err(ReadError::Trimmed), "entries of {:?}", earlier.epoch);
        }
    }
    let loaded = stage.second.log.load(&room).await?;
    ensure_eq!((loaded.head, loaded.snapshot), (head, None), "the room");
    Ok(())
}

pub(super) async fn each_life_of_a_room_has_a_greater_epoch(stage: &Stage) -> Checked {
    let room = room("lives");
    let mut last = None::<Epoch>;
    for life in 0..6 {
        let head = stage.append(&room, batch(["a"])).await?;
        ensure!(last.is_none_or(|last| last < head.epoch), "life {life} has {:?} after {last:?}", head.epoch);
        last = Some(stage.end(&room).await?.epoch);
    }
    Ok(())
}

pub(super) async fn a_ban_outlives_the_room(stage: &Stage) -> Checked {
    let room = room("banned");
    let bans = vec![ban("ada", FAR_MS)?, ban("bob", FAR_MS + 1)?];
    stage.append(&room, Batch { bans: bans.clone(), ..batch(["kicked"]) }).await?;
    holds(stage, &bans, "after the kick").await?;
    stage.end(&room).await?;
    holds(stage, &bans, "after the end").await?;
    stage.append(&room, batch(["begun"])).await?;
    holds(stage, &bans, "in the next life").await?;
    let ending = vec![ban("cleo", FAR_MS)?];
    stage.append(&room, Batch { bans: ending.clone(), ends: true, ..batch(["ended"]) }).await?;
    holds(stage, &[bans, ending].concat(), "after a kick that ended the room").await
}

pub(super) async fn a_ban_that_ran_out_is_not_loaded(stage: &Stage) -> Checked {
    let bans = vec![ban("ada", 1)?, ban("bob", FAR_MS)?];
    stage.append(&room("banned"), Batch { bans, ..batch(["kicked"]) }).await?;
    holds(stage, &[ban("bob", FAR_MS)?], "after the kick").await
}

pub(super) async fn the_later_of_two_bans_holds(stage: &Stage) -> Checked {
    for until_ms in [FAR_MS, FAR_MS + 9, FAR_MS + 5] {
        stage.append(&room("banned"), Batch { bans: vec![ban("ada", until_ms)?], ..batch(["kicked"]) }).await?;
    }
    holds(stage, &[ban("ada", FAR_MS + 9)?], "after three kicks").await
}

pub(super) async fn a_lifted_ban_is_over(stage: &Stage) -> Checked {
    let bans = vec![ban("ada", FAR_MS + 9)?, ban("bob", FAR_MS)?];
    stage.append(&room("banned"), Batch { bans, ..batch(["kicked"]) }).await?;
    let lifted = vec!["ada".parse()?, "nobody".parse()?];
    stage.append(&room("banned"), Batch { lifted, ..batch(["lifted"]) }).await?;
    holds(stage, &[ban("bob", FAR_MS)?], "after one was lifted").await?;
    let anew = Batch { bans: vec![ban("bob", FAR_MS - 9)?], lifted: vec!["bob".parse()?], ..batch(["anew"]) };
    stage.append(&room("banned"), Batch { ends: true, ..anew }).await?;
    holds(stage, &[ban("bob", FAR_MS - 9)?], "after one was lifted and set anew at the end of the room").await
}

pub(super) async fn bans_beyond_the_limit_push_out_the_one_that_ends_first(stage: &Stage) -> Checked {
    let mut bans = Vec::new();
    for nth in (0..LIMITS.bans as u64 + 2).rev() {
        bans.push(ban(&format!("identity-{nth}"), FAR_MS + nth)?);
    }
    for ban in &bans {
        stage.append(&room("banned"), Batch { bans: vec![ban.clone()], ..batch(["kicked"]) }).await?;
    }
    holds(stage, &bans[..LIMITS.bans], "after one kick more than is kept").await
}

async fn holds(stage: &Stage, expected: &[StoredBan], when: &str) -> Checked {
    let sorted = |mut bans: Vec<StoredBan>| {
        bans.sort_by(|one, other| one.identity.cmp(&other.identity));
        bans
    };
    let loaded = stage.second.log.load(&room("banned")).await?.bans;
    ensure_eq!(sorted(loaded), sorted(expected.to_vec()), "the bans {when}");
    Ok(())
}

fn ban(identity: &str, until_ms: u64) -> Result<StoredBan, Failure> {
    Ok(StoredBan { identity: identity.parse()?, until_ms })
}
