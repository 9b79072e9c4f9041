//! One life of a room's log.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::{AppendError, Entry, Epoch, Head, Limits, Offset, Tag, Tail};

struct Stored {
    payload: Bytes,
    /// Of the batch that wrote it, so that a head that lies further back can be told from a foreign one.
    tag: Tag,
}

/// The entries and the snapshot of one epoch.
pub(super) struct History {
    head: Head,
    snapshot: Option<(Offset, Bytes)>,
    /// Without gaps; the last one stands at `head.offset`.
    entries: VecDeque<Stored>,
    /// Of the entry before `entries`.
    trimmed_tag: Tag,
    /// Payload bytes in `entries`.
    bytes: usize,
}

impl History {
    pub(super) fn new(epoch: Epoch) -> Self {
        Self { head: empty_head(epoch), snapshot: None, entries: VecDeque::new(), trimmed_tag: Tag(0), bytes: 0 }
    }

    pub(super) fn head(&self) -> Head {
        self.head
    }

    pub(super) fn is_empty(&self) -> bool {
        self.head.offset == Offset(0)
    }

    pub(super) fn snapshot(&self) -> Option<(Offset, Bytes)> {
        self.snapshot.clone()
    }

    /// The entries that the snapshot does not cover.
    pub(super) fn uncovered(&self) -> Vec<Entry> {
        self.behind(self.covered(), usize::MAX).expect("what no snapshot covers is never trimmed")
    }

    /// The entries behind `after`; `None` when one of them is trimmed, or `after` lies beyond the head.
    pub(super) fn behind(&self, after: Offset, limit: usize) -> Option<Vec<Entry>> {
        if after > self.head.offset {
            return None;
        }
        let skip = after.0.checked_sub(self.trimmed())? as usize;
        let entries = self.entries.iter().skip(skip).take(limit).enumerate();
        Some(
            entries
                .map(|(index, stored)| Entry {
                    offset: Offset(after.0 + 1 + index as u64),
                    payload: stored.payload.clone(),
                })
                .collect(),
        )
    }

    /// What came behind a head; `None` when this log does not contain it, or not all that came behind.
    pub(super) fn since(&self, known: Head, limit: usize) -> Option<Tail> {
        let contains = known.epoch == self.head.epoch && self.tag_at(known.offset) == Some(known.tag);
        let entries = if contains { self.behind(known.offset, limit)? } else { return None };
        Some(Tail { head: self.head, entries })
    }

    /// What an append against `expected`, which is not the head, is told.
    pub(super) fn conflict(&self, expected: Head) -> AppendError {
        let tail = self.since(expected, usize::MAX).map(|tail| tail.entries);
        AppendError::Conflict { head: self.head, tail }
    }

    pub(super) fn append(&mut self, payloads: Vec<Bytes>, tag: Tag, limits: &Limits) {
        if payloads.is_empty() {
            return;
        }
        self.head = Head { offset: Offset(self.head.offset.0 + payloads.len() as u64), tag, ..self.head };
        self.bytes += payloads.iter().map(Bytes::len).sum::<usize>();
        self.entries.extend(payloads.into_iter().map(|payload| Stored { payload, tag }));
        self.enforce(limits);
    }

    pub(super) fn store_snapshot(&mut self, head: Head, snapshot: Bytes, limits: &Limits) {
        let fits = head.epoch == self.head.epoch && head.offset <= self.head.offset && head.offset > self.covered();
        if fits && self.tag_at(head.offset) == Some(head.tag) {
            self.snapshot = Some((head.offset, snapshot));
            self.enforce(limits);
        }
    }

    /// Everything up to here can be had from the snapshot.
    fn covered(&self) -> Offset {
        self.snapshot.as_ref().map_or(Offset(0), |(offset, _)| *offset)
    }

    /// Everything up to here is gone.
    fn trimmed(&self) -> u64 {
        self.head.offset.0 - self.entries.len() as u64
    }

    fn tag_at(&self, offset: Offset) -> Option<Tag> {
        match offset.0.checked_sub(self.trimmed())? {
            0 => Some(self.trimmed_tag),
            nth => self.entries.get(nth as usize - 1).map(|stored| stored.tag),
        }
    }

    fn enforce(&mut self, limits: &Limits) {
        let covered = self.covered().0;
        while self.trimmed() < covered && (self.entries.len() > limits.log_entries || self.bytes > limits.log_bytes) {
            let Some(oldest) = self.entries.pop_front() else { return };
            self.bytes -= oldest.payload.len();
            self.trimmed_tag = oldest.tag;
        }
    }
}

/// The head of a log in which nothing was written.
pub(super) fn empty_head(epoch: Epoch) -> Head {
    Head { epoch, offset: Offset(0), tag: Tag(0) }
}
