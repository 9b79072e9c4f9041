use antiphon_protocol::{ErrorCode, v1};
use antiphon_room_core::{Command, EventBody, RoomChange, RoomConfig, TopologyMode};

use crate::scene::{MODERATOR, SPEAKER, Scene, assert_nothing, assert_refused};

fn deployed(topologies: &[TopologyMode]) -> Scene {
    Scene::with(RoomConfig { topologies: topologies.to_vec(), mesh_limit: 2, ..RoomConfig::default() })
}

fn active(scene: &Scene) -> v1::topology::Mode {
    scene.room.to_proto().topology.expect("a room has one").active()
}

fn ask(topology: TopologyMode) -> Command {
    Command::UpdateRoom(RoomChange { topology: Some(topology), ..RoomChange::default() })
}

#[test]
fn auto_takes_the_best_that_is_deployed_beyond_the_mesh_limit() {
    use TopologyMode::{Mesh, Pool, RelayMesh};
    for (topologies, expected) in [
        (vec![Mesh], v1::topology::Mode::Mesh),
        (vec![Mesh, RelayMesh], v1::topology::Mode::RelayMesh),
        (vec![RelayMesh, Pool], v1::topology::Mode::Pool),
    ] {
        let mut scene = deployed(&topologies);
        scene.join("ada", SPEAKER);
        scene.join("bob", SPEAKER);
        assert_eq!(active(&scene), v1::topology::Mode::Mesh, "{topologies:?}");
        let cyd = scene.join("cyd", SPEAKER);
        assert_eq!(active(&scene), expected, "{topologies:?}");
        scene.by(cyd, Command::Leave).expect("leaves");
        assert_eq!(active(&scene), v1::topology::Mode::Mesh, "{topologies:?}");
    }
}

#[test]
fn a_join_that_changes_the_topology_says_so_after_itself() {
    let mut scene = deployed(&[TopologyMode::Pool]);
    scene.join("ada", SPEAKER);
    scene.join("bob", SPEAKER);
    let events = scene.try_join("cyd", SPEAKER).expect("joins");
    let changed = EventBody::TopologyChanged { active: TopologyMode::Pool };
    assert!(matches!(&events[..], [EventBody::Joined { .. }, last] if *last == changed), "{events:?}");
}

#[test]
fn a_replaced_session_and_the_lobby_do_not_count() {
    let mut scene = deployed(&[TopologyMode::Pool]);
    let mia = scene.join("mia", MODERATOR);
    scene.join("ada", SPEAKER);
    scene.join("ada", SPEAKER);
    assert_eq!(active(&scene), v1::topology::Mode::Mesh);
    let lobby = RoomChange { lobby: Some(true), ..RoomChange::default() };
    scene.by(mia, Command::UpdateRoom(lobby)).expect("opens the lobby");
    let bob = scene.join("bob", SPEAKER);
    assert_eq!(active(&scene), v1::topology::Mode::Mesh);
    scene.by(mia, Command::Admit { sid: bob }).expect("admits");
    assert_eq!(active(&scene), v1::topology::Mode::Pool);
}

#[test]
fn a_moderator_asks_for_what_is_deployed() {
    let mut scene = deployed(&[TopologyMode::Mesh, TopologyMode::Pool]);
    let mia = scene.join("mia", MODERATOR);
    assert_refused(scene.by(mia, ask(TopologyMode::RelayMesh)), ErrorCode::InvalidArgument, "topology");
    scene.by(mia, ask(TopologyMode::Pool)).expect("deployed");
    assert_eq!(active(&scene), v1::topology::Mode::Pool);
    assert_nothing(scene.by(mia, ask(TopologyMode::Pool)));
    scene.by(mia, ask(TopologyMode::Auto)).expect("always there");
    let topology = scene.room.to_proto().topology.expect("a room has one");
    assert_eq!((topology.requested(), topology.active()), (v1::topology::Mode::Auto, v1::topology::Mode::Mesh));
}

#[test]
fn what_is_no_longer_deployed_counts_as_auto() {
    let mut scene = deployed(&[TopologyMode::Mesh, TopologyMode::Pool]);
    let mia = scene.join("mia", MODERATOR);
    scene.by(mia, ask(TopologyMode::Pool)).expect("deployed");
    scene.config.topologies = vec![TopologyMode::Mesh];
    scene.join("ada", SPEAKER);
    assert_eq!(active(&scene), v1::topology::Mode::Mesh);
}
