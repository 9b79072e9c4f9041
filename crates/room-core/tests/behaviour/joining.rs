use antiphon_protocol::ErrorCode;
use antiphon_room_core::{
    Command, DuplicateIdentity, EventBody, Generation, Grants, LeaveReason, Role, Room, RoomChange, RoomConfig,
};

use crate::scene::{ADMIN, MODERATOR, SPEAKER, Scene, VIEWER, assert_nothing, assert_refused, identity, leavers};

#[test]
fn the_first_join_creates_the_room() {
    let mut scene = Scene::new();
    assert!(!scene.room.exists() && !scene.room.is_ended());
    let events = scene.try_join("ada", SPEAKER).expect("joins");
    assert!(
        matches!(events[..], [EventBody::RoomCreated { .. }, EventBody::Joined { waiting: false, .. }]),
        "{events:?}"
    );
    assert!(scene.room.exists());
    let events = scene.try_join("bob", SPEAKER).expect("joins");
    assert!(matches!(events[..], [EventBody::Joined { .. }]), "{events:?}");
}

#[test]
fn the_roster_is_in_the_order_of_joining_whatever_the_sids() {
    let mut scene = Scene::new();
    let mut joins: Vec<_> = ["ada", "bob", "cyd", "dan"].map(|name| scene.join_of(name, SPEAKER)).into();
    joins.reverse();
    for join in joins {
        scene.server(Command::Join(Box::new(join))).expect("joins");
    }
    assert_eq!(scene.roster(), ["dan", "cyd", "bob", "ada"]);
    let cyd = scene.room.participants().nth(1).expect("four").sid;
    scene.by(cyd, Command::Leave).expect("leaves");
    assert_eq!(scene.roster(), ["dan", "bob", "ada"]);
    for participant in scene.room.participants() {
        assert_eq!(scene.get(participant.sid).identity, participant.identity, "found by its sid");
    }
}

#[test]
fn nobody_is_found_in_a_room_that_nobody_joined() {
    let mut scene = Scene::new();
    let sid = scene.join_of("ada", SPEAKER).sid;
    assert_refused(scene.by(sid, Command::Leave), ErrorCode::ResumeFailed, "");
    let join = scene.join_of("ada", SPEAKER);
    assert_refused(scene.by(sid, Command::Join(Box::new(join))), ErrorCode::ResumeFailed, "");
    assert_refused(scene.server(Command::EndRoom { reason: String::new() }), ErrorCode::NotFound, "room");
    assert_nothing(scene.server(Command::Tick));
    assert_nothing(scene.server(Command::Disconnect { sid, generation: Generation(0) }));
    assert_eq!(scene.room, Room::new());
}

#[test]
fn the_role_begins_with_the_grants() {
    let moderate_only = Grants { moderate: true, ..VIEWER };
    for (grants, role) in [
        (VIEWER, Role::Viewer),
        (SPEAKER, Role::Speaker),
        (MODERATOR, Role::Moderator),
        (moderate_only, Role::Moderator),
        (Grants { admin: true, ..VIEWER }, Role::Moderator),
    ] {
        let mut scene = Scene::new();
        let sid = scene.join("ada", grants);
        assert_eq!(scene.get(sid).role, role, "{grants:?}");
    }
}

#[test]
fn an_identity_that_joins_again_replaces_its_session() {
    let mut scene = Scene::new();
    let first = scene.join("ada", SPEAKER);
    scene.join("bob", SPEAKER);
    let events = scene.try_join("ada", SPEAKER).expect("joins");
    assert_eq!(leavers(&events), [(first, LeaveReason::DuplicateIdentity)]);
    assert_eq!(scene.roster(), ["bob", "ada"]);
}

#[test]
fn an_identity_that_is_connected_is_taken_under_reject() {
    let mut scene = Scene::with(RoomConfig { duplicate_identity: DuplicateIdentity::Reject, ..RoomConfig::default() });
    let first = scene.join("ada", SPEAKER);
    assert_refused(scene.try_join("ada", SPEAKER), ErrorCode::IdentityTaken, "");
    scene.disconnect(first);
    let events = scene.try_join("ada", SPEAKER).expect("the older session is disconnected");
    assert_eq!(leavers(&events), [(first, LeaveReason::DuplicateIdentity)]);
}

#[test]
fn an_identity_has_two_sessions_under_allow() {
    let mut scene = Scene::with(RoomConfig { duplicate_identity: DuplicateIdentity::Allow, ..RoomConfig::default() });
    scene.join("ada", SPEAKER);
    scene.join("ada", SPEAKER);
    assert_eq!(scene.roster(), ["ada", "ada"]);
}

#[test]
fn a_join_that_was_carried_out_already_is_not_done_twice() {
    let mut scene = Scene::new();
    let join = scene.join_of("ada", SPEAKER);
    scene.server(Command::Join(Box::new(join.clone()))).expect("joins");
    assert_nothing(scene.server(Command::Join(Box::new(join.clone()))));
    let other = antiphon_room_core::Join { identity: identity("eve"), ..join };
    assert_refused(scene.server(Command::Join(Box::new(other))), ErrorCode::AlreadyJoined, "");
}

#[test]
fn a_full_room_refuses_all_but_admins() {
    let mut scene = Scene::with(RoomConfig { max_participants: 2, ..RoomConfig::default() });
    scene.join("ada", SPEAKER);
    scene.join("bob", SPEAKER);
    assert_refused(scene.try_join("cyd", SPEAKER), ErrorCode::RoomFull, "");
    assert_refused(scene.try_join("mia", MODERATOR), ErrorCode::RoomFull, "");
    scene.join("root", ADMIN);
    assert_eq!(scene.roster(), ["ada", "bob", "root"]);
}

#[test]
fn a_session_that_is_replaced_is_not_counted_beside_the_newcomer() {
    let mut scene = Scene::with(RoomConfig { max_participants: 2, ..RoomConfig::default() });
    scene.join("ada", SPEAKER);
    scene.join("bob", SPEAKER);
    scene.join("ada", SPEAKER);
    assert_eq!(scene.roster(), ["bob", "ada"]);
}

#[test]
fn the_lower_of_the_two_limits_counts() {
    let mut scene = Scene::with(RoomConfig { max_participants: 3, ..RoomConfig::default() });
    let mia = scene.join("mia", MODERATOR);
    let limit = |max| Command::UpdateRoom(RoomChange { max_participants: Some(max), ..RoomChange::default() });
    scene.by(mia, limit(1)).expect("lowers it");
    assert_refused(scene.try_join("ada", SPEAKER), ErrorCode::RoomFull, "");
    scene.by(mia, limit(9)).expect("raises it");
    scene.join("ada", SPEAKER);
    scene.join("bob", SPEAKER);
    assert_refused(scene.try_join("cyd", SPEAKER), ErrorCode::RoomFull, "");
    scene.by(mia, limit(0)).expect("drops it");
    assert_refused(scene.try_join("cyd", SPEAKER), ErrorCode::RoomFull, "");
}

#[test]
fn a_lowered_limit_sends_nobody_away() {
    let mut scene = Scene::new();
    let mia = scene.join("mia", MODERATOR);
    scene.join("ada", SPEAKER);
    let change = RoomChange { max_participants: Some(1), ..RoomChange::default() };
    scene.by(mia, Command::UpdateRoom(change)).expect("lowers it");
    assert_eq!(scene.roster(), ["mia", "ada"]);
    scene.join("ada", SPEAKER);
    assert_eq!(scene.roster(), ["mia", "ada"], "replaced in the room that is over its limit");
}

#[test]
fn a_locked_room_lets_only_moderators_in() {
    let mut scene = Scene::new();
    let mia = scene.join("mia", MODERATOR);
    scene.join("ada", SPEAKER);
    let lock = |locked| Command::UpdateRoom(RoomChange { locked: Some(locked), ..RoomChange::default() });
    scene.by(mia, lock(true)).expect("locks");
    assert_refused(scene.try_join("bob", SPEAKER), ErrorCode::RoomLocked, "");
    assert_refused(scene.try_join("ada", SPEAKER), ErrorCode::RoomLocked, "");
    assert_eq!(scene.roster(), ["mia", "ada"], "the session that was not replaced stays");
    scene.join("max", MODERATOR);
    scene.join("root", ADMIN);
    scene.by(mia, lock(false)).expect("unlocks");
    scene.join("bob", SPEAKER);
}

#[test]
fn an_expired_token_opens_no_session() {
    let mut scene = Scene::new();
    let mut join = scene.join_of("ada", SPEAKER);
    join.expires_at = scene.now;
    scene.wait(9_999);
    scene.server(Command::Join(Box::new(join.clone()))).expect("within the leeway");
    let mut late = scene.join_of("bob", SPEAKER);
    late.expires_at = join.expires_at;
    scene.wait(1);
    assert_refused(scene.server(Command::Join(Box::new(late))), ErrorCode::TokenExpired, "");
}

#[test]
fn only_the_server_opens_sessions() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", ADMIN);
    let join = scene.join_of("bob", ADMIN);
    assert_refused(scene.by(ada, Command::Join(Box::new(join))), ErrorCode::PermissionDenied, "");
    assert_refused(scene.by(ada, Command::Tick), ErrorCode::PermissionDenied, "");
    assert_refused(scene.server(Command::Leave), ErrorCode::PermissionDenied, "");
}
