//! Webhooks: what an application is told of its rooms by HTTP. docs/webhooks.md is what its developers read.
//!
//! A room's actor translates the events of its batch ([`translate`]) and appends them to the outbox together with the batch, so that
//! none is missing and none is told that did not happen. One [`reader`] per partition of the outbox tells each endpoint's
//! [`delivery`] what has come; that one asks the scheduler of `webhook-core` what to send when, and [`post`]s it.

mod config;
mod delivery;
mod endpoint;
mod letter;
mod names;
mod post;
mod reader;
mod secrets;
mod subscribers;
mod translate;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use antiphon_backplane::{Outbox, Partition};
use antiphon_protocol::TenantId;
use anyhow::{Context as _, bail};
use tokio::{sync::watch, task::JoinHandle};

use crate::{metrics::Metrics, room::Fellows};
use delivery::Delivery;
use reader::Reader;

pub use config::{WebhookArgument, WebhookConfig};
pub(crate) use endpoint::Endpoint;
pub(crate) use letter::{Dead, body as event_body};
pub use names::{EndpointName, EventFilter};
pub(crate) use subscribers::Subscribers;
pub(crate) use translate::{Before, Position, translate};

/// Every endpoint, and what delivers to it. Deliveries end when this is dropped.
#[derive(Default)]
pub(crate) struct Webhooks {
    tenants: HashMap<TenantId, Tenant>,
    readers: Vec<Arc<AtomicBool>>,
    tasks: Vec<JoinHandle<()>>,
}

/// The endpoints of one tenant, by name.
struct Tenant {
    endpoints: Vec<Arc<Endpoint>>,
    subscribers: Arc<Subscribers>,
}

impl std::fmt::Debug for Webhooks {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Webhooks")
    }
}

impl Webhooks {
    /// Begins to deliver. Without endpoints nothing runs, and nothing is read.
    pub(crate) fn start(
        configs: impl IntoIterator<Item = WebhookConfig>,
        outbox: &Arc<dyn Outbox>,
        metrics: &Arc<Metrics>,
        fellows: &watch::Sender<Arc<Fellows>>,
    ) -> anyhow::Result<Self> {
        let mut webhooks = Self::default();
        let mut by_name = HashMap::new();
        for config in configs {
            let place =
                format!("signaling.webhooks: tenant {:?}, id {:?}", config.tenant.as_str(), config.name.as_str());
            let key = (config.tenant.to_string(), config.name.to_string());
            let made = Endpoint::new(config, Arc::clone(outbox), Arc::clone(metrics));
            let (endpoint, orders) = made.with_context(|| place.clone())?;
            let endpoint = Arc::new(endpoint);
            if by_name.insert(key, Arc::clone(&endpoint)).is_some() {
                bail!("{place}: expected another id: there are two of this one");
            }
            webhooks.tasks.push(tokio::spawn(Delivery::new(Arc::clone(&endpoint), orders).run()));
            webhooks.tasks.push(tokio::spawn(follow_secrets(Arc::clone(&endpoint))));
            webhooks.add(endpoint);
        }
        if !by_name.is_empty() {
            webhooks.read(outbox, by_name, metrics, fellows);
        }
        Ok(webhooks)
    }

    fn add(&mut self, endpoint: Arc<Endpoint>) {
        let tenant = self
            .tenants
            .entry(endpoint.config.tenant.clone())
            .or_insert_with(|| Tenant { endpoints: Vec::new(), subscribers: Arc::new(Subscribers::new([])) });
        tenant.endpoints.push(endpoint);
        tenant.endpoints.sort_by(|left, right| left.config.name.cmp(&right.config.name));
        let told =
            tenant.endpoints.iter().map(|endpoint| (endpoint.config.name.clone(), endpoint.config.events.clone()));
        tenant.subscribers = Arc::new(Subscribers::new(told));
    }

    fn read(
        &mut self,
        outbox: &Arc<dyn Outbox>,
        endpoints: HashMap<(String, String), Arc<Endpoint>>,
        metrics: &Arc<Metrics>,
        fellows: &watch::Sender<Arc<Fellows>>,
    ) {
        let endpoints = Arc::new(endpoints);
        for partition in (0..outbox.partitions()).map(Partition) {
            let reader = Reader {
                partition,
                outbox: Arc::clone(outbox),
                endpoints: Arc::clone(&endpoints),
                metrics: Arc::clone(metrics),
                fellows: fellows.subscribe(),
                has_caught_up: Arc::default(),
            };
            self.readers.push(Arc::clone(&reader.has_caught_up));
            self.tasks.push(tokio::spawn(reader.run()));
        }
    }

    /// Who is to be told of what happens in the rooms of a tenant.
    pub(crate) fn subscribers(&self, tenant: &TenantId) -> Option<Arc<Subscribers>> {
        self.tenants.get(tenant).map(|tenant| Arc::clone(&tenant.subscribers))
    }

    /// The endpoints of a tenant, by name.
    pub(crate) fn endpoints(&self, tenant: &TenantId) -> &[Arc<Endpoint>] {
        self.tenants.get(tenant).map_or(&[], |tenant| &tenant.endpoints)
    }

    /// Completes when everything was tried that can be tried now: what waits after a failure waits on.
    pub(crate) async fn flush(&self) {
        let mut again = tokio::time::interval(Duration::from_millis(20));
        while !self.is_idle() {
            again.tick().await;
        }
    }

    fn is_idle(&self) -> bool {
        let mut endpoints = self.tenants.values().flat_map(|tenant| &tenant.endpoints);
        self.readers.iter().all(|reader| reader.load(Ordering::Acquire)) && endpoints.all(|endpoint| endpoint.is_idle())
    }
}

impl Drop for Webhooks {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn follow_secrets(endpoint: Arc<Endpoint>) {
    endpoint.secrets.follow_file(&endpoint.config).await;
}
