use antiphon_protocol::ErrorCode;
use antiphon_room_core::{Command, EventBody, Grants, RoomConfig};

use crate::scene::{MODERATOR, SPEAKER, Scene, VIEWER, assert_refused};

fn say(id: &str) -> Command {
    Command::Chat { id: id.to_owned(), text: format!("message {id}") }
}

fn history(scene: &Scene) -> Vec<String> {
    scene.room.chat().map(|message| message.id.clone()).collect()
}

#[test]
fn the_history_keeps_the_newest_messages() {
    let mut scene = Scene::with(RoomConfig { chat_history: 2, ..RoomConfig::default() });
    let ada = scene.join("ada", VIEWER);
    for id in ["c1", "c2", "c3"] {
        scene.by(ada, say(id)).expect("chats");
    }
    assert_eq!(history(&scene), ["c2", "c3"]);
}

#[test]
fn a_room_keeps_the_history_it_was_created_with() {
    let mut scene = Scene::with(RoomConfig { chat_history: 1, ..RoomConfig::default() });
    let ada = scene.join("ada", VIEWER);
    scene.config.chat_history = 9;
    for id in ["c1", "c2"] {
        scene.by(ada, say(id)).expect("chats");
    }
    assert_eq!(history(&scene), ["c2"]);
}

#[test]
fn no_history_is_kept_where_none_is_configured() {
    let mut scene = Scene::with(RoomConfig { chat_history: 0, ..RoomConfig::default() });
    let ada = scene.join("ada", VIEWER);
    scene.by(ada, say("c1")).expect("chats");
    assert_eq!(history(&scene), [""; 0]);
}

#[test]
fn a_message_says_who_wrote_it_when_and_as_which_frame() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", VIEWER);
    scene.by(ada, say("c1")).expect("chats");
    let message = scene.room.chat().next().expect("one");
    let identity = message.identity.as_ref().map(ToString::to_string);
    assert_eq!((message.sid, identity, message.name.as_str()), (Some(ada), Some("ada".into()), "ada"));
    assert_eq!((message.sent_at, message.seq), (scene.now, 1));
}

#[test]
fn an_author_deletes_its_own_messages_also_from_a_later_session() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", VIEWER);
    scene.by(ada, say("c1")).expect("chats");
    let again = scene.join("ada", VIEWER);
    let events = scene.by(again, Command::DeleteChat { id: "c1".into() }).expect("deletes");
    assert_eq!(events, [EventBody::ChatDeleted { id: "c1".into(), by: Some(again) }]);
    assert_eq!(history(&scene), [""; 0]);
    assert_refused(scene.by(again, Command::DeleteChat { id: "c1".into() }), ErrorCode::NotFound, "id");
}

#[test]
fn others_delete_a_message_only_as_moderators() {
    let mut scene = Scene::new();
    let (ada, bob, mia) = (scene.join("ada", VIEWER), scene.join("bob", SPEAKER), scene.join("mia", MODERATOR));
    scene.by(ada, say("c1")).expect("chats");
    assert_refused(scene.by(bob, Command::DeleteChat { id: "c1".into() }), ErrorCode::PermissionDenied, "");
    scene.by(mia, Command::DeleteChat { id: "c1".into() }).expect("deletes");
}

#[test]
fn chat_and_data_need_the_grant() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", Grants { chat: false, ..MODERATOR });
    assert_refused(scene.by(ada, say("c1")), ErrorCode::PermissionDenied, "");
    let data = Command::Data { topic: "cursor".into(), payload: vec![0, 255] };
    assert_refused(scene.by(ada, data), ErrorCode::PermissionDenied, "");
}

#[test]
fn two_messages_do_not_have_one_id() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", VIEWER);
    scene.by(ada, say("c1")).expect("chats");
    assert_refused(scene.by(ada, say("c1")), ErrorCode::InvalidArgument, "id");
}

#[test]
fn data_reaches_the_log_and_leaves_the_room_as_it_was() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", VIEWER);
    let data = Command::Data { topic: "cursor".into(), payload: vec![0, 255] };
    let events = scene.by(ada, data).expect("sends");
    let (topic, payload) = ("cursor".into(), vec![0, 255]);
    assert_eq!(events, [EventBody::Data { sid: Some(ada), topic, payload, to: Vec::new() }]);
    assert_eq!((scene.room.chat().count(), scene.get(ada).last_seq), (0, 1));
}
