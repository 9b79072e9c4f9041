//! One endpoint, as its delivery, its partitions' readers and the REST API share it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use antiphon_backplane::{Outbox, Unavailable};
use antiphon_protocol::{RoomName, v1};
use tokio::sync::mpsc;

use super::{
    WebhookConfig,
    delivery::Order,
    letter::{Dead, body},
    names::WEBHOOK_TEST,
    post::{Answer, Poster},
    secrets::Secrets,
    translate::event_id,
};
use crate::{metrics::Metrics, room::wall_clock};

/// Orders that an endpoint's delivery has not taken yet; whoever gives one more waits.
const ORDERS: usize = 256;

/// An endpoint.
pub(crate) struct Endpoint {
    pub(crate) config: WebhookConfig,
    pub(super) secrets: Secrets,
    pub(super) poster: Poster,
    pub(super) outbox: Arc<dyn Outbox>,
    pub(super) metrics: Arc<Metrics>,
    /// Its name among those of all tenants: its list of dead letters, and its label in metrics.
    pub(crate) lane: String,
    status: Mutex<Status>,
    orders: mpsc::Sender<Order>,
}

/// How an endpoint does.
#[derive(Debug, Clone, Default)]
pub(crate) struct Status {
    /// Events that are not delivered yet.
    pub(crate) waiting: usize,
    /// When the oldest of them happened.
    pub(crate) oldest_ms: Option<u64>,
    /// Nothing is being sent, and nothing could be.
    pub(crate) is_idle: bool,
    /// It answered 410 and has taken nothing since.
    pub(crate) is_gone: bool,
    pub(crate) delivered_at_ms: Option<u64>,
    pub(crate) failure: Option<Failure>,
}

/// The latest failure.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) at_ms: u64,
    pub(crate) reason: String,
}

impl Endpoint {
    /// An endpoint, and the orders that its delivery is to take.
    pub(super) fn new(
        config: WebhookConfig,
        outbox: Arc<dyn Outbox>,
        metrics: Arc<Metrics>,
    ) -> anyhow::Result<(Self, mpsc::Receiver<Order>)> {
        let (orders, receiver) = mpsc::channel(ORDERS);
        let endpoint = Self {
            secrets: Secrets::load(&config)?,
            poster: Poster::new(&config)?,
            lane: format!("{}/{}", config.tenant, config.name),
            status: Mutex::new(Status { is_idle: true, ..Status::default() }),
            config,
            outbox,
            metrics,
            orders,
        };
        Ok((endpoint, receiver))
    }

    pub(crate) fn status(&self) -> MutexGuard<'_, Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing is ordered, sent or ready to be sent.
    pub(super) fn is_idle(&self) -> bool {
        self.orders.capacity() == self.orders.max_capacity() && self.status().is_idle
    }

    pub(super) async fn order(&self, order: Order) {
        // Its delivery ends with the process.
        let _ = self.orders.send(order).await;
    }

    /// Posts an event of type `webhook.test`, past everything that waits.
    pub(crate) async fn test(&self) -> Answer {
        let event = v1::WebhookEvent {
            id: event_id(&rand::random()),
            r#type: WEBHOOK_TEST.to_owned(),
            at_ms: wall_clock().to_proto(),
            tenant: self.config.tenant.to_string(),
            ..v1::WebhookEvent::default()
        };
        let answer = self.post(&event.id, body(&event).get()).await;
        if answer.outcome == antiphon_webhook_core::Outcome::Delivered {
            self.order(Order::Revive).await;
        }
        answer
    }

    /// Has a dead letter sent once more.
    pub(crate) async fn replay(&self, id: &str, dead: &Dead) {
        let (room, at_ms): (RoomName, _) = (dead.letter.address.room.clone(), dead.letter.address.at_ms);
        self.order(Order::Replay { id: id.into(), room, at_ms }).await;
    }

    /// Drops a dead letter.
    pub(crate) async fn discard(&self, id: &str) -> Result<(), Unavailable> {
        self.outbox.exhume(&self.lane, id).await?;
        self.count_dead().await
    }

    /// Brings the instrument up to date.
    pub(super) async fn count_dead(&self) -> Result<(), Unavailable> {
        let count = self.outbox.dead_count(&self.lane).await?;
        let gauge = self.metrics.webhook_dead_letters.with_label_values(&[&self.lane]);
        gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        Ok(())
    }

    /// Posts a body and remembers how that went.
    pub(super) async fn post(&self, id: &str, body: &str) -> Answer {
        let answer = self.poster.post(id, body, &self.secrets.current()).await;
        let seconds = self.metrics.webhook_request_seconds.with_label_values(&[&self.lane]);
        seconds.observe(answer.took.as_secs_f64());
        self.remember(&answer);
        answer
    }

    /// Logs when deliveries begin to fail, and when they succeed again.
    fn remember(&self, answer: &Answer) {
        let at_ms = wall_clock().0;
        let mut status = self.status();
        let was_failing = status.failure.as_ref().is_some_and(|failure| Some(failure.at_ms) >= status.delivered_at_ms);
        if answer.outcome == antiphon_webhook_core::Outcome::Delivered {
            status.delivered_at_ms = Some(at_ms);
            // Of the same millisecond the delivery is the later one.
            status.failure = status.failure.take().filter(|failure| failure.at_ms < at_ms);
            if was_failing {
                tracing::info!(endpoint = self.lane, "webhooks are delivered again");
            }
        } else {
            let reason = answer.said.to_string();
            if !was_failing {
                tracing::warn!(endpoint = self.lane, reason, "webhooks are not delivered; they are tried again");
            }
            status.failure = Some(Failure { at_ms, reason });
        }
    }
}
