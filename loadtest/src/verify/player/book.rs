//! The book that a client keeps of its session across connections, without IO: what the SDK keeps too. Numbers, what is unsettled,
//! acknowledgements, second copies, the roster.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use antiphon_protocol::{
    Sid,
    v1::{
        Ack, ClientFrame, Error, Joined, Leave, Ping, Resume, Resumed, RoomSnapshot, ServerFrame, client_frame, left,
        server_frame, snapshot,
    },
};
use antiphon_session_core::Cursor;
use tokio::time::Instant;

use crate::verify::{
    check::{Ending, Entry, Event, Stamp},
    letter::{self, Kind, Letter},
};

/// An acknowledgement is sent after so many frames, or so long after the first of them.
const ACK_FRAMES: u32 = 32;
const ACK_DELAY: Duration = Duration::from_millis(200);

/// As many numbers of a sender are remembered to drop second copies: no sender keeps more to send again.
const REMEMBERED: usize = 1_024;

/// The pause behind `unavailable` where the server names none.
const RETRY: Duration = Duration::from_secs(1);

/// A frame that waits to be settled.
#[derive(Debug, Clone)]
struct Pending {
    seq: u32,
    kind: client_frame::Kind,
}

/// What a frame asks of whoever holds the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    Nothing,
    /// Answer this offer.
    Answer(Sid),
    /// Connect again at once: the server misses frames.
    Reconnect,
    /// Move to another connection after this time.
    Move(Duration),
    /// The server cannot reach its rooms.
    Unavailable,
    /// The session is over.
    Over(Ending),
}

/// What a frame meant.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) events: Vec<Event>,
    pub(super) ask: Ask,
}

/// An answer that no correct server gives.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Wrong(pub(super) String);

/// What `resume` was answered.
#[derive(Debug)]
pub(super) enum Welcome {
    /// The session goes on.
    Back(Vec<Event>),
    /// It is over.
    Over,
    /// Not now.
    Later(Option<Duration>),
}

/// One session.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) sid: Sid,
    resume_token: String,
    cursor: String,
    position: Cursor,
    uncounted: u32,
    ack_due: Option<Instant>,
    outbox: VecDeque<Pending>,
    /// Frames at the head of the outbox that went out on this connection, or need not.
    sent: usize,
    last_seq: u32,
    /// Refusals as `sequence_gap` that are still to come for what went out behind a frame that stayed unsettled.
    expected_gaps: usize,
    postponed_until: Option<Instant>,
    /// Settled, but the refusals among them are still to be replayed; and the ping whose answer comes behind them.
    replaying: Option<(u32, u32)>,
    pings: u32,
    seen: BTreeMap<Sid, BTreeSet<u32>>,
    /// The last message to the room, and to each recipient.
    numbers: BTreeMap<Option<Sid>, u32>,
    pub(super) roster: BTreeSet<Sid>,
    leaving: bool,
    /// Silence after which the connection is asked whether it lives.
    pub(super) ping_interval: Duration,
}

impl Book {
    /// Reads the answer to `join`.
    ///
    /// # Errors
    /// When it is no `joined` of a participant.
    pub(super) fn joined(frame: ServerFrame, now: Instant) -> Result<(Self, Event), Wrong> {
        let Some(server_frame::Kind::Joined(joined)) = frame.kind else { return Err(unexpected(&frame)) };
        let Joined { sid, resume_token, snapshot: Some(snapshot), limits, .. } = joined else {
            return Err(Wrong("joined without a snapshot".to_owned()));
        };
        let mut book = Self {
            sid: parse_sid(&sid)?,
            resume_token,
            cursor: String::new(),
            position: Cursor::default(),
            uncounted: 0,
            ack_due: None,
            outbox: VecDeque::new(),
            sent: 0,
            last_seq: 0,
            expected_gaps: 0,
            postponed_until: None,
            replaying: None,
            pings: 0,
            seen: BTreeMap::new(),
            numbers: BTreeMap::new(),
            roster: BTreeSet::new(),
            leaving: false,
            ping_interval: Duration::from_millis(limits.map_or(0, |limits| limits.ping_interval_ms).into()),
        };
        book.processed(&frame.cursor, now)?.ok_or_else(|| Wrong("joined without a cursor".to_owned()))?;
        let roster = book.read_roster(&snapshot)?;
        let event = Event::Joined { position: book.position, roster };
        Ok((book, event))
    }

    /// The frame that asks to go on.
    pub(super) fn resume(&self) -> client_frame::Kind {
        client_frame::Kind::Resume(Resume { resume_token: self.resume_token.clone(), cursor: self.cursor.clone() })
    }

    /// Reads the answer to `resume`.
    ///
    /// # Errors
    /// When no correct server answers so.
    pub(super) fn resumed(&mut self, frame: ServerFrame, now: Instant) -> Result<Welcome, Wrong> {
        let resumed = match frame.kind {
            Some(server_frame::Kind::Resumed(resumed)) => resumed,
            Some(server_frame::Kind::Error(error)) => return judge_refusal(&error),
            // The server stops, and says so to who comes late.
            Some(server_frame::Kind::GoAway(go_away)) => {
                return Ok(Welcome::Later(Some(Duration::from_millis(go_away.retry_after_ms.into()))));
            }
            _ => return Err(unexpected(&frame)),
        };
        let Resumed { recovered, resume_token, last_seq, snapshot, sid, .. } = resumed;
        if sid != self.sid.as_str() || resume_token.is_empty() || last_seq > self.last_seq {
            return Err(Wrong(format!(
                "resumed as {sid} up to seq {last_seq}; was {} up to {}",
                self.sid, self.last_seq
            )));
        }
        self.resume_token = resume_token;
        (self.expected_gaps, self.postponed_until, self.replaying) = (0, None, None);
        let events = if recovered == Some(true) {
            if self.outbox.front().is_some_and(|pending| pending.seq <= last_seq) {
                self.pings += 1;
                self.replaying = Some((last_seq, self.pings));
            }
            self.rewind(last_seq);
            self.processed(&frame.cursor, now)?;
            vec![Event::Recovered]
        } else {
            let snapshot = snapshot.ok_or_else(|| Wrong("neither recovered nor a snapshot".to_owned()))?;
            self.processed(&frame.cursor, now)?.ok_or_else(|| Wrong("a snapshot without a cursor".to_owned()))?;
            let roster = self.read_roster(&snapshot)?;
            // What became of these nobody says any more.
            let mut events = self.take(last_seq, |seq| Event::Void { seq });
            self.rewind(last_seq);
            events.push(Event::Snapshot { position: self.position, roster });
            events
        };
        Ok(Welcome::Back(events))
    }

    /// Numbers a message and keeps it until it is settled.
    pub(super) fn write(&mut self, kind: Kind, to: Option<Sid>) -> Event {
        let number = self.numbers.entry(to).or_default();
        *number += 1;
        let stamp = Stamp { from: self.sid, to, number: *number };
        let seq = self.push(letter::write(kind, &stamp));
        Event::Sent { seq, stamp, echoed: kind == Kind::Chat && to.is_none() }
    }

    /// Numbers any other frame and keeps it until it is settled.
    pub(super) fn push(&mut self, kind: client_frame::Kind) -> u32 {
        self.last_seq += 1;
        self.outbox.push_back(Pending { seq: self.last_seq, kind });
        self.last_seq
    }

    /// Asks to leave: the last frame of the session.
    pub(super) fn leave(&mut self) {
        self.leaving = true;
        self.push(client_frame::Kind::Leave(Leave {}));
    }

    /// Whether it asked to leave.
    pub(super) fn is_leaving(&self) -> bool {
        self.leaving
    }

    /// The next frame that has not gone out on this connection, if it may.
    pub(super) fn next(&mut self, now: Instant) -> Option<ClientFrame> {
        if self.postponed_until.is_some_and(|until| until > now) {
            return None;
        }
        let Pending { seq, kind } = self.outbox.get(self.sent)?.clone();
        self.sent += 1;
        Some(ClientFrame { seq, ack_cursor: self.take_ack(), kind: Some(kind) })
    }

    /// What has to be said beside messages: an acknowledgement that is due, the ping behind a replay.
    pub(super) fn ack(&mut self, now: Instant) -> Option<ClientFrame> {
        self.ack_due.filter(|due| *due <= now)?;
        let kind = Some(client_frame::Kind::Ack(Ack {}));
        Some(ClientFrame { seq: 0, ack_cursor: self.take_ack(), kind })
    }

    /// A ping; the one behind a replay is sent once, right after `resumed`.
    pub(super) fn ping(&mut self) -> ClientFrame {
        let id = self.replaying.map_or_else(
            || {
                self.pings += 1;
                self.pings
            },
            |(_, id)| id,
        );
        ClientFrame { kind: Some(client_frame::Kind::Ping(Ping { id })), ..ClientFrame::default() }
    }

    /// Whether the refusals of what was settled before a resume are still to come.
    pub(super) fn is_replaying(&self) -> bool {
        self.replaying.is_some()
    }

    /// When [`Book::next`] or [`Book::ack`] has something, if that is a matter of time.
    pub(super) fn due(&self) -> Option<Instant> {
        let postponed = self.postponed_until.filter(|_| self.sent < self.outbox.len());
        [postponed, self.ack_due].into_iter().flatten().min()
    }

    /// How many frames are unsettled.
    pub(super) fn unsettled(&self) -> usize {
        self.outbox.len()
    }

    /// Takes a frame in.
    ///
    /// # Errors
    /// When no correct server sends it here.
    pub(super) fn take_in(&mut self, frame: ServerFrame, now: Instant) -> Result<Taken, Wrong> {
        if frame.ack_seq > self.last_seq {
            return Err(Wrong(format!("seq {} acknowledged, {} sent", frame.ack_seq, self.last_seq)));
        }
        let before = self.position;
        let position = self.processed(&frame.cursor, now)?;
        let mut events = Vec::new();
        let ask = match &frame.kind {
            Some(server_frame::Kind::Error(error)) => self.take_error(error, now, &mut events)?,
            Some(kind) => self.take_kind(kind, position, before, &mut events)?,
            None => return Err(Wrong("a frame of no known kind".to_owned())),
        };
        match &mut self.replaying {
            // The replay may acknowledge a frame before it brings its refusal.
            Some((up_to, _)) => *up_to = frame.ack_seq.max(*up_to),
            None => events.extend(self.take(frame.ack_seq, |seq| Event::Accepted { seq })),
        }
        Ok(Taken { events, ask })
    }

    fn take_kind(
        &mut self,
        kind: &server_frame::Kind,
        position: Option<Cursor>,
        before: Cursor,
        events: &mut Vec<Event>,
    ) -> Result<Ask, Wrong> {
        if let Some(letter) = letter::read(kind) {
            let letter = letter.map_err(|damaged| Wrong(damaged.to_string()))?;
            return self.take_letter(letter, position, events);
        }
        let positioned = |what: &str| position.ok_or_else(|| Wrong(format!("{what} without a cursor, at {before}")));
        if let server_frame::Kind::ParticipantJoined(joined) = kind {
            let entry = joined.participant.as_ref().and_then(letter::entry);
            let entry = entry.ok_or_else(|| Wrong("participantJoined of nobody".to_owned()))?;
            self.roster.insert(entry.0);
            events.push(Event::Entered { entry, position: positioned("participantJoined")? });
        } else if let server_frame::Kind::ParticipantUpdated(updated) = kind {
            let entry = updated.participant.as_ref().and_then(letter::entry);
            let entry = entry.ok_or_else(|| Wrong("participantUpdated of nobody".to_owned()))?;
            events.push(Event::Changed { entry });
        } else if let server_frame::Kind::ParticipantLeft(left) = kind {
            let sid = parse_sid(&left.sid)?;
            self.roster.remove(&sid);
            self.seen.remove(&sid);
            events.push(Event::Departed { sid, position: positioned("participantLeft")? });
        } else if let server_frame::Kind::Snapshot(told) = kind {
            let snapshot = told.snapshot.as_ref().ok_or_else(|| Wrong("an empty snapshot".to_owned()))?;
            let roster = self.read_roster(snapshot)?;
            if told.reason == snapshot::Reason::EpochChanged as i32 {
                self.sent = 0;
            }
            events.push(Event::Snapshot { position: positioned("a snapshot")?, roster });
        } else if let server_frame::Kind::Pong(pong) = kind {
            if let Some((up_to, _)) = self.replaying.take_if(|(_, id)| *id == pong.id) {
                events.extend(self.take(up_to, |seq| Event::Accepted { seq }));
            }
        } else if let server_frame::Kind::GoAway(go_away) = kind {
            return Ok(Ask::Move(Duration::from_millis(go_away.retry_after_ms.into())));
        } else if let server_frame::Kind::Left(left) = kind {
            return self.judge_left(left.reason).map(Ask::Over);
        } else if matches!(kind, server_frame::Kind::Joined(_) | server_frame::Kind::Resumed(_)) {
            return Err(Wrong("joined or resumed on a connection that has its session".to_owned()));
        }
        Ok(Ask::Nothing)
    }

    fn judge_left(&self, reason: i32) -> Result<Ending, Wrong> {
        match left::Reason::try_from(reason) {
            Ok(left::Reason::ClientLeft) if self.leaving => Ok(Ending::Left),
            Ok(left::Reason::Kicked | left::Reason::DuplicateIdentity | left::Reason::RoomEnded) => Ok(Ending::Told),
            Ok(left::Reason::ResumeTimeout) => Ok(Ending::Told),
            _ => Err(Wrong(format!("left, reason {reason}, which nobody gave a cause for"))),
        }
    }

    fn take_letter(
        &mut self,
        Letter { kind, stamp, seq }: Letter,
        position: Option<Cursor>,
        events: &mut Vec<Event>,
    ) -> Result<Ask, Wrong> {
        let position = position.ok_or_else(|| Wrong(format!("{stamp} (seq {seq}) without a cursor")))?;
        if stamp.to.is_some_and(|to| to != self.sid) {
            // A private message is shown to its sender, too; nobody else may see it.
            let is_own = stamp.from == self.sid;
            return if is_own { Ok(Ask::Nothing) } else { Err(Wrong(format!("{stamp} came to {}", self.sid))) };
        }
        if !self.admit(stamp.from, seq) {
            return Ok(Ask::Nothing);
        }
        events.push(Event::Received { stamp, seq, position });
        Ok(if kind == Kind::Offer { Ask::Answer(stamp.from) } else { Ask::Nothing })
    }

    /// Whether a frame came for the first time, by its sender and number.
    fn admit(&mut self, from: Sid, seq: u32) -> bool {
        let seen = self.seen.entry(from).or_default();
        let is_new = seq == 0 || seen.insert(seq);
        if seen.len() > REMEMBERED {
            seen.pop_first();
        }
        is_new
    }

    fn take_error(&mut self, error: &Error, now: Instant, events: &mut Vec<Event>) -> Result<Ask, Wrong> {
        let Error { code, message, seq, retry_after_ms, .. } = error;
        let seq = *seq;
        if code == "sequence_gap" {
            let is_expected = self.expected_gaps > 0;
            self.expected_gaps = self.expected_gaps.saturating_sub(1);
            return Ok(if is_expected { Ask::Nothing } else { Ask::Reconnect });
        }
        if seq == 0 {
            // Read more slowly, which loses nothing; or a plain frame that had to wait.
            let is_known = matches!(code.as_str(), "rate_limited" | "unavailable");
            return if is_known { Ok(Ask::Nothing) } else { Err(Wrong(format!("refused with {code}: {message}"))) };
        }
        // Frames are settled in order: those below were accepted.
        events.extend(self.take(seq - 1, |seq| Event::Accepted { seq }));
        let is_head = self.outbox.front().is_some_and(|pending| pending.seq == seq);
        match code.as_str() {
            "unavailable" => {
                if is_head {
                    self.expected_gaps += self.sent.saturating_sub(1);
                    let pause = retry_after_ms.map_or(RETRY, |after| Duration::from_millis(after.into()));
                    self.postponed_until = Some(now + pause);
                    self.sent = 0;
                }
                Ok(Ask::Unavailable)
            }
            "not_found" | "recipient_busy" | "rate_limited" => {
                events.extend(self.take(seq, |seq| Event::Void { seq }));
                Ok(Ask::Nothing)
            }
            _ => Err(Wrong(format!("seq {seq} refused with {code}: {message}"))),
        }
    }

    /// Takes out what is settled: every frame up to and including `seq`.
    fn take(&mut self, seq: u32, settled: impl Fn(u32) -> Event) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(pending) = self.outbox.pop_front_if(|pending| pending.seq <= seq) {
            self.sent = self.sent.saturating_sub(1);
            events.push(settled(pending.seq));
        }
        events
    }

    /// Everything above `seq` is to go out again.
    fn rewind(&mut self, seq: u32) {
        self.sent = self.outbox.iter().take_while(|pending| pending.seq <= seq).count();
    }

    /// A frame was processed; its position, where it has one.
    fn processed(&mut self, cursor: &str, now: Instant) -> Result<Option<Cursor>, Wrong> {
        if cursor.is_empty() {
            return Ok(None);
        }
        self.position = cursor.parse().map_err(|_| Wrong(format!("the cursor {cursor:?} is none")))?;
        cursor.clone_into(&mut self.cursor);
        self.uncounted += 1;
        let due = if self.uncounted >= ACK_FRAMES { now } else { now + ACK_DELAY };
        self.ack_due = Some(self.ack_due.map_or(due, |known| known.min(due)));
        Ok(Some(self.position))
    }

    fn take_ack(&mut self) -> String {
        if self.uncounted == 0 {
            return String::new();
        }
        self.uncounted = 0;
        self.ack_due = None;
        self.cursor.clone()
    }

    fn read_roster(&mut self, snapshot: &RoomSnapshot) -> Result<Vec<Entry>, Wrong> {
        let roster: Option<Vec<Entry>> = snapshot.participants.iter().map(letter::entry).collect();
        let roster = roster.ok_or_else(|| Wrong("a roster with somebody who has no sid".to_owned()))?;
        self.roster = roster.iter().map(|(sid, _)| *sid).collect();
        if self.roster.contains(&self.sid) {
            Ok(roster)
        } else {
            Err(Wrong(format!("a roster without its reader {}", self.sid)))
        }
    }
}

/// Judges the refusal of a `resume`.
fn judge_refusal(error: &Error) -> Result<Welcome, Wrong> {
    let later = error.retry_after_ms.map(|after| Duration::from_millis(after.into()));
    match error.code.as_str() {
        "resume_failed" | "room_ended" | "identity_taken" => Ok(Welcome::Over),
        "unavailable" | "rate_limited" | "timed_out" => Ok(Welcome::Later(later)),
        _ => Err(Wrong(format!("a resume refused with {}: {}", error.code, error.message))),
    }
}

/// Names the kind without its content, which may hold a resume token.
pub(super) fn unexpected(frame: &ServerFrame) -> Wrong {
    let Some(kind) = &frame.kind else { return Wrong("a frame of no known kind".to_owned()) };
    if let server_frame::Kind::Error(error) = kind {
        return Wrong(format!("refused with {}: {}", error.code, error.message));
    }
    Wrong(format!("unexpected: {}", format!("{kind:?}").split('(').next().unwrap_or_default()))
}

fn parse_sid(text: &str) -> Result<Sid, Wrong> {
    text.parse().map_err(|_| Wrong(format!("{text:?} is no sid")))
}

#[cfg(test)]
mod tests;
