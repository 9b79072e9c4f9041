//! Rooms never meet.

use antiphon_protocol::RoomKey;

use super::fixture::{Checked, Stage, batch, ensure, ensure_eq, ensure_matches, letter, room_of, sid};
use crate::{Batch, MailboxChange, SendError, Sent, StoredBan};

pub(super) async fn rooms_of_two_tenants_with_one_name_are_apart(stage: &Stage) -> Checked {
    apart(stage, room_of("one", "room"), room_of("two", "room")).await
}

pub(super) async fn a_separator_in_a_name_does_not_join_two_rooms(stage: &Stage) -> Checked {
    for separator in [":", "/", ".", "-", "|", "{", "}"] {
        let one = room_of(&format!("a{separator}b"), "c");
        let other = room_of("a", &format!("b{separator}c"));
        apart(stage, one, other).await?;
    }
    Ok(())
}

async fn apart(stage: &Stage, one: RoomKey, other: RoomKey) -> Checked {
    let untouched = stage.first.log.load(&other).await?;
    let watch = stage.second.log.watch(&other).await?;
    let everything = Batch {
        deadline_ms: Some(10),
        mailboxes: vec![MailboxChange::Open(sid(1)), MailboxChange::Open(sid(2))],
        bans: vec![StoredBan { identity: "ada".parse()?, until_ms: 1 << 52 }],
        ..batch(["a"])
    };
    let head = stage.append(&one, everything).await?;
    ensure_eq!(stage.second.log.load(&other).await?, untouched, "the other room");
    ensure_matches!(
        stage.post(&other, letter(sid(1), 1, sid(2), "x")).await,
        Err(SendError::StaleSender),
        "a posting of a session of another room"
    );
    ensure_eq!(stage.all_due(10).await?, vec![one.clone()], "rooms due");

    stage.open(&other, [sid(1), sid(2)]).await?;
    ensure_eq!(
        stage.post(&other, letter(sid(1), 1, sid(2), "theirs")).await?,
        Sent::Stored,
        "a posting in the other room"
    );
    ensure_eq!(stage.mail(&one, sid(2), 0).await?.len(), 0, "mail in the first room");
    ensure_eq!(stage.first.mailbox.settled(&one, sid(1)).await?, 0, "settled in the first room");
    ensure_eq!(stage.second.log.load(&one).await?.head, head, "the first room's head");
    ensure!(watch.borrow().tag != head.tag, "the watch of one room saw the other's head");

    stage.end(&one).await?;
    ensure_eq!(stage.texts(&other, sid(2), 0).await?, ["theirs"], "mail in the other room after the first ended");
    Ok(())
}
