//! One session's mailbox.

use std::{collections::VecDeque, sync::Arc};

use bytes::Bytes;

use crate::{Limits, Mail, MailOffset, MailWatch, Offset};

/// A queue that falls empty gives its memory back if it had grown beyond this many messages: a burst of candidates does
/// not weigh on the session for the rest of its life, and the usual handful does not allocate each time.
const KEPT_CAPACITY: usize = 4;

/// A message as it is stored; its position follows from its place.
pub(super) struct Letter {
    pub(super) after: Offset,
    pub(super) format: u8,
    pub(super) body: Bytes,
}

/// What a session has sent (`generation`, `settled`) and what waits for it.
#[derive(Default)]
pub(super) struct Postbox {
    generation: u32,
    settled: u32,
    /// Without gaps; the first one stands behind `trimmed`.
    queue: VecDeque<Letter>,
    trimmed: u64,
    /// Never less than `trimmed`, never more than the last message.
    written: u64,
    /// Of the bodies in `queue`.
    bytes: usize,
    /// Those of them that are written.
    written_bytes: usize,
    watches: Vec<MailWatch>,
}

impl Postbox {
    pub(super) fn generation(&self) -> u32 {
        self.generation
    }

    pub(super) fn advance(&mut self, generation: u32) {
        self.generation = self.generation.max(generation);
    }

    pub(super) fn settled(&self) -> u32 {
        self.settled
    }

    pub(super) fn settle(&mut self, seq: u32) {
        self.settled = self.settled.max(seq);
    }

    /// Whether one more message of this size can be had by dropping at most what is written.
    pub(super) fn takes(&self, bytes: usize, limits: &Limits) -> bool {
        let unwritten = self.last() - self.written;
        (unwritten as usize) < limits.mailbox_messages
            && self.bytes - self.written_bytes + bytes <= limits.mailbox_bytes
    }

    /// Stores a message that [`Postbox::takes`] agreed to.
    pub(super) fn push(&mut self, letter: Letter, limits: &Limits) {
        while self.trimmed < self.written
            && (self.queue.len() >= limits.mailbox_messages || self.bytes + letter.body.len() > limits.mailbox_bytes)
        {
            self.drop_oldest();
        }
        self.bytes += letter.body.len();
        self.queue.push_back(letter);
        self.wake();
    }

    /// The messages behind `after`; `None` when one of them is trimmed, or `after` lies beyond the last.
    pub(super) fn read(&self, after: MailOffset, limit: usize) -> Option<Vec<Mail>> {
        if after.0 > self.last() {
            return None;
        }
        let skip = after.0.checked_sub(self.trimmed)? as usize;
        let letters = self.queue.iter().skip(skip).take(limit).enumerate();
        Some(
            letters
                .map(|(index, letter)| Mail {
                    offset: MailOffset(after.0 + 1 + index as u64),
                    after: letter.after,
                    format: letter.format,
                    body: letter.body.clone(),
                })
                .collect(),
        )
    }

    pub(super) fn mark_written(&mut self, through: MailOffset) {
        let through = through.0.min(self.last());
        while self.written < through {
            self.written_bytes += self.queue[(self.written - self.trimmed) as usize].body.len();
            self.written += 1;
        }
    }

    pub(super) fn trim(&mut self, through: MailOffset) {
        self.mark_written(through);
        while self.trimmed < through.0.min(self.written) {
            self.drop_oldest();
        }
        if self.queue.is_empty() && self.queue.capacity() > KEPT_CAPACITY {
            self.queue = VecDeque::new();
        }
    }

    /// A new watch. It has a permit at once where something is unwritten.
    pub(super) fn watch(&mut self) -> MailWatch {
        self.watches.retain(|watch| Arc::strong_count(watch) > 1);
        let watch = MailWatch::default();
        if self.written < self.last() {
            watch.notify_one();
        }
        self.watches.reserve_exact(1);
        self.watches.push(Arc::clone(&watch));
        watch
    }

    /// Tells every watch.
    pub(super) fn wake(&self) {
        for watch in &self.watches {
            watch.notify_one();
        }
    }

    pub(super) fn last(&self) -> u64 {
        self.trimmed + self.queue.len() as u64
    }

    /// Drops a message that is written.
    fn drop_oldest(&mut self) {
        if let Some(oldest) = self.queue.pop_front() {
            self.trimmed += 1;
            self.bytes -= oldest.body.len();
            self.written_bytes -= oldest.body.len();
        }
    }
}
