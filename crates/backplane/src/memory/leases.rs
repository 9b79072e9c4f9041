//! The replicas of one process: itself, and in tests a few.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use antiphon_protocol::{ReplicaId, RoomKey};
use bytes::Bytes;

use crate::{Renewed, Replica};

/// Every replica.
#[derive(Default)]
pub(super) struct Replicas(BTreeMap<ReplicaId, Held>);

/// What one replica has said.
#[derive(Default)]
struct Held {
    about: Bytes,
    /// Milliseconds since the Unix epoch; `None`: it never had one, and is not seen.
    until_ms: Option<u64>,
    rooms: BTreeSet<RoomKey>,
}

impl Held {
    fn has_lapsed(&self, now_ms: u64) -> bool {
        self.until_ms.is_none_or(|until| until <= now_ms)
    }
}

impl Replicas {
    pub(super) fn renew(&mut self, replica: ReplicaId, lease: Duration, about: Bytes, now_ms: u64) -> Renewed {
        let held = self.0.entry(replica).or_default();
        let renewed = if held.has_lapsed(now_ms) { Renewed::Begun } else { Renewed::Held };
        let lease_ms = u64::try_from(lease.as_millis()).unwrap_or(u64::MAX);
        held.until_ms = Some(now_ms.saturating_add(lease_ms));
        held.about = about;
        renewed
    }

    pub(super) fn all(&self, now_ms: u64) -> Vec<Replica> {
        let replica = |(id, held): (&ReplicaId, &Held)| Replica {
            id: *id,
            about: held.about.clone(),
            has_lapsed: held.has_lapsed(now_ms),
        };
        self.0.iter().filter(|(_, held)| held.until_ms.is_some()).map(replica).collect()
    }

    pub(super) fn enter(&mut self, replica: ReplicaId, room: &RoomKey) {
        self.0.entry(replica).or_default().rooms.insert(room.clone());
    }

    pub(super) fn leave(&mut self, replica: ReplicaId, room: &RoomKey) {
        if let Some(held) = self.0.get_mut(&replica) {
            held.rooms.remove(room);
        }
    }

    pub(super) fn entered(&self, replica: ReplicaId, limit: usize) -> Vec<RoomKey> {
        self.0.get(&replica).into_iter().flat_map(|held| &held.rooms).take(limit).cloned().collect()
    }

    pub(super) fn release(&mut self, replica: ReplicaId) {
        if let Some(held) = self.0.get_mut(&replica) {
            held.until_ms = held.until_ms.and(Some(0));
        }
    }

    pub(super) fn forget(&mut self, replica: ReplicaId, now_ms: u64) {
        if self.0.get(&replica).is_some_and(|held| held.has_lapsed(now_ms) && held.rooms.is_empty()) {
            self.0.remove(&replica);
        }
    }
}
