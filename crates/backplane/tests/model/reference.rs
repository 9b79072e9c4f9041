//! What a room is, said as plainly as possible: nothing is ever removed, everything is counted anew.

use std::collections::{BTreeMap, BTreeSet};

use antiphon_backplane::{
    Batch, Entry, Epoch, Head, Limits, Mail, MailOffset, MailboxChange, Offset, Posting, Recipients, SendError, Sent,
    StoredBan, Tail,
};
use antiphon_protocol::{Identity, Sid};
use bytes::Bytes;

/// A room that remembers everything.
#[derive(Default)]
pub(crate) struct Reference {
    pub(crate) epoch: Epoch,
    entries: Vec<Bytes>,
    /// The head after each batch of this life, and that of the empty log.
    pub(crate) heads: Vec<Head>,
    pub(crate) snapshot: Option<(Offset, Bytes)>,
    /// How many entries may be gone.
    gone: usize,
    pub(crate) mailboxes: BTreeMap<Sid, Letters>,
    bans: BTreeMap<Identity, u64>,
    pub(crate) deadline_ms: Option<u64>,
    /// Of every mailbox that was told something and has not been asked since.
    pub(crate) told: BTreeSet<Sid>,
    /// Those of them that closed, and their watches with them.
    pub(crate) closed: BTreeSet<Sid>,
}

/// A mailbox that remembers everything.
#[derive(Default)]
pub(crate) struct Letters {
    pub(crate) generation: u32,
    pub(crate) settled: u32,
    letters: Vec<(Mail, State)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Unwritten,
    Written,
    Gone,
}

/// What a conflict must say.
pub(crate) type Conflict = (Head, Option<Vec<Entry>>);

impl Reference {
    pub(crate) fn head(&self) -> Head {
        *self.heads.last().expect("begun")
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The empty log shows this head.
    pub(crate) fn begin(&mut self, head: Head) {
        assert!(self.is_empty() && head.offset == Offset(0), "begun at {head:?}");
        assert!(head.epoch >= self.epoch, "{:?} after {:?}", head.epoch, self.epoch);
        self.epoch = head.epoch;
        self.heads = vec![head];
    }

    /// `chosen`: the head that the backplane gave, whose tag is its choice, and its epoch where the log begins anew.
    pub(crate) fn append(
        &mut self,
        expected: Head,
        batch: &Batch,
        chosen: Head,
        limits: &Limits,
    ) -> Result<Head, Conflict> {
        if expected != self.head() {
            let known = self.heads.contains(&expected);
            return Err((
                self.head(),
                if known { self.read(expected.epoch, expected.offset, usize::MAX) } else { None },
            ));
        }
        if batch.restarts {
            self.restart(chosen.epoch);
        }
        self.entries.extend(batch.entries.iter().cloned());
        let head = Head { offset: Offset(self.entries.len() as u64), tag: chosen.tag, epoch: self.epoch };
        self.heads.push(head);
        self.trim_log(limits);
        for change in &batch.mailboxes {
            self.change(*change);
        }
        self.bans.retain(|identity, _| !batch.lifted.contains(identity));
        for ban in &batch.bans {
            let until_ms = self.bans.entry(ban.identity.clone()).or_default();
            *until_ms = ban.until_ms.max(*until_ms);
        }
        self.deadline_ms = batch.deadline_ms;
        if batch.ends {
            for sid in self.mailboxes.keys().copied().collect::<Vec<_>>() {
                self.change(MailboxChange::Close(sid));
            }
            let before = std::mem::take(self);
            let epoch = Epoch(before.epoch.0 + 1);
            *self = Self { epoch, bans: before.bans, told: before.told, closed: before.closed, ..Self::default() };
        }
        Ok(head)
    }

    /// What stood goes.
    fn restart(&mut self, epoch: Epoch) {
        assert!(epoch > self.epoch, "{epoch:?} after {:?}", self.epoch);
        for sid in self.mailboxes.keys().copied().collect::<Vec<_>>() {
            self.change(MailboxChange::Close(sid));
        }
        self.entries.clear();
        self.heads = vec![Head { epoch, ..Head::default() }];
        self.snapshot = None;
        self.gone = 0;
        self.epoch = epoch;
    }

    /// `None`: the head is not in the log, or what came behind it is trimmed.
    pub(crate) fn since(&self, known: Head, limit: usize) -> Option<Tail> {
        let entries = self.heads.contains(&known).then(|| self.read(known.epoch, known.offset, limit))??;
        Some(Tail { head: self.head(), entries })
    }

    /// `None`: trimmed.
    pub(crate) fn read(&self, epoch: Epoch, after: Offset, limit: usize) -> Option<Vec<Entry>> {
        let readable = epoch == self.epoch && (self.gone..=self.entries.len()).contains(&(after.0 as usize));
        let all = self
            .entries
            .iter()
            .zip(1..)
            .map(|(payload, offset)| Entry { offset: Offset(offset), payload: payload.clone() });
        readable.then(|| all.skip(after.0 as usize).take(limit).collect())
    }

    /// Only for the head of a batch: what lies between two is not told apart from what never was.
    pub(crate) fn store_snapshot(&mut self, head: Head, snapshot: Bytes, limits: &Limits) {
        if self.heads.contains(&head) && head.offset > self.covered() {
            self.snapshot = Some((head.offset, snapshot));
            self.trim_log(limits);
        }
    }

    pub(crate) fn covered(&self) -> Offset {
        self.snapshot.as_ref().map_or(Offset(0), |(offset, _)| *offset)
    }

    /// Those that are in force; a test sets no more than the limit.
    pub(crate) fn bans(&self, now_ms: u64) -> Vec<StoredBan> {
        let in_force = self.bans.iter().filter(|(_, until_ms)| **until_ms > now_ms);
        in_force.map(|(identity, until_ms)| StoredBan { identity: identity.clone(), until_ms: *until_ms }).collect()
    }

    /// What may come of a posting; where several refusals apply, any of them.
    pub(crate) fn post(&mut self, posting: &Posting, limits: &Limits) -> Vec<Result<Sent, SendError>> {
        let Some(sender) = self.mailboxes.get(&posting.from) else { return vec![Err(SendError::StaleSender)] };
        if sender.generation != posting.generation {
            return vec![Err(SendError::StaleSender)];
        }
        if (1..=sender.settled).contains(&posting.seq) {
            return vec![Ok(Sent::Repeated)];
        }
        let recipients: BTreeSet<Sid> = match &posting.to {
            Recipients::One(to) => [*to].into(),
            Recipients::Many(recipients) => recipients.iter().copied().collect(),
        };
        let mut refusals = Vec::new();
        for to in &recipients {
            match self.mailboxes.get(to) {
                None => refusals.push(Err(SendError::NoRecipient(*to))),
                Some(letters) if !letters.takes(posting.body.len(), limits) => refusals.push(Err(SendError::Full(*to))),
                Some(_) => {}
            }
        }
        if !refusals.is_empty() {
            return refusals;
        }
        for to in recipients {
            self.mailboxes.entry(to).or_default().push(posting, limits);
            self.told.insert(to);
        }
        self.settle(posting.from, posting.seq);
        vec![Ok(Sent::Stored)]
    }

    pub(crate) fn settle(&mut self, sender: Sid, seq: u32) {
        if let Some(sender) = self.mailboxes.get_mut(&sender) {
            sender.settled = sender.settled.max(seq);
        }
    }

    fn change(&mut self, change: MailboxChange) {
        match change {
            MailboxChange::Open(sid) => {
                self.mailboxes.entry(sid).or_default();
            }
            MailboxChange::Advance { sid, generation } => {
                if let Some(letters) = self.mailboxes.get_mut(&sid) {
                    letters.generation = letters.generation.max(generation);
                }
            }
            MailboxChange::Close(sid) => {
                if self.mailboxes.remove(&sid).is_some() {
                    self.told.insert(sid);
                    self.closed.insert(sid);
                }
            }
        }
    }

    /// As few of the oldest entries are gone as the limits allow, and none that no snapshot covers.
    fn trim_log(&mut self, limits: &Limits) {
        let fits = |gone: &usize| {
            let kept = &self.entries[*gone..];
            kept.len() <= limits.log_entries && kept.iter().map(Bytes::len).sum::<usize>() <= limits.log_bytes
        };
        let covered = self.covered().0 as usize;
        self.gone = (self.gone..covered).find(fits).unwrap_or(covered.max(self.gone));
    }
}

impl Letters {
    pub(crate) fn end(&self) -> MailOffset {
        MailOffset(self.letters.len() as u64)
    }

    /// `None`: trimmed.
    pub(crate) fn read(&self, after: MailOffset, limit: usize) -> Option<Vec<Mail>> {
        let behind = self.letters.get(after.0 as usize..)?;
        let whole = behind.iter().all(|(_, state)| *state != State::Gone);
        whole.then(|| behind.iter().take(limit).map(|(mail, _)| mail.clone()).collect())
    }

    pub(crate) fn mark_written(&mut self, through: MailOffset) {
        for (mail, state) in &mut self.letters {
            if mail.offset <= through && *state == State::Unwritten {
                *state = State::Written;
            }
        }
    }

    pub(crate) fn trim(&mut self, through: MailOffset) {
        for (mail, state) in &mut self.letters {
            if mail.offset <= through {
                *state = State::Gone;
            }
        }
    }

    fn takes(&self, bytes: usize, limits: &Limits) -> bool {
        let (count, held) = self.held(&[State::Unwritten]);
        count < limits.mailbox_messages && held + bytes <= limits.mailbox_bytes
    }

    fn push(&mut self, posting: &Posting, limits: &Limits) {
        loop {
            let (count, held) = self.held(&[State::Unwritten, State::Written]);
            if count < limits.mailbox_messages && held + posting.body.len() <= limits.mailbox_bytes {
                break;
            }
            let oldest = self.letters.iter_mut().find(|(_, state)| *state == State::Written);
            oldest.expect("room can be made").1 = State::Gone;
        }
        let offset = MailOffset(self.end().0 + 1);
        let mail = Mail { offset, after: posting.after, format: posting.format, body: posting.body.clone() };
        self.letters.push((mail, State::Unwritten));
    }

    fn held(&self, states: &[State]) -> (usize, usize) {
        let held = self.letters.iter().filter(|(_, state)| states.contains(state));
        held.fold((0, 0), |(count, bytes), (mail, _)| (count + 1, bytes + mail.body.len()))
    }
}
