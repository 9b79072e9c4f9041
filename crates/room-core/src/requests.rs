//! Which requests of the application's were carried out.

use std::collections::VecDeque;

use crate::Millis;

/// Requests that a room remembers; the oldest go first.
const MOST: usize = 512;

/// How long a room remembers a request, in milliseconds.
const LIFETIME_MS: u64 = 24 * 3_600_000;

/// Names a request of the application's, the same however often it is sent, so that it is carried out once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct RequestId(#[serde(with = "crate::compact")] pub [u8; 16]);

/// The newest requests that came into the log, each with when it was decided, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Requests(VecDeque<(RequestId, Millis)>);

impl Requests {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// When a request was carried out.
    pub(crate) fn carried_out(&self, request: RequestId, now: Millis) -> Option<Millis> {
        let known = self.0.iter().rev().find(|(known, _)| *known == request);
        known.map(|(_, at)| *at).filter(|at| now < at.plus(LIFETIME_MS))
    }

    /// An event of a request came into the log.
    pub(crate) fn note(&mut self, request: RequestId, at: Millis) {
        while self.0.front().is_some_and(|(_, oldest)| oldest.plus(LIFETIME_MS) <= at) {
            self.0.pop_front();
        }
        if self.carried_out(request, at).is_some() {
            return;
        }
        while self.0.len() >= MOST {
            self.0.pop_front();
        }
        self.0.push_back((request, at));
    }
}
