//! One task per endpoint: it carries out what the scheduler says, and nothing else waits for it.

use std::{
    collections::BTreeSet,
    future::Future,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use antiphon_backplane::{DeadLetter, Partition, Place, Unavailable};
use antiphon_protocol::RoomName;
use antiphon_webhook_core::{Due, Message, Outcome, Scheduler, Verdict};
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use tokio::sync::mpsc;

use super::{
    endpoint::Endpoint,
    letter::{Dead, Letter, to_bytes},
};
use crate::room::wall_clock;

/// How often the figures of an endpoint are brought up to date while events wait, and what could not be settled is tried again.
const REFRESH: Duration = Duration::from_millis(250);

/// Where a letter is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// In the outbox.
    Outbox(Partition, Place),
    /// Among the dead letters, under this id.
    Dead(Arc<str>),
}

/// Whose order is kept: what is sent again does not hold back what is new.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Lane {
    Live(RoomName),
    Replay(RoomName),
}

/// What an endpoint's delivery is told.
#[derive(Debug)]
pub(super) enum Order {
    /// A letter has come.
    Deliver { room: RoomName, partition: Partition, place: Place, at_ms: u64 },
    /// Letters before this place have given way to newer ones.
    Forget { partition: Partition, before: Place },
    /// A dead letter is to be tried once more.
    Replay { id: Arc<str>, room: RoomName, at_ms: u64 },
    /// The endpoint has taken a test.
    Revive,
}

/// What one piece of work came to.
enum Finished {
    Sent { due: Due<Lane, Source>, outcome: Outcome, reason: String, at_ms: Option<u64> },
    LaidAside { lane: Lane, outcome: Outcome },
}

type Work = Pin<Box<dyn Future<Output = Finished> + Send>>;

/// Delivers to one endpoint.
pub(super) struct Delivery {
    endpoint: Arc<Endpoint>,
    orders: mpsc::Receiver<Order>,
    scheduler: Scheduler<Lane, Source>,
    working: FuturesUnordered<Work>,
    /// Dealt with, and still in the outbox or among the dead letters.
    finished: Vec<Source>,
    replaying: BTreeSet<Arc<str>>,
    refresh_at: Instant,
}

impl Delivery {
    pub(super) fn new(endpoint: Arc<Endpoint>, orders: mpsc::Receiver<Order>) -> Self {
        let scheduler = Scheduler::new(endpoint.config.retry, endpoint.config.concurrency.get() as usize);
        Self {
            endpoint,
            orders,
            scheduler,
            working: FuturesUnordered::new(),
            finished: Vec::new(),
            replaying: BTreeSet::new(),
            refresh_at: Instant::now(),
        }
    }

    /// Delivers until nobody can give orders any more.
    pub(super) async fn run(mut self) {
        // Those that another life of this process has left.
        let _ = self.endpoint.count_dead().await;
        loop {
            let now = Instant::now();
            while let Some(due) = self.scheduler.next(now) {
                self.working.push(Box::pin(send(Arc::clone(&self.endpoint), due)));
            }
            self.forget_finished().await;
            self.refresh(now);
            let wake_at = self.wake_at();
            tokio::select! {
                order = self.orders.recv() => match order {
                    Some(order) => self.take(order),
                    None => return,
                },
                Some(finished) = self.working.next() => self.settle(finished),
                () = sleep_until(wake_at) => {}
            }
        }
    }

    fn take(&mut self, order: Order) {
        match order {
            Order::Deliver { room, partition, place, at_ms } => {
                let until = self.until(at_ms);
                let key = Source::Outbox(partition, place);
                self.scheduler.enqueue(Lane::Live(room), Message { key, at_ms, until, insists: false });
            }
            Order::Forget { partition, before } => self.scheduler.retain(|source| match source {
                Source::Outbox(in_partition, place) => *in_partition != partition || *place >= before,
                Source::Dead(_) => true,
            }),
            Order::Replay { id, room, at_ms } => {
                if self.replaying.insert(Arc::clone(&id)) {
                    // One attempt: whoever asked for it sees in the list whether it stayed.
                    let message = Message { key: Source::Dead(id), at_ms, until: Instant::now(), insists: true };
                    self.scheduler.enqueue(Lane::Replay(room), message);
                }
            }
            Order::Revive => self.scheduler.revive(),
        }
    }

    /// Until when an event of that time is tried again.
    fn until(&self, at_ms: u64) -> Instant {
        let age = Duration::from_millis(wall_clock().0.saturating_sub(at_ms));
        Instant::now() + self.endpoint.config.retry_for.saturating_sub(age)
    }

    fn settle(&mut self, finished: Finished) {
        let (lane, outcome) = match &finished {
            Finished::Sent { due, outcome, .. } => (&due.lane, *outcome),
            Finished::LaidAside { lane, outcome } => (lane, *outcome),
        };
        let verdict = self.scheduler.settle(lane, outcome, Instant::now(), rand::random());
        self.count(&finished, &verdict);
        match (verdict, finished) {
            (Verdict::Done(source), _) => self.finished.push(source),
            (Verdict::GiveUp { key, attempts }, Finished::Sent { due, reason, .. }) => {
                let endpoint = Arc::clone(&self.endpoint);
                self.working.push(Box::pin(lay_aside(endpoint, due.lane, key, attempts, reason)));
            }
            (Verdict::GiveUp { .. } | Verdict::Again { .. } | Verdict::Unknown, _) => {}
        }
    }

    fn count(&self, finished: &Finished, verdict: &Verdict<Source>) {
        let metrics = &self.endpoint.metrics;
        let label = self.endpoint.lane.as_str();
        let count = |outcome| metrics.webhook_deliveries.with_label_values(&[label, outcome]).inc();
        match (finished, verdict) {
            (Finished::Sent { outcome: Outcome::Delivered, at_ms, .. }, _) => {
                count("delivered");
                let lag_ms = at_ms.map(|at_ms| wall_clock().0.saturating_sub(at_ms)).unwrap_or_default();
                let lag = metrics.webhook_lag_seconds.with_label_values(&[label]);
                lag.observe(Duration::from_millis(lag_ms).as_secs_f64());
            }
            (Finished::Sent { due, .. }, _) if due.is_moot => {}
            (Finished::Sent { outcome: Outcome::Failed { .. } | Outcome::Gone, .. }, _) => count("failed"),
            (Finished::LaidAside { lane: Lane::Live(_), .. }, Verdict::Done(_)) => count("given_up"),
            (Finished::Sent { .. } | Finished::LaidAside { .. }, _) => {}
        }
    }

    /// What was dealt with goes from where it was. Where the backplane is away, it goes later.
    async fn forget_finished(&mut self) {
        while let Some(source) = self.finished.last() {
            let gone = match source {
                Source::Outbox(partition, place) => self.endpoint.outbox.settle(*partition, &[*place]).await,
                Source::Dead(id) => {
                    self.replaying.remove(id);
                    Ok(())
                }
            };
            if gone.is_err() {
                return;
            }
            self.finished.pop();
        }
    }

    fn refresh(&mut self, now: Instant) {
        let mut status = self.endpoint.status();
        status.waiting = self.scheduler.len();
        status.is_gone = self.scheduler.is_gone();
        status.is_idle = self.scheduler.is_idle() && self.working.is_empty();
        if now >= self.refresh_at || self.scheduler.is_empty() {
            status.oldest_ms = self.scheduler.oldest_ms();
            self.refresh_at = now + REFRESH;
        }
        let (metrics, label) = (&self.endpoint.metrics, [self.endpoint.lane.as_str()]);
        let waiting = i64::try_from(status.waiting).unwrap_or(i64::MAX);
        metrics.webhook_waiting.with_label_values(&label).set(waiting);
        let oldest_s = Duration::from_millis(status.oldest_ms.unwrap_or_default()).as_secs_f64();
        metrics.webhook_oldest.with_label_values(&label).set(oldest_s);
    }

    fn wake_at(&self) -> Option<Instant> {
        let refresh = (!self.scheduler.is_empty() || !self.finished.is_empty()).then_some(self.refresh_at);
        refresh.into_iter().chain(self.scheduler.timeout()).min()
    }
}

/// Completes at that time; never where there is none.
async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

/// Sends one letter.
async fn send(endpoint: Arc<Endpoint>, due: Due<Lane, Source>) -> Finished {
    let nothing = |due, outcome, reason: &str| Finished::Sent { due, outcome, reason: reason.to_owned(), at_ms: None };
    if due.is_moot {
        return nothing(due, Outcome::Gone, "the endpoint answered 410 before");
    }
    let letter = match fetch(&endpoint, &due.key).await {
        Ok(Some(letter)) => letter,
        Ok(None) => return nothing(due, Outcome::Lost, ""),
        Err(Unavailable) => return nothing(due, Outcome::Failed { pause: None }, "the backplane was out of reach"),
    };
    let answer = endpoint.post(&letter.id, letter.body.get()).await;
    if let (Source::Dead(id), Outcome::Delivered) = (&due.key, answer.outcome)
        && endpoint.discard(id).await.is_err()
    {
        tracing::warn!(
            endpoint = endpoint.lane,
            id = letter.id,
            "a dead letter was delivered and could not be taken away"
        );
    }
    Finished::Sent { due, outcome: answer.outcome, reason: answer.said.to_string(), at_ms: Some(letter.address.at_ms) }
}

/// Lays a letter aside that was given up. One that was dead before stays where it is.
async fn lay_aside(endpoint: Arc<Endpoint>, lane: Lane, source: Source, attempts: u32, reason: String) -> Finished {
    let outcome = match source {
        Source::Dead(_) => Outcome::Buried,
        Source::Outbox(..) => match bury(&endpoint, &source, attempts, reason).await {
            Ok(()) => Outcome::Buried,
            Err(Unavailable) => Outcome::NotBuried,
        },
    };
    Finished::LaidAside { lane, outcome }
}

async fn bury(endpoint: &Endpoint, source: &Source, attempts: u32, reason: String) -> Result<(), Unavailable> {
    let Some(letter) = fetch(endpoint, source).await? else { return Ok(()) };
    tracing::warn!(
        endpoint = endpoint.lane, room = %letter.address.room, event = letter.kind, id = letter.id, attempts, reason,
        "a webhook was given up; it lies among the dead letters"
    );
    let id = letter.id.clone();
    let dead = Dead { letter, given_up_at_ms: wall_clock().0, attempts, reason };
    let gone = endpoint.outbox.bury(&endpoint.lane, DeadLetter { id, payload: to_bytes(&dead) }).await?;
    endpoint.metrics.webhook_lost.with_label_values(&[&endpoint.lane]).inc_by(gone);
    endpoint.count_dead().await
}

/// The letter, where it is still there.
async fn fetch(endpoint: &Endpoint, source: &Source) -> Result<Option<Letter>, Unavailable> {
    match source {
        Source::Outbox(partition, place) => {
            let before = Place(place.0.saturating_sub(1));
            let page = endpoint.outbox.read(*partition, before, 1).await?;
            let found = page.messages.into_iter().find(|message| message.place == *place);
            Ok(found.and_then(|message| serde_json::from_slice(&message.payload).ok()))
        }
        Source::Dead(id) => {
            let found = endpoint.outbox.dead_letter(&endpoint.lane, id).await?;
            let dead: Option<Dead> = found.and_then(|buried| serde_json::from_slice(&buried.letter.payload).ok());
            Ok(dead.map(|dead| dead.letter))
        }
    }
}
