//! What leaves the rooms, and what could not be delivered.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
};

use bytes::Bytes;

use super::locked;
use crate::{Buried, DeadLetter, Limits, OutboxPage, OutboxWatch, Outgoing, Partition, Place};

/// Streams that the rooms are spread over. One process serves them all; more only shorten the time that an append waits for another.
pub(super) const PARTITIONS: u16 = 8;

/// Where a room's messages and deadlines stand.
pub(super) fn partition_of(room_hash: u64) -> Partition {
    Partition((room_hash % u64::from(PARTITIONS)) as u16)
}

/// Every stream and every list.
pub(super) struct Outboxes {
    streams: [Mutex<Stream>; PARTITIONS as usize],
    lanes: Mutex<BTreeMap<String, Lane>>,
}

/// The messages of one partition.
#[derive(Default)]
struct Stream {
    messages: BTreeMap<Place, Bytes>,
    last: Place,
    bytes: usize,
    lost: u64,
    watches: Vec<OutboxWatch>,
}

/// The dead letters of one lane.
#[derive(Default)]
struct Lane {
    letters: BTreeMap<Place, DeadLetter>,
    places: HashMap<String, Place>,
    last: Place,
    bytes: usize,
}

impl Default for Outboxes {
    fn default() -> Self {
        Self { streams: std::array::from_fn(|_| Mutex::default()), lanes: Mutex::default() }
    }
}

impl Outboxes {
    pub(super) fn partitions(&self) -> u16 {
        PARTITIONS
    }

    /// Called inside a shard's lock, so that a room's messages stand in the order of its entries.
    pub(super) fn push(&self, room_hash: u64, payloads: Vec<Bytes>, limits: &Limits) {
        if payloads.is_empty() {
            return;
        }
        let mut stream = locked(&self.streams[usize::from(partition_of(room_hash).0)]);
        for payload in payloads {
            stream.push(payload, limits);
        }
        stream.tell();
    }

    pub(super) fn read(&self, partition: Partition, after: Place, limit: usize) -> OutboxPage {
        let Some(stream) = self.stream(partition) else { return OutboxPage::default() };
        let stream = locked(stream);
        let behind = stream.messages.range(Place(after.0.saturating_add(1))..).take(limit);
        let messages = behind.map(|(place, payload)| Outgoing { place: *place, payload: payload.clone() }).collect();
        OutboxPage { messages, lost: stream.lost }
    }

    pub(super) fn settle(&self, partition: Partition, places: &[Place]) {
        let Some(stream) = self.stream(partition) else { return };
        let mut stream = locked(stream);
        for place in places {
            stream.remove(*place);
        }
    }

    pub(super) fn watch(&self, partition: Partition) -> OutboxWatch {
        let watch = OutboxWatch::default();
        if let Some(stream) = self.stream(partition) {
            let mut stream = locked(stream);
            stream.watches.retain(|watch| Arc::strong_count(watch) > 1);
            stream.watches.push(Arc::clone(&watch));
        }
        watch
    }

    pub(super) fn bury(&self, lane: &str, letter: DeadLetter, limits: &Limits) -> u64 {
        let mut lanes = locked(&self.lanes);
        match lanes.get_mut(lane) {
            Some(lane) => lane.bury(letter, limits),
            None => lanes.entry(lane.to_owned()).or_default().bury(letter, limits),
        }
    }

    pub(super) fn dead_letters(&self, lane: &str, after: Place, limit: usize) -> Vec<Buried> {
        let lanes = locked(&self.lanes);
        let behind = lanes.get(lane).map(|lane| lane.letters.range(Place(after.0.saturating_add(1))..));
        let buried = behind.into_iter().flatten().take(limit);
        buried.map(|(place, letter)| Buried { place: *place, letter: letter.clone() }).collect()
    }

    pub(super) fn dead_letter(&self, lane: &str, id: &str) -> Option<Buried> {
        let lanes = locked(&self.lanes);
        let lane = lanes.get(lane)?;
        let place = *lane.places.get(id)?;
        Some(Buried { place, letter: lane.letters.get(&place)?.clone() })
    }

    pub(super) fn dead_count(&self, lane: &str) -> u64 {
        locked(&self.lanes).get(lane).map_or(0, |lane| lane.letters.len() as u64)
    }

    pub(super) fn exhume(&self, lane: &str, id: &str) {
        if let Some(lane) = locked(&self.lanes).get_mut(lane)
            && let Some(place) = lane.places.get(id).copied()
        {
            lane.remove(place);
        }
    }

    fn stream(&self, partition: Partition) -> Option<&Mutex<Stream>> {
        self.streams.get(usize::from(partition.0))
    }
}

impl Stream {
    fn push(&mut self, payload: Bytes, limits: &Limits) {
        self.last.0 += 1;
        self.bytes += payload.len();
        self.messages.insert(self.last, payload);
        while self.messages.len() > limits.outbox_messages || self.bytes > limits.outbox_bytes {
            let Some(oldest) = self.messages.first_key_value().map(|(place, _)| *place) else { return };
            self.remove(oldest);
            self.lost += 1;
        }
    }

    fn remove(&mut self, place: Place) {
        if let Some(payload) = self.messages.remove(&place) {
            self.bytes -= payload.len();
        }
    }

    fn tell(&self) {
        for watch in &self.watches {
            watch.notify_one();
        }
    }
}

impl Lane {
    fn bury(&mut self, letter: DeadLetter, limits: &Limits) -> u64 {
        if self.places.contains_key(&letter.id) {
            return 0;
        }
        self.last.0 += 1;
        self.bytes += letter.payload.len();
        self.places.insert(letter.id.clone(), self.last);
        self.letters.insert(self.last, letter);
        let mut gone = 0;
        while self.letters.len() > limits.dead_letters || self.bytes > limits.dead_letter_bytes {
            let Some(oldest) = self.letters.first_key_value().map(|(place, _)| *place) else { break };
            self.remove(oldest);
            gone += 1;
        }
        gone
    }

    fn remove(&mut self, place: Place) {
        if let Some(letter) = self.letters.remove(&place) {
            self.bytes -= letter.payload.len();
            self.places.remove(&letter.id);
        }
    }
}
