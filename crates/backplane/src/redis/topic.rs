//! What is known here of a watched room, and who is told of it.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, Weak},
};

use antiphon_protocol::Sid;
use bytes::Bytes;
use tokio::sync::{Notify, watch};

use super::{
    hub::locked,
    keys::RoomKeys,
    notice::{Closed, Notice},
    watched_mail::WatchedMail,
};
use crate::{Entry, Head, MailOffset, MailWatch, Offset, OutboxWatch, Tag, Tail, Watch};

/// A room that somebody in this process watches.
pub(super) struct RoomTopic {
    /// The key of the room, for who checks its head.
    pub(super) key: Box<str>,
    mail_key: [Box<str>; 2],
    heads: watch::Sender<Head>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// How many notices of a head have come: whether an answer that was waited for is older than one of them.
    notices: u64,
    recent: VecDeque<Told>,
    recent_bytes: usize,
    mailboxes: HashMap<Sid, WatchedMail>,
}

/// A batch that a notice brought.
struct Told {
    head: Head,
    entries: Vec<Bytes>,
}

/// Batches of a room that are kept for who reads them at once, and their bytes; the oldest go.
const RECENT: usize = 16;
const RECENT_BYTES: usize = 64 << 10;

/// What was known when a room's head was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked(u64);

impl RoomTopic {
    pub(super) fn new(room: &RoomKeys) -> Self {
        Self {
            key: room.room().into(),
            mail_key: [room.mail_prefix().into(), room.mail_suffix().into()],
            heads: watch::Sender::default(),
            state: Mutex::default(),
        }
    }

    pub(super) fn is_used(&self) -> bool {
        self.heads.receiver_count() > 0 || !self.mailboxes().is_empty()
    }

    /// Begins to ask for the head.
    pub(super) fn ask(&self) -> Asked {
        Asked(locked(&self.state).notices)
    }

    /// Takes the head that the room has. It may lie behind the one that is known, where the engine lost something; where
    /// a notice came while it was asked for, that one is newer.
    pub(super) fn found(&self, head: Head, asked: Asked) {
        let mut state = locked(&self.state);
        let undisturbed = state.notices == asked.0;
        if undisturbed && state.recent.back().is_some_and(|told| told.head != head) {
            state.forget();
        }
        self.heads.send_if_modified(|known| replace(known, head, undisturbed));
    }

    /// Watches the head from the one that is known now.
    pub(super) fn watch(&self) -> Watch {
        self.heads.subscribe()
    }

    /// Watches a mailbox; its last message is told to [`RoomTopic::found_mail`].
    pub(super) fn watch_mail(&self, owner: Sid) -> MailWatch {
        locked(&self.state).mailboxes.entry(owner).or_default().watch()
    }

    /// The mailboxes that somebody watches, and their keys.
    pub(super) fn mailboxes(&self) -> Vec<(Sid, String)> {
        let mut state = locked(&self.state);
        state.mailboxes.retain(|_, mailbox| mailbox.is_watched());
        state.mailboxes.keys().map(|owner| (*owner, self.mailbox_key(*owner))).collect()
    }

    pub(super) fn mailbox_key(&self, owner: Sid) -> String {
        let [prefix, suffix] = &self.mail_key;
        format!("{prefix}{}{suffix}", owner.as_str())
    }

    /// Takes the last message of a mailbox, `None` where it is closed; wakes who does not know it yet.
    pub(super) fn found_mail(&self, owner: Sid, last: Option<MailOffset>) {
        self.with_mailbox(owner, |mailbox| mailbox.found(last));
    }

    /// What is known of a mailbox, where somebody watches it.
    pub(super) fn with_mailbox<T>(&self, owner: Sid, act: impl FnOnce(&mut WatchedMail) -> T) -> Option<T> {
        locked(&self.state).mailboxes.get_mut(&owner).map(act)
    }

    /// Wakes everyone: what was missed is not known.
    pub(super) fn wake_all(&self) {
        locked(&self.state).mailboxes.values_mut().for_each(WatchedMail::missed);
    }

    /// What came behind a head, where notices brought all of it: a batch that ends there, and every later one.
    pub(super) fn told(&self, known: Head, limit: usize) -> Option<Tail> {
        let state = locked(&self.state);
        let behind = state.recent.iter().position(|told| told.head == known)? + 1;
        let last = state.recent.back().filter(|last| last.head != known)?;
        let payloads = state.recent.iter().skip(behind).flat_map(|told| &told.entries).take(limit);
        let entries = payloads.zip(known.offset.0 + 1..);
        let entries = entries.map(|(payload, offset)| Entry { offset: Offset(offset), payload: payload.clone() });
        Some(Tail { head: last.head, entries: entries.collect() })
    }

    pub(super) fn take(&self, notice: Notice) {
        let mut state = locked(&self.state);
        match notice {
            Notice::Head { head, before, closed, entries } => {
                state.notices += 1;
                state.keep(head, before, entries);
                self.heads.send_if_modified(|known| replace(known, head, false));
                match closed {
                    Closed::All => state.mailboxes.values_mut().for_each(WatchedMail::missed),
                    Closed::Some(sids) => {
                        for sid in sids {
                            if let Some(mailbox) = state.mailboxes.get_mut(&sid) {
                                mailbox.missed();
                            }
                        }
                    }
                }
            }
            Notice::Mail { recipients, mail } => {
                for (sid, last) in recipients {
                    if let Some(mailbox) = state.mailboxes.get_mut(&sid) {
                        mailbox.announced(last, mail.as_ref());
                    }
                }
            }
        }
    }
}

impl State {
    /// Keeps a batch, if it follows on the one before. The first one is kept for its head only.
    fn keep(&mut self, head: Head, before: Tag, entries: Vec<Bytes>) {
        let offset = Offset(head.offset.0.saturating_sub(entries.len() as u64));
        let behind = Head { epoch: head.epoch, offset, tag: before };
        let follows = !entries.is_empty() && self.recent.back().is_some_and(|last| last.head == behind);
        if !follows {
            self.forget();
        }
        let entries = if follows { entries } else { Vec::new() };
        self.recent_bytes += entries.iter().map(Bytes::len).sum::<usize>();
        self.recent.push_back(Told { head, entries });
        while self.recent.len() > RECENT || self.recent_bytes > RECENT_BYTES {
            let Some(oldest) = self.recent.pop_front() else { return };
            self.recent_bytes -= oldest.entries.iter().map(Bytes::len).sum::<usize>();
        }
    }

    fn forget(&mut self) {
        self.recent.clear();
        self.recent_bytes = 0;
    }
}

/// Whether `head` takes the place of the known one. Notices come in order, but an answer may overtake them; back goes only
/// what an answer says that nothing overtook.
fn replace(known: &mut Head, head: Head, also_backwards: bool) -> bool {
    let newer = (head.epoch, head.offset) > (known.epoch, known.offset);
    let changes = newer || also_backwards && head != *known;
    if changes {
        *known = head;
    }
    changes
}

/// A partition's outbox that somebody watches.
#[derive(Default)]
pub(super) struct OutboxTopic(Mutex<Vec<Weak<Notify>>>);

impl OutboxTopic {
    pub(super) fn is_used(&self) -> bool {
        locked(&self.0).iter().any(|watch| watch.strong_count() > 0)
    }

    pub(super) fn watch(&self) -> OutboxWatch {
        let watch = OutboxWatch::default();
        let mut watches = locked(&self.0);
        watches.retain(|watch| watch.strong_count() > 0);
        watches.push(Arc::downgrade(&watch));
        watch
    }

    pub(super) fn tell(&self) {
        for watch in locked(&self.0).iter().filter_map(Weak::upgrade) {
            watch.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Epoch, redis::keys::Keys};

    fn topic() -> RoomTopic {
        let room =
            antiphon_protocol::RoomKey { tenant: "t".parse().expect("short"), room: "r".parse().expect("short") };
        RoomTopic::new(&Keys::new("p", 4).room(&room))
    }

    fn head(epoch: u64, offset: u64) -> Head {
        Head { epoch: Epoch(epoch), offset: Offset(offset), tag: Tag(offset) }
    }

    fn notice(head: Head) -> Notice {
        Notice::Head { head, before: Tag(0), closed: Closed::Some(Vec::new()), entries: Vec::new() }
    }

    #[test]
    fn notices_never_move_a_head_back() {
        let topic = topic();
        for (told, known) in
            [(head(1, 2), head(1, 2)), (head(1, 1), head(1, 2)), (head(2, 0), head(2, 0)), (head(1, 9), head(2, 0))]
        {
            topic.take(notice(told));
            assert_eq!(*topic.watch().borrow(), known);
        }
    }

    #[test]
    fn an_answer_moves_a_head_back_unless_a_notice_overtook_it() {
        let topic = topic();
        topic.take(notice(head(1, 5)));
        let asked = topic.ask();
        topic.take(notice(head(1, 6)));
        topic.found(head(1, 5), asked);
        assert_eq!(*topic.watch().borrow(), head(1, 6), "the answer is older than the notice");
        topic.found(head(1, 3), topic.ask());
        assert_eq!(*topic.watch().borrow(), head(1, 3), "the engine lost what was there");
    }

    #[test]
    fn what_notices_told_without_a_gap_is_read_from_them() {
        let topic = topic();
        let tell = |head: Head, entries: &[&'static str]| {
            let entries: Vec<_> = entries.iter().map(|entry| Bytes::from_static(entry.as_bytes())).collect();
            let before = Tag(head.tag.0 - entries.len() as u64);
            topic.take(Notice::Head { head, before, closed: Closed::Some(Vec::new()), entries });
        };
        let read = |known, limit| {
            let tail: Option<Tail> = topic.told(known, limit);
            tail.map(|tail| (tail.head, tail.entries.iter().map(|entry| entry.offset.0).collect::<Vec<_>>()))
        };
        tell(head(1, 2), &["b"]);
        assert_eq!(read(head(1, 2), 9), None, "that nothing came only the engine knows");
        tell(head(1, 4), &["c", "d"]);
        tell(head(1, 5), &["e"]);
        assert_eq!(read(head(1, 2), 9), Some((head(1, 5), vec![3, 4, 5])));
        assert_eq!(read(head(1, 2), 1), Some((head(1, 5), vec![3])));
        assert_eq!(read(head(1, 4), 9), Some((head(1, 5), vec![5])));
        assert_eq!(read(head(1, 3), 9), None, "no batch ends there");
        assert_eq!(read(Head { tag: Tag(9), ..head(1, 4) }, 9), None, "another history");
        let undone = Head { tag: Tag(70), ..head(1, 6) };
        tell(undone, &["f"]);
        assert_eq!(read(head(1, 4), 9), None, "it follows on another history");
        tell(head(1, 8), &["h"]);
        assert_eq!(read(head(1, 4), 9), None, "there was a gap");
        tell(head(1, 9), &[]);
        assert_eq!(read(head(1, 8), 9), None, "it was too large to be told");
        tell(head(1, 10), &["j"]);
        topic.found(head(1, 7), topic.ask());
        assert_eq!(read(head(1, 9), 9), None, "the engine lost what was told");
        for offset in 8..100 {
            tell(head(1, offset), &["x"]);
        }
        assert_eq!(read(head(1, 50), 9), None, "the oldest go");
        assert_eq!(read(head(1, 98), 9), Some((head(1, 99), vec![99])));
    }

    #[tokio::test(start_paused = true)]
    async fn who_watches_a_mailbox_is_woken_once_for_what_it_does_not_know() {
        let topic = topic();
        let sid = Sid::from_random([1; 10]);
        let watch = topic.watch_mail(sid);
        topic.found_mail(sid, Some(MailOffset(3)));
        watch.notified().await;
        topic.found_mail(sid, Some(MailOffset(3)));
        assert!(tokio::time::timeout(std::time::Duration::from_secs(1), watch.notified()).await.is_err());
        topic.found_mail(sid, None);
        watch.notified().await;
        drop(watch);
        assert!(!topic.is_used());
    }
}
