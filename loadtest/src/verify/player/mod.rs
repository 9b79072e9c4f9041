//! A client that behaves as the SDK does: it keeps what is unsettled, resumes with cursor and token after a jittered backoff, follows
//! `goAway` and `retryAfterMs`, sends again what lies above `lastSeq`, drops second copies, and joins anew when its session is over.
//! It connects to any of the servers at random.

mod backoff;
mod book;
mod habits;

use std::{sync::Arc, time::Duration};

use antiphon_protocol::{
    Format, Sid, decode_server, encode_client,
    v1::{ClientFrame, Join, ServerFrame, client_frame, server_frame},
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until, timeout},
};

pub use self::habits::Habits;
use self::{
    book::{Ask, Book, Welcome, Wrong},
    habits::{Deed, Plan},
};
use super::{
    check::{Ending, Event},
    letter::Kind,
    recorder::Recorder,
};
use crate::{
    client::Socket,
    fault::Fault,
    target::{Member, Target},
};

/// Messages that may wait to be settled before a client waits with the next one.
const MOST_UNSETTLED: usize = 256;

/// What all clients of a run are to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Play.
    Run,
    /// Send nothing new, stay connected, let things settle.
    Settle,
    /// Stop.
    Done,
}

/// What the clients of a run share.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) targets: Vec<Arc<Target>>,
    pub(super) format: Format,
    pub(super) habits: Habits,
    pub(super) recorder: Arc<Recorder>,
    /// Tells this run's rooms from another's.
    pub(super) run: u32,
}

/// One of the people who come and go.
#[derive(Debug)]
pub(super) struct Player {
    stage: Arc<Stage>,
    phase: watch::Receiver<Phase>,
    client: usize,
    room: usize,
    is_moderator: bool,
    random: StdRng,
    life: u32,
}

/// How a connection ended.
#[derive(Debug)]
enum Parting {
    /// It broke.
    Lost,
    /// Nothing has come over it for too long.
    Silent,
    /// The client cut it, and comes back after this time.
    Cut(Duration),
    /// The session is over.
    Over(Ending),
    /// The run is over.
    Done,
}

impl Player {
    pub(super) fn new(
        stage: Arc<Stage>,
        phase: watch::Receiver<Phase>,
        client: usize,
        room: usize,
        is_moderator: bool,
        seed: u64,
    ) -> Self {
        let random = StdRng::seed_from_u64(seed ^ (client as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        Self { stage, phase, client, room, is_moderator, random, life: 0 }
    }

    /// Comes and goes until the run is over.
    pub(super) async fn play(mut self) {
        while self.rest().await {
            if let Some((socket, book)) = self.join().await {
                self.attend(socket, book).await;
            }
            // One in five comes back under its old name, and takes the place of what it left behind.
            self.life += u32::from(self.random.random_bool(0.8));
        }
    }

    fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    /// Waits for its next life; `false` when there is none.
    async fn rest(&mut self) -> bool {
        let pause = habits::around(self.stage.habits.pause, &mut self.random);
        self.wait(pause).await
    }

    /// Waits, and says whether there is still something to play.
    async fn wait(&mut self, time: Duration) -> bool {
        if self.phase() == Phase::Run {
            tokio::select! {
                () = sleep(time) => {}
                _ = self.phase.wait_for(|phase| *phase != Phase::Run) => {}
            }
        }
        self.phase() == Phase::Run
    }

    fn target(&mut self) -> Arc<Target> {
        let index = self.random.random_range(0..self.stage.targets.len());
        Arc::clone(&self.stage.targets[index])
    }

    fn member(&self) -> Member {
        Member {
            room: format!("verify-{:08x}-{}", self.stage.run, self.room),
            identity: format!("client-{}-{}", self.client, self.life),
            moderator: self.is_moderator,
        }
    }

    fn record(&self, sid: Sid, event: Event) {
        self.stage.recorder.record(self.room, sid, event);
    }

    fn wrong(&self, sid: Option<Sid>, Wrong(what): Wrong) {
        self.stage.recorder.wrong_answer(self.room, sid, what);
    }

    /// Connects to one of the servers and asks for its answer to this first frame.
    async fn ask(&mut self, kind: client_frame::Kind) -> Result<(Socket, ServerFrame), Fault> {
        let (target, member, format) = (self.target(), self.member(), self.stage.format);
        let mut socket = Socket::connect(&target, &member).await?;
        let answer = socket.ask(&target, format, kind).await?;
        Ok((socket, answer))
    }

    /// Joins, however often it has to try; `None` when the run ends meanwhile.
    async fn join(&mut self) -> Option<(Socket, Book)> {
        let mut since = None;
        for attempt in 0.. {
            let begun = Instant::now();
            let join = Join { room: self.member().room, ..Join::default() };
            let retry_after = match self.ask(client_frame::Kind::Join(join)).await {
                Ok((socket, answer)) => match may_join_later(&answer) {
                    Some(later) => later,
                    None => match Book::joined(answer, Instant::now()) {
                        Ok((book, event)) => {
                            self.record(book.sid, event);
                            if let Some(since) = since {
                                self.stage.recorder.away(self.client, since, Instant::now());
                            }
                            return Some((socket, book));
                        }
                        Err(wrong) => {
                            self.wrong(None, wrong);
                            None
                        }
                    },
                },
                Err(fault) => {
                    self.stage.recorder.failed(&fault);
                    None
                }
            };
            since = since.or(Some(begun));
            let delay = backoff::delay(attempt + 1, retry_after, self.random.random());
            if !self.wait(delay).await {
                return None;
            }
        }
        None
    }

    /// Plays one session, over as many connections as it takes.
    async fn attend(&mut self, socket: Socket, mut book: Book) {
        let habits = self.stage.habits.clone();
        let mut plan = Plan::new(&habits, self.is_moderator, &mut self.random, Instant::now());
        for event in habits::greet(&mut book) {
            self.record(book.sid, event);
        }
        let mut socket = Some(socket);
        while let Some(open) = socket.take() {
            let mut connection = Connection::new(open, book.ping_interval);
            let parting = self.converse(&mut connection, &mut book, &mut plan).await;
            let Connection { heard, unavailable_since, .. } = connection;
            let (pause, since) = match parting {
                Parting::Done => return,
                Parting::Over(ending) => {
                    self.record(book.sid, Event::Ended(ending));
                    return;
                }
                Parting::Lost => (Duration::ZERO, unavailable_since.unwrap_or_else(Instant::now)),
                Parting::Silent => (Duration::ZERO, unavailable_since.unwrap_or(heard)),
                Parting::Cut(pause) => (pause, Instant::now() + pause),
            };
            self.record(book.sid, Event::Cut);
            self.wait(pause).await;
            socket = self.resume(&mut book).await;
            self.stage.recorder.away(self.client, since, Instant::now());
        }
    }

    /// Resumes, however often it has to try; `None` when the session is over or the run is.
    async fn resume(&mut self, book: &mut Book) -> Option<Socket> {
        for attempt in 0.. {
            let retry_after = match self.try_resume(book).await {
                Ok((socket, Welcome::Back(events))) => {
                    events.into_iter().for_each(|event| self.record(book.sid, event));
                    return Some(socket);
                }
                Ok((_, Welcome::Over)) => {
                    self.record(book.sid, Event::Ended(Ending::Told));
                    return None;
                }
                Ok((_, Welcome::Later(after))) => after,
                Err(fault) => {
                    self.stage.recorder.failed(&fault);
                    None
                }
            };
            if self.phase() == Phase::Done {
                return None;
            }
            sleep(backoff::delay(attempt + 1, retry_after, self.random.random())).await;
        }
        None
    }

    async fn try_resume(&mut self, book: &mut Book) -> Result<(Socket, Welcome), Fault> {
        let (socket, answer) = self.ask(book.resume()).await?;
        match book.resumed(answer, Instant::now()) {
            Ok(welcome) => Ok((socket, welcome)),
            Err(wrong) => {
                let fault = Fault::Unexpected(wrong.to_string());
                self.wrong(Some(book.sid), wrong);
                Err(fault)
            }
        }
    }

    /// Carries frames both ways until the connection ends.
    async fn converse(&mut self, connection: &mut Connection, book: &mut Book, plan: &mut Plan) -> Parting {
        if book.is_replaying() && self.send(connection, &book.ping()).await.is_err() {
            return Parting::Lost;
        }
        loop {
            if let Err(parting) = self.step(connection, book, plan).await {
                return parting;
            }
        }
    }

    async fn step(&mut self, connection: &mut Connection, book: &mut Book, plan: &mut Plan) -> Result<(), Parting> {
        let now = Instant::now();
        while let Some(frame) = book.next(now).or_else(|| book.ack(now)) {
            self.send(connection, &frame).await?;
        }
        let is_running = self.phase() == Phase::Run;
        let due = [book.due(), is_running.then(|| plan.due()), connection.due()];
        let wake = due.into_iter().flatten().min().unwrap_or(now + Duration::from_secs(3_600));
        tokio::select! {
            biased;
            received = connection.socket.receive() => {
                connection.heard(Instant::now());
                let bytes = received.map_err(|_| Parting::Lost)?;
                self.take_in(connection, book, &bytes)
            }
            () = sleep_until(wake) => {
                if is_running && plan.due() <= Instant::now() {
                    self.act(book, plan)?;
                }
                self.keep_alive(connection, book).await
            }
            changed = self.phase.changed() => match changed {
                Ok(()) if self.phase() != Phase::Done => Ok(()),
                Ok(()) | Err(_) => Err(Parting::Done),
            },
        }
    }

    async fn send(&self, connection: &mut Connection, frame: &ClientFrame) -> Result<(), Parting> {
        let bytes = encode_client(self.stage.format, frame);
        let patience = self.stage.targets[0].patience;
        match timeout(patience, connection.socket.send(self.stage.format, bytes)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Parting::Lost),
            Err(_) => Err(Parting::Silent),
        }
    }

    fn take_in(&mut self, connection: &mut Connection, book: &mut Book, bytes: &[u8]) -> Result<(), Parting> {
        let now = Instant::now();
        let taken = decode_server(self.stage.format, bytes)
            .map_err(|error| Wrong(error.to_string()))
            .and_then(|frame| book.take_in(frame, now));
        let taken = taken.map_err(|wrong| {
            self.wrong(Some(book.sid), wrong);
            Parting::Lost
        })?;
        let accepted = taken.events.iter().any(|event| matches!(event, Event::Accepted { .. }));
        if let Some(since) = connection.unavailable_since.take_if(|_| accepted) {
            self.stage.recorder.away(self.client, since, now);
        }
        taken.events.into_iter().for_each(|event| self.record(book.sid, event));
        match taken.ask {
            Ask::Nothing => {}
            Ask::Answer(peer) if self.phase() == Phase::Run && !book.is_leaving() => {
                for kind in [Kind::Answer, Kind::Candidate] {
                    let event = book.write(kind, Some(peer));
                    self.record(book.sid, event);
                }
            }
            Ask::Answer(_) => {}
            Ask::Reconnect => return Err(Parting::Lost),
            Ask::Move(after) => connection.move_at = connection.move_at.or(Some(now + after)),
            Ask::Unavailable => {
                connection.unavailable_since.get_or_insert(now);
            }
            Ask::Over(ending) => return Err(Parting::Over(ending)),
        }
        Ok(())
    }

    /// Does what is due by its plan.
    fn act(&mut self, book: &mut Book, plan: &mut Plan) -> Result<(), Parting> {
        let habits = self.stage.habits.clone();
        match plan.take(&habits, &mut self.random, Instant::now()) {
            None => {}
            Some(Deed::Talk) if book.unsettled() >= MOST_UNSETTLED => {}
            Some(Deed::Talk) => {
                if let Some(event) = habits::talk(book, &mut self.random) {
                    self.record(book.sid, event);
                }
            }
            Some(Deed::Kick) => habits::kick(book, &mut self.random),
            Some(Deed::EndRoom) => habits::end_room(book),
            Some(Deed::Cut(time)) => return Err(Parting::Cut(time)),
            Some(Deed::Leave) => {
                self.record(book.sid, Event::Leaving);
                book.leave();
                plan.stop();
            }
            Some(Deed::Vanish) => return Err(Parting::Over(Ending::Abandoned)),
        }
        Ok(())
    }

    /// Asks a silent server whether it lives, gives a dead one up, and moves when it is time to.
    async fn keep_alive(&mut self, connection: &mut Connection, book: &mut Book) -> Result<(), Parting> {
        let now = Instant::now();
        match connection.liveness(now) {
            Liveness::Fine => {}
            Liveness::Ask => {
                connection.asked = Some(now);
                self.send(connection, &book.ping()).await?;
            }
            Liveness::Dead => return Err(Parting::Silent),
        }
        if connection.move_at.is_some_and(|at| at <= now) {
            self.move_over(connection, book).await?;
        }
        Ok(())
    }

    /// Opens another connection while this one lives, and goes on over it.
    async fn move_over(&mut self, connection: &mut Connection, book: &mut Book) -> Result<(), Parting> {
        let retry_after = match self.try_resume(book).await {
            Ok((socket, Welcome::Back(events))) => {
                events.into_iter().for_each(|event| self.record(book.sid, event));
                *connection = Connection::new(socket, book.ping_interval);
                return if book.is_replaying() { self.send(connection, &book.ping()).await } else { Ok(()) };
            }
            Ok((_, Welcome::Over)) => return Err(Parting::Over(Ending::Told)),
            Ok((_, Welcome::Later(after))) => after,
            Err(fault) => {
                self.stage.recorder.failed(&fault);
                None
            }
        };
        connection.moves += 1;
        connection.move_at = Some(Instant::now() + backoff::delay(connection.moves, retry_after, self.random.random()));
        Ok(())
    }
}

/// A connection, and what its client knows of it.
#[derive(Debug)]
struct Connection {
    socket: Socket,
    ping_interval: Duration,
    heard: Instant,
    asked: Option<Instant>,
    move_at: Option<Instant>,
    moves: u32,
    unavailable_since: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Liveness {
    Fine,
    Ask,
    Dead,
}

impl Connection {
    fn new(socket: Socket, ping_interval: Duration) -> Self {
        let (asked, move_at, unavailable_since) = (None, None, None);
        Self { socket, ping_interval, heard: Instant::now(), asked, move_at, moves: 0, unavailable_since }
    }

    fn heard(&mut self, now: Instant) {
        self.heard = now;
        self.asked = None;
    }

    /// When [`Player::keep_alive`] has something to do.
    fn due(&self) -> Option<Instant> {
        let liveness = (self.ping_interval > Duration::ZERO).then(|| self.liveness_due());
        [liveness, self.move_at].into_iter().flatten().min()
    }

    fn liveness_due(&self) -> Instant {
        match self.asked {
            Some(asked) => asked + self.ping_interval / 2,
            None => self.heard + self.ping_interval * 3 / 2,
        }
    }

    fn liveness(&self, now: Instant) -> Liveness {
        if self.ping_interval.is_zero() || now < self.liveness_due() {
            Liveness::Fine
        } else if self.asked.is_some() {
            Liveness::Dead
        } else {
            Liveness::Ask
        }
    }
}

/// Where a join is refused for now: when to try again.
fn may_join_later(answer: &ServerFrame) -> Option<Option<Duration>> {
    let later = |ms: u32| Some(Duration::from_millis(ms.into()));
    if let Some(server_frame::Kind::GoAway(go_away)) = &answer.kind {
        return Some(later(go_away.retry_after_ms));
    }
    let Some(server_frame::Kind::Error(error)) = &answer.kind else { return None };
    let passing = ["unavailable", "rate_limited", "timed_out", "room_ended", "room_full"];
    passing.contains(&error.code.as_str()).then(|| error.retry_after_ms.and_then(later))
}
