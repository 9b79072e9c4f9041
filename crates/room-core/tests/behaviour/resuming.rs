use antiphon_protocol::{ErrorCode, Sid};
use antiphon_room_core::{Command, Connection, DuplicateIdentity, EventBody, Generation, Millis, RoomChange};

use crate::scene::{MODERATOR, SPEAKER, Scene, TOKEN_MS, assert_nothing, assert_refused, identity, replica, token};

/// The first session's own token.
const FIRST: u8 = 1;

fn resume(sid: Sid, presented: u8, next: u8) -> Command {
    Command::Resume {
        sid,
        identity: identity("ada"),
        presented: token(presented),
        next: token(next),
        expires_at: Millis(0),
        holder: replica(2),
    }
}

fn confirm(sid: Sid, generation: u32) -> Command {
    Command::ConfirmResume { sid, generation: Generation(generation) }
}

#[test]
fn a_resume_makes_the_next_generation_and_connects() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", SPEAKER);
    scene.disconnect(ada);
    scene.server(resume(ada, FIRST, 50)).expect("resumes");
    assert_eq!((scene.get(ada).generation, scene.get(ada).connection), (Generation(1), Connection::Connected));
}

#[test]
fn an_older_connection_is_refused() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", SPEAKER);
    scene.server(resume(ada, FIRST, 50)).expect("resumes");
    let chat = |id: &str| Command::Chat { id: id.into(), text: "hi".into() };
    assert_refused(scene.frame(ada, 0, 1, chat("c1")), ErrorCode::ResumeFailed, "");
    assert_refused(scene.frame(ada, 2, 1, chat("c1")), ErrorCode::ResumeFailed, "");
    scene.frame(ada, 1, 1, chat("c1")).expect("the newest connection");
    assert_nothing(scene.server(Command::Disconnect { sid: ada, generation: Generation(0) }));
    assert_eq!(scene.get(ada).connection, Connection::Connected);
}

#[test]
fn the_token_before_is_valid_until_the_new_one_is_confirmed() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", SPEAKER);
    scene.server(resume(ada, FIRST, 50)).expect("resumes");
    scene.server(resume(ada, FIRST, 51)).expect("its answer was lost");
    assert_refused(scene.server(resume(ada, 50, 60)), ErrorCode::ResumeFailed, "");
    scene.server(resume(ada, FIRST, 52)).expect("lost again");
    scene.server(confirm(ada, 3)).expect("confirms");
    assert_refused(scene.server(resume(ada, FIRST, 53)), ErrorCode::ResumeFailed, "");
    scene.server(resume(ada, 52, 53)).expect("the confirmed token");
}

#[test]
fn presenting_the_newest_token_confirms_it() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", SPEAKER);
    scene.server(resume(ada, FIRST, 50)).expect("resumes");
    scene.server(resume(ada, 50, 51)).expect("resumes");
    assert_refused(scene.server(resume(ada, FIRST, 52)), ErrorCode::ResumeFailed, "");
    scene.server(resume(ada, 50, 52)).expect("the one before the newest");
}

#[test]
fn an_older_connection_confirms_nothing() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", SPEAKER);
    assert_nothing(scene.server(confirm(ada, 0)));
    scene.server(resume(ada, FIRST, 50)).expect("resumes");
    assert_nothing(scene.server(confirm(ada, 0)));
    scene.server(confirm(ada, 1)).expect("confirms");
    assert_nothing(scene.server(confirm(ada, 1)));
}

#[test]
fn a_resume_that_was_carried_out_already_is_not_done_twice() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", SPEAKER);
    scene.server(resume(ada, FIRST, 50)).expect("resumes");
    assert_nothing(scene.server(resume(ada, FIRST, 50)));
    assert_eq!(scene.get(ada).generation, Generation(1));
}

#[test]
fn a_foreign_token_identity_or_sid_does_not_resume() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", SPEAKER);
    let bob = scene.join("bob", SPEAKER);
    assert_refused(scene.server(resume(ada, 9, 50)), ErrorCode::ResumeFailed, "");
    assert_refused(scene.server(resume(bob, 2, 50)), ErrorCode::ResumeFailed, "");
}

#[test]
fn a_session_that_was_replaced_is_told_so_and_one_that_is_only_gone_is_not() {
    for policy in [DuplicateIdentity::Replace, DuplicateIdentity::Reject, DuplicateIdentity::Allow] {
        let mut scene = Scene::new();
        scene.config.duplicate_identity = policy;
        let _bob = scene.join("bob", SPEAKER);
        let older = scene.join("ada", SPEAKER);
        scene.disconnect(older);
        scene.wait(scene.config.resume_window_ms);
        scene.server(Command::Tick).expect("ends the session");
        assert_refused(scene.server(resume(older, 2, 50)), ErrorCode::ResumeFailed, "");
        scene.join("ada", SPEAKER);
        let code = match policy {
            DuplicateIdentity::Replace | DuplicateIdentity::Reject => ErrorCode::IdentityTaken,
            DuplicateIdentity::Allow => ErrorCode::ResumeFailed,
        };
        assert_refused(scene.server(resume(older, 2, 50)), code, "");
    }
}

#[test]
fn the_window_closes_at_its_deadline() {
    let mut scene = Scene::new();
    let (ada, _) = (scene.join("ada", SPEAKER), scene.join("bob", SPEAKER));
    scene.disconnect(ada);
    scene.wait(scene.config.resume_window_ms - 1);
    scene.server(resume(ada, FIRST, 50)).expect("in time");
    scene.disconnect(ada);
    scene.wait(scene.config.resume_window_ms);
    assert_refused(scene.server(resume(ada, 50, 51)), ErrorCode::ResumeFailed, "");
}

#[test]
fn a_lock_does_not_keep_a_resume_out() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", SPEAKER);
    let mia = scene.join("mia", MODERATOR);
    scene.disconnect(ada);
    let lock = RoomChange { locked: Some(true), ..RoomChange::default() };
    scene.by(mia, Command::UpdateRoom(lock)).expect("locks");
    scene.server(resume(ada, FIRST, 50)).expect("resumes");
}

#[test]
fn seq_goes_on_across_a_resume_and_each_is_taken_once() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", SPEAKER);
    let chat = |id: &str| Command::Chat { id: id.into(), text: "hi".into() };
    scene.frame(ada, 0, 1, chat("c1")).expect("chats");
    assert_nothing(scene.frame(ada, 0, 1, chat("c1")));
    scene.server(resume(ada, FIRST, 50)).expect("resumes");
    assert_nothing(scene.frame(ada, 1, 1, chat("c1")));
    scene.frame(ada, 1, 2, chat("c2")).expect("chats");
    scene.frame(ada, 1, 0, chat("c3")).expect("not numbered");
    assert_eq!(scene.get(ada).last_seq, 2);
    assert_eq!(scene.room.chat().map(|message| message.seq).collect::<Vec<_>>(), [1, 2, 0]);
}

#[test]
fn a_resume_with_an_older_token_does_not_shorten_the_session() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", SPEAKER);
    let granted = scene.now.plus(TOKEN_MS);
    let events = scene.server(resume(ada, FIRST, 50)).expect("resumes");
    assert!(matches!(events[..], [EventBody::Resumed { expires_at, .. }] if expires_at == granted));
}
