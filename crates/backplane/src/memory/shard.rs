//! The rooms behind one lock.

use std::hash::BuildHasher as _;

use antiphon_protocol::{RoomKey, Sid};
use hashbrown::HashTable;

use super::{
    history::empty_head,
    postbox::Postbox,
    slot::{Scope, Slot},
};
use crate::{AppendError, Batch, Entry, Epoch, Head, Loaded, Offset, ReadError, Tag, Tail, Watch};

/// How many counters of epochs a shard has.
const FLOORS: usize = 64;

/// A shard with fewer rooms is not worth sweeping.
const LEAST_SWEEP: usize = 64;

/// Some of the rooms.
pub(super) struct Shard {
    slots: HashTable<Box<Slot>>,
    /// The epoch in which a room that has no slot begins its next life. Rooms share a counter by their hash, and each
    /// life that ends moves it on, so no room ever sees an epoch again though nothing is kept of rooms that ended. The
    /// price: while nobody has written to a room yet, its empty head can move when another room ends, and an append
    /// against it conflicts once more.
    floors: [Epoch; FLOORS],
    /// Idle rooms are looked for when there are so many slots.
    sweep_at: usize,
}

impl Default for Shard {
    fn default() -> Self {
        Self { slots: HashTable::new(), floors: [Epoch(1); FLOORS], sweep_at: LEAST_SWEEP }
    }
}

impl Shard {
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn load(&self, hash: u64, room: &RoomKey, now_ms: u64) -> Loaded {
        match self.find(hash, room) {
            Some(slot) => slot.load(now_ms),
            None => {
                let head = self.absent_head(hash);
                Loaded { head, snapshot: None, tail: Vec::new(), bans: Vec::new(), ended: before(head.epoch) }
            }
        }
    }

    pub(super) fn append(
        &mut self,
        hash: u64,
        room: &RoomKey,
        expected: Head,
        batch: Batch,
        tag: Tag,
        scope: &Scope<'_>,
    ) -> Result<Head, AppendError> {
        let absent_head = self.absent_head(hash);
        match self.find(hash, room).map(|slot| slot.history()) {
            Some(history) if history.head() != expected => return Err(history.conflict(expected)),
            None if absent_head != expected => return Err(AppendError::Conflict { head: absent_head, tail: None }),
            Some(_) => {}
            None => self.insert(hash, room, scope),
        }
        let (restarts, ends) = (batch.restarts, batch.ends);
        if restarts {
            let next = self.next_epoch(hash);
            let slot = self.find_mut(hash, room).expect("found or inserted above");
            slot.restart(next, scope);
        }
        let next_life = if ends { self.next_epoch(hash) } else { Epoch(0) };
        let slot = self.find_mut(hash, room).expect("found or inserted above");
        let head = slot.append(batch, tag, scope, next_life);
        if ends {
            let idle = slot.is_idle(scope.now_ms);
            if idle {
                self.remove(hash, room);
            }
        }
        Ok(head)
    }

    pub(super) fn read(
        &self,
        hash: u64,
        room: &RoomKey,
        epoch: Epoch,
        after: Offset,
        limit: usize,
    ) -> Result<Vec<Entry>, ReadError> {
        match self.find(hash, room) {
            Some(slot) => slot.read(epoch, after, limit),
            None if epoch == self.absent_head(hash).epoch && after == Offset(0) => Ok(Vec::new()),
            None => Err(ReadError::Trimmed),
        }
    }

    pub(super) fn since(&self, hash: u64, room: &RoomKey, known: Head, limit: usize) -> Result<Tail, ReadError> {
        match self.find(hash, room) {
            Some(slot) => slot.history().since(known, limit).ok_or(ReadError::Trimmed),
            None if known == self.absent_head(hash) => Ok(Tail { head: known, entries: Vec::new() }),
            None => Err(ReadError::Trimmed),
        }
    }

    pub(super) fn watch(&mut self, hash: u64, room: &RoomKey, scope: &Scope<'_>) -> Watch {
        if self.find(hash, room).is_none() {
            self.insert(hash, room, scope);
        }
        self.find_mut(hash, room).expect("found or inserted above").watch()
    }

    pub(super) fn find_mut(&mut self, hash: u64, room: &RoomKey) -> Option<&mut Slot> {
        self.slots.find_mut(hash, |slot| slot.room == *room).map(Box::as_mut)
    }

    pub(super) fn postbox(&mut self, hash: u64, room: &RoomKey, owner: Sid) -> Option<&mut Postbox> {
        self.find_mut(hash, room)?.postbox(owner)
    }

    fn find(&self, hash: u64, room: &RoomKey) -> Option<&Slot> {
        self.slots.find(hash, |slot| slot.room == *room).map(Box::as_ref)
    }

    fn absent_head(&self, hash: u64) -> Head {
        empty_head(self.floor(hash))
    }

    fn floor(&self, hash: u64) -> Epoch {
        self.floors[floor_index(hash)]
    }

    fn next_epoch(&mut self, hash: u64) -> Epoch {
        let floor = &mut self.floors[floor_index(hash)];
        floor.0 += 1;
        *floor
    }

    /// Makes a slot. Now and then, so that it costs nothing on average, forgets those that hold nothing any more.
    fn insert(&mut self, hash: u64, room: &RoomKey, scope: &Scope<'_>) {
        if self.slots.len() >= self.sweep_at {
            self.slots.retain(|slot| !slot.is_idle(scope.now_ms));
            self.sweep_at = LEAST_SWEEP.max(2 * self.slots.len());
        }
        let slot = Box::new(Slot::new(room.clone(), self.floor(hash)));
        self.slots.insert_unique(hash, slot, |slot| scope.hasher.hash_one(&slot.room));
    }

    fn remove(&mut self, hash: u64, room: &RoomKey) {
        if let Ok(entry) = self.slots.find_entry(hash, |slot| slot.room == *room) {
            entry.remove();
        }
    }
}

/// The last epoch that is over where this one stands.
pub(super) fn before(epoch: Epoch) -> Epoch {
    Epoch(epoch.0.saturating_sub(1))
}

/// Taken from bits that choose neither the bucket nor the shard.
fn floor_index(hash: u64) -> usize {
    (hash >> 48) as usize % FLOORS
}
