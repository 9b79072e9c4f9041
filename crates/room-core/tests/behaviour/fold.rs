use antiphon_room_core::{
    Command, Event, EventBody, FOLD_VERSION, Generation, LeaveReason, PresenceChange, Role, Room, RoomChange,
    TopologyMode,
};

use crate::scene::{MODERATOR, SPEAKER, Scene, camera, identity, microphone, replica, token};

/// A room with one of everything.
fn lived_in() -> Scene {
    let mut scene = Scene::new();
    let mia = scene.join("mia", MODERATOR);
    let ada = scene.join("ada", SPEAKER);
    scene.publish(ada, microphone("a"));
    scene.publish(ada, camera("v"));
    scene.by(ada, Command::Chat { id: "c1".into(), text: "hi".into() }).expect("chats");
    let lobby = RoomChange { lobby: Some(true), ..RoomChange::default() };
    scene.by(mia, Command::UpdateRoom(lobby)).expect("opens the lobby");
    let bob = scene.join("bob", SPEAKER);
    scene.disconnect(bob);
    scene
}

#[test]
fn a_snapshot_reads_back_as_the_same_room() {
    let mut scene = lived_in();
    assert_eq!(Room::from_snapshot(&scene.room.to_snapshot()).expect("its own"), scene.room);
    scene.server(Command::EndRoom { reason: String::new() }).expect("ends");
    for room in [scene.room, Room::new()] {
        assert_eq!(Room::from_snapshot(&room.to_snapshot()).expect("its own"), room);
    }
}

#[test]
fn a_snapshot_of_another_fold_is_unreadable_whatever_its_shape() {
    for snapshot in [
        format!(r#"{{"version":{},"room":{{"phase":"absent"}}}}"#, FOLD_VERSION + 1),
        format!(r#"{{"version":{},"room":{{"phase":"suspended"}}}}"#, FOLD_VERSION),
        format!(r#"{{"version":{},"room":[1]}}"#, FOLD_VERSION + 1),
        r#"{"version":"#.to_owned(),
        String::new(),
    ] {
        Room::from_snapshot(snapshot.as_bytes()).expect_err(&snapshot);
    }
}

#[test]
fn a_snapshot_whose_topology_in_force_is_auto_is_unreadable() {
    let text = String::from_utf8(lived_in().room.to_snapshot()).expect("JSON");
    let auto = text.replace(r#""activeTopology":"mesh""#, r#""activeTopology":"auto""#);
    assert_ne!(auto, text);
    Room::from_snapshot(auto.as_bytes()).expect_err("auto is asked for, never in force");
}

#[test]
fn a_snapshot_with_one_sid_twice_is_unreadable() {
    let scene = lived_in();
    let text = String::from_utf8(scene.room.to_snapshot()).expect("JSON");
    let [first, second, ..] = scene.room.participants().map(|participant| participant.sid).collect::<Vec<_>>()[..]
    else {
        panic!("two at least");
    };
    let twice = text.replace(second.as_str(), first.as_str());
    Room::from_snapshot(twice.as_bytes()).expect_err("one sid, two participants");
}

#[test]
fn an_event_of_an_unknown_kind_is_unreadable_and_an_unknown_field_is_ignored() {
    Event::from_bytes(br#"{"at":5,"body":{"teleported":{"sid":"aaaaaaaaaaaaaaaa"}}}"#).expect_err("unknown kind");
    Event::from_bytes(br#"{"at":5}"#).expect_err("no kind");
    Event::from_bytes(b"\xff").expect_err("not JSON");
    let event =
        Event::from_bytes(br#"{"at":5,"body":{"admitted":{"sid":"aaaaaaaaaaaaaaaa","through":"door"}},"in":"haste"}"#);
    let sid = "aaaaaaaaaaaaaaaa".parse().expect("a sid");
    assert_eq!(
        event.expect("known"),
        Event { at: antiphon_room_core::Millis(5), by: None, request: None, body: EventBody::Admitted { sid } }
    );
}

#[test]
fn bytes_are_compact_in_the_log() {
    let sid = "aaaaaaaaaaaaaaaa".parse().expect("a sid");
    let body = EventBody::Data { sid: Some(sid), topic: String::new(), payload: vec![255; 300], to: Vec::new() };
    let event = Event { at: antiphon_room_core::Millis(5), by: Some((sid, 7)), request: None, body };
    let bytes = event.to_bytes();
    assert!(bytes.len() < 300 * 4 / 3 + 120, "{} bytes", bytes.len());
    assert_eq!(Event::from_bytes(&bytes).expect("its own"), event);
}

#[test]
fn events_that_make_no_sense_change_nothing() {
    let scene = lived_in();
    let [mia, ada] = scene.room.participants().map(|participant| participant.sid).collect::<Vec<_>>()[..] else {
        panic!("two are in");
    };
    let nobody = "aaaaaaaaaaaaaaaa".parse().expect("a sid");
    let stale = EventBody::Resumed {
        sid: ada,
        generation: Generation(0),
        presented: token(2),
        resume: token(9),
        expires_at: scene.now,
        holder: replica(2),
    };
    let again = EventBody::Joined {
        sid: ada,
        identity: identity("eve"),
        name: String::new(),
        metadata: String::new(),
        attributes: Default::default(),
        grants: MODERATOR,
        role: Role::Moderator,
        expires_at: scene.now,
        resume: token(9),
        waiting: false,
        holder: replica(2),
    };
    for body in [
        EventBody::RoomCreated { lobby: false, chat_history: 0 },
        again,
        stale,
        EventBody::ResumeConfirmed { sid: ada, generation: Generation(7) },
        EventBody::Disconnected { sid: nobody, resume_deadline: scene.now },
        EventBody::GrantExtended { sid: ada, expires_at: antiphon_room_core::Millis(0) },
        EventBody::GrantsRenewed { sid: nobody, grants: MODERATOR, expires_at: scene.now },
        EventBody::Left { sid: nobody, identity: identity("ada"), reason: LeaveReason::Kicked, message: String::new() },
        EventBody::Banned { identity: identity("ada"), until: scene.now },
        EventBody::Admitted { sid: mia },
        EventBody::Updated { sid: nobody, change: PresenceChange { name: Some("x".into()), ..Default::default() } },
        EventBody::Updated {
            sid: mia,
            change: PresenceChange { tracks: vec![("x".into(), true)], ..Default::default() },
        },
        EventBody::RoleChanged { sid: nobody, role: Role::Moderator },
        EventBody::Published { sid: nobody, track: camera("v") },
        EventBody::Muted { sid: mia, track_id: "a".into() },
        EventBody::Unpublished { sid: mia, track_id: "a".into() },
        EventBody::ChatDeleted { id: "c9".into(), by: Some(mia) },
        EventBody::TopologyChanged { active: TopologyMode::Auto },
    ] {
        let mut room = scene.room.clone();
        let event = Event { at: scene.now.plus(1), by: Some((nobody, 3)), request: None, body };
        room.apply(&event);
        assert_eq!(room, scene.room, "{event:?}");
    }
}

#[test]
fn nothing_happens_before_the_beginning_or_after_the_end() {
    let mut scene = lived_in();
    let ada = scene.room.participants().nth(1).expect("two").sid;
    let body = EventBody::RoleChanged { sid: ada, role: Role::Moderator };
    let event = Event { at: scene.now, by: None, request: None, body };
    let mut absent = Room::new();
    absent.apply(&event);
    assert_eq!(absent, Room::new());
    scene.server(Command::EndRoom { reason: String::new() }).expect("ends");
    let ended = scene.room.clone();
    scene.room.apply(&event);
    scene.room.apply(&Event { body: EventBody::RoomCreated { lobby: false, chat_history: 9 }, ..event });
    assert_eq!(scene.room, ended);
}
