use antiphon_protocol::ErrorCode;
use antiphon_room_core::{Command, EventBody, Generation, LeaveReason, RoomConfig};

use crate::scene::{MODERATOR, SPEAKER, Scene, TOKEN_MS, assert_nothing, assert_refused, leavers};

const LEEWAY_MS: u64 = 10_000;

#[test]
fn a_session_that_is_not_resumed_ends_at_its_deadline() {
    let mut scene = Scene::new();
    let (ada, _) = (scene.join("ada", SPEAKER), scene.join("bob", SPEAKER));
    scene.disconnect(ada);
    assert_eq!(scene.room.deadline(&scene.config), Some(scene.now.plus(30_000)));
    scene.wait(29_999);
    assert_eq!(scene.tick(), []);
    scene.wait(1);
    assert_eq!(leavers(&scene.tick()), [(ada, LeaveReason::ResumeTimeout)]);
    assert_eq!(scene.roster(), ["bob"]);
}

#[test]
fn a_session_that_is_disconnected_twice_keeps_its_first_deadline() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", SPEAKER);
    scene.disconnect(ada);
    let deadline = scene.room.deadline(&scene.config);
    scene.wait(5);
    assert_nothing(scene.server(Command::Disconnect { sid: ada, generation: Generation(0) }));
    assert_eq!(scene.room.deadline(&scene.config), deadline);
}

#[test]
fn a_session_ends_when_its_grant_and_the_leeway_are_over() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", SPEAKER);
    assert_eq!(scene.room.deadline(&scene.config), Some(scene.now.plus(TOKEN_MS + LEEWAY_MS)));
    scene.wait(TOKEN_MS + LEEWAY_MS - 1);
    assert_eq!(scene.tick(), []);
    scene.wait(1);
    let chat = Command::Chat { id: "c1".into(), text: "hi".into() };
    assert_refused(scene.by(ada, chat), ErrorCode::TokenExpired, "");
    assert_eq!(leavers(&scene.tick()), [(ada, LeaveReason::TokenExpired)]);
}

#[test]
fn a_fresh_token_moves_the_end_of_the_session() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", SPEAKER);
    let later = scene.now.plus(2 * TOKEN_MS);
    scene.server(Command::ExtendGrant { sid: ada, expires_at: later }).expect("extends");
    assert_nothing(scene.server(Command::ExtendGrant { sid: ada, expires_at: scene.now }));
    assert_eq!(scene.room.deadline(&scene.config), Some(later.plus(LEEWAY_MS)));
    let unknown = scene.join_of("bob", SPEAKER).sid;
    assert_refused(scene.server(Command::ExtendGrant { sid: unknown, expires_at: later }), ErrorCode::NotFound, "sid");
}

#[test]
fn an_empty_room_stays_for_its_timeout_and_then_ends() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", SPEAKER);
    scene.by(ada, Command::Chat { id: "c1".into(), text: "hi".into() }).expect("chats");
    scene.by(ada, Command::Leave).expect("leaves");
    assert!(scene.room.exists() && scene.room.is_empty());
    scene.wait(29_999);
    assert_eq!(scene.tick(), []);
    scene.join("ada", SPEAKER);
    assert_eq!(scene.room.chat().count(), 1, "the room is still the same");
    scene.wait(30_000);
    assert_eq!(scene.tick(), [], "it is not empty any longer");
    let ada = scene.room.participants().next().expect("back").sid;
    scene.by(ada, Command::Leave).expect("leaves");
    assert_eq!(scene.room.deadline(&scene.config), Some(scene.now.plus(30_000)));
    scene.wait(30_000);
    assert_eq!(scene.tick(), [EventBody::RoomEnded { reason: "empty".into() }]);
    assert!(scene.room.is_ended() && !scene.room.exists());
    assert_eq!(scene.room.deadline(&scene.config), None);
}

#[test]
fn without_an_empty_timeout_the_last_deadline_ends_the_room_too() {
    let mut scene = Scene::with(RoomConfig { empty_timeout_ms: 0, ..RoomConfig::default() });
    let ada = scene.join("ada", SPEAKER);
    scene.disconnect(ada);
    scene.wait(30_000);
    let events = scene.tick();
    assert_eq!(leavers(&events), [(ada, LeaveReason::ResumeTimeout)]);
    assert!(scene.room.is_ended());
}

#[test]
fn a_room_that_is_over_answers_so() {
    let mut scene = Scene::new();
    let mia = scene.join("mia", MODERATOR);
    let ada = scene.join("ada", SPEAKER);
    let events = scene.by(mia, Command::EndRoom { reason: "thank you".into() }).expect("ends");
    assert_eq!(leavers(&events), [(mia, LeaveReason::RoomEnded), (ada, LeaveReason::RoomEnded)]);
    assert!(matches!(events.last(), Some(EventBody::RoomEnded { reason }) if reason == "thank you"));
    assert_refused(scene.by(ada, Command::Leave), ErrorCode::RoomEnded, "");
    assert_refused(scene.try_join("bob", SPEAKER), ErrorCode::RoomEnded, "");
    assert_nothing(scene.server(Command::Tick));
    assert_nothing(scene.server(Command::Disconnect { sid: ada, generation: Generation(0) }));
    assert_eq!(scene.room.len(), 0);
}
