use antiphon_protocol::ErrorCode;
use antiphon_room_core::{Attributes, Command, EventBody, PresenceChange};

use crate::scene::{MODERATOR, SPEAKER, Scene, VIEWER, assert_nothing, assert_refused, camera, microphone};

fn attributes<const N: usize>(pairs: [(&str, &str); N]) -> Attributes {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

fn set<const N: usize>(pairs: [(&str, &str); N]) -> Command {
    Command::Update(PresenceChange { attributes: attributes(pairs), ..PresenceChange::default() })
}

#[test]
fn absent_fields_stay_as_they_are() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", VIEWER);
    let change = PresenceChange { name: Some("Ada".into()), metadata: Some("m".into()), ..PresenceChange::default() };
    scene.by(ada, Command::Update(change)).expect("updates");
    scene.by(ada, set([("hand", "up")])).expect("updates");
    let participant = scene.get(ada);
    assert_eq!((participant.name.as_str(), participant.metadata.as_str()), ("Ada", "m"));
    assert_eq!(participant.attributes, attributes([("hand", "up")]));
}

#[test]
fn attributes_are_merged_and_an_empty_value_removes_the_key() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", VIEWER);
    scene.by(ada, set([("hand", "up"), ("mood", "good")])).expect("updates");
    scene.by(ada, set([("hand", ""), ("lang", "en")])).expect("updates");
    assert_eq!(scene.get(ada).attributes, attributes([("mood", "good"), ("lang", "en")]));
}

#[test]
fn an_update_says_what_differs_and_nothing_when_nothing_does() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", SPEAKER);
    scene.publish(ada, microphone("a"));
    let change = PresenceChange {
        name: Some("ada".into()),
        metadata: Some(String::new()),
        attributes: attributes([("none", "")]),
        tracks: vec![("a".into(), true), ("a".into(), false)],
    };
    assert_nothing(scene.by(ada, Command::Update(change.clone())));
    let change = PresenceChange { tracks: vec![("a".into(), false), ("a".into(), true)], ..change };
    let differs = PresenceChange { tracks: vec![("a".into(), true)], ..PresenceChange::default() };
    assert_eq!(scene.by(ada, Command::Update(change)), Ok(vec![EventBody::Updated { sid: ada, change: differs }]));
    assert!(scene.get(ada).tracks[0].muted);
}

#[test]
fn an_empty_attribute_of_a_join_is_no_attribute() {
    let mut scene = Scene::new();
    let mut join = scene.join_of("ada", VIEWER);
    join.attributes = attributes([("hand", ""), ("lang", "en")]);
    let sid = join.sid;
    scene.server(Command::Join(Box::new(join))).expect("joins");
    assert_eq!(scene.get(sid).attributes, attributes([("lang", "en")]));
}

#[test]
fn the_mute_state_of_a_foreign_track_is_not_found() {
    let mut scene = Scene::new();
    let (ada, bob) = (scene.join("ada", SPEAKER), scene.join("bob", SPEAKER));
    scene.publish(bob, microphone("b"));
    let change = PresenceChange { tracks: vec![("b".into(), true)], ..PresenceChange::default() };
    assert_refused(scene.by(ada, Command::Update(change)), ErrorCode::NotFound, "tracks");
}

#[test]
fn a_track_is_announced_replaced_and_withdrawn() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", SPEAKER);
    scene.publish(ada, microphone("t"));
    scene.publish(ada, camera("v"));
    assert_nothing(scene.by(ada, Command::Publish(camera("v"))));
    scene.publish(ada, camera("t"));
    assert_eq!(scene.get(ada).tracks, [camera("t"), camera("v")]);
    scene.by(ada, Command::Unpublish { track_id: "t".into() }).expect("withdraws");
    assert_eq!(scene.get(ada).tracks, [camera("v")]);
    assert_refused(scene.by(ada, Command::Unpublish { track_id: "t".into() }), ErrorCode::NotFound, "trackId");
}

#[test]
fn a_viewer_announces_nothing() {
    let mut scene = Scene::new();
    let (ada, mia) = (scene.join("ada", VIEWER), scene.join("mia", MODERATOR));
    assert_refused(scene.by(ada, Command::Publish(camera("v"))), ErrorCode::PermissionDenied, "");
    scene.publish(mia, camera("v"));
}

#[test]
fn the_number_of_tracks_is_bounded() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", SPEAKER);
    for number in 0..scene.config.max_tracks {
        scene.publish(ada, camera(&format!("v{number}")));
    }
    assert_refused(scene.by(ada, Command::Publish(camera("one more"))), ErrorCode::TooLarge, "track");
    scene.publish(ada, microphone("v0"));
}
