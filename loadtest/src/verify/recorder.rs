//! Where the clients write their histories, with one clock for all of them.

use std::sync::{Mutex, MutexGuard, PoisonError};

use antiphon_protocol::Sid;
use tokio::time::Instant;

use super::{
    away::Away,
    check::{At, Checker, Event, Findings},
};
use crate::fault::{Fault, Tally};

/// Times without signaling that are kept; a run that has more counts the first ones.
const MOST_AWAY: usize = 1 << 20;

/// What the clients of a run share.
#[derive(Debug)]
pub struct Recorder {
    begun: Instant,
    checker: Mutex<Checker>,
    away: Mutex<Vec<Away>>,
    failures: Tally,
}

impl Recorder {
    pub(super) fn new(checker: Checker, begun: Instant) -> Self {
        Self { begun, checker: Mutex::new(checker), away: Mutex::default(), failures: Tally::default() }
    }

    /// This moment.
    #[must_use]
    pub fn now(&self) -> At {
        self.at(Instant::now())
    }

    pub(super) fn at(&self, instant: Instant) -> At {
        At(0).plus(instant.saturating_duration_since(self.begun))
    }

    pub(super) fn record(&self, room: usize, sid: Sid, event: Event) {
        let now = self.now();
        lock(&self.checker).record(room, sid, event, now);
    }

    pub(super) fn wrong_answer(&self, room: usize, reader: Option<Sid>, what: String) {
        let now = self.now();
        lock(&self.checker).wrong_answer(room, reader, what, now);
    }

    /// A client had no signaling for so long.
    pub(super) fn away(&self, client: usize, from: Instant, to: Instant) {
        let mut away = lock(&self.away);
        if away.len() < MOST_AWAY {
            away.push(Away { client, from: self.at(from), to: self.at(to) });
        }
    }

    /// A connection could not be had; the client tries again.
    pub(super) fn failed(&self, fault: &Fault) {
        self.failures.record(fault);
    }

    pub(super) fn failures(&self) -> &Tally {
        &self.failures
    }

    /// Something is being broken on purpose from now on.
    pub fn disturb(&self) {
        lock(&self.checker).disturb();
    }

    /// It is whole again.
    pub fn calm(&self) {
        let now = self.now();
        lock(&self.checker).calm(now);
    }

    pub(super) fn tick(&self) {
        let now = self.now();
        lock(&self.checker).tick(now);
    }

    pub(super) fn is_settled(&self) -> bool {
        lock(&self.checker).is_settled()
    }

    /// What was found so far.
    #[must_use]
    pub fn findings(&self) -> Findings {
        lock(&self.checker).findings().clone()
    }

    /// The clients' times without signaling so far.
    pub(super) fn times_away(&self) -> Vec<Away> {
        lock(&self.away).clone()
    }

    pub(super) fn finish(&self) -> Findings {
        let now = self.now();
        lock(&self.checker).finish(now)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
