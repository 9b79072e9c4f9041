use antiphon_protocol::{ErrorCode, v1};
use antiphon_room_core::{Command, Layer, Role, RoomConfig, TopologyMode, Track};

use crate::scene::{MODERATOR, SPEAKER, Scene, camera, microphone};

#[test]
fn a_track_survives_the_wire() {
    let layer = Layer { rid: "h".into(), width: 640, height: 360, max_bitrate: 500_000 };
    let simulcast =
        Track { layers: vec![layer], mid: Some("0".into()), muted: true, name: "desk".into(), ..camera("v") };
    for track in [microphone("a"), simulcast] {
        assert_eq!(Track::try_from(track.to_proto()), Ok(track));
    }
}

#[test]
fn a_track_without_a_known_kind_or_source_is_refused_by_field() {
    let proto = camera("v").to_proto();
    for (track, field) in [
        (v1::Track { kind: 0, ..proto.clone() }, "track.kind"),
        (v1::Track { kind: 77, ..proto.clone() }, "track.kind"),
        (v1::Track { source: 0, ..proto.clone() }, "track.source"),
        (v1::Track { source: -1, ..proto }, "track.source"),
    ] {
        let refusal = Track::try_from(track).expect_err(field);
        assert_eq!((refusal.code, refusal.field), (ErrorCode::InvalidArgument, field));
    }
}

#[test]
fn roles_and_topologies_survive_the_wire_and_unknown_ones_are_refused() {
    for role in [Role::Viewer, Role::Speaker, Role::Moderator] {
        assert_eq!(Role::try_from(i32::from(v1::participant::Role::from(role))), Ok(role));
    }
    for mode in [TopologyMode::Auto, TopologyMode::Mesh, TopologyMode::RelayMesh, TopologyMode::Pool] {
        assert_eq!(TopologyMode::try_from(i32::from(v1::topology::Mode::from(mode))), Ok(mode));
    }
    assert_eq!(Role::try_from(0).expect_err("unspecified").field, "role");
    assert_eq!(TopologyMode::try_from(9).expect_err("unknown").field, "topology");
}

#[test]
fn a_participant_shows_its_state() {
    let mut scene = Scene::with(RoomConfig { lobby: true, ..RoomConfig::default() });
    let mia = scene.join("mia", MODERATOR);
    let ada = scene.join("ada", SPEAKER);
    let state = |scene: &Scene, sid| scene.get(sid).to_proto().state();
    assert_eq!(state(&scene, mia), v1::participant::State::Connected);
    assert_eq!(state(&scene, ada), v1::participant::State::Waiting);
    scene.disconnect(mia);
    scene.disconnect(ada);
    assert_eq!(state(&scene, mia), v1::participant::State::Disconnected);
    assert_eq!(state(&scene, ada), v1::participant::State::Waiting);
}

#[test]
fn a_snapshot_for_a_participant_has_the_roster_with_its_tracks_and_the_chat() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", SPEAKER);
    scene.publish(ada, camera("v"));
    scene.by(ada, Command::Chat { id: "c1".into(), text: "hi".into() }).expect("chats");
    let snapshot = scene.room.snapshot_for(ada);
    let participant = &snapshot.participants[0];
    assert_eq!((participant.sid.as_str(), participant.role()), (ada.as_str(), v1::participant::Role::Speaker));
    assert_eq!(participant.tracks, [camera("v").to_proto()]);
    assert_eq!(participant.joined_at_ms, 1_763_650_000_000.0);
    assert_eq!((snapshot.chat[0].text.as_str(), snapshot.chat[0].seq), ("hi", 2));
}

#[test]
fn a_stranger_sees_no_more_than_the_room_itself() {
    let mut scene = Scene::new();
    scene.join("ada", SPEAKER);
    let stranger = scene.join_of("eve", SPEAKER).sid;
    let snapshot = scene.room.snapshot_for(stranger);
    assert!(snapshot.room.is_some() && snapshot.participants.is_empty());
}
