//! One task per room and replica: it folds the log, batches the commands that wait, and appends with compare-and-append.

mod away;

use std::{
    sync::{Arc, Weak},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use antiphon_backplane::{
    AppendError, Backplane, Batch, Entry, Head, Loaded, MailboxChange, Offset, StoredBan, Unavailable, Watch,
};
use antiphon_protocol::{ReplicaId, RoomKey, RoomName, Sid};
use antiphon_room_core::{
    Author, Command, Event, EventBody, Generation, Millis, Participant, Refusal, Room, RoomConfig,
};
use bytes::Bytes;
use tokio::sync::{OnceCell, mpsc, oneshot};

use super::{
    Fellows, Rooms,
    bans::Bans,
    feed::{Feed, Notice},
    projection::project,
    tenant_feed::{TenantFeed, Told},
};
use crate::{
    metrics::Metrics,
    usage::{Claim, Meter},
    webhooks::{Before, Position, Subscribers, translate},
};

/// Commands that wait for a room; a session whose command finds no place waits.
const QUEUE: usize = 256;

/// Commands that are appended as one.
const BATCH: usize = 64;

/// Entries after which the appender takes a snapshot. It is stored so many entries later, because a feed that is built
/// from it begins there: whoever was no further behind when everyone was away goes on where they stopped.
const SNAPSHOT_EVERY: u64 = 256;

/// As many bytes of entries count like [`SNAPSHOT_EVERY`] entries.
const SNAPSHOT_BYTES: usize = 256 << 10;

/// Snapshots' worth of entries that are stored without one at most: actors that live shortly take none that grows old enough.
const UNCOVERED: u64 = 4;

/// Appends after a lost race during which the room is kept as it was, so that the next one costs a fold and no reading.
const WARY_AFTER_RACE: u32 = 64;

/// How often what the backplane shows of the log is compared with what is known of it.
const DOUBT: Duration = Duration::from_secs(2);

/// Races lost in a row after which a batch is given up as unavailable.
const MAX_RACES: u32 = 64;

/// What a client is told to wait when the backplane is out of reach.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(1);

/// What a command led to.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) epoch: u64,
    /// The log's end after the command.
    pub(crate) offset: u64,
    /// The room there, for a join, a resume, a look and what the application asks for.
    pub(crate) room: Option<Arc<Room>>,
    /// The log has settled the author's `seq`; else nothing was to be done, and nothing remembers it.
    pub(crate) logged: bool,
}

/// Why a command led to nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RoomError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Nothing happened.
    #[error("the room's log is out of reach")]
    Unavailable,
    /// It may have happened, or not.
    #[error("the room's log went out of reach")]
    Uncertain,
    /// This life of the room is over; open the room again.
    #[error("the room ended")]
    Ended,
}

/// What is asked of a room.
enum Ask {
    /// To carry a command out.
    Carry(Author, Command),
    /// What it is now.
    Look,
    /// To look for connections of replicas that are dead.
    Audit(Arc<Fellows>),
}

struct Request {
    ask: Ask,
    reply: Option<oneshot::Sender<Result<Done, RoomError>>>,
}

/// Requests in the order in which they came. Boxed, because a channel reserves room for 32 of its items at a time.
type Waiting = Vec<Box<Request>>;

/// A room that is live on this replica. Its actor stops when the last handle is dropped.
#[derive(Debug)]
pub(crate) struct RoomHandle {
    pub(crate) key: RoomKey,
    pub(crate) feed: Arc<Feed>,
    /// Counts what its tenant uses.
    pub(crate) meter: Arc<Meter>,
    /// This replica has said that it is in this room.
    pub(super) entered: OnceCell<()>,
    requests: mpsc::Sender<Box<Request>>,
}

impl RoomHandle {
    /// Carries out a command and waits for what it led to.
    pub(crate) async fn submit(&self, author: Author, command: Command) -> Result<Done, RoomError> {
        self.ask(Ask::Carry(author, command)).await
    }

    /// The room after everything that was asked of it before.
    pub(crate) async fn look(&self) -> Result<Done, RoomError> {
        self.ask(Ask::Look).await
    }

    async fn ask(&self, ask: Ask) -> Result<Done, RoomError> {
        let (reply, outcome) = oneshot::channel();
        let request = Box::new(Request { ask, reply: Some(reply) });
        self.requests.send(request).await.map_err(|_| RoomError::Ended)?;
        outcome.await.unwrap_or(Err(RoomError::Ended))
    }

    /// Carries out a command that nobody waits for. `false` when this actor has stopped.
    pub(super) async fn tell(&self, author: Author, command: Command) -> bool {
        self.requests.send(Box::new(Request { ask: Ask::Carry(author, command), reply: None })).await.is_ok()
    }

    /// Has the room looked through for connections of replicas that are dead, unless it is busy: there will be another time.
    pub(super) fn audit(&self, fellows: &Arc<Fellows>) {
        let _ = self.requests.try_send(Box::new(Request { ask: Ask::Audit(Arc::clone(fellows)), reply: None }));
    }

    pub(crate) fn is_over(&self) -> bool {
        self.requests.is_closed()
    }
}

pub(super) struct Actor {
    key: RoomKey,
    rooms: Weak<Rooms>,
    backplane: Backplane,
    replica: ReplicaId,
    config: Arc<RoomConfig>,
    metrics: Arc<Metrics>,
    meter: Arc<Meter>,
    /// Who is told by webhooks.
    subscribers: Option<Arc<Subscribers>>,
    /// Who follows the tenant's rooms.
    tenant_feed: Arc<TenantFeed>,
    feed: Arc<Feed>,
    requests: mpsc::Receiver<Box<Request>>,
    room: Arc<Room>,
    head: Head,
    bans: Bans,
    snapshots: Snapshots,
    /// Appends for which the room is still kept as it was.
    wary: u32,
    /// What this replica owes the log, and nobody waits for.
    owed: Waiting,
    /// Who held sessions here and was not alive at the last audit.
    suspects: Vec<ReplicaId>,
}

/// Where snapshots were taken and stored.
#[derive(Default)]
struct Snapshots {
    stored_at: u64,
    taken_at: u64,
    /// Of entries since `taken_at`.
    bytes_since_taken: usize,
    /// Of entries since `stored_at`.
    bytes_since_stored: usize,
    /// Taken, and not yet old enough to be stored.
    young: Option<(Head, Bytes)>,
}

pub(crate) fn wall_clock() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Why an actor stops serving.
enum Stop {
    /// Nobody is left here, or the room is over.
    Done,
    Unavailable,
}

impl From<Unavailable> for Stop {
    fn from(_: Unavailable) -> Self {
        Self::Unavailable
    }
}

/// Starts a room's actor.
pub(super) fn spawn(rooms: &Arc<Rooms>, key: RoomKey) -> Arc<RoomHandle> {
    let (sender, requests) = mpsc::channel(QUEUE);
    let feed = Arc::new(Feed::default());
    let meter = rooms.usage.meter(&key.tenant);
    let actor = Actor {
        key: key.clone(),
        rooms: Arc::downgrade(rooms),
        backplane: rooms.backplane.clone(),
        replica: rooms.replica(),
        config: Arc::clone(&rooms.config),
        metrics: Arc::clone(&rooms.metrics),
        meter: Arc::clone(&meter),
        subscribers: rooms.webhooks.subscribers(&key.tenant),
        tenant_feed: rooms.tenant_feeds().of(&key.tenant),
        feed: Arc::clone(&feed),
        requests,
        room: Arc::new(Room::new()),
        head: Head::default(),
        bans: Bans::default(),
        snapshots: Snapshots::default(),
        wary: 0,
        owed: Vec::new(),
        suspects: Vec::new(),
    };
    tokio::spawn(actor.run());
    Arc::new(RoomHandle { key, feed, meter, entered: OnceCell::new(), requests: sender })
}

impl Actor {
    async fn run(mut self) {
        self.metrics.rooms.inc();
        if let Err(Stop::Unavailable) = self.serve().await {
            tracing::warn!(room = %self.key.room, tenant = %self.key.tenant, "the room's log is out of reach");
            self.refuse_rest(|| RoomError::Unavailable);
        } else {
            self.refuse_rest(|| RoomError::Ended);
        }
        self.feed.end();
        if let Some(rooms) = self.rooms.upgrade() {
            rooms.forget(&self.key);
        }
        self.metrics.rooms.dec();
    }

    fn refuse_rest(&mut self, error: impl Fn() -> RoomError) {
        self.requests.close();
        while let Ok(request) = self.requests.try_recv() {
            answer(*request, Err(error()));
        }
    }

    async fn serve(&mut self) -> Result<(), Stop> {
        let mut watch = None;
        let mut waiting = Vec::new();
        if self.begin(&mut watch).await.is_err() {
            self.take_what_waits(&mut waiting);
            self.ride_out(&mut waiting, &mut watch).await?;
        }
        // Notifications can be lost with their connection; what a backplane shows that differs for long is looked into.
        let mut doubt = tokio::time::interval(DOUBT);
        doubt.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let Some(watch) = &mut watch else { return Err(Stop::Unavailable) };
            match self.turn(&mut waiting, watch, &mut doubt).await {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(Stop::Unavailable) if self.backplane.may_be_away => {
                    let mut watch = Some(watch.clone());
                    self.ride_out(&mut waiting, &mut watch).await?;
                }
                Err(stop) => return Err(stop),
            }
            if self.room.is_ended() {
                return Err(Stop::Done);
            }
        }
    }

    async fn begin(&mut self, watch: &mut Option<Watch>) -> Result<(), Unavailable> {
        let begun = self.backplane.log.watch(&self.key).await?;
        self.load().await?;
        *watch = Some(begun);
        Ok(())
    }

    fn take_what_waits(&mut self, waiting: &mut Waiting) {
        while let Ok(request) = self.requests.try_recv() {
            match request.reply {
                None => waiting.push(request),
                Some(_) => answer(*request, Err(RoomError::Unavailable)),
            }
        }
    }

    /// One thing after the other. `false`: nobody can ask for anything any more.
    async fn turn(
        &mut self,
        waiting: &mut Waiting,
        watch: &mut Watch,
        doubt: &mut tokio::time::Interval,
    ) -> Result<bool, Stop> {
        waiting.append(&mut self.owed);
        if waiting.is_empty() {
            tokio::select! {
                count = self.requests.recv_many(waiting, BATCH) => if count == 0 {
                    return Ok(false);
                },
                changed = moved_beyond(watch, self.head) => {
                    changed?;
                    self.follow().await?;
                }
                _ = doubt.tick(), if self.backplane.may_be_away => {
                    if *watch.borrow() != self.head {
                        self.follow().await?;
                    }
                }
            }
        }
        self.audit(waiting);
        while !waiting.is_empty() {
            self.carry_out(waiting).await?;
        }
        Ok(true)
    }

    async fn load(&mut self) -> Result<(), Unavailable> {
        let loaded = self.backplane.log.load(&self.key).await?;
        self.adopt(loaded)
    }

    /// Takes the room as it is stored.
    fn adopt(&mut self, loaded: Loaded) -> Result<(), Unavailable> {
        let Loaded { head, snapshot, tail, bans, ended: _ } = loaded;
        let mut room = Room::new();
        self.snapshots = Snapshots::default();
        if let Some((offset, bytes)) = snapshot {
            match Room::from_snapshot(&bytes) {
                Ok(read) => room = read,
                Err(error) => return Err(self.unreadable(&error)),
            }
            self.snapshots = Snapshots { stored_at: offset.0, taken_at: offset.0, ..Snapshots::default() };
        }
        self.bans = Bans::loaded(bans);
        self.room = Arc::new(room);
        self.head = Head { offset: Offset(head.offset.0 - tail.len() as u64), ..head };
        self.feed.reset(head.epoch.0, self.head.offset.0);
        self.fold(&tail)?;
        self.head = head;
        Ok(())
    }

    fn unreadable(&self, error: &antiphon_room_core::Unreadable) -> Unavailable {
        tracing::error!(room = %self.key.room, %error, "the room's log needs a newer version");
        Unavailable
    }

    /// Folds entries that this or another replica appended, and shows them.
    fn fold(&mut self, entries: &[Entry]) -> Result<(), Unavailable> {
        let mut notices = Vec::with_capacity(entries.len());
        for entry in entries {
            let event = Event::from_bytes(&entry.payload).map_err(|error| self.unreadable(&error))?;
            notices.push(apply_and_show(Arc::make_mut(&mut self.room), &event, entry.offset.0, &self.key.room));
            self.bans.follow(&event);
            self.head.offset = entry.offset;
            self.snapshots.grow(entry.payload.len());
        }
        self.feed.publish(notices);
        Ok(())
    }

    /// Decides what waits and appends it as one batch; what comes after the end of the room stays in `waiting`.
    async fn carry_out(&mut self, waiting: &mut Waiting) -> Result<(), Stop> {
        for _ in 0..MAX_RACES {
            if self.room.is_ended() {
                return Err(self.refuse(waiting));
            }
            let mut plan = self.decide(waiting, wall_clock());
            if plan.events.is_empty() {
                self.room = plan.room;
                self.answer_all(waiting, plan.outcomes);
                return Ok(());
            }
            let timer = self.metrics.append_seconds.start_timer();
            let batch = self.batch(&mut plan);
            let bytes = batch.entries.iter().map(Bytes::len).sum();
            let appended = self.backplane.log.append(&self.key, self.head, batch).await;
            timer.observe_duration();
            match appended {
                Ok(head) => {
                    self.meter.count(plan.events.iter().map(|(event, _)| &event.body), wall_clock());
                    drop(plan.claims);
                    self.tenant_feed.publish(plan.told);
                    self.settle(plan.events, plan.room, head);
                    self.snapshots.grow(bytes);
                    self.answer_all(waiting, plan.outcomes);
                    if !self.room.exists() {
                        // The log is over, whether or not there was a room.
                        return Err(self.refuse(waiting));
                    }
                    self.snapshot_if_due().await;
                    return Ok(());
                }
                Err(AppendError::Conflict { head, tail: Some(tail) }) if self.keeps_the_room() => {
                    self.metrics.append_conflicts.inc();
                    self.wary = WARY_AFTER_RACE;
                    self.fold(&tail)?;
                    self.head = head;
                }
                Err(AppendError::Conflict { .. }) => {
                    self.metrics.append_conflicts.inc();
                    let kept = self.keeps_the_room();
                    self.wary = WARY_AFTER_RACE;
                    if kept { self.rejoin(waiting).await? } else { self.load().await? }
                }
                Err(AppendError::Unavailable(error)) => {
                    away::keep_what_was_told(waiting);
                    return Err(error.into());
                }
            }
        }
        for request in waiting.drain(..) {
            answer(*request, Err(RoomError::Unavailable));
        }
        Ok(())
    }

    fn refuse(&self, waiting: &mut Waiting) -> Stop {
        for request in waiting.drain(..) {
            answer(*request, Err(RoomError::Ended));
        }
        Stop::Done
    }

    /// Whether the room is kept as it was until an append has taken place: where another replica is likely to append first, or the
    /// append may fail.
    fn keeps_the_room(&self) -> bool {
        self.wary > 0 || self.backplane.may_be_away
    }

    fn replica(&self) -> ReplicaId {
        self.replica
    }

    /// Decides in the room itself, or in a copy where it may have to be as it was.
    fn decide(&mut self, waiting: &[Box<Request>], now: Millis) -> Plan {
        let room = if self.keeps_the_room() { Arc::clone(&self.room) } else { std::mem::take(&mut self.room) };
        let mut plan = Plan {
            room,
            events: Vec::new(),
            claims: Vec::new(),
            outbox: Vec::new(),
            told: Vec::new(),
            outcomes: Vec::new(),
        };
        let mut bans = std::borrow::Cow::Borrowed(&self.bans);
        for request in waiting {
            if plan.room.is_ended() {
                break;
            }
            let Ask::Carry(author, command) = &request.ask else {
                let offset = self.head.offset.0 + plan.events.len() as u64;
                plan.outcomes.push(Ok(Decided { offset, room: Some(Arc::clone(&plan.room)), logged: false }));
                continue;
            };
            let decided = plan.room.decide(&self.config, bans.as_slice(), *author, command, now);
            let within_quotas = decided.and_then(|events| {
                plan.claims.extend(self.meter.claim(events.iter().map(|event| &event.body))?);
                Ok(events)
            });
            let decided = within_quotas.map(|events| {
                let logged = !events.is_empty();
                for event in events {
                    let notice = self.apply(&event, &mut plan);
                    if Bans::concerns(&event) {
                        bans.to_mut().follow(&event);
                    }
                    plan.events.push((event, notice));
                }
                let room = shows_the_room(*author, command).then(|| Arc::clone(&plan.room));
                Decided { offset: self.head.offset.0 + plan.events.len() as u64, room, logged }
            });
            plan.outcomes.push(decided);
        }
        plan
    }

    /// Folds a decided event into the plan's room; what it shows, and what is told of it outside.
    fn apply(&self, event: &Event, plan: &mut Plan) -> Notice {
        let offset = self.head.offset.0 + plan.events.len() as u64 + 1;
        let is_followed = self.tenant_feed.is_followed(Instant::now());
        let is_told = self.subscribers.is_some() || is_followed;
        let before = is_told.then(|| Before::of(event, &plan.room));
        let notice = apply_and_show(Arc::make_mut(&mut plan.room), event, offset, &self.key.room);
        let position = Position { key: &self.key, epoch: self.head.epoch.0, offset };
        let told = before.and_then(|before| translate(event, before, &plan.room, position));
        if let (Some(subscribers), Some(told)) = (&self.subscribers, &told) {
            plan.outbox.extend(subscribers.letters(told, &self.key));
        }
        plan.told.extend(told.filter(|_| is_followed).map(|told| Told::of(&told)));
        notice
    }

    fn batch(&self, plan: &mut Plan) -> Batch {
        let mut batch = Batch {
            entries: plan.events.iter().map(|(event, _)| event.to_bytes().into()).collect(),
            deadline_ms: plan.room.deadline(&self.config).map(|deadline| deadline.0),
            // A ban, or its end, where there is no room: it stands beside the log, which stays empty.
            ends: !plan.room.exists(),
            outbox: std::mem::take(&mut plan.outbox),
            ..Batch::default()
        };
        for (event, _) in &plan.events {
            if let Some(change) = mailbox_change(&event.body) {
                batch.mailboxes.push(change);
            }
            if let EventBody::Banned { identity, until } = &event.body {
                batch.bans.push(StoredBan { identity: identity.clone(), until_ms: until.0 });
            }
            if let EventBody::Unbanned { identity } = &event.body {
                batch.bans.retain(|ban| ban.identity != *identity);
                batch.lifted.push(identity.clone());
            }
        }
        batch
    }

    fn settle(&mut self, events: Vec<(Event, Notice)>, room: Arc<Room>, head: Head) {
        if head.epoch != self.head.epoch {
            self.feed.reset(head.epoch.0, self.head.offset.0);
        }
        self.wary = self.wary.saturating_sub(1);
        self.room = room;
        self.head = head;
        self.feed.publish(events.into_iter().map(|(event, notice)| {
            self.bans.follow(&event);
            notice
        }));
    }

    fn answer_all(&self, waiting: &mut Waiting, outcomes: Vec<Outcome>) {
        for (request, outcome) in waiting.drain(..outcomes.len()).zip(outcomes) {
            let done =
                outcome.map(|Decided { offset, room, logged }| Done { epoch: self.head.epoch.0, offset, room, logged });
            answer(*request, done.map_err(RoomError::Refused));
        }
    }

    async fn snapshot_if_due(&mut self) {
        let (head, snapshots) = (self.head, &mut self.snapshots);
        if !snapshots.is_due(head) {
            return;
        }
        let fresh: (Head, Bytes) = (head, self.room.to_snapshot().into());
        let Some((at, bytes, bytes_behind)) = snapshots.take(fresh) else { return };
        if let Err(error) = self.backplane.log.store_snapshot(&self.key, at, bytes).await {
            tracing::warn!(room = %self.key.room, %error, "a snapshot was not stored; the next one will be");
        } else {
            self.snapshots.stored_at = at.offset.0;
            self.snapshots.bytes_since_stored = bytes_behind;
        }
    }
}

impl Snapshots {
    fn grow(&mut self, bytes: usize) {
        self.bytes_since_taken += bytes;
        self.bytes_since_stored += bytes;
    }

    fn is_due(&self, head: Head) -> bool {
        head.offset.0 >= self.taken_at + SNAPSHOT_EVERY || self.bytes_since_taken >= SNAPSHOT_BYTES
    }

    /// Keeps a snapshot of the present; gives the one to store, and how many bytes of entries lie behind it.
    fn take(&mut self, fresh: (Head, Bytes)) -> Option<(Head, Bytes, usize)> {
        let is_late = fresh.0.offset.0 >= self.stored_at + UNCOVERED * SNAPSHOT_EVERY
            || self.bytes_since_stored >= UNCOVERED as usize * SNAPSHOT_BYTES;
        self.taken_at = fresh.0.offset.0;
        let bytes_behind = std::mem::take(&mut self.bytes_since_taken);
        match self.young.replace(fresh.clone()) {
            Some((at, bytes)) => Some((at, bytes, bytes_behind)),
            None => is_late.then_some((fresh.0, fresh.1, 0)),
        }
    }
}

type Outcome = Result<Decided, Refusal>;

/// A command that was accepted, as in [`Done`].
struct Decided {
    offset: u64,
    room: Option<Arc<Room>>,
    logged: bool,
}

struct Plan {
    room: Arc<Room>,
    events: Vec<(Event, Notice)>,
    /// The tenant's quotas allow them.
    claims: Vec<Claim>,
    /// What they are told by webhooks.
    outbox: Vec<Bytes>,
    /// What is told to who follows the tenant's rooms.
    told: Vec<Told>,
    /// For each command, in order.
    outcomes: Vec<Outcome>,
}

/// Completes when the log's head is another than `known`, and none that `known` has left behind.
async fn moved_beyond(watch: &mut Watch, known: Head) -> Result<(), Unavailable> {
    let is_old = |head: &Head| head.epoch == known.epoch && head.offset < known.offset;
    match watch.wait_for(|head| *head != known && !is_old(head)).await {
        Ok(_) => Ok(()),
        Err(_) => Err(Unavailable),
    }
}

fn answer(request: Request, outcome: Result<Done, RoomError>) {
    if let Some(reply) = request.reply {
        // Whoever asked has gone; the log knows what happened.
        let _ = reply.send(outcome);
    }
}

/// Whether who asked is given the room as it is then. It costs the next change a copy of it.
fn shows_the_room(author: Author, command: &Command) -> bool {
    match command {
        Command::Join(_) | Command::Resume { .. } => true,
        Command::ConfirmResume { .. }
        | Command::Disconnect { .. }
        | Command::ReplicaLost { .. }
        | Command::Restore(_)
        | Command::Reinstate(_)
        | Command::ExtendGrant { .. }
        | Command::RenewGrants { .. }
        | Command::Tick
        | Command::Leave
        | Command::Data { .. }
        | Command::SendData { .. }
        | Command::Ban { .. }
        | Command::Unban { .. } => false,
        Command::Update(_)
        | Command::Publish(_)
        | Command::Unpublish { .. }
        | Command::Chat { .. }
        | Command::DeleteChat { .. }
        | Command::Kick { .. }
        | Command::Mute { .. }
        | Command::Admit { .. }
        | Command::Refuse { .. }
        | Command::SetRole { .. }
        | Command::Create(_)
        | Command::UpdateParticipant { .. }
        | Command::Announce { .. }
        | Command::ClearChat
        | Command::MuteAll { .. }
        | Command::AdmitAll
        | Command::UpdateRoom(_)
        | Command::EndRoom { .. } => !matches!(author, Author::Session { .. }),
    }
}

fn apply_and_show(room: &mut Room, event: &Event, offset: u64, name: &RoomName) -> Notice {
    let before: Option<Arc<Participant>> = subject(&event.body).and_then(|sid| room.participant(sid).cloned());
    room.apply(event);
    Notice::new(offset, project(event, before.as_ref(), room, name))
}

/// The participant that must be known as it was before the event.
pub(super) fn subject(body: &EventBody) -> Option<Sid> {
    if let EventBody::Left { sid, .. } | EventBody::Published { sid, .. } | EventBody::RoleChanged { sid, .. } = body {
        Some(*sid)
    } else {
        None
    }
}

fn mailbox_change(body: &EventBody) -> Option<MailboxChange> {
    if let EventBody::Joined { sid, .. } = body {
        Some(MailboxChange::Open(*sid))
    } else if let EventBody::Resumed { sid, generation: Generation(generation), .. } = body {
        Some(MailboxChange::Advance { sid: *sid, generation: *generation })
    } else if let EventBody::Left { sid, .. } = body {
        Some(MailboxChange::Close(*sid))
    } else {
        None
    }
}
