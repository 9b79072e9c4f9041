use antiphon_protocol::ErrorCode;
use antiphon_room_core::{Command, DuplicateIdentity, EventBody, LeaveReason, Role, RoomChange, RoomConfig};

use crate::scene::{ADMIN, MODERATOR, SPEAKER, Scene, assert_nothing, assert_refused, leavers, microphone};

fn with_lobby() -> Scene {
    Scene::with(RoomConfig { lobby: true, ..RoomConfig::default() })
}

#[test]
fn newcomers_wait_and_moderators_do_not() {
    let mut scene = with_lobby();
    scene.join("ada", SPEAKER);
    scene.join("mia", MODERATOR);
    scene.join("root", ADMIN);
    assert_eq!((scene.roster().join(" "), scene.lobby().join(" ")), ("mia root".into(), "ada".into()));
}

#[test]
fn who_waits_may_only_leave() {
    let mut scene = with_lobby();
    let mia = scene.join("mia", MODERATOR);
    let ada = scene.join("ada", SPEAKER);
    for command in [
        Command::Chat { id: "c1".into(), text: "let me in".into() },
        Command::Data { topic: String::new(), payload: vec![1] },
        Command::Publish(microphone("a")),
        Command::Update(antiphon_room_core::PresenceChange { name: Some("Ada".into()), ..Default::default() }),
        Command::Admit { sid: ada },
        Command::Kick { sid: mia, reason: String::new(), allow_rejoin: true },
    ] {
        assert_refused(scene.by(ada, command), ErrorCode::Waiting, "");
    }
    let events = scene.by(ada, Command::Leave).expect("leaves");
    assert_eq!(leavers(&events), [(ada, LeaveReason::ClientLeft)]);
}

#[test]
fn who_is_admitted_comes_in_last() {
    let mut scene = with_lobby();
    let mia = scene.join("mia", MODERATOR);
    let ada = scene.join("ada", SPEAKER);
    scene.join("max", MODERATOR);
    scene.wait(5);
    assert_eq!(scene.by(mia, Command::Admit { sid: ada }), Ok(vec![EventBody::Admitted { sid: ada }]));
    assert_eq!(scene.roster(), ["mia", "max", "ada"]);
    assert_eq!(scene.get(ada).joined_at, scene.now);
    assert_nothing(scene.by(mia, Command::Admit { sid: ada }));
}

#[test]
fn who_is_refused_goes_and_may_knock_again() {
    let mut scene = with_lobby();
    let mia = scene.join("mia", MODERATOR);
    let ada = scene.join("ada", SPEAKER);
    let events = scene.by(mia, Command::Refuse { sid: ada, reason: "full house".into() }).expect("refuses");
    assert_eq!(leavers(&events), [(ada, LeaveReason::Refused)]);
    scene.join("ada", SPEAKER);
    assert_eq!(scene.lobby(), ["ada"]);
}

#[test]
fn somebody_inside_cannot_be_refused_nor_somebody_outside_moderated() {
    let mut scene = with_lobby();
    let mia = scene.join("mia", MODERATOR);
    let ada = scene.join("ada", SPEAKER);
    assert_refused(scene.by(mia, Command::SetRole { sid: ada, role: Role::Moderator }), ErrorCode::Waiting, "sid");
    assert_refused(scene.by(mia, Command::Mute { sid: ada, track_id: None }), ErrorCode::Waiting, "sid");
    scene.by(mia, Command::Admit { sid: ada }).expect("admits");
    assert_refused(scene.by(mia, Command::Refuse { sid: ada, reason: String::new() }), ErrorCode::NotFound, "sid");
}

#[test]
fn switching_the_lobby_off_admits_everyone_in_order() {
    let mut scene = with_lobby();
    let mia = scene.join("mia", MODERATOR);
    let (ada, bob) = (scene.join("ada", SPEAKER), scene.join("bob", SPEAKER));
    let off = RoomChange { lobby: Some(false), ..RoomChange::default() };
    let events = scene.by(mia, Command::UpdateRoom(off.clone())).expect("opens");
    let expected =
        [EventBody::RoomUpdated { change: off }, EventBody::Admitted { sid: ada }, EventBody::Admitted { sid: bob }];
    assert_eq!(events, expected);
    assert_eq!(scene.roster(), ["mia", "ada", "bob"]);
    scene.join("cyd", SPEAKER);
    assert_eq!(scene.roster().len(), 4);
}

#[test]
fn who_was_let_in_once_does_not_wait_again_while_it_is_here() {
    for policy in [DuplicateIdentity::Replace, DuplicateIdentity::Allow] {
        let mut scene = Scene::with(RoomConfig { lobby: true, duplicate_identity: policy, ..RoomConfig::default() });
        let mia = scene.join("mia", MODERATOR);
        let ada = scene.join("ada", SPEAKER);
        let again = scene.join("ada", SPEAKER);
        assert!(scene.get(again).waiting, "{policy:?}: nobody let it in yet");
        scene.by(mia, Command::Admit { sid: again }).expect("admits");
        let third = scene.join("ada", SPEAKER);
        assert!(!scene.get(third).waiting, "{policy:?}");
        for sid in [ada, again, third] {
            if scene.room.participant(sid).is_some() {
                scene.by(sid, Command::Leave).expect("leaves");
            }
        }
        let later = scene.join("ada", SPEAKER);
        assert!(scene.get(later).waiting, "{policy:?}: it had left");
    }
}

#[test]
fn the_lobby_counts_against_the_limit() {
    let mut scene = Scene::with(RoomConfig { lobby: true, max_participants: 2, ..RoomConfig::default() });
    scene.join("mia", MODERATOR);
    scene.join("ada", SPEAKER);
    assert_refused(scene.try_join("bob", SPEAKER), ErrorCode::RoomFull, "");
}

#[test]
fn who_waits_sees_neither_roster_nor_chat_and_only_moderators_see_the_lobby() {
    let mut scene = with_lobby();
    let mia = scene.join("mia", MODERATOR);
    let ada = scene.join("ada", SPEAKER);
    let bob = scene.join("bob", SPEAKER);
    scene.by(mia, Command::Admit { sid: bob }).expect("admits");
    scene.by(mia, Command::Chat { id: "c1".into(), text: "between us".into() }).expect("chats");
    let seen = |sid| {
        let snapshot = scene.room.snapshot_for(sid);
        (snapshot.room.is_some(), snapshot.participants.len(), snapshot.chat.len(), snapshot.waiting.len())
    };
    assert_eq!(seen(ada), (true, 0, 0, 0));
    assert_eq!(seen(bob), (true, 2, 1, 0));
    assert_eq!(seen(mia), (true, 2, 1, 1));
}
