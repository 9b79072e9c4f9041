//! One room: its sessions, held against each other.

mod retire;
mod rosters;

use std::{collections::BTreeMap, fmt};

use antiphon_protocol::Sid;
use antiphon_session_core::Cursor;

use super::{
    At, Bounds, Entry, Event, Stamp,
    order::{Contradiction, Order},
    session::{Link, Session},
    stream::{Arrival, Fate},
    violation::{Findings, Violation, Wrong},
};

/// Events of one epoch whose order is remembered.
const WINDOW: usize = 1_024;

/// Epochs of one room that are remembered.
const EPOCHS: usize = 4;

/// An event of the room's common order, by content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Item {
    Entered(Sid),
    Departed(Sid),
    Message(Sid, u32),
}

impl fmt::Display for Item {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entered(sid) => write!(formatter, "participantJoined of {sid}"),
            Self::Departed(sid) => write!(formatter, "participantLeft of {sid}"),
            Self::Message(from, number) => Stamp { from: *from, to: None, number: *number }.fmt(formatter),
        }
    }
}

/// One life of the room's log.
#[derive(Debug)]
struct Epoch {
    number: u64,
    first_seen: At,
    order: Order<Item>,
}

/// A room and everyone who was in it lately.
#[derive(Debug)]
pub(super) struct Room {
    index: u32,
    sessions: BTreeMap<Sid, Session>,
    epochs: Vec<Epoch>,
    /// In somebody's roster, and no client's so far: since when.
    unknown: BTreeMap<Sid, At>,
    is_split: bool,
}

/// Where and when something was noticed.
struct Scene<'a> {
    findings: &'a mut Findings,
    room: u32,
    reader: Option<Sid>,
    at: At,
}

impl Scene<'_> {
    fn report(&mut self, wrong: Wrong, what: String) {
        let Self { room, reader, at, .. } = *self;
        self.findings.report(Violation { wrong, room, reader, at_ms: at.0, what });
    }
}

impl Room {
    pub(super) fn new(index: u32) -> Self {
        Self { index, sessions: BTreeMap::new(), epochs: Vec::new(), unknown: BTreeMap::new(), is_split: false }
    }

    pub(super) fn record(&mut self, bounds: &Bounds, findings: &mut Findings, sid: Sid, event: Event, at: At) {
        let mut scene = Scene { findings, room: self.index, reader: Some(sid), at };
        if let Event::Joined { position, roster } = event {
            self.join(&mut scene, sid, position, roster);
            return;
        }
        let Some(session) = self.sessions.get_mut(&sid) else { return };
        match event {
            Event::Joined { .. } => {}
            Event::Cut => session.link = Link::Cut,
            Event::Recovered => session.link = Link::Connected { since: at },
            Event::Snapshot { position, roster } => {
                scene.findings.announced_holes += 1;
                session.link = Link::Connected { since: at };
                session.announce_hole(position, roster, at);
                // The chain begins anew: in another epoch the events before it have no place.
                session.shown = None;
                self.see_epoch(sid, position.epoch, at);
            }
            Event::Sent { seq, stamp, echoed } => session.send(seq, stamp, echoed, at),
            Event::Accepted { seq } => session.settle(seq, Fate::Accepted(at)),
            Event::Void { seq } => session.settle(seq, Fate::Void),
            Event::Received { stamp, seq, position } => {
                self.receive(bounds, &mut scene, sid, stamp, seq, position);
            }
            Event::Entered { entry, position } => {
                session.enter(entry);
                self.show(&mut scene, sid, Item::Entered(entry.0), position);
            }
            Event::Changed { entry } if session.roster.contains_key(&entry.0) => session.enter(entry),
            Event::Changed { entry: (changed, _) } => {
                scene.report(Wrong::Reordered, format!("a change of {changed} came, who was not in the roster"));
            }
            Event::Departed { sid: departed, position } => {
                session.roster.remove(&departed);
                self.show(&mut scene, sid, Item::Departed(departed), position);
            }
            Event::Leaving => session.leaving = Some(at),
            Event::Ended(ending) => session.end(ending, at),
        }
    }

    fn join(&mut self, scene: &mut Scene<'_>, sid: Sid, position: Cursor, roster: Vec<Entry>) {
        scene.findings.sessions += 1;
        self.unknown.remove(&sid);
        if self.sessions.insert(sid, Session::new(position, roster, scene.at)).is_some() {
            scene.report(Wrong::Doubled, format!("the sid {sid} was given twice"));
        }
        self.see_epoch(sid, position.epoch, scene.at);
        // The roster may hold more than this event: where that one stands, only the others are told.
        self.order(scene, sid, Item::Entered(sid), position.epoch, None);
    }

    fn receive(
        &mut self,
        bounds: &Bounds,
        scene: &mut Scene<'_>,
        reader: Sid,
        stamp: Stamp,
        seq: u32,
        position: Cursor,
    ) {
        scene.findings.deliveries_checked += 1;
        self.check_origin(scene, reader, stamp, seq);
        match stamp.to {
            None => {
                if !self.show(scene, reader, Item::Message(stamp.from, stamp.number), position) {
                    return;
                }
                self.check_epoch(bounds, scene, stamp, position);
            }
            Some(_) => self.take_mail(scene, reader, stamp, position),
        }
    }

    /// Whether it is something that its sender sent, and whether the sender had been announced.
    fn check_origin(&mut self, scene: &mut Scene<'_>, reader: Sid, stamp: Stamp, seq: u32) {
        let (Some(session), sender) = (self.sessions.get(&reader), self.sessions.get(&stamp.from)) else { return };
        let is_announced = match stamp.to {
            None => session.roster.contains_key(&stamp.from),
            // Mail may come when its sender has left already.
            Some(_) => session.tracks.contains_key(&stamp.from) || sender.is_none_or(Session::is_over),
        };
        if !is_announced {
            scene.report(Wrong::Reordered, format!("{stamp} (seq {seq}) came when its sender was not in the roster"));
        }
        let record = sender.and_then(|sender| sender.stream(stamp.to)?.get(stamp.number));
        if let Some(record) = record
            && record.seq != seq
        {
            scene.report(Wrong::WrongAnswers, format!("{stamp} was sent as seq {}, and came as seq {seq}", record.seq));
        }
        let is_invented =
            sender.is_some_and(|sender| sender.stream(stamp.to).is_none_or(|sent| stamp.number > sent.last()));
        if is_invented {
            scene.report(Wrong::WrongAnswers, format!("{stamp} (seq {seq}) was never sent"));
        }
    }

    fn take_mail(&mut self, scene: &mut Scene<'_>, reader: Sid, stamp: Stamp, position: Cursor) {
        let Some(session) = self.sessions.get_mut(&reader) else { return };
        let before = session.position;
        session.position = position;
        let arrival = session.tracks.entry(stamp.from).or_default().directed.arrive(stamp.number);
        note_arrival(scene, arrival, stamp, position);
        if position.epoch != before.epoch {
            self.unannounced(scene, reader, before, position);
        } else if position.mail <= before.mail || position.log < before.log {
            scene.report(Wrong::Reordered, format!("{stamp} came at {position}, behind {before}"));
        }
    }

    /// An event of the log was shown to `reader`. `false`: it is no news of this epoch's order.
    fn show(&mut self, scene: &mut Scene<'_>, reader: Sid, item: Item, position: Cursor) -> bool {
        let Some(session) = self.sessions.get_mut(&reader) else { return false };
        let before = session.position;
        session.position = position;
        if let Item::Message(from, number) = item {
            let arrival = session.tracks.entry(from).or_default().room.arrive(number);
            note_arrival(scene, arrival, Stamp { from, to: None, number }, position);
            if arrival != Arrival::InOrder {
                return false;
            }
        }
        if position.epoch != before.epoch {
            self.unannounced(scene, reader, before, position);
            return false;
        }
        if position.log <= before.log {
            scene.report(Wrong::Reordered, format!("{item} came at {position}, behind {before}"));
            return false;
        }
        self.order(scene, reader, item, position.epoch, Some(position.log))
    }

    /// Holds it against what the others were shown.
    fn order(&mut self, scene: &mut Scene<'_>, reader: Sid, item: Item, epoch: u64, place: Option<u64>) -> bool {
        let (Some(session), Some(epoch)) =
            (self.sessions.get_mut(&reader), self.epochs.iter_mut().find(|known| known.number == epoch))
        else {
            return false;
        };
        let previous = session.shown.replace(item);
        let what = match epoch.order.show(previous, item, place) {
            Ok(()) => return true,
            Err(Contradiction::Order) => {
                let previous = previous.map_or_else(|| "nothing".to_owned(), |previous| previous.to_string());
                format!("{item} came behind {previous}; others saw it before that")
            }
            Err(Contradiction::Place(other)) => {
                format!("{item} came at {}, and to others at offset {other}", session.position)
            }
        };
        scene.report(Wrong::Reordered, what);
        false
    }

    /// Somebody begins to read in this epoch.
    fn see_epoch(&mut self, reader: Sid, number: u64, at: At) {
        let newest = self.epochs.last().map(|epoch| epoch.number);
        if newest == Some(number) {
            return;
        }
        let known = self.epochs.iter().position(|epoch| epoch.number == number);
        if known.is_some() && self.live().any(|(sid, session)| *sid != reader && session.reads_in(newest)) {
            return;
        }
        // A server that forgot its rooms counts their epochs from the start; nobody is left then who reads in the one before.
        let order = known.map_or_else(|| Order::new(WINDOW), |place| self.epochs.remove(place).order);
        if self.epochs.len() == EPOCHS {
            self.epochs.remove(0);
        }
        self.epochs.push(Epoch { number, first_seen: at, order });
    }

    fn unannounced(&mut self, scene: &mut Scene<'_>, reader: Sid, before: Cursor, position: Cursor) {
        self.see_epoch(reader, position.epoch, scene.at);
        self.split(scene, format!("the position went from {before} to {position}, and no snapshot came between"));
    }

    /// Whether something new was shown in an epoch that others had left long before it was sent.
    fn check_epoch(&mut self, bounds: &Bounds, scene: &mut Scene<'_>, stamp: Stamp, position: Cursor) {
        let place = self.epochs.iter().position(|epoch| epoch.number == position.epoch);
        let later = place.and_then(|place| self.epochs.get(place + 1));
        let record = self.sessions.get(&stamp.from).and_then(|sender| sender.stream(None)?.get(stamp.number));
        if let (Some(later), Some(record)) = (later, record)
            && record.sent > later.first_seen.plus(bounds.epoch)
        {
            let (number, seen, sent) = (later.number, later.first_seen, record.sent);
            let what = format!("{stamp}, sent at {sent}, came at {position}; epoch {number} was there since {seen}");
            self.split(scene, what);
        }
    }

    fn split(&mut self, scene: &mut Scene<'_>, what: String) {
        if !std::mem::replace(&mut self.is_split, true) {
            scene.report(Wrong::SplitRooms, what);
        }
    }

    pub(super) fn tick(&mut self, bounds: &Bounds, findings: &mut Findings, calm_since: Option<At>, at: At) {
        let mut scene = Scene { findings, room: self.index, reader: None, at };
        self.note_unknown(at);
        if let Some(calm_since) = calm_since {
            self.find_ghosts(bounds, &mut scene, calm_since);
        }
        self.trim(scene.findings);
        let retired: Vec<Sid> = self.sessions.keys().copied().filter(|sid| self.may_retire(bounds, *sid, at)).collect();
        for sid in retired {
            self.retire(&mut scene, sid);
        }
    }

    pub(super) fn finish(&mut self, bounds: &Bounds, findings: &mut Findings, at: At) {
        let mut scene = Scene { findings, room: self.index, reader: None, at };
        self.note_unknown(at);
        self.check_rosters(bounds, &mut scene);
        let cut: Vec<Sid> = self.live().filter(|(_, session)| session.link == Link::Cut).map(|(sid, _)| *sid).collect();
        for sid in cut {
            scene.reader = Some(sid);
            scene.report(
                Wrong::Stranded,
                "has no connection in the end, and was not told that its session is over".to_owned(),
            );
        }
        scene.reader = None;
        let all: Vec<Sid> = self.sessions.keys().copied().collect();
        for sender in &all {
            for reader in &all {
                self.compare(&mut scene, *sender, *reader);
            }
        }
        scene.findings.messages_checked += self.sessions.values().map(retire::accepted).sum::<u64>();
    }

    fn live(&self) -> impl Iterator<Item = (&Sid, &Session)> {
        self.sessions.iter().filter(|(_, session)| !session.is_over())
    }
}

fn note_arrival(scene: &mut Scene<'_>, arrival: Arrival, stamp: Stamp, position: Cursor) {
    match arrival {
        Arrival::InOrder => {}
        Arrival::Late => {
            scene.report(Wrong::Reordered, format!("{stamp} came at {position}, behind a later one of its sender"));
        }
        Arrival::Again => scene.report(Wrong::Doubled, format!("{stamp} came again, at {position}")),
    }
}
