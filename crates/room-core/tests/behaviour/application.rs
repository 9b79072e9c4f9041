//! What the application does by itself: rooms ahead of their first join, bans, and a voice of its own.

use antiphon_protocol::{ErrorCode, Sid};
use antiphon_room_core::{
    Command, EventBody, LeaveReason, Millis, PresenceChange, Role, Room, RoomChange, RoomConfig, TrackKind,
};

use crate::scene::{
    ADMIN, MODERATOR, SPEAKER, Scene, VIEWER, assert_nothing, assert_refused, camera, identity, leavers, microphone,
    request,
};

fn announce(id: &str, text: &str) -> Command {
    Command::Announce { id: id.into(), name: "Host".into(), text: text.into() }
}

fn ban(name: &str, duration_ms: Option<u64>) -> Command {
    Command::Ban { identity: identity(name), duration_ms, reason: "spam".into() }
}

fn unban(name: &str) -> Command {
    Command::Unban { identity: identity(name) }
}

fn send(to: &[Sid]) -> Command {
    Command::SendData { topic: "score".into(), payload: vec![1], to: to.to_vec() }
}

#[test]
fn a_room_is_created_once_ahead_of_its_first_join() {
    let mut scene = Scene::new();
    let create = Command::Create(RoomChange {
        metadata: Some("act one".into()),
        lobby: Some(true),
        max_participants: Some(2),
        ..RoomChange::default()
    });
    scene.server(create.clone()).expect("creates");
    let room = scene.room.to_proto();
    assert_eq!((room.metadata.as_str(), room.lobby, room.max_participants), ("act one", true, 2));
    assert_refused(scene.server(create), ErrorCode::RoomExists, "name");
    scene.join("ada", SPEAKER);
    assert_eq!(scene.lobby(), ["ada"]);
}

#[test]
fn a_room_that_is_created_with_nothing_is_as_its_first_join_would_make_it() {
    let mut scene = Scene::with(RoomConfig { lobby: true, ..RoomConfig::default() });
    let events = scene.server(Command::Create(RoomChange::default())).expect("creates");
    assert_eq!(events, [EventBody::RoomCreated { lobby: true, chat_history: 100 }]);
    let too_long = RoomChange { metadata: Some("x".repeat(9_000)), ..RoomChange::default() };
    scene.room = Room::new();
    assert_refused(scene.server(Command::Create(too_long)), ErrorCode::TooLarge, "metadata");
    assert!(!scene.room.exists());
}

#[test]
fn a_room_stays_empty_as_long_as_it_was_told_to() {
    let mut scene = Scene::new();
    let timeout = |timeout| RoomChange { empty_timeout_ms: Some(timeout), ..RoomChange::default() };
    assert_refused(scene.server(Command::Create(timeout(999))), ErrorCode::InvalidArgument, "emptyTimeoutMs");
    scene.server(Command::Create(timeout(60_000))).expect("creates");
    assert_eq!(scene.room.deadline(&scene.config), Some(scene.now.plus(60_000)));
    scene.wait(59_999);
    assert_eq!(scene.tick(), []);
    scene.server(Command::UpdateRoom(timeout(90_000))).expect("changes");
    scene.wait(30_000);
    assert_eq!(scene.tick(), []);
    scene.wait(1);
    assert_eq!(scene.tick(), [EventBody::RoomEnded { reason: "empty".into() }]);
}

#[test]
fn the_application_changes_presence_and_role_as_one() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", VIEWER);
    let change = |name: &str| PresenceChange { name: Some(name.into()), ..PresenceChange::default() };
    let update = |change, role| Command::UpdateParticipant { sid: ada, change, role };
    scene.server(update(change("Ada L."), Some(Role::Moderator))).expect("changes");
    assert_eq!((scene.get(ada).name.as_str(), scene.get(ada).role), ("Ada L.", Role::Moderator));
    assert_nothing(scene.server(update(change("Ada L."), Some(Role::Moderator))));
    let too_long = update(change(&"x".repeat(300)), Some(Role::Viewer));
    assert_refused(scene.server(too_long), ErrorCode::InvalidArgument, "name");
    let beyond = update(change("Ada"), Some(Role::Speaker));
    assert_refused(scene.server(beyond), ErrorCode::PermissionDenied, "");
    assert_eq!((scene.get(ada).name.as_str(), scene.get(ada).role), ("Ada L.", Role::Moderator));
}

#[test]
fn who_waits_is_not_changed() {
    let mut scene = Scene::with(RoomConfig { lobby: true, ..RoomConfig::default() });
    let ada = scene.join("ada", SPEAKER);
    let update = Command::UpdateParticipant { sid: ada, change: PresenceChange::default(), role: None };
    assert_refused(scene.server(update), ErrorCode::Waiting, "sid");
}

#[test]
fn the_application_writes_and_deletes_chat_without_being_here() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", VIEWER);
    scene.server(announce("h1", "five minutes")).expect("writes");
    scene.by(ada, Command::Chat { id: "c1".into(), text: "thanks".into() }).expect("chats");
    let message = scene.room.chat().next().expect("kept").to_proto();
    let from = (message.sid.as_str(), message.identity.as_str(), message.name.as_str());
    assert_eq!((from, message.text.as_str()), (("", "", "Host"), "five minutes"));
    assert_refused(scene.server(announce("h1", "again")), ErrorCode::InvalidArgument, "id");
    assert_refused(scene.by(ada, Command::DeleteChat { id: "h1".into() }), ErrorCode::PermissionDenied, "");
    let deleted = scene.server(Command::DeleteChat { id: "c1".into() }).expect("deletes");
    assert_eq!(deleted, [EventBody::ChatDeleted { id: "c1".into(), by: None }]);
}

#[test]
fn the_same_announcement_stands_once() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", VIEWER);
    scene.server(announce("h1", "five minutes")).expect("writes");
    assert_nothing(scene.server(announce("h1", "five minutes")));
    let other_name = Command::Announce { id: "h1".into(), name: "Ghost".into(), text: "five minutes".into() };
    assert_refused(scene.server(other_name), ErrorCode::InvalidArgument, "id");
    scene.by(ada, Command::Chat { id: "c1".into(), text: "hi".into() }).expect("chats");
    let as_ada = Command::Announce { id: "c1".into(), name: "ada".into(), text: "hi".into() };
    assert_refused(scene.server(as_ada), ErrorCode::InvalidArgument, "id");
}

#[test]
fn a_request_is_carried_out_once_whatever_became_of_what_it_did() {
    let mut scene = Scene::with(RoomConfig { chat_history: 0, ..RoomConfig::default() });
    scene.request(1, Command::Create(RoomChange::default())).expect("creates");
    assert_nothing(scene.request(1, Command::Create(RoomChange::default())));
    assert_refused(scene.request(2, Command::Create(RoomChange::default())), ErrorCode::RoomExists, "name");
    let ada = scene.join("ada", SPEAKER);
    scene.publish(ada, microphone("a"));
    let mute = Command::MuteAll { sid: ada, kind: None };
    for (number, command) in [(3, announce("h1", "hi")), (4, send(&[ada])), (5, mute.clone())] {
        assert_eq!(scene.request(number, command).expect("does").len(), 1);
    }
    let unmute = PresenceChange { tracks: vec![("a".into(), false)], ..PresenceChange::default() };
    scene.by(ada, Command::Update(unmute)).expect("unmutes");
    scene.room = Room::from_snapshot(&scene.room.to_snapshot()).expect("its own");
    let carried_out = scene.now;
    scene.wait(1_000);
    scene.by(ada, Command::Leave).expect("leaves");
    for (number, command) in [(3, announce("h1", "hi")), (4, send(&[ada])), (5, mute)] {
        assert_eq!(scene.room.carried_out(request(number), scene.now), Some(carried_out));
        assert_nothing(scene.request(number, command));
    }
    scene.server(send(&[])).expect("who names no request is heard each time");
    scene.server(send(&[])).expect("who names no request is heard each time");
}

#[test]
fn a_request_is_remembered_for_a_day_and_among_the_newest() {
    let mut scene = Scene::new();
    scene.join("ada", SPEAKER);
    scene.request(0, send(&[])).expect("sends");
    scene.wait(24 * 3_600_000 - 1);
    assert_nothing(scene.request(0, send(&[])));
    scene.wait(1);
    scene.join("bob", SPEAKER);
    assert_eq!(scene.request(0, send(&[])).expect("sends").len(), 1);
    for number in 1..512 {
        scene.request(number, send(&[])).expect("sends");
    }
    assert_nothing(scene.request(0, send(&[])));
    scene.request(512, send(&[])).expect("sends");
    assert_eq!(scene.room.carried_out(request(0), scene.now), None);
    assert_nothing(scene.request(1, send(&[])));
}

#[test]
fn messages_keep_their_numbers_when_others_go() {
    let mut scene = Scene::with(RoomConfig { chat_history: 2, ..RoomConfig::default() });
    scene.join("ada", VIEWER);
    for id in ["1", "2", "3"] {
        scene.server(announce(id, "hi")).expect("writes");
    }
    scene.server(Command::DeleteChat { id: "2".into() }).expect("deletes");
    scene.server(announce("4", "hi")).expect("writes");
    let numbers: Vec<_> = scene.room.chat().map(|message| message.number).collect();
    assert_eq!(numbers, [3, 4]);
    let events = scene.server(Command::ClearChat).expect("clears");
    assert_eq!((events.len(), scene.room.chat().count()), (2, 0));
    assert_nothing(scene.server(Command::ClearChat));
    scene.server(announce("5", "hi")).expect("writes");
    assert_eq!(scene.room.chat().next().map(|message| message.number), Some(5));
}

#[test]
fn data_goes_to_everyone_or_to_some_who_are_in() {
    let mut scene = Scene::with(RoomConfig { lobby: true, ..RoomConfig::default() });
    let mia = scene.join("mia", MODERATOR);
    let ada = scene.join("ada", VIEWER);
    scene.server(send(&[])).expect("sends");
    let events = scene.server(send(&[mia])).expect("sends");
    let (topic, payload) = ("score".into(), vec![1]);
    assert_eq!(events, [EventBody::Data { sid: None, topic, payload, to: vec![mia] }]);
    assert_refused(scene.server(send(&[mia, ada])), ErrorCode::NotFound, "to");
}

#[test]
fn a_ban_needs_nobody_and_no_room_and_can_be_lifted() {
    let mut scene = Scene::new();
    assert_refused(scene.server(unban("ada")), ErrorCode::NotFound, "identity");
    scene.server(ban("ada", Some(5_000))).expect("bans");
    assert!(!scene.room.exists(), "a ban makes no room");
    assert_refused(scene.try_join("ada", SPEAKER), ErrorCode::Banned, "");
    scene.server(unban("ada")).expect("lifts");
    scene.join("ada", SPEAKER);

    let events = scene.server(ban("ada", Some(5_000))).expect("bans");
    assert_eq!(leavers(&events).into_iter().map(|(_, reason)| reason).collect::<Vec<_>>(), [LeaveReason::Kicked]);
    scene.wait(4_999);
    assert_refused(scene.try_join("ada", SPEAKER), ErrorCode::Banned, "");
    scene.wait(1);
    scene.join("ada", SPEAKER);
}

#[test]
fn a_ban_lasts_as_a_kick_does_unless_it_says_otherwise_and_is_not_shortened() {
    let mut scene = Scene::new();
    let until = scene.now.plus(scene.config.ban_ms);
    let events = scene.server(ban("ada", None)).expect("bans");
    assert_eq!(events, [EventBody::Banned { identity: identity("ada"), until }]);
    assert_nothing(scene.server(ban("ada", Some(1_000))));
    assert_eq!(scene.bans.iter().map(|ban| ban.until).max(), Some(until));
    assert_refused(scene.server(ban("ada", Some(999))), ErrorCode::InvalidArgument, "durationMs");
    assert_refused(scene.server(ban("ada", Some(u64::MAX))), ErrorCode::InvalidArgument, "durationMs");
    assert!(scene.bans.iter().all(|ban| ban.until < Millis(u64::MAX)));
}

#[test]
fn an_admin_is_not_out_of_the_applications_reach() {
    let mut scene = Scene::new();
    let root = scene.join("root", ADMIN);
    scene.publish(root, microphone("a"));
    scene.server(Command::Mute { sid: root, track_id: None }).expect("mutes");
    scene.server(Command::SetRole { sid: root, role: Role::Viewer }).expect("demotes");
    scene.server(Command::Kick { sid: root, reason: String::new(), allow_rejoin: false }).expect("kicks");
    assert_eq!(scene.roster(), [""; 0]);
}

#[test]
fn all_tracks_or_those_of_one_kind_are_muted() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", SPEAKER);
    for track in [microphone("a"), camera("v"), microphone("b")] {
        scene.publish(ada, track);
    }
    let mute = |kind| Command::MuteAll { sid: ada, kind };
    let events = scene.server(mute(Some(TrackKind::Video))).expect("mutes");
    assert_eq!(events, [EventBody::Muted { sid: ada, track_id: "v".into() }]);
    assert_eq!(scene.server(mute(None)).expect("mutes").len(), 2);
    assert_nothing(scene.server(mute(None)));
}

#[test]
fn everyone_who_waits_is_admitted_in_order() {
    let mut scene = Scene::with(RoomConfig { lobby: true, ..RoomConfig::default() });
    for name in ["ada", "bob", "cyd"] {
        scene.join(name, SPEAKER);
    }
    scene.server(Command::AdmitAll).expect("admits");
    assert_eq!(scene.roster(), ["ada", "bob", "cyd"]);
    assert_nothing(scene.server(Command::AdmitAll));
}

#[test]
fn sessions_are_found_by_sid_from_any_place_on() {
    let mut scene = Scene::with(RoomConfig { lobby: true, ..RoomConfig::default() });
    let mut sids: Vec<_> = ["ada", "bob", "cyd"].map(|name| scene.join(name, SPEAKER)).into();
    sids.sort_unstable();
    let behind = |scene: &Scene, after| scene.room.sessions(after).map(|session| session.sid).collect::<Vec<_>>();
    assert_eq!(behind(&scene, None), sids);
    assert_eq!(behind(&scene, Some(sids[0])), sids[1..]);
    scene.by(sids[1], Command::Leave).expect("leaves");
    assert_eq!(behind(&scene, Some(sids[1])), sids[2..], "a place stays one when its session has gone");
}

#[test]
fn only_the_application_does_what_is_the_applications() {
    let mut scene = Scene::new();
    let mia = scene.join("mia", ADMIN);
    let update = Command::UpdateParticipant { sid: mia, change: PresenceChange::default(), role: None };
    for command in
        [Command::Create(RoomChange::default()), update, announce("h", "x"), send(&[]), ban("ada", None), unban("ada")]
    {
        assert_refused(scene.by(mia, command), ErrorCode::PermissionDenied, "");
    }
    let ada = scene.join("ada", SPEAKER);
    for command in [Command::ClearChat, Command::AdmitAll, Command::MuteAll { sid: mia, kind: None }] {
        assert_refused(scene.by(ada, command), ErrorCode::PermissionDenied, "");
    }
}
