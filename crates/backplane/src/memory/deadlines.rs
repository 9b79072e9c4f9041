//! When rooms have to be looked at again.

use std::collections::BTreeSet;

use antiphon_protocol::RoomKey;

use super::outbox::{PARTITIONS, partition_of};
use crate::Partition;

/// The rooms that have a deadline, ordered by it, for each partition.
#[derive(Default)]
pub(super) struct Deadlines([BTreeSet<(u64, RoomKey)>; PARTITIONS as usize]);

impl Deadlines {
    /// A room's deadline changes.
    pub(super) fn shift(&mut self, room_hash: u64, room: &RoomKey, from: Option<u64>, to: Option<u64>) {
        let rooms = &mut self.0[usize::from(partition_of(room_hash).0)];
        if let Some(from) = from {
            rooms.remove(&(from, room.clone()));
        }
        if let Some(to) = to {
            rooms.insert((to, room.clone()));
        }
    }

    /// The rooms whose deadline has come, earliest first.
    pub(super) fn due(&self, partition: Partition, now_ms: u64, limit: usize) -> Vec<RoomKey> {
        let rooms = self.0.get(usize::from(partition.0)).into_iter().flatten();
        rooms.take_while(|(at_ms, _)| *at_ms <= now_ms).take(limit).map(|(_, room)| room.clone()).collect()
    }
}
