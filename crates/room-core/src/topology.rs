//! How media travels between so many people.

use crate::{RoomConfig, TopologyMode};

/// The topology in force for a request, so many participants (lobby excluded) and what the deployment has. Never `Auto`.
///
/// A mode that was asked for and that is not deployed (any longer) counts as `Auto`, which is `Mesh` up to the configured
/// size; beyond it the pool, else a relay mesh, else still a mesh.
pub(crate) fn choose(requested: TopologyMode, participants: usize, config: &RoomConfig) -> TopologyMode {
    let deployed = |mode| config.topologies.contains(&mode);
    match requested {
        TopologyMode::Mesh | TopologyMode::RelayMesh | TopologyMode::Pool if deployed(requested) => requested,
        TopologyMode::Auto | TopologyMode::Mesh | TopologyMode::RelayMesh | TopologyMode::Pool => {
            if participants <= config.mesh_limit {
                TopologyMode::Mesh
            } else if deployed(TopologyMode::Pool) {
                TopologyMode::Pool
            } else if deployed(TopologyMode::RelayMesh) {
                TopologyMode::RelayMesh
            } else {
                TopologyMode::Mesh
            }
        }
    }
}
