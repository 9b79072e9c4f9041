//! Three replicas that race to append to one log, and what is checked after each step.

mod checks;
mod naming;

use std::collections::BTreeSet;

use antiphon_protocol::{Identity, Sid};
use antiphon_room_core::{Author, Ban, Command, Event, EventBody, Join, LeaveReason, Millis, Room, RoomConfig};

use crate::{
    audit::Audit,
    ensure,
    history::{Fact, History},
    rules::{Case, Rules},
    steps::{Delivery, Does, Step, Wait},
    verdict::Verdict,
};

const BEGIN_MS: u64 = 1_000_000;
/// The replicas' clocks differ.
const SKEW_MS: [u64; 3] = [0, 3, 40];

/// Carries the steps out. What went wrong, if something did.
pub(crate) fn run(rules: &dyn Rules, config: &RoomConfig, steps: &[Step]) -> Result<(), String> {
    let mut cluster = Cluster::new(rules, config);
    for (index, step) in steps.iter().enumerate() {
        cluster.step(step).map_err(|wrong| format!("at step {index}: {wrong}"))?;
    }
    (0..cluster.replicas.len()).try_for_each(|replica| {
        cluster.fold_tail(replica)?;
        cluster.check(replica)
    })
}

/// One life of the room, from its creation to its end.
struct Era {
    bans_before: Vec<(Identity, u64)>,
    bans: Vec<(Identity, u64)>,
    log: Vec<Vec<u8>>,
    facts: Vec<Fact>,
    audit: Audit,
    /// The fold at each offset, by whichever replica was there first.
    folds: Vec<Room>,
    /// The offsets at which everything was found to hold; the folds there are all the same one.
    checked: BTreeSet<usize>,
    snapshot: Option<(usize, Vec<u8>)>,
}

impl Era {
    fn new(bans: Vec<(Identity, u64)>) -> Self {
        Self {
            bans_before: bans.clone(),
            bans,
            log: Vec::new(),
            facts: Vec::new(),
            audit: Audit::default(),
            folds: vec![Room::new()],
            checked: BTreeSet::new(),
            snapshot: None,
        }
    }

    /// What the model knows at an offset.
    fn history<'a>(&'a self, config: &'a RoomConfig, offset: usize) -> History<'a> {
        let facts = self.facts.partition_point(|fact| fact.offset <= offset);
        History { config, bans_before: &self.bans_before, facts: &self.facts[..facts] }
    }
}

struct Replica {
    era: usize,
    offset: usize,
    room: Room,
    bans: Vec<Ban>,
    /// Sent, and not answered: tried again before anything else.
    unanswered: Option<(Author, Command)>,
}

struct Cluster<'a> {
    rules: &'a dyn Rules,
    config: &'a RoomConfig,
    now: u64,
    eras: Vec<Era>,
    replicas: [Replica; 3],
    joins: Vec<Join>,
    chat_ids: Vec<String>,
    /// What the application asked for, by requests that it may send again.
    requests: Vec<(Author, Command)>,
}

impl<'a> Cluster<'a> {
    fn new(rules: &'a dyn Rules, config: &'a RoomConfig) -> Self {
        let replicas =
            SKEW_MS.map(|_| Replica { era: 0, offset: 0, room: Room::new(), bans: Vec::new(), unanswered: None });
        let eras = vec![Era::new(Vec::new())];
        Self {
            rules,
            config,
            now: BEGIN_MS,
            eras,
            replicas,
            joins: Vec::new(),
            chat_ids: Vec::new(),
            requests: Vec::new(),
        }
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        self.pass_time(step.wait);
        let replica = step.replica;
        match &step.does {
            Does::CatchUp => self.fold_tail(replica)?,
            Does::Snapshot => self.store_snapshot(replica),
            Does::Restart => self.restart(replica)?,
            Does::Ask { ask, delivery } => {
                if let Some((author, command)) = self.replicas[replica].unanswered.take() {
                    self.submit(replica, author, command, Delivery::Answered)?;
                }
                let settled = self.settle(replica, ask, step.number);
                // Nobody has joined yet whom it could be about.
                let (author, command) = settled.unwrap_or((Author::Server, Command::Tick));
                self.submit(replica, author, command, *delivery)?;
            }
        }
        self.check(replica)
    }

    fn pass_time(&mut self, wait: Wait) {
        match wait {
            Wait::Milliseconds(milliseconds) => self.now += milliseconds,
            Wait::Deadline(offset) => {
                let era = self.eras.last().expect("one at least");
                if let Some(deadline) = era.history(self.config, era.log.len()).deadline() {
                    self.now = self.now.max(deadline.saturating_add_signed(offset));
                }
            }
        }
    }

    fn submit(&mut self, replica: usize, author: Author, command: Command, delivery: Delivery) -> Result<(), String> {
        loop {
            let at = &self.replicas[replica];
            let now = self.now + SKEW_MS[replica];
            let answer = self.rules.decide(Case {
                room: &at.room,
                config: self.config,
                bans: &at.bans,
                author,
                command: &command,
                now: Millis(now),
            });
            let expected = self.eras[at.era].history(self.config, at.offset).verdict(author, &command, now);
            let given = match &answer {
                Ok(events) if events.is_empty() => Verdict::Nothing,
                Ok(_) => Verdict::Happens,
                Err(refusal) => Verdict::Refused(refusal.code),
            };
            ensure!(given == expected, "{author:?} {command:?} at {now}: {given:?}, the model says {expected:?}");
            if at.room.is_ended() {
                self.restart(replica)?;
                continue;
            }
            let Ok(events) = answer else { return Ok(()) };
            if events.is_empty() {
                return Ok(());
            }
            if let Delivery::RequestLost = delivery {
                self.replicas[replica].unanswered = Some((author, command));
                return Ok(());
            }
            let (era, offset) = (at.era, at.offset);
            if era + 1 < self.eras.len() {
                self.restart(replica)?;
            } else if offset < self.eras[era].log.len() {
                self.fold_tail(replica)?;
            } else {
                self.append(
                    &events,
                    Fact { offset: offset + events.len(), at: now, author, command: command.clone() },
                )?;
                if let Delivery::AnswerLost = delivery {
                    self.replicas[replica].unanswered = Some((author, command));
                    return Ok(());
                }
                return self.fold_tail(replica);
            }
        }
    }

    fn append(&mut self, events: &[Event], fact: Fact) -> Result<(), String> {
        let era = self.eras.last_mut().expect("one at least");
        era.audit.read(self.config, &era.bans, events)?;
        era.log.extend(events.iter().map(Event::to_bytes));
        era.facts.push(fact);
        for event in events {
            if let EventBody::Banned { identity, until } = &event.body {
                era.bans.push((identity.clone(), until.0));
            }
            if let EventBody::Unbanned { identity: lifted } = &event.body {
                era.bans.retain(|(identity, _)| identity != lifted);
            }
        }
        let history = era.history(self.config, era.log.len());
        ensure!(history.bans() == era.bans, "bans {:?}, the model says {:?}", era.bans, history.bans());
        let last = era.facts.len() - 1;
        let ended = history.lives().into_iter().filter_map(|life| Some((life.sid, life.ended?)));
        let mut expected: Vec<(Sid, LeaveReason)> =
            ended.filter(|(_, (fact, _))| *fact == last).map(|(sid, (_, reason))| (sid, reason)).collect();
        let mut left: Vec<_> = events.iter().filter_map(leaver).collect();
        expected.sort_by_key(|(sid, _)| *sid);
        left.sort_by_key(|(sid, _)| *sid);
        ensure!(left == expected, "who left: {left:?}, the model says {expected:?}");
        // What is appended to no room, a ban or its end, leaves no log behind.
        let is_over = matches!(events.last(), Some(Event { body: EventBody::RoomEnded { .. }, .. }));
        if is_over || history.created().is_none() {
            let bans = era.bans.clone();
            self.eras.push(Era::new(bans));
        }
        Ok(())
    }

    fn fold_tail(&mut self, replica: usize) -> Result<(), String> {
        let at = &mut self.replicas[replica];
        let era = &mut self.eras[at.era];
        for bytes in &era.log[at.offset..] {
            let event = Event::from_bytes(bytes).map_err(|unreadable| unreadable.to_string())?;
            self.rules.apply(replica, &mut at.room, &event);
            match event.body {
                EventBody::Banned { identity, until } => at.bans.push(Ban { identity, until }),
                EventBody::Unbanned { identity } => at.bans.retain(|ban| ban.identity != identity),
                _ => {}
            }
            at.offset += 1;
            match era.folds.get(at.offset) {
                Some(fold) => ensure!(*fold == at.room, "two folds differ at offset {}", at.offset),
                None => era.folds.push(at.room.clone()),
            }
        }
        Ok(())
    }

    fn store_snapshot(&mut self, replica: usize) {
        let at = &self.replicas[replica];
        let newer = self.eras[at.era].snapshot.as_ref().is_none_or(|(offset, _)| *offset < at.offset);
        if newer {
            self.eras[at.era].snapshot = Some((at.offset, at.room.to_snapshot()));
        }
    }

    fn restart(&mut self, replica: usize) -> Result<(), String> {
        let current = self.eras.len() - 1;
        let era = &self.eras[current];
        let at = &mut self.replicas[replica];
        at.era = current;
        (at.offset, at.room) = match &era.snapshot {
            Some((offset, snapshot)) => (*offset, self.rules.restore(snapshot)),
            None => (0, Room::new()),
        };
        at.bans.clear();
        // What a tail says again is known already.
        let known = era.history(self.config, at.offset).bans();
        at.bans.extend(known.into_iter().map(|(identity, until)| Ban { identity, until: Millis(until) }));
        ensure!(era.folds.get(at.offset) == Some(&at.room), "a snapshot differs from the fold at {}", at.offset);
        self.fold_tail(replica)
    }
}

fn leaver(event: &Event) -> Option<(Sid, LeaveReason)> {
    if let EventBody::Left { sid, reason, .. } = event.body { Some((sid, reason)) } else { None }
}
