//! One task per partition of the outbox: it tells the endpoints what has come for them.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use antiphon_backplane::{Outbox, OutboxWatch, Outgoing, Partition, Place, Unavailable};

use tokio::sync::watch;

use super::{delivery::Order, endpoint::Endpoint, letter::Address};
use crate::{metrics::Metrics, room::Fellows};

/// Messages that are read at once.
const PAGE: usize = 256;

/// How long to wait for a backplane that is away.
const RETRY: Duration = Duration::from_secs(1);

/// Messages that may give way to newer ones before the endpoints are told to forget them: telling looks at all that wait.
const FORGET_EVERY: u64 = 1_024;

/// Reads one partition.
pub(super) struct Reader {
    pub(super) partition: Partition,
    pub(super) outbox: Arc<dyn Outbox>,
    /// By tenant and name.
    pub(super) endpoints: Arc<HashMap<(String, String), Arc<Endpoint>>>,
    pub(super) metrics: Arc<Metrics>,
    /// One of the replicas reads this partition.
    pub(super) fellows: watch::Receiver<Arc<Fellows>>,
    /// Nothing is left to read.
    pub(super) has_caught_up: Arc<AtomicBool>,
}

/// How far a partition was read.
#[derive(Default)]
struct Read {
    after: Place,
    /// Of those that gave way, how many the endpoints were told of. What was lost before is not theirs to forget.
    forgotten: Option<u64>,
}

impl Reader {
    /// Reads for ever, while the partition is this replica's.
    pub(super) async fn run(self) {
        let (mut taken, mut given) = (self.fellows.clone(), self.fellows.clone());
        loop {
            self.has_caught_up.store(true, Ordering::Release);
            if taken.wait_for(|fellows| fellows.is_mine(&self.partition)).await.is_err() {
                return;
            }
            self.has_caught_up.store(false, Ordering::Release);
            tokio::select! {
                () = self.read() => {}
                gone = given.wait_for(|fellows| !fellows.is_mine(&self.partition)) => if gone.is_err() { return },
            }
            self.hand_over().await;
        }
    }

    async fn read(&self) {
        let mut again = tokio::time::interval(RETRY);
        let mut read = Read::default();
        loop {
            again.tick().await;
            if let Ok(watch) = self.outbox.watch(self.partition).await {
                let Err(Unavailable) = self.follow(watch, &mut read).await;
                tracing::warn!(partition = self.partition.0, "webhooks wait: the backplane is out of reach");
            }
        }
    }

    /// Another replica delivers what waits here from now on. What is on its way may come twice, under the same id.
    async fn hand_over(&self) {
        #[expect(clippy::iter_over_hash_type, reason = "each is told the same")]
        for endpoint in self.endpoints.values() {
            endpoint.order(Order::Forget { partition: self.partition, before: Place(u64::MAX) }).await;
        }
    }

    async fn follow(&self, watch: OutboxWatch, read: &mut Read) -> Result<Infallible, Unavailable> {
        loop {
            let page = self.outbox.read(self.partition, read.after, PAGE).await?;
            let forgotten = read.forgotten.get_or_insert(page.lost);
            if page.lost >= *forgotten + FORGET_EVERY || (page.lost > *forgotten && page.messages.is_empty()) {
                self.forget(page.lost - *forgotten).await?;
                *forgotten = page.lost;
            }
            if page.messages.is_empty() {
                self.has_caught_up.store(true, Ordering::Release);
                watch.notified().await;
                self.has_caught_up.store(false, Ordering::Release);
            }
            for message in page.messages {
                let place = message.place;
                self.route(message).await?;
                read.after = place;
            }
        }
    }

    /// Tells the endpoint that a message is for; one that is for nobody any more goes.
    async fn route(&self, message: Outgoing) -> Result<(), Unavailable> {
        let place = message.place;
        let address: Option<Address> = serde_json::from_slice(&message.payload).ok();
        let named = address.and_then(|address| {
            let Address { tenant, endpoint, room, at_ms } = address;
            Some((self.endpoints.get(&(String::from(tenant), endpoint))?, room, at_ms))
        });
        let Some((endpoint, room, at_ms)) = named else {
            tracing::warn!(
                partition = self.partition.0,
                "a webhook is dropped: its endpoint is not configured any more"
            );
            return self.outbox.settle(self.partition, &[place]).await;
        };
        endpoint.order(Order::Deliver { room, partition: self.partition, place, at_ms }).await;
        Ok(())
    }

    /// Messages have given way to newer ones: what is known of them must not pile up.
    async fn forget(&self, lost: u64) -> Result<(), Unavailable> {
        tracing::error!(partition = self.partition.0, lost, "webhooks were lost: more wait than the outbox holds");
        self.metrics.webhook_lost.with_label_values(&["outbox"]).inc_by(lost);
        let first = self.outbox.read(self.partition, Place(0), 1).await?.messages.first().map(|message| message.place);
        #[expect(clippy::iter_over_hash_type, reason = "each is told the same")]
        for endpoint in self.endpoints.values() {
            let before = first.unwrap_or(Place(u64::MAX));
            endpoint.order(Order::Forget { partition: self.partition, before }).await;
        }
        Ok(())
    }
}
