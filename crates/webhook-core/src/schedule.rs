//! What is sent to one endpoint, and when.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::{Duration, Instant},
};

use crate::{
    RetryPolicy,
    lane::{Lane, Phase},
};

/// Something to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message<M> {
    /// Tells where it is to be had.
    pub key: M,
    /// When it happened, in milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// After a failure it is not tried again later than this; it is always tried once.
    pub until: Instant,
    /// It is sent also where the endpoint said that it is gone: somebody asked for it.
    pub insists: bool,
}

/// A message whose turn has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due<L, M> {
    /// Its lane; [`Scheduler::settle`] wants to be told.
    pub lane: L,
    /// Which message.
    pub key: M,
    /// Counted from 1.
    pub attempt: u32,
    /// The endpoint is gone: nothing is sent, the outcome is [`Outcome::Gone`].
    pub is_moot: bool,
}

/// What came of a message whose turn it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver has it.
    Delivered,
    /// Not this time. With `pause` the endpoint wants nothing at all for so long.
    Failed {
        /// From now on.
        pause: Option<Duration>,
    },
    /// The endpoint wants no webhooks any more.
    Gone,
    /// It is not to be had any more.
    Lost,
    /// It was laid aside after [`Verdict::GiveUp`].
    Buried,
    /// It could not be laid aside.
    NotBuried,
}

/// What to do about an outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict<M> {
    /// It is dealt with: it can be forgotten.
    Done(M),
    /// Lay it aside, and [`Scheduler::settle`] its lane again with [`Outcome::Buried`] or [`Outcome::NotBuried`].
    GiveUp {
        /// Which message.
        key: M,
        /// How often it was tried.
        attempts: u32,
    },
    /// It will be due again.
    Again {
        /// At this time at the earliest.
        at: Instant,
    },
    /// No message of this lane was due.
    Unknown,
}

/// The messages of one endpoint in lanes `L` (rooms): in a lane one after the other, the lanes beside one another, in turn.
///
/// A lane whose message fails waits by itself; the others go on. It holds keys of messages, not the messages.
#[derive(Debug)]
pub struct Scheduler<L, M> {
    retry: RetryPolicy,
    concurrency: usize,
    lanes: BTreeMap<L, Lane<M>>,
    /// Lanes whose oldest message may be sent, in turn.
    ready: VecDeque<L>,
    /// Lanes that wait, by when they are ready.
    waiting: BTreeSet<(Instant, L)>,
    /// Messages that are being sent.
    busy: usize,
    /// Messages in all lanes.
    len: usize,
    paused_until: Option<Instant>,
    is_gone: bool,
}

impl<L: Ord + Clone, M: Clone> Scheduler<L, M> {
    /// Nothing to send yet; later `concurrency` messages at once at most.
    #[must_use]
    pub fn new(retry: RetryPolicy, concurrency: usize) -> Self {
        Self {
            retry,
            concurrency: concurrency.max(1),
            lanes: BTreeMap::new(),
            ready: VecDeque::new(),
            waiting: BTreeSet::new(),
            busy: 0,
            len: 0,
            paused_until: None,
            is_gone: false,
        }
    }

    /// Puts a message at the end of its lane.
    pub fn enqueue(&mut self, lane: L, message: Message<M>) {
        self.len += 1;
        let messages = &mut self.lanes.entry(lane.clone()).or_insert_with(Lane::new).messages;
        messages.push_back(message);
        if messages.len() == 1 {
            self.ready.push_back(lane);
        }
    }

    /// The next message to send, if one may be sent now. Its outcome is to be told to [`Scheduler::settle`].
    pub fn next(&mut self, now: Instant) -> Option<Due<L, M>> {
        self.wake(now);
        if self.busy >= self.concurrency || self.is_paused(now) {
            return None;
        }
        let lane = self.ready.pop_front()?;
        let entry = self.lanes.get_mut(&lane)?;
        let message = entry.messages.front()?;
        entry.phase = Phase::Busy;
        self.busy += 1;
        let is_moot = self.is_gone && !message.insists;
        Some(Due { key: message.key.clone(), attempt: entry.failures.saturating_add(1), is_moot, lane })
    }

    /// Says what came of a message that [`Scheduler::next`] gave. `jitter` is random, from 0 to 1.
    pub fn settle(&mut self, lane: &L, outcome: Outcome, now: Instant, jitter: f64) -> Verdict<M> {
        let Some(entry) = self.lanes.get_mut(lane).filter(|entry| entry.phase == Phase::Busy) else {
            return Verdict::Unknown;
        };
        match outcome {
            Outcome::Delivered | Outcome::Lost | Outcome::Buried => {
                self.is_gone &= outcome != Outcome::Delivered;
                self.advance(lane)
            }
            Outcome::Gone => {
                // Where it was known before, nothing was sent.
                entry.failures = entry.failures.saturating_add(u32::from(!self.is_gone));
                self.is_gone = true;
                entry.give_up()
            }
            Outcome::Failed { pause } => {
                entry.failures = entry.failures.saturating_add(1);
                if let Some(pause) = pause {
                    self.paused_until = self.paused_until.max(Some(now + pause));
                }
                let at = now + self.retry.delay(entry.failures, jitter).max(pause.unwrap_or_default());
                if entry.messages.front().is_some_and(|message| at > message.until) {
                    return entry.give_up();
                }
                self.wait(lane, at)
            }
            Outcome::NotBuried => {
                let at = now + self.retry.delay(entry.failures, jitter);
                self.wait(lane, at)
            }
        }
    }

    /// When [`Scheduler::next`] may have something to give though nothing else happens before.
    #[must_use]
    pub fn timeout(&self) -> Option<Instant> {
        if self.busy >= self.concurrency {
            return None;
        }
        let ready = self.paused_until.filter(|_| !self.ready.is_empty());
        let waiting = self.waiting.first().map(|(until, _)| (*until).max(self.paused_until.unwrap_or(*until)));
        ready.into_iter().chain(waiting).min()
    }

    /// Forgets the messages that `keep` does not want kept, but for those that are being sent. Looks at every message.
    pub fn retain(&mut self, keep: impl Fn(&M) -> bool) {
        self.lanes.retain(|_, lane| {
            let mut is_busy = lane.phase == Phase::Busy;
            lane.messages.retain(|message| std::mem::take(&mut is_busy) || keep(&message.key));
            !lane.messages.is_empty()
        });
        self.len = self.lanes.values().map(|lane| lane.messages.len()).sum();
        self.ready.retain(|lane| self.lanes.contains_key(lane));
        self.waiting.retain(|(_, lane)| self.lanes.contains_key(lane));
    }

    /// Messages that are not dealt with.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Everything is dealt with.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Nothing is being sent and nothing could be: what there is waits after a failure.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.busy == 0 && self.ready.is_empty()
    }

    /// When the oldest message that is not dealt with happened, in milliseconds since the Unix epoch. Looks at every lane.
    #[must_use]
    pub fn oldest_ms(&self) -> Option<u64> {
        self.lanes.values().filter_map(|lane| lane.messages.front()).map(|message| message.at_ms).min()
    }

    /// The endpoint said that it is gone; what is delivered nevertheless ends that.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.is_gone
    }

    /// Something was delivered to the endpoint past the scheduler: it is there.
    pub fn revive(&mut self) {
        self.is_gone = false;
        self.paused_until = None;
    }

    fn is_paused(&mut self, now: Instant) -> bool {
        self.paused_until = self.paused_until.filter(|until| *until > now);
        self.paused_until.is_some()
    }

    /// Makes the lanes ready whose time has come.
    fn wake(&mut self, now: Instant) {
        while self.waiting.first().is_some_and(|(until, _)| *until <= now) {
            let Some((_, lane)) = self.waiting.pop_first() else { return };
            if let Some(entry) = self.lanes.get_mut(&lane) {
                entry.phase = Phase::Ready;
                self.ready.push_back(lane);
            }
        }
    }

    /// The oldest message of a lane is dealt with.
    fn advance(&mut self, lane: &L) -> Verdict<M> {
        self.busy -= 1;
        let Some(entry) = self.lanes.get_mut(lane) else { return Verdict::Unknown };
        let gone = entry.advance();
        if entry.messages.is_empty() {
            self.lanes.remove(lane);
        } else {
            self.ready.push_back(lane.clone());
        }
        match gone {
            Some(message) => {
                self.len -= 1;
                Verdict::Done(message.key)
            }
            None => Verdict::Unknown,
        }
    }

    fn wait(&mut self, lane: &L, until: Instant) -> Verdict<M> {
        self.busy -= 1;
        if let Some(entry) = self.lanes.get_mut(lane) {
            entry.phase = Phase::Waiting { until };
            self.waiting.insert((until, lane.clone()));
        }
        Verdict::Again { at: until }
    }
}

impl<M: Clone> Lane<M> {
    /// It stays busy until it is known whether the message could be laid aside.
    fn give_up(&self) -> Verdict<M> {
        match self.messages.front() {
            Some(message) => Verdict::GiveUp { key: message.key.clone(), attempts: self.failures },
            None => Verdict::Unknown,
        }
    }
}

#[cfg(test)]
mod tests;
