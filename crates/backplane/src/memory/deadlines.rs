//! When rooms have to be looked at again.

use std::collections::BTreeSet;

use antiphon_protocol::RoomKey;

/// The rooms that have a deadline, ordered by it.
#[derive(Default)]
pub(super) struct Deadlines(BTreeSet<(u64, RoomKey)>);

impl Deadlines {
    /// A room's deadline changes.
    pub(super) fn shift(&mut self, room: &RoomKey, from: Option<u64>, to: Option<u64>) {
        if let Some(from) = from {
            self.0.remove(&(from, room.clone()));
        }
        if let Some(to) = to {
            self.0.insert((to, room.clone()));
        }
    }

    /// The rooms whose deadline has come, earliest first.
    pub(super) fn due(&self, now_ms: u64, limit: usize) -> Vec<RoomKey> {
        self.0.iter().take_while(|(at_ms, _)| *at_ms <= now_ms).take(limit).map(|(_, room)| room.clone()).collect()
    }
}
