//! The messages of one room at one endpoint.

use std::{collections::VecDeque, time::Instant};

use crate::Message;

/// Where the oldest message of a lane stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It waits for its turn.
    Ready,
    /// It is being sent, or given up.
    Busy,
    /// It failed and waits.
    Waiting {
        /// For this time.
        until: Instant,
    },
}

/// One message after the other: the next one goes when the one before is delivered or given up.
#[derive(Debug)]
pub(crate) struct Lane<M> {
    pub(crate) phase: Phase,
    /// Of the oldest message.
    pub(crate) failures: u32,
    pub(crate) messages: VecDeque<Message<M>>,
}

impl<M> Lane<M> {
    pub(crate) fn new() -> Self {
        Self { phase: Phase::Ready, failures: 0, messages: VecDeque::new() }
    }

    /// The oldest message has gone.
    pub(crate) fn advance(&mut self) -> Option<Message<M>> {
        self.phase = Phase::Ready;
        self.failures = 0;
        self.messages.pop_front()
    }
}
