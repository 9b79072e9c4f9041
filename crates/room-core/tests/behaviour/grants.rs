//! A session hands another access token over.

use antiphon_protocol::{ErrorCode, Sid};
use antiphon_room_core::{Command, EventBody, Grants, Role, RoomConfig};

use crate::scene::{
    ADMIN, MODERATOR, SPEAKER, Scene, TOKEN_MS, VIEWER, assert_nothing, assert_refused, camera, leavers, microphone,
};

fn renew(scene: &Scene, sid: Sid, grants: Grants, lifetime_ms: u64) -> Command {
    Command::RenewGrants { sid, grants, expires_at: scene.now.plus(lifetime_ms) }
}

#[test]
fn a_session_lives_as_long_as_the_token_that_it_handed_over() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", SPEAKER);
    for lifetime in [2 * TOKEN_MS, 5_000] {
        let events = scene.server(renew(&scene, ada, SPEAKER, lifetime)).expect("renews");
        let expires_at = scene.now.plus(lifetime);
        assert_eq!(events, [EventBody::GrantsRenewed { sid: ada, grants: SPEAKER, expires_at }]);
        assert_nothing(scene.server(renew(&scene, ada, SPEAKER, lifetime)));
    }
    scene.wait(14_999);
    assert_eq!(scene.tick(), []);
    scene.wait(1);
    let expires_at = scene.get(ada).expires_at;
    let expired = Command::RenewGrants { sid: ada, grants: SPEAKER, expires_at };
    assert_refused(scene.server(expired), ErrorCode::TokenExpired, "");
    assert_eq!(leavers(&scene.tick()).len(), 1);
    assert_refused(scene.server(renew(&scene, ada, SPEAKER, TOKEN_MS)), ErrorCode::NotFound, "sid");
}

#[test]
fn what_a_new_token_withholds_goes_at_once() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", MODERATOR);
    for track in [microphone("a"), camera("v")] {
        scene.publish(ada, track);
    }
    let quiet = Grants { chat: false, ..VIEWER };
    let events = scene.server(renew(&scene, ada, quiet, TOKEN_MS + 1)).expect("renews");
    let unpublished = |track_id: &str| EventBody::Unpublished { sid: ada, track_id: track_id.into() };
    assert_eq!(events[..2], [unpublished("a"), unpublished("v")]);
    assert_eq!(events[3..], [EventBody::RoleChanged { sid: ada, role: Role::Viewer }]);
    assert!(scene.get(ada).tracks.is_empty());
    for command in [
        Command::Publish(microphone("a")),
        Command::Chat { id: "c".into(), text: "hi".into() },
        Command::EndRoom { reason: String::new() },
    ] {
        assert_refused(scene.by(ada, command), ErrorCode::PermissionDenied, "");
    }
}

#[test]
fn what_a_new_token_grants_is_there_at_once() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", Grants { chat: false, ..VIEWER });
    scene.server(renew(&scene, ada, SPEAKER, TOKEN_MS)).expect("renews");
    scene.publish(ada, microphone("a"));
    scene.by(ada, Command::Chat { id: "c".into(), text: "hi".into() }).expect("chats");
    scene.server(renew(&scene, ada, ADMIN, TOKEN_MS)).expect("renews");
    scene.by(ada, Command::EndRoom { reason: String::new() }).expect("ends");
}

#[test]
fn a_role_that_somebody_gave_outlives_the_token_as_far_as_the_grants_go() {
    let mut scene = Scene::new();
    let (ada, bob) = (scene.join("ada", SPEAKER), scene.join("bob", SPEAKER));
    scene.server(Command::SetRole { sid: ada, role: Role::Moderator }).expect("promotes");
    scene.server(Command::SetRole { sid: bob, role: Role::Viewer }).expect("demotes");
    for sid in [ada, bob] {
        scene.server(renew(&scene, sid, SPEAKER, 2 * TOKEN_MS)).expect("renews");
    }
    assert_eq!((scene.get(ada).role, scene.get(bob).role), (Role::Moderator, Role::Viewer), "the same grants again");
    scene.server(renew(&scene, ada, VIEWER, TOKEN_MS)).expect("renews");
    assert_eq!(scene.get(ada).role, Role::Moderator);
    assert_refused(scene.by(ada, Command::Publish(microphone("a"))), ErrorCode::PermissionDenied, "");

    let cyd = scene.join("cyd", Grants { publish: true, moderate: true, ..VIEWER });
    scene.server(Command::SetRole { sid: cyd, role: Role::Speaker }).expect("demotes");
    scene.server(renew(&scene, cyd, Grants { moderate: true, ..VIEWER }, TOKEN_MS)).expect("renews");
    assert_eq!(scene.get(cyd).role, Role::Viewer, "nobody is a speaker without the grant");
}

#[test]
fn who_waits_and_is_made_a_moderator_comes_in() {
    let mut scene = Scene::with(RoomConfig { lobby: true, ..RoomConfig::default() });
    let ada = scene.join("ada", VIEWER);
    scene.server(renew(&scene, ada, SPEAKER, TOKEN_MS)).expect("renews");
    assert_eq!(scene.lobby(), ["ada"]);
    scene.server(renew(&scene, ada, MODERATOR, TOKEN_MS)).expect("renews");
    assert_eq!((scene.roster(), scene.get(ada).role), (vec!["ada".to_owned()], Role::Moderator));
}

#[test]
fn only_the_server_renews_grants() {
    let mut scene = Scene::new();
    let ada = scene.join("ada", ADMIN);
    let command = renew(&scene, ada, ADMIN, 2 * TOKEN_MS);
    assert_refused(scene.by(ada, command), ErrorCode::PermissionDenied, "");
}
