//! Three replicas that race to append to one log, and what is checked after each step.

use antiphon_protocol::{Identity, Sid};
use antiphon_room_core::{
    Author, Ban, Command, Event, EventBody, Generation, Join, LeaveReason, Millis, ResumeHash, Room, RoomConfig,
};

use crate::{
    audit::Audit,
    ensure,
    history::{Fact, History},
    rules::{Case, Rules},
    steps::{Ask, Connection, Delivery, Does, Draft, Numbering, Pick, Step, Token, Wait, grants, identity},
    verdict::Verdict,
    view::View,
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
        cluster.catch_up(replica)?;
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
}

impl<'a> Cluster<'a> {
    fn new(rules: &'a dyn Rules, config: &'a RoomConfig) -> Self {
        let replicas =
            SKEW_MS.map(|_| Replica { era: 0, offset: 0, room: Room::new(), bans: Vec::new(), unanswered: None });
        let eras = vec![Era::new(Vec::new())];
        Self { rules, config, now: BEGIN_MS, eras, replicas, joins: Vec::new(), chat_ids: Vec::new() }
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        self.pass_time(step.wait);
        let replica = step.replica;
        match &step.does {
            Does::CatchUp => self.catch_up(replica)?,
            Does::Snapshot => self.store_snapshot(replica),
            Does::Restart => self.restart(replica)?,
            Does::Ask { ask, delivery } => {
                if let Some((author, command)) = self.replicas[replica].unanswered.take() {
                    self.submit(replica, author, command, Delivery::Answered)?;
                }
                if let Some((author, command)) = self.settle(replica, ask, step.number) {
                    self.submit(replica, author, command, *delivery)?;
                }
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
            if self.replicas[replica].room.is_ended() {
                self.restart(replica)?;
            }
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
        if matches!(events.last(), Some(Event { body: EventBody::RoomEnded { .. }, .. })) {
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
            if let EventBody::Banned { identity, until } = event.body {
                at.bans.push(Ban { identity, until });
            }
            at.offset += 1;
            match era.folds.get(at.offset) {
                Some(fold) => ensure!(*fold == at.room, "two folds differ at offset {}", at.offset),
                None => era.folds.push(at.room.clone()),
            }
        }
        Ok(())
    }

    fn catch_up(&mut self, replica: usize) -> Result<(), String> {
        self.fold_tail(replica)?;
        if self.replicas[replica].room.is_ended() { self.restart(replica) } else { Ok(()) }
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

    /// What holds of a replica's room wherever it stands in the log.
    fn check(&self, replica: usize) -> Result<(), String> {
        let at = &self.replicas[replica];
        let era = &self.eras[at.era];
        let history = era.history(self.config, at.offset);
        let (fold, model) = (View::of_the_fold(&at.room), View::of_the_model(&history));
        ensure!(fold == model, "the fold says\n  {fold:?}\nthe model says\n  {model:?}");
        ensure!(at.room.chat().count() <= self.config.chat_history as usize, "more chat than the history keeps");
        let again = self.rules.restore(&at.room.to_snapshot());
        ensure!(again == at.room, "the snapshot reads back as another room");
        if at.offset == era.log.len() && at.room.exists() {
            let sids: Vec<_> = at.room.participants().map(|participant| participant.sid).collect();
            ensure!(sids == era.audit.inside, "roster {sids:?}, by the log {:?}", era.audit.inside);
            let sids: Vec<_> = at.room.waiting().map(|participant| participant.sid).collect();
            ensure!(sids == era.audit.waiting, "lobby {sids:?}, by the log {:?}", era.audit.waiting);
        }
        self.check_deadline(at, &history)?;
        check_visibility(&at.room)
    }

    fn check_deadline(&self, at: &Replica, history: &History<'_>) -> Result<(), String> {
        let deadline = at.room.deadline(self.config).map(|deadline| deadline.0);
        ensure!(deadline == history.deadline(), "deadline {deadline:?}, the model says {:?}", history.deadline());
        let Some(deadline) = deadline else { return Ok(()) };
        let tick = |now| {
            let (room, config, bans) = (&at.room, self.config, at.bans.as_slice());
            self.rules.decide(Case {
                room,
                config,
                bans,
                author: Author::Server,
                command: &Command::Tick,
                now: Millis(now),
            })
        };
        ensure!(tick(deadline - 1) == Ok(Vec::new()), "a tick before the deadline does something");
        let events = tick(deadline).map_err(|refusal| refusal.to_string())?;
        ensure!(!events.is_empty(), "a tick at the deadline does nothing");
        let mut after = at.room.clone();
        events.iter().for_each(|event| self.rules.apply(0, &mut after, event));
        let next = after.deadline(self.config);
        ensure!(next.is_none_or(|next| next.0 > deadline), "still due after a tick");
        Ok(())
    }

    /// Gives an abstract command the names it needs, as this replica knows them.
    fn settle(&mut self, replica: usize, ask: &Ask, number: u16) -> Option<(Author, Command)> {
        let expires = |lifetime: &u64| Millis(self.now + lifetime);
        let server = |command| Some((Author::Server, command));
        match ask {
            Ask::Join { person, grants: kind, lifetime, presence } => {
                let join = Join {
                    sid: sid(number),
                    identity: identity(*person),
                    name: presence.name.clone(),
                    metadata: presence.metadata.clone(),
                    attributes: presence.attributes.iter().cloned().collect(),
                    grants: grants(*kind),
                    expires_at: expires(lifetime),
                    resume: token(number),
                };
                self.joins.push(join.clone());
                server(Command::Join(Box::new(join)))
            }
            Ask::JoinAgain { who } => server(Command::Join(Box::new(self.join_of(self.pick(replica, *who)?).clone()))),
            Ask::Resume { who, token: which, stranger, lifetime } => {
                let sid = self.pick(replica, *who)?;
                let join = self.join_of(sid);
                let (current, unconfirmed) = self.replicas[replica]
                    .room
                    .participant(sid)
                    .map_or((join.resume, None), |participant| participant.resume);
                let presented = match which {
                    Token::Current => current,
                    Token::Unconfirmed => unconfirmed.unwrap_or(current),
                    Token::First => join.resume,
                    Token::Wrong => ResumeHash([0xee; 32]),
                };
                let person = if *stranger { identity(3) } else { join.identity.clone() };
                let (next, expires_at) = (token(number), expires(lifetime));
                server(Command::Resume { sid, identity: person, presented, next, expires_at })
            }
            Ask::ConfirmResume { who, connection } => {
                let sid = self.pick(replica, *who)?;
                server(Command::ConfirmResume { sid, generation: self.generation(replica, sid, *connection) })
            }
            Ask::Disconnect { who, connection } => {
                let sid = self.pick(replica, *who)?;
                server(Command::Disconnect { sid, generation: self.generation(replica, sid, *connection) })
            }
            Ask::ExtendGrant { who, lifetime } => {
                server(Command::ExtendGrant { sid: self.pick(replica, *who)?, expires_at: expires(lifetime) })
            }
            Ask::Tick => server(Command::Tick),
            Ask::Server { draft } => server(self.finish(replica, draft, number)?),
            Ask::Frame { who, connection, seq, draft } => {
                let sid = self.pick(replica, *who)?;
                let settled = self.replicas[replica].room.participant(sid).map_or(0, |author| author.last_seq);
                let seq = match seq {
                    Numbering::Next => settled + 1,
                    Numbering::Repeated => settled,
                    Numbering::None => 0,
                };
                let author = Author::Session { sid, generation: self.generation(replica, sid, *connection), seq };
                Some((author, self.finish(replica, draft, number)?))
            }
        }
    }

    fn finish(&mut self, replica: usize, draft: &Draft, number: u16) -> Option<Command> {
        let pick = |whom: &Pick| self.pick(replica, *whom);
        Some(match draft {
            Draft::Leave => Command::Leave,
            Draft::Update(change) => Command::Update(change.clone()),
            Draft::Publish(track) => Command::Publish(track.clone()),
            Draft::Unpublish { track_id } => Command::Unpublish { track_id: track_id.clone() },
            Draft::Chat { id, text } => {
                let id = id.and_then(|id| self.chat_id(id)).unwrap_or_else(|| format!("c{number}"));
                self.chat_ids.push(id.clone());
                Command::Chat { id, text: text.clone() }
            }
            Draft::Data { topic } => Command::Data { topic: topic.clone(), payload: vec![0, 255, 7] },
            Draft::DeleteChat { id } => Command::DeleteChat { id: self.chat_id(*id)? },
            Draft::Kick { whom, reason, allow_rejoin } => {
                Command::Kick { sid: pick(whom)?, reason: reason.clone(), allow_rejoin: *allow_rejoin }
            }
            Draft::Mute { whom, track_id } => Command::Mute { sid: pick(whom)?, track_id: track_id.clone() },
            Draft::Admit { whom } => Command::Admit { sid: pick(whom)? },
            Draft::Refuse { whom, reason } => Command::Refuse { sid: pick(whom)?, reason: reason.clone() },
            Draft::SetRole { whom, role } => Command::SetRole { sid: pick(whom)?, role: *role },
            Draft::UpdateRoom(change) => Command::UpdateRoom(change.clone()),
            Draft::EndRoom { reason } => Command::EndRoom { reason: reason.clone() },
            Draft::Join => Command::Join(Box::new(self.joins.last()?.clone())),
            Draft::Tick => Command::Tick,
        })
    }

    /// Mostly somebody who is here, sometimes anybody who ever asked to be.
    fn pick(&self, replica: usize, pick: Pick) -> Option<Sid> {
        let room = &self.replicas[replica].room;
        let everyone = room.len();
        if everyone > 0 && pick < 220 {
            return room.participants().chain(room.waiting()).nth(usize::from(pick) % everyone).map(|found| found.sid);
        }
        let join = usize::from(pick).checked_rem(self.joins.len())?;
        Some(self.joins[join].sid)
    }

    fn join_of(&self, sid: Sid) -> &Join {
        self.joins.iter().find(|join| join.sid == sid).expect("picked from the joins")
    }

    fn chat_id(&self, pick: Pick) -> Option<String> {
        let back = usize::from(pick).checked_rem(self.chat_ids.len().min(4))?;
        self.chat_ids.get(self.chat_ids.len() - 1 - back).cloned()
    }

    fn generation(&self, replica: usize, sid: Sid, connection: Connection) -> Generation {
        let current = self.replicas[replica].room.participant(sid).map_or(Generation(0), |found| found.generation);
        match connection {
            Connection::Current => current,
            Connection::First => Generation(0),
            Connection::Future => Generation(current.0 + 1),
        }
    }
}

/// The lobby sees nothing, and is seen by moderators only.
fn check_visibility(room: &Room) -> Result<(), String> {
    let (inside, waiting) = (room.participants().count(), room.waiting().count());
    for reader in room.participants().chain(room.waiting()) {
        let seen = room.snapshot_for(reader.sid);
        let seen = (seen.participants.len(), seen.chat.len(), seen.waiting.len());
        let expected = match (reader.waiting, reader.may_moderate()) {
            (true, _) => (0, 0, 0),
            (false, true) => (inside, room.chat().count(), waiting),
            (false, false) => (inside, room.chat().count(), 0),
        };
        ensure!(seen == expected, "{} sees {seen:?}, not {expected:?}", reader.sid);
    }
    Ok(())
}

fn leaver(event: &Event) -> Option<(Sid, LeaveReason)> {
    if let EventBody::Left { sid, reason, .. } = event.body { Some((sid, reason)) } else { None }
}

/// A sid of its own for each step, in another order than theirs.
fn sid(number: u16) -> Sid {
    let [high, low] = number.wrapping_mul(40_503).to_be_bytes();
    Sid::from_random([high, low, 0, 0, 0, 0, 0, 0, 0, 0])
}

/// A resume token's hash of its own for each step.
fn token(number: u16) -> ResumeHash {
    let [high, low] = number.to_be_bytes();
    let mut hash = [0; 32];
    hash[..2].copy_from_slice(&[high, low]);
    ResumeHash(hash)
}
