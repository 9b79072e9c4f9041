//! The checker: from what each client sent, was told and received, in its order, to what is wrong about it.
//!
//! It has no clock and no socket: times are arguments. All clients live in one process, so their times compare: what was sent after
//! somebody was in the room is due to it.
//!
//! What is proved for a clean run: the readers of a room were shown its events in one common order within an epoch
//! ([`order`], by content; the positions that cursors claim have to agree with it); what was acknowledged reached everyone who was
//! there, once, in its sender's order and after its sender's announcement; nobody stayed in a roster whose client was gone; and in the
//! end all of a room saw the same.
//!
//! Memory is bounded by who is in the rooms, not by how long the run lasts: what everyone has seen is counted and forgotten.

mod order;
mod pair;
mod room;
mod session;
mod stream;
mod violation;

#[cfg(test)]
mod tests;

use std::{fmt, time::Duration};

use antiphon_protocol::Sid;
use antiphon_session_core::Cursor;

use self::room::Room;
pub use self::violation::{Findings, Violation, Wrong};

/// Milliseconds since the run began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct At(pub u64);

impl At {
    /// So much later.
    #[must_use]
    pub fn plus(self, time: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(time.as_millis()).unwrap_or(u64::MAX)))
    }
}

impl fmt::Display for At {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{:03} s", self.0 / 1_000, self.0 % 1_000)
    }
}

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// From a client's end until nobody's roster has its session: lease + resume window + slack.
    pub ghost: Duration,
    /// From the first sight of an epoch until nothing new is shown in another.
    pub epoch: Duration,
    /// What is under way arrives within this time where nothing is broken.
    pub delivery: Duration,
}

/// A message as its content tells: numbered 1, 2, 3 … by its sender, for the room and for each recipient apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    /// Who wrote it.
    pub from: Sid,
    /// For whom; `None`: for the room.
    pub to: Option<Sid>,
    /// Which one, from 1.
    pub number: u32,
}

impl fmt::Display for Stamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to {
            Some(to) => write!(formatter, "message {} of {} to {to}", self.number, self.from),
            None => write!(formatter, "message {} of {} to the room", self.number, self.from),
        }
    }
}

/// A participant in a roster, with a digest of all that the roster says of it.
pub type Entry = (Sid, Presence);

/// What a roster says of a participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presence {
    /// It has a connection.
    pub connected: bool,
    /// Equal where name, role, attributes and the rest are.
    pub digest: u64,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It asked to leave, and the server has answered: all that was acknowledged before it asked was due to it.
    Left,
    /// The server ended it, or knows it no more: announced.
    Told,
    /// Its client is gone without a word, and will not come back.
    Abandoned,
}

/// One line of a client's history.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The session began, with this roster, the reader included.
    Joined {
        /// Where.
        position: Cursor,
        /// Who is there.
        roster: Vec<Entry>,
    },
    /// The connection is gone.
    Cut,
    /// The session goes on, and nothing is missing.
    Recovered,
    /// The session goes on from a snapshot: an announced hole.
    Snapshot {
        /// Where.
        position: Cursor,
        /// Who is there.
        roster: Vec<Entry>,
    },
    /// A message was sent for the first time.
    Sent {
        /// Its client frame.
        seq: u32,
        /// What it says.
        stamp: Stamp,
        /// Its sender is shown it too.
        echoed: bool,
    },
    /// A frame was accepted.
    Accepted {
        /// Which.
        seq: u32,
    },
    /// A frame was refused for good, or its fate will never be known.
    Void {
        /// Which.
        seq: u32,
    },
    /// A message came that is no second copy by sender and `seq`.
    Received {
        /// What it says.
        stamp: Stamp,
        /// Its `seq`, as the server gave it.
        seq: u32,
        /// Where.
        position: Cursor,
    },
    /// Somebody came.
    Entered {
        /// Who.
        entry: Entry,
        /// Where.
        position: Cursor,
    },
    /// Somebody changed.
    Changed {
        /// Who.
        entry: Entry,
    },
    /// Somebody is gone.
    Departed {
        /// Who.
        sid: Sid,
        /// Where.
        position: Cursor,
    },
    /// The client asked to leave.
    Leaving,
    /// The session is over.
    Ended(Ending),
}

/// Checks the histories of all clients of a run.
#[derive(Debug)]
pub struct Checker {
    bounds: Bounds,
    rooms: Vec<Room>,
    findings: Findings,
    /// Since when nothing is broken by the run itself; `None`: something is. Ghosts are not judged meanwhile.
    calm_since: Option<At>,
}

impl Checker {
    /// For rooms `0..rooms`.
    #[must_use]
    pub fn new(rooms: usize, bounds: Bounds) -> Self {
        let rooms = (0..).take(rooms).map(Room::new).collect();
        Self { bounds, rooms, findings: Findings::default(), calm_since: Some(At(0)) }
    }

    /// Takes the next line of a session's history. What comes when the run is over counts no more.
    pub fn record(&mut self, room: usize, sid: Sid, event: Event, at: At) {
        let Some(room) = self.rooms.get_mut(room) else { return };
        room.record(&self.bounds, &mut self.findings, sid, event, at);
    }

    /// A server gave an answer that no correct one gives, to this session or to somebody without one.
    pub fn wrong_answer(&mut self, room: usize, reader: Option<Sid>, what: String, at: At) {
        let room = u32::try_from(room).unwrap_or(u32::MAX);
        self.findings.report(Violation { wrong: Wrong::WrongAnswers, room, reader, at_ms: at.0, what });
    }

    /// Something is being broken on purpose: the clock of ghosts stands still.
    pub fn disturb(&mut self) {
        self.calm_since = None;
    }

    /// It is whole again.
    pub fn calm(&mut self, at: At) {
        self.calm_since = Some(at);
    }

    /// Looks for what takes time to be wrong, and forgets what everyone has seen. Call it about once a second.
    pub fn tick(&mut self, at: At) {
        for room in &mut self.rooms {
            room.tick(&self.bounds, &mut self.findings, self.calm_since, at);
        }
    }

    /// Whether, with nobody sending any more, all of every room see the same, and nothing is under way.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.rooms.iter().all(Room::is_settled)
    }

    /// What was found so far.
    #[must_use]
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    /// The run is over and has settled, or has had its time to: whatever is still open is wrong.
    #[must_use]
    pub fn finish(&mut self, at: At) -> Findings {
        for room in &mut self.rooms {
            room.finish(&self.bounds, &mut self.findings, at);
        }
        self.rooms.clear();
        std::mem::take(&mut self.findings)
    }
}
