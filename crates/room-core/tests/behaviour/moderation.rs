use antiphon_protocol::ErrorCode;
use antiphon_room_core::{Command, DuplicateIdentity, EventBody, Grants, LeaveReason, Role, RoomChange, RoomConfig};

use crate::scene::{
    ADMIN, MODERATOR, Outcome, SPEAKER, Scene, VIEWER, assert_nothing, assert_refused, camera, identity, leavers,
    microphone,
};

fn kick(scene: &mut Scene, by: antiphon_protocol::Sid, sid: antiphon_protocol::Sid) -> Outcome {
    scene.by(by, Command::Kick { sid, reason: "spam".into(), allow_rejoin: false })
}

#[test]
fn only_moderators_moderate() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", SPEAKER);
    let bob = scene.join("bob", SPEAKER);
    for command in [
        Command::Kick { sid: bob, reason: String::new(), allow_rejoin: true },
        Command::Mute { sid: bob, track_id: None },
        Command::Admit { sid: bob },
        Command::Refuse { sid: bob, reason: String::new() },
        Command::SetRole { sid: ada, role: Role::Moderator },
        Command::UpdateRoom(RoomChange { locked: Some(true), ..RoomChange::default() }),
        Command::EndRoom { reason: String::new() },
    ] {
        assert_refused(scene.by(ada, command), ErrorCode::PermissionDenied, "");
    }
}

#[test]
fn a_kick_sticks_until_no_token_from_before_is_valid() {
    let mut scene = Scene::new();
    let mia = scene.join("mia", MODERATOR);
    let ada = scene.join("ada", SPEAKER);
    let until = scene.now.plus(scene.config.ban_ms);
    let events = kick(&mut scene, mia, ada).expect("kicks");
    assert_eq!(leavers(&events), [(ada, LeaveReason::Kicked)]);
    assert_eq!(events.last(), Some(&EventBody::Banned { identity: identity("ada"), until }));
    assert_refused(scene.try_join("ada", SPEAKER), ErrorCode::Banned, "");
    scene.wait(scene.config.ban_ms - 1);
    assert_refused(scene.try_join("ada", SPEAKER), ErrorCode::Banned, "");
    scene.wait(1);
    scene.join("ada", SPEAKER);
}

#[test]
fn a_ban_outlives_the_room() {
    let mut scene = Scene::new();
    let mia = scene.join("mia", MODERATOR);
    let ada = scene.join("ada", SPEAKER);
    kick(&mut scene, mia, ada).expect("kicks");
    scene.by(mia, Command::EndRoom { reason: String::new() }).expect("ends");
    scene.room = antiphon_room_core::Room::new();
    assert_refused(scene.try_join("ada", SPEAKER), ErrorCode::Banned, "");
    assert!(!scene.room.exists(), "a join that is refused creates no room");
}

#[test]
fn a_kick_that_allows_to_come_back_bans_nobody() {
    let mut scene = Scene::new();
    let mia = scene.join("mia", MODERATOR);
    let ada = scene.join("ada", SPEAKER);
    scene.by(mia, Command::Kick { sid: ada, reason: String::new(), allow_rejoin: true }).expect("kicks");
    scene.join("ada", SPEAKER);
}

#[test]
fn a_kick_ends_all_sessions_of_the_identity() {
    let mut scene = Scene::with(RoomConfig { duplicate_identity: DuplicateIdentity::Allow, ..RoomConfig::default() });
    let mia = scene.join("mia", MODERATOR);
    let (first, _, second) = (scene.join("ada", SPEAKER), scene.join("bob", SPEAKER), scene.join("ada", VIEWER));
    let events = kick(&mut scene, mia, second).expect("kicks");
    assert_eq!(leavers(&events), [(first, LeaveReason::Kicked), (second, LeaveReason::Kicked)]);
    assert_eq!(scene.roster(), ["mia", "bob"]);
    assert_refused(kick(&mut scene, mia, first), ErrorCode::NotFound, "sid");
}

#[test]
fn a_session_that_waits_can_be_kicked() {
    let mut scene = Scene::with(RoomConfig { lobby: true, ..RoomConfig::default() });
    let mia = scene.join("mia", MODERATOR);
    let ada = scene.join("ada", SPEAKER);
    kick(&mut scene, mia, ada).expect("kicks");
    assert_eq!(scene.lobby(), [""; 0]);
}

#[test]
fn an_admin_is_out_of_reach() {
    let mut scene = Scene::new();
    let mia = scene.join("mia", MODERATOR);
    let root = scene.join("root", ADMIN);
    scene.publish(root, microphone("a"));
    assert_refused(kick(&mut scene, mia, root), ErrorCode::PermissionDenied, "");
    assert_refused(scene.by(mia, Command::Mute { sid: root, track_id: None }), ErrorCode::PermissionDenied, "");
    let demote = Command::SetRole { sid: root, role: Role::Viewer };
    assert_refused(scene.by(mia, demote.clone()), ErrorCode::PermissionDenied, "");
    assert_refused(scene.by(root, demote), ErrorCode::PermissionDenied, "");
    kick(&mut scene, root, mia).expect("the other way round it works");
}

#[test]
fn a_moderator_mutes_one_track_or_all_audio_and_its_publisher_unmutes() {
    let mut scene = Scene::new();
    let mia = scene.join("mia", MODERATOR);
    let ada = scene.join("ada", SPEAKER);
    for track in [microphone("a"), camera("v"), microphone("b")] {
        scene.publish(ada, track);
    }
    let mute = |track_id: Option<&str>| Command::Mute { sid: ada, track_id: track_id.map(str::to_owned) };
    let muted = |track_id: &str| EventBody::Muted { sid: ada, track_id: track_id.into() };
    assert_eq!(scene.by(mia, mute(Some("a"))), Ok(vec![muted("a")]));
    assert_nothing(scene.by(mia, mute(Some("a"))));
    assert_eq!(scene.by(mia, mute(None)), Ok(vec![muted("b")]));
    assert_eq!(scene.by(mia, mute(Some("v"))), Ok(vec![muted("v")]));
    assert_refused(scene.by(mia, mute(Some("z"))), ErrorCode::NotFound, "trackId");
    let unmute = antiphon_room_core::PresenceChange { tracks: vec![("a".into(), false)], ..Default::default() };
    scene.by(ada, Command::Update(unmute)).expect("unmutes");
    assert_eq!(scene.get(ada).tracks.iter().map(|track| track.muted).collect::<Vec<_>>(), [false, true, true]);
}

#[test]
fn nobody_publishes_beyond_its_token_whatever_its_role() {
    let mut scene = Scene::new();
    let mia = scene.join("mia", Grants { publish: false, ..MODERATOR });
    let root = scene.join("root", Grants { publish: false, ..ADMIN });
    let ada = scene.join("ada", VIEWER);
    let role = |role| Command::SetRole { sid: ada, role };
    assert_refused(scene.by(mia, role(Role::Speaker)), ErrorCode::PermissionDenied, "");
    scene.by(mia, role(Role::Moderator)).expect("anyone may be made to moderate");
    for sid in [mia, root, ada] {
        assert!(scene.get(sid).may_moderate() && !scene.get(sid).may_publish());
        assert_refused(scene.by(sid, Command::Publish(microphone("a"))), ErrorCode::PermissionDenied, "");
    }
    assert_refused(scene.by(mia, role(Role::Speaker)), ErrorCode::PermissionDenied, "");
    scene.by(mia, role(Role::Viewer)).expect("what it began as");
}

#[test]
fn a_promotion_lets_publish_again_and_a_demotion_withdraws_the_tracks() {
    let mut scene = Scene::new();
    let mia = scene.join("mia", MODERATOR);
    let ada = scene.join("ada", SPEAKER);
    let role = |role| Command::SetRole { sid: ada, role };
    scene.by(mia, role(Role::Viewer)).expect("demotes");
    assert_refused(scene.by(ada, Command::Publish(microphone("a"))), ErrorCode::PermissionDenied, "");
    scene.by(mia, role(Role::Speaker)).expect("promotes");
    scene.publish(ada, microphone("a"));
    scene.by(mia, role(Role::Moderator)).expect("promotes");
    assert_nothing(scene.by(mia, role(Role::Moderator)));
    scene.by(ada, Command::SetRole { sid: mia, role: Role::Speaker }).expect("a moderator now");
    assert_refused(scene.by(mia, role(Role::Viewer)), ErrorCode::PermissionDenied, "");
    let events = scene.by(ada, role(Role::Viewer)).expect("steps down");
    let withdrawn = EventBody::Unpublished { sid: ada, track_id: "a".into() };
    assert_eq!(events, [withdrawn, EventBody::RoleChanged { sid: ada, role: Role::Viewer }]);
    assert!(scene.get(ada).tracks.is_empty() && !scene.get(ada).may_publish());
}

#[test]
fn the_server_moderates_for_the_application() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", SPEAKER);
    scene.server(Command::Kick { sid: ada, reason: String::new(), allow_rejoin: true }).expect("kicks");
    scene.server(Command::EndRoom { reason: String::new() }).expect("ends");
    assert!(scene.room.is_ended());
}

#[test]
fn a_room_update_says_what_differs_and_nothing_when_nothing_does() {
    let mut scene = Scene::new();
    let mia = scene.join("mia", MODERATOR);
    let change = RoomChange { metadata: Some("notes".into()), locked: Some(false), ..RoomChange::default() };
    let differs = RoomChange { metadata: Some("notes".into()), ..RoomChange::default() };
    let update = Command::UpdateRoom(change);
    assert_eq!(scene.by(mia, update.clone()), Ok(vec![EventBody::RoomUpdated { change: differs }]));
    assert_nothing(scene.by(mia, update));
    assert_eq!(scene.room.to_proto().metadata, "notes");
}
