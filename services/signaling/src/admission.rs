//! Who may connect, and how fast they may talk: limits per address and tenant; the listener bounds all connections together.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    num::NonZeroU32,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use antiphon_protocol::TenantId;
use antiphon_session_core::{Rate, RateLimiter};

use crate::{config::SignalingConfig, usage::Quotas};

/// Addresses or tenants that are remembered before the idle ones are forgotten, and their rates with them.
const REMEMBERED: usize = 65_536;

/// One address's or tenant's connections and messages.
#[derive(Debug, Default)]
struct Party {
    connections: AtomicU32,
    attempts: RateLimiter,
    messages: RateLimiter,
    requests: RateLimiter,
    /// A tenant's messages a second; 0: as everyone's.
    message_rate: AtomicU32,
}

impl Party {
    /// Nothing is lost by forgetting it.
    fn is_idle(&self, now: Duration) -> bool {
        self.attempts.is_idle(now) && self.requests.is_idle(now)
    }
}

/// Why a connection is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overload {
    AddressConnections,
    AddressRate(Duration),
    Tenant,
}

impl Overload {
    /// For the metric.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::AddressConnections => "address_full",
            Self::AddressRate(_) => "address_rate",
            Self::Tenant => "tenant_full",
        }
    }

    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::AddressConnections => "too many connections from this address",
            Self::AddressRate(_) => "too many new connections from this address",
            Self::Tenant => "too many connections of this tenant",
        }
    }

    pub(crate) fn retry_after(self) -> Duration {
        match self {
            Self::AddressRate(wait) => wait,
            Self::AddressConnections | Self::Tenant => Duration::from_secs(5),
        }
    }
}

/// Who is known. Idle ones are forgotten when there are [`REMEMBERED`], and then again when there are twice as many as were left: so a
/// newcomer costs the same however many are busy.
#[derive(Debug)]
struct Parties<K> {
    known: HashMap<K, Arc<Party>>,
    sweep_at: usize,
}

/// The limits of this replica.
#[derive(Debug)]
pub(crate) struct Admission {
    started: Instant,
    max_per_address: u32,
    max_per_tenant: u32,
    attempts: Rate,
    address_messages: Rate,
    tenant_messages: Rate,
    tenant_requests: Rate,
    connection_messages: Rate,
    addresses: Mutex<Parties<IpAddr>>,
    tenants: Mutex<Parties<TenantId>>,
    quotas: Arc<Quotas>,
}

/// A connection's place, given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    admission: Arc<Admission>,
    address: Arc<Party>,
    tenant: Option<Arc<Party>>,
    messages: RateLimiter,
    paid: Paid,
}

/// A message that came too soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Throttle {
    pub(crate) wait: Duration,
    pub(crate) rate: Throttled,
}

/// Whose rate it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Throttled {
    Connection,
    Address,
    Tenant,
}

impl Throttled {
    /// The setting that holds the rate.
    pub(crate) fn setting(self) -> &'static str {
        match self {
            Self::Connection => "message-rate",
            Self::Address => "address-message-rate",
            Self::Tenant => "tenant-message-rate",
        }
    }

    /// What the client is told.
    pub(crate) fn message(self) -> String {
        let of = match self {
            Self::Connection => "",
            Self::Address => " from this address",
            Self::Tenant => " of this tenant",
        };
        format!(
            "too many messages{of}: they are taken more slowly, none is lost. Send fewer, or have {} raised",
            self.setting()
        )
    }
}

/// Which rates a message has been taken from that waits for another one: nobody pays twice for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Paid {
    #[default]
    Nothing,
    Connection,
    Address,
}

/// The place of a stream of events, given back when dropped.
#[derive(Debug)]
pub(crate) struct StreamPlace(Arc<Party>);

impl Drop for Place {
    fn drop(&mut self) {
        self.address.connections.fetch_sub(1, Ordering::Relaxed);
        if let Some(tenant) = &self.tenant {
            tenant.connections.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

fn burst_of(per_second: u32) -> Rate {
    Rate { per_second, burst: per_second.saturating_mul(2) }
}

impl Admission {
    pub(crate) fn new(config: &SignalingConfig, quotas: Arc<Quotas>, now: Instant) -> Self {
        Self {
            started: now,
            max_per_address: config.address_connections,
            max_per_tenant: config.tenant_connections,
            attempts: burst_of(config.address_connection_rate.get()),
            address_messages: burst_of(config.address_message_rate.get()),
            tenant_messages: burst_of(config.tenant_message_rate.get()),
            tenant_requests: burst_of(config.tenant_request_rate.get()),
            connection_messages: config.connection_rate(),
            addresses: Mutex::default(),
            tenants: Mutex::default(),
            quotas,
        }
    }

    /// A place for a connection from this address.
    pub(crate) fn admit(self: &Arc<Self>, address: IpAddr, now: Instant) -> Result<Place, Overload> {
        let party = party(&self.addresses, &address, now - self.started);
        party.attempts.take(self.attempts, now - self.started).map_err(Overload::AddressRate)?;
        claim(&party.connections, self.max_per_address).ok_or(Overload::AddressConnections)?;
        Ok(Place {
            admission: Arc::clone(self),
            address: party,
            tenant: None,
            messages: RateLimiter::default(),
            paid: Paid::Nothing,
        })
    }
}

impl Admission {
    /// The quotas were changed: they hold from now on for those who are here.
    pub(crate) fn apply_quotas(&self) {
        for (tenant, party) in &lock(&self.tenants).known {
            self.apply_quota(tenant, party);
        }
    }

    fn apply_quota(&self, tenant: &TenantId, party: &Party) {
        let rate = self.quotas.of(tenant).message_rate.map_or(0, NonZeroU32::get);
        party.message_rate.store(rate, Ordering::Relaxed);
    }

    /// Takes one request of this tenant over HTTP; `Err` is how long to wait.
    pub(crate) fn request(&self, tenant: &TenantId, now: Instant) -> Result<(), Duration> {
        let now = now - self.started;
        party(&self.tenants, tenant, now).requests.take(self.tenant_requests, now)
    }
}

impl Admission {
    /// A place for a stream of events over HTTP, among the tenant's connections.
    pub(crate) fn stream(&self, tenant: &TenantId, now: Instant) -> Result<StreamPlace, Overload> {
        let party = party(&self.tenants, tenant, now - self.started);
        claim(&party.connections, self.max_per_tenant).ok_or(Overload::Tenant)?;
        Ok(StreamPlace(party))
    }
}

impl Drop for StreamPlace {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Place {
    /// Counts the connection as this tenant's, once its token says so.
    pub(crate) fn belongs_to(&mut self, tenant: &TenantId, now: Instant) -> Result<(), Overload> {
        let party = party(&self.admission.tenants, tenant, now - self.admission.started);
        claim(&party.connections, self.admission.max_per_tenant).ok_or(Overload::Tenant)?;
        self.admission.apply_quota(tenant, &party);
        self.tenant = Some(party);
        Ok(())
    }

    /// Takes one message; `Err` says how long to stop reading before it is asked for again, and whose rate it is.
    pub(crate) fn message(&mut self, now: Instant) -> Result<(), Throttle> {
        let now = now - self.admission.started;
        if self.paid < Paid::Connection {
            let taken = self.messages.take(self.admission.connection_messages, now);
            taken.map_err(|wait| Throttle { wait, rate: Throttled::Connection })?;
            self.paid = Paid::Connection;
        }
        if self.paid < Paid::Address {
            let taken = self.address.messages.take(self.admission.address_messages, now);
            taken.map_err(|wait| Throttle { wait, rate: Throttled::Address })?;
            self.paid = Paid::Address;
        }
        if let Some(tenant) = &self.tenant {
            let rate = match tenant.message_rate.load(Ordering::Relaxed) {
                0 => self.admission.tenant_messages,
                per_second => burst_of(per_second),
            };
            tenant.messages.take(rate, now).map_err(|wait| Throttle { wait, rate: Throttled::Tenant })?;
        }
        self.paid = Paid::Nothing;
        Ok(())
    }
}

/// Counts one more, up to `max`.
fn claim(count: &AtomicU32, max: u32) -> Option<()> {
    count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| (count < max).then_some(count + 1)).ok().map(drop)
}

impl<K> Default for Parties<K> {
    fn default() -> Self {
        Self { known: HashMap::new(), sweep_at: REMEMBERED }
    }
}

fn lock<K>(parties: &Mutex<Parties<K>>) -> MutexGuard<'_, Parties<K>> {
    parties.lock().unwrap_or_else(PoisonError::into_inner)
}

fn party<K: Hash + Eq + Clone>(parties: &Mutex<Parties<K>>, key: &K, now: Duration) -> Arc<Party> {
    let mut parties = lock(parties);
    if let Some(party) = parties.known.get(key) {
        return Arc::clone(party);
    }
    if parties.known.len() >= parties.sweep_at {
        parties.known.retain(|_, party| Arc::strong_count(party) > 1 || !party.is_idle(now));
        parties.sweep_at = (2 * parties.known.len()).max(REMEMBERED);
    }
    let party = Arc::<Party>::default();
    parties.known.insert(key.clone(), Arc::clone(&party));
    party
}

#[cfg(test)]
mod tests;
