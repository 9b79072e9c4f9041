//! What replicas do for one another.

use antiphon_protocol::ErrorCode;
use antiphon_room_core::{Command, Connection, Event, EventBody, Room};

use crate::scene::{MODERATOR, SPEAKER, Scene, assert_nothing, assert_refused, identity, replica, token};

#[test]
fn a_lost_replica_takes_its_connections_with_it_and_no_others() {
    let mut scene = Scene::new();
    let [ada, bob, gone] = ["ada", "bob", "gone"].map(|name| scene.join(name, SPEAKER));
    scene.disconnect(gone);
    let left_at = scene.get(gone).connection;
    let moves = Command::Resume {
        sid: bob,
        identity: identity("bob"),
        presented: token(2),
        next: token(50),
        expires_at: scene.now,
        holder: replica(2),
    };
    scene.server(moves).expect("resumes elsewhere");
    scene.wait(5);
    scene.server(Command::ReplicaLost { replica: replica(1) }).expect("never refused");
    let resume_deadline = scene.now.plus(scene.config.resume_window_ms);
    assert_eq!(scene.get(ada).connection, Connection::Disconnected { resume_deadline });
    assert_eq!(scene.get(bob).connection, Connection::Connected, "moved in time");
    assert_eq!(scene.get(gone).connection, left_at, "it was gone before");
    assert_nothing(scene.server(Command::ReplicaLost { replica: replica(1) }));
    assert_refused(scene.by(bob, Command::ReplicaLost { replica: replica(2) }), ErrorCode::PermissionDenied, "");
}

#[test]
fn a_lost_log_is_given_back_what_a_replica_knew() {
    let mut scene = Scene::new();
    let mia = scene.join("mia", MODERATOR);
    scene.by(mia, Command::Chat { id: "c".into(), text: "hello".into() }).expect("writes");
    let known = scene.room.clone();
    let restore = Command::Restore(Box::new(known.clone()));
    assert_nothing(scene.server(restore.clone()));
    let mut empty = Scene::new();
    let [event] = &empty.server(restore).expect("restores")[..] else { panic!("one event") };
    assert!(matches!(event, EventBody::Restored { .. }), "{event:?}");
    assert_eq!(empty.room, known);
    assert_nothing(Scene::new().server(Command::Restore(Box::new(Room::new()))));
}

#[test]
fn a_restored_room_reads_back_from_its_log() {
    let mut scene = Scene::new();
    scene.join("mia", MODERATOR);
    let body = EventBody::Restored { room: Box::new(scene.room.clone()) };
    let event = Event { at: scene.now, by: None, request: None, body };
    let mut room = Room::new();
    room.apply(&Event::from_bytes(&event.to_bytes()).expect("its own"));
    assert_eq!(room, scene.room);
}

#[test]
fn a_session_that_the_log_lost_is_put_back_once() {
    let mut scene = Scene::new();
    let [mia, ada] = ["mia", "ada"].map(|name| scene.join(name, MODERATOR));
    let ada_before = scene.get(ada).clone();
    assert_nothing(scene.server(Command::Reinstate(Box::new(ada_before.clone()))));
    scene.by(ada, Command::Leave).expect("leaves");
    scene.server(Command::Reinstate(Box::new(ada_before.clone()))).expect("comes back");
    assert_eq!(scene.get(ada), &ada_before);
    let sids: Vec<_> = scene.room.participants().map(|participant| participant.sid).collect();
    assert_eq!(sids, [mia, ada]);
    assert_nothing(Scene::new().server(Command::Reinstate(Box::new(ada_before))));
}

#[test]
fn who_was_banned_meanwhile_is_not_put_back() {
    let mut scene = Scene::new();
    let [mia, ada] = ["mia", "ada"].map(|name| scene.join(name, MODERATOR));
    let ada_before = scene.get(ada).clone();
    scene.by(mia, Command::Kick { sid: ada, reason: String::new(), allow_rejoin: false }).expect("kicks");
    assert_refused(scene.server(Command::Reinstate(Box::new(ada_before))), ErrorCode::Banned, "");
}
