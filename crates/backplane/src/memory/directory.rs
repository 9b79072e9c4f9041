//! Which rooms there are.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use antiphon_protocol::{RoomKey, RoomName, TenantId};

/// The rooms that have a log, in the order of their names.
#[derive(Default)]
pub(super) struct Directory(BTreeMap<TenantId, BTreeSet<RoomName>>);

impl Directory {
    /// A room's log has its first entry.
    pub(super) fn enter(&mut self, room: &RoomKey) {
        self.0.entry(room.tenant.clone()).or_default().insert(room.room.clone());
    }

    /// A room is over.
    pub(super) fn leave(&mut self, room: &RoomKey) {
        if let Some(rooms) = self.0.get_mut(&room.tenant) {
            rooms.remove(&room.room);
            if rooms.is_empty() {
                self.0.remove(&room.tenant);
            }
        }
    }

    /// A tenant's rooms behind `after`.
    pub(super) fn list(&self, tenant: &TenantId, after: Option<&RoomName>, limit: usize) -> Vec<RoomName> {
        let behind = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        let rooms = self.0.get(tenant).into_iter().flat_map(|rooms| rooms.range::<RoomName, _>(behind));
        rooms.take(limit).cloned().collect()
    }
}
