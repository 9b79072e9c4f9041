//! What is known here of a mailbox that somebody in this process watches.

use std::{
    collections::VecDeque,
    sync::{Arc, Weak},
};

use tokio::sync::Notify;

use crate::{Limits, Mail, MailOffset, MailWatch};

/// Messages that are kept for who reads them at once, and their bytes; the oldest go.
const RECENT: usize = 32;
const RECENT_BYTES: usize = 32 << 10;

/// A watched mailbox.
#[derive(Default)]
pub(super) struct WatchedMail {
    watches: Vec<Weak<Notify>>,
    /// The last message that is known of.
    last: MailOffset,
    /// Messages that notices brought, without gaps; not those that were written.
    recent: VecDeque<Mail>,
    recent_bytes: usize,
    marks: Option<Marks>,
}

/// How far the owner's socket was written to.
struct Marks {
    written: MailOffset,
    /// The engine knows that so much is written.
    told: MailOffset,
    /// Bytes written behind `told`.
    untold_bytes: usize,
    /// It is remembered that the engine has to be told.
    is_owed: bool,
}

/// Whether the engine has to be told what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Telling {
    /// At once.
    Now,
    /// Soon; who is told so sees to it.
    Soon,
    /// Somebody sees to it already.
    Owed,
}

impl WatchedMail {
    /// One more watch.
    pub(super) fn watch(&mut self) -> MailWatch {
        let watch = MailWatch::default();
        self.watches.retain(|watch| watch.strong_count() > 0);
        self.watches.push(Arc::downgrade(&watch));
        watch
    }

    pub(super) fn is_watched(&self) -> bool {
        self.watches.iter().any(|watch| watch.strong_count() > 0)
    }

    /// Takes the last message that there is, `None` where the mailbox is closed; wakes who does not know it yet.
    pub(super) fn found(&mut self, last: Option<MailOffset>) {
        match last {
            Some(last) if last > self.last => {
                self.last = last;
                self.forget();
                self.wake();
            }
            Some(_) => {}
            None => self.missed(),
        }
    }

    /// Takes a message that was announced, with what it says where that came with it.
    pub(super) fn announced(&mut self, last: MailOffset, mail: Option<&Mail>) {
        let follows = last.0 == self.last.0 + 1;
        if !follows || mail.is_none() {
            self.forget();
        }
        self.last = self.last.max(last);
        if let Some(mail) = mail {
            self.recent_bytes += mail.body.len();
            self.recent.push_back(Mail { offset: last, ..mail.clone() });
        }
        while self.recent.len() > RECENT || self.recent_bytes > RECENT_BYTES {
            self.drop_oldest();
        }
        self.wake();
    }

    /// Something may have happened that nobody told of.
    pub(super) fn missed(&mut self) {
        self.forget();
        self.marks = None;
        // Where it was closed and opened, it begins anew.
        self.last = MailOffset(0);
        self.wake();
    }

    /// The messages behind `after` that notices brought; `None` where there may be others.
    pub(super) fn read(&self, after: MailOffset, limit: usize) -> Option<Vec<Mail>> {
        let first = self.recent.front()?.offset.0;
        let skip = (after.0 + 1).checked_sub(first)? as usize;
        (skip < self.recent.len()).then(|| self.recent.iter().skip(skip).take(limit).cloned().collect())
    }

    /// The owner's socket was written to up to here. The engine is told at once where it might take the mailbox for full otherwise, or
    /// where it is not known how much it was.
    pub(super) fn wrote(&mut self, through: MailOffset, limits: &Limits) -> Telling {
        let mut bytes = 0;
        let mut known_through = None;
        while let Some(oldest) = self.recent.front().filter(|mail| mail.offset <= through) {
            bytes += oldest.body.len();
            known_through.get_or_insert((oldest.offset.0 - 1, 0)).1 = oldest.offset.0;
            self.drop_oldest();
        }
        let Some(marks) = &mut self.marks else {
            self.marks = Some(Marks { written: through, told: through, untold_bytes: 0, is_owed: false });
            return Telling::Now;
        };
        let is_known = known_through == Some((marks.written.0, through.0));
        marks.written = marks.written.max(through);
        marks.untold_bytes += bytes;
        let untold = self.last.0.max(through.0) - marks.told.0;
        let is_much = untold >= limits.mailbox_messages as u64 / 2
            || marks.untold_bytes + self.recent_bytes >= limits.mailbox_bytes / 2;
        if !is_known || is_much {
            marks.told = marks.written;
            marks.untold_bytes = 0;
            return Telling::Now;
        }
        if std::mem::replace(&mut marks.is_owed, true) { Telling::Owed } else { Telling::Soon }
    }

    /// What the engine has to be told now; it counts as told.
    pub(super) fn owed(&mut self) -> Option<MailOffset> {
        let marks = self.marks.as_mut()?;
        marks.is_owed = false;
        let owed = (marks.told < marks.written).then_some(marks.written);
        marks.told = marks.written;
        marks.untold_bytes = 0;
        owed
    }

    /// The engine was told that the owner has acknowledged everything up to here, so it is written too.
    pub(super) fn acknowledged(&mut self, through: MailOffset) {
        if let Some(marks) = self.marks.as_mut().filter(|marks| marks.written <= through) {
            marks.told = marks.written;
            marks.untold_bytes = 0;
        }
    }

    /// The engine could not be told: the next mark is told at once.
    pub(super) fn not_told(&mut self) {
        self.marks = None;
    }

    fn drop_oldest(&mut self) {
        if let Some(oldest) = self.recent.pop_front() {
            self.recent_bytes -= oldest.body.len();
        }
    }

    fn forget(&mut self) {
        self.recent.clear();
        self.recent_bytes = 0;
    }

    fn wake(&self) {
        for watch in self.watches.iter().filter_map(Weak::upgrade) {
            watch.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::Offset;

    fn mail(bytes: usize) -> Mail {
        Mail { offset: MailOffset(0), after: Offset(1), format: 0, body: Bytes::from(vec![0; bytes]) }
    }

    fn offsets(mailbox: &WatchedMail, after: u64, limit: usize) -> Option<Vec<u64>> {
        Some(mailbox.read(MailOffset(after), limit)?.iter().map(|mail| mail.offset.0).collect())
    }

    #[test]
    fn what_was_announced_without_a_gap_is_read_here() {
        let mut mailbox = WatchedMail::default();
        mailbox.found(Some(MailOffset(4)));
        for offset in 5..8 {
            mailbox.announced(MailOffset(offset), Some(&mail(1)));
        }
        assert_eq!(offsets(&mailbox, 4, 9), Some(vec![5, 6, 7]));
        assert_eq!(offsets(&mailbox, 5, 1), Some(vec![6]));
        assert_eq!(offsets(&mailbox, 3, 9), None, "the one behind was not announced");
        assert_eq!(offsets(&mailbox, 7, 9), None, "that there is none only the engine knows");
        mailbox.announced(MailOffset(8), None);
        assert_eq!(offsets(&mailbox, 6, 9), None, "it was too large to come along");
        mailbox.announced(MailOffset(10), Some(&mail(1)));
        assert_eq!((offsets(&mailbox, 8, 9), offsets(&mailbox, 9, 9)), (None, Some(vec![10])));
        mailbox.missed();
        assert_eq!(offsets(&mailbox, 9, 9), None);
        for offset in 11..1_000 {
            mailbox.announced(MailOffset(offset), Some(&mail(10 << 10)));
        }
        assert_eq!(offsets(&mailbox, 10, 9), None);
        assert!(mailbox.recent_bytes <= RECENT_BYTES);
    }

    #[test]
    fn what_is_written_is_told_together_but_before_the_mailbox_is_half_full() {
        let limits = Limits { mailbox_messages: 8, mailbox_bytes: 100, ..Limits::default() };
        let mut mailbox = WatchedMail::default();
        let write = |mailbox: &mut WatchedMail, offset: u64, bytes: usize| {
            mailbox.announced(MailOffset(offset), Some(&mail(bytes)));
            mailbox.wrote(MailOffset(offset), &limits)
        };
        assert_eq!(write(&mut mailbox, 1, 1), Telling::Now, "how much the engine knows is not known yet");
        assert_eq!(write(&mut mailbox, 2, 1), Telling::Soon);
        assert_eq!(write(&mut mailbox, 3, 1), Telling::Owed);
        assert_eq!(mailbox.owed(), Some(MailOffset(3)));
        assert_eq!(mailbox.owed(), None);
        assert_eq!(write(&mut mailbox, 4, 1), Telling::Soon);
        mailbox.acknowledged(MailOffset(4));
        assert_eq!(mailbox.owed(), None, "what is acknowledged needs no mark");
        assert_eq!(write(&mut mailbox, 5, 60), Telling::Now, "half of the bytes");
        assert_eq!(write(&mut mailbox, 7, 1), Telling::Now, "the sixth was not announced");
        for offset in 8..11 {
            assert_ne!(write(&mut mailbox, offset, 1), Telling::Now);
        }
        assert_eq!(write(&mut mailbox, 11, 1), Telling::Now, "half of the messages");
        for offset in 12..20 {
            mailbox.announced(MailOffset(offset), Some(&mail(1)));
        }
        assert_eq!(mailbox.wrote(MailOffset(12), &limits), Telling::Now, "so many wait that it is full");
    }
}
