use antiphon_protocol::ErrorCode;
use antiphon_room_core::{Attributes, Command, Layer, PresenceChange, RoomChange, RoomConfig, Track, TrackSource};

use crate::scene::{MODERATOR, Scene, assert_refused, camera};

const NAME: usize = 8;
const CHAT: usize = 12;
const METADATA: usize = 16;

fn small() -> Scene {
    Scene::with(RoomConfig {
        max_name_bytes: NAME,
        max_chat_bytes: CHAT,
        max_metadata_bytes: METADATA,
        ..RoomConfig::default()
    })
}

fn text(bytes: usize) -> String {
    "x".repeat(bytes)
}

fn layer(rid: &str) -> Layer {
    Layer { rid: rid.into(), width: 320, height: 180, max_bitrate: 150_000 }
}

#[test]
fn names_ids_and_reasons_are_bounded_at_their_limit() {
    let named = |name: &str| Command::Update(PresenceChange { name: Some(name.into()), ..PresenceChange::default() });
    let track = |change: fn(&mut Track, String)| {
        move |name: &str| {
            let mut track = camera("v");
            change(&mut track, name.into());
            Command::Publish(track)
        }
    };
    type Asks = Box<dyn Fn(&str) -> Command>;
    let asks: [(&str, Asks); 7] = [
        ("name", Box::new(named)),
        ("track.trackId", Box::new(track(|track, name| track.track_id = name))),
        ("track.name", Box::new(track(|track, name| track.name = name))),
        ("track.mid", Box::new(track(|track, name| track.mid = Some(name)))),
        ("track.layers", Box::new(track(|track, name| track.layers = vec![layer(&name)]))),
        ("topic", Box::new(|name| Command::Data { topic: name.into(), payload: vec![] })),
        ("id", Box::new(|name| Command::Chat { id: name.into(), text: "hi".into() })),
    ];
    for (field, ask) in asks {
        let mut scene = small();
        let mia = scene.join("mia", MODERATOR);
        assert_refused(scene.by(mia, ask(&text(NAME + 1))), ErrorCode::InvalidArgument, field);
        scene.by(mia, ask(&text(NAME))).expect(field);
    }
}

#[test]
fn reasons_are_bounded() {
    let mut scene = small();
    let (mia, ada) = (scene.join("mia", MODERATOR), scene.join("ada", MODERATOR));
    let reason = text(NAME + 1);
    for command in [
        Command::Kick { sid: ada, reason: reason.clone(), allow_rejoin: false },
        Command::Refuse { sid: ada, reason: reason.clone() },
        Command::EndRoom { reason },
    ] {
        assert_refused(scene.by(mia, command), ErrorCode::InvalidArgument, "reason");
    }
}

#[test]
fn ids_and_text_are_not_empty() {
    let mut scene = small();
    let mia = scene.join("mia", MODERATOR);
    let chat = |id: &str, text: &str| Command::Chat { id: id.into(), text: text.into() };
    assert_refused(scene.by(mia, chat("c", "")), ErrorCode::InvalidArgument, "text");
    assert_refused(scene.by(mia, chat("", "hi")), ErrorCode::InvalidArgument, "id");
    assert_refused(scene.by(mia, Command::Publish(camera(""))), ErrorCode::InvalidArgument, "track.trackId");
}

#[test]
fn chat_is_measured_in_bytes() {
    let mut scene = small();
    let mia = scene.join("mia", MODERATOR);
    let chat = |id: &str, text: String| Command::Chat { id: id.into(), text };
    scene.by(mia, chat("c1", "é".repeat(CHAT / 2))).expect("at the limit");
    assert_refused(scene.by(mia, chat("c2", "é".repeat(CHAT / 2) + "!")), ErrorCode::TooLarge, "text");
}

#[test]
fn metadata_is_bounded_in_joins_updates_and_the_room() {
    let mut scene = small();
    let mia = scene.join("mia", MODERATOR);
    let presence = |metadata| Command::Update(PresenceChange { metadata: Some(metadata), ..PresenceChange::default() });
    let room = |metadata| Command::UpdateRoom(RoomChange { metadata: Some(metadata), ..RoomChange::default() });
    for ask in [presence, room] {
        scene.by(mia, ask(text(METADATA))).expect("at the limit");
        assert_refused(scene.by(mia, ask(text(METADATA + 1))), ErrorCode::TooLarge, "metadata");
    }
    let mut join = scene.join_of("ada", MODERATOR);
    join.metadata = text(METADATA + 1);
    assert_refused(scene.server(Command::Join(Box::new(join))), ErrorCode::TooLarge, "metadata");
}

#[test]
fn attributes_are_bounded_together_after_they_are_merged() {
    let mut scene = small();
    let mia = scene.join("mia", MODERATOR);
    let set = |key: &str, value: String| {
        let attributes = Attributes::from([(key.to_owned(), value)]);
        Command::Update(PresenceChange { attributes, ..PresenceChange::default() })
    };
    scene.by(mia, set("a", text(METADATA - 1))).expect("at the limit");
    assert_refused(scene.by(mia, set("b", text(1))), ErrorCode::TooLarge, "attributes");
    scene.by(mia, set("a", text(METADATA - 3))).expect("smaller");
    scene.by(mia, set("b", text(1))).expect("fits now");
    let mut join = scene.join_of("ada", MODERATOR);
    join.attributes = Attributes::from([(text(METADATA), text(1))]);
    assert_refused(scene.server(Command::Join(Box::new(join))), ErrorCode::TooLarge, "attributes");
}

#[test]
fn a_track_is_consistent_in_itself() {
    let mut scene = small();
    let mia = scene.join("mia", MODERATOR);
    let heard_camera = Track { source: TrackSource::Microphone, ..camera("v") };
    assert_refused(scene.by(mia, Command::Publish(heard_camera)), ErrorCode::InvalidArgument, "track.source");
    for rids in [vec![""], vec!["h", "h"], vec!["1", "2", "3", "4", "5", "6", "7", "8", "9"]] {
        let track = Track { layers: rids.into_iter().map(layer).collect(), ..camera("v") };
        assert_refused(scene.by(mia, Command::Publish(track)), ErrorCode::InvalidArgument, "track.layers");
    }
    let simulcast = Track { layers: ["q", "h", "f"].map(layer).into(), ..camera("v") };
    scene.publish(mia, simulcast);
}
