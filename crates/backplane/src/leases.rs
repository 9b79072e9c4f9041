//! Which replicas are alive, and where each has people.

use std::time::Duration;

use antiphon_protocol::{ReplicaId, RoomKey};
use async_trait::async_trait;
use bytes::Bytes;

use crate::Unavailable;

/// A replica as the others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replica {
    /// Which one.
    pub id: ReplicaId,
    /// What it says of itself; opaque.
    pub about: Bytes,
    /// Its lease ran out: it is dead, or was cut off for as long.
    pub has_lapsed: bool,
}

/// What became of a lease that was renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewed {
    /// It held on.
    Held,
    /// It begins now: it is the replica's first one, or nothing is known any more of the one before, or that one had lapsed.
    Begun,
}

/// The leases of the replicas, and the index of the rooms that each one has sessions in.
///
/// The index is written before a session is, and cleared after the last one is gone, so it may name a room too many and never
/// misses one. Time is the engine's: the replicas' clocks do not matter.
#[async_trait]
pub trait Leases: Send + Sync {
    /// Holds this replica's lease for `lease` from now on.
    async fn renew(&self, replica: ReplicaId, lease: Duration, about: Bytes) -> Result<Renewed, Unavailable>;

    /// Every replica that holds a lease, or held one and was not forgotten, by id.
    async fn replicas(&self) -> Result<Vec<Replica>, Unavailable>;

    /// The replica has, or is about to have, sessions in this room.
    async fn enter(&self, replica: ReplicaId, room: &RoomKey) -> Result<(), Unavailable>;

    /// The replica has no session in this room.
    async fn leave(&self, replica: ReplicaId, room: &RoomKey) -> Result<(), Unavailable>;

    /// Rooms that a replica entered and did not leave, at most `limit`, in no order.
    async fn entered(&self, replica: ReplicaId, limit: usize) -> Result<Vec<RoomKey>, Unavailable>;

    /// Ends the replica's lease, if it has one: it stops.
    async fn release(&self, replica: ReplicaId) -> Result<(), Unavailable>;

    /// Forgets a replica that is in no room and has no lease; nothing happens to any other.
    async fn forget(&self, replica: ReplicaId) -> Result<(), Unavailable>;
}
