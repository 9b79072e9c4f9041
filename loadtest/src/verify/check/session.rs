//! One session: what its client sent, and what it was shown.

use std::collections::{BTreeMap, VecDeque};

use antiphon_protocol::Sid;
use antiphon_session_core::Cursor;

use super::{
    At, Ending, Entry, Presence, Stamp,
    stream::{Fate, Record, Stream, Track},
};

/// Where a session's client stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    Connected {
        since: At,
    },
    Cut,
    /// The session is over.
    Over {
        at: At,
        ending: Ending,
    },
}

/// What this session was delivered of one sender.
#[derive(Debug, Default)]
pub(super) struct Tracks {
    pub(super) room: Track,
    pub(super) directed: Track,
}

impl Tracks {
    /// Of what goes to the room, or to one recipient.
    pub(super) fn of(&self, to: Option<Sid>) -> &Track {
        if to.is_none() { &self.room } else { &self.directed }
    }

    pub(super) fn of_mut(&mut self, to: Option<Sid>) -> &mut Track {
        if to.is_none() { &mut self.room } else { &mut self.directed }
    }
}

/// A session as its client knows it.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) link: Link,
    /// What was sent to the room or to it after this is due to it: since its join, or since its last announced hole.
    pub(super) due_from: At,
    /// When it asked to leave.
    pub(super) leaving: Option<At>,
    /// The newest position it was given.
    pub(super) position: Cursor,
    /// The last event of the room's common order that it was shown.
    pub(super) shown: Option<super::room::Item>,
    pub(super) roster: BTreeMap<Sid, Presence>,
    /// By sender: everyone it ever had in its roster, and who is not forgotten yet.
    pub(super) tracks: BTreeMap<Sid, Tracks>,
    pub(super) to_room: Stream,
    pub(super) directed: BTreeMap<Sid, Stream>,
    /// What its frames were whose fate is open, in the order of their numbers.
    open: VecDeque<(u32, Stamp, At)>,
    /// It was reported as a ghost.
    pub(super) reported: bool,
}

impl Session {
    pub(super) fn new(position: Cursor, roster: Vec<Entry>, at: At) -> Self {
        let mut session = Self {
            link: Link::Connected { since: at },
            due_from: at,
            leaving: None,
            position,
            shown: None,
            roster: BTreeMap::new(),
            tracks: BTreeMap::new(),
            to_room: Stream::default(),
            directed: BTreeMap::new(),
            open: VecDeque::new(),
            reported: false,
        };
        session.read_roster(roster);
        session
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.link, Link::Over { .. })
    }

    pub(super) fn is_connected(&self) -> bool {
        matches!(self.link, Link::Connected { .. })
    }

    /// Whether it has a connection, and was last shown something of this epoch.
    pub(super) fn reads_in(&self, epoch: Option<u64>) -> bool {
        self.is_connected() && Some(self.position.epoch) == epoch
    }

    pub(super) fn read_roster(&mut self, roster: Vec<Entry>) {
        self.roster = roster.into_iter().collect();
        for sid in self.roster.keys() {
            self.tracks.entry(*sid).or_default();
        }
    }

    pub(super) fn enter(&mut self, (sid, presence): Entry) {
        self.roster.insert(sid, presence);
        self.tracks.entry(sid).or_default();
    }

    /// It was told that it missed something.
    pub(super) fn announce_hole(&mut self, position: Cursor, roster: Vec<Entry>, at: At) {
        self.due_from = at;
        self.position = position;
        for tracks in self.tracks.values_mut() {
            tracks.room.announce_hole();
            tracks.directed.announce_hole();
        }
        self.read_roster(roster);
    }

    pub(super) fn send(&mut self, seq: u32, stamp: Stamp, echoed: bool, at: At) {
        let record = Record { seq, sent: at, fate: Fate::Open, echoed };
        match stamp.to {
            None => &mut self.to_room,
            Some(to) => self.directed.entry(to).or_default(),
        }
        .push(stamp.number, record);
        self.open.push_back((seq, stamp, at));
    }

    pub(super) fn settle(&mut self, seq: u32, fate: Fate) {
        if let Some(place) = self.open.iter().position(|(open, ..)| *open == seq)
            && let Some((_, stamp, _)) = self.open.remove(place)
            && let Some(stream) = self.stream_mut(stamp.to)
        {
            stream.settle(stamp.number, fate);
        }
    }

    pub(super) fn end(&mut self, ending: Ending, at: At) {
        self.link = Link::Over { at, ending };
        self.open.clear();
        self.to_room.give_up();
        self.directed.values_mut().for_each(Stream::give_up);
    }

    /// When the first frame was sent whose fate is open.
    pub(super) fn oldest_open(&self) -> Option<At> {
        self.open.front().map(|(.., sent)| *sent)
    }

    pub(super) fn stream(&self, to: Option<Sid>) -> Option<&Stream> {
        match to {
            None => Some(&self.to_room),
            Some(to) => self.directed.get(&to),
        }
    }

    pub(super) fn stream_mut(&mut self, to: Option<Sid>) -> Option<&mut Stream> {
        match to {
            None => Some(&mut self.to_room),
            Some(to) => self.directed.get_mut(&to),
        }
    }
}
