//! Asks the providers in their order.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use antiphon_ice_core::{
    UnixTime,
    chain::{Attempt, Chain, Spent, Walk},
};
use antiphon_protocol::{Identity, TenantId, v1};
use antiphon_service_kit::clock::unix_now_s;
use prometheus::IntCounter;

use crate::{
    config::IceConfig,
    metrics::{Metrics, ProviderMetrics},
    providers::{Given, Provider, ProviderError, Wish},
};

/// New servers are asked for when so much of their time is left, or [`LONGEST_MARGIN`] if that is less.
const REFRESH_MARGIN: f64 = 0.2;

const LONGEST_MARGIN: Duration = Duration::from_secs(600);

/// Gives ICE servers. Clones share everything.
#[derive(Clone)]
pub struct Minter(Arc<Inner>);

/// Who is to have ICE servers, and what they wish for.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Whose participant.
    pub tenant: TenantId,
    /// Who: the user id of TURN credentials.
    pub identity: Identity,
    /// How long they are to be good; between a minute and `max-credential-ttl`, else it is brought there.
    pub ttl: Option<Duration>,
    /// Where the client is: the region of a relay that is configured. Any other is taken as none.
    pub region: Option<Arc<str>>,
}

impl Ask {
    /// For this participant, with what is configured.
    #[must_use]
    pub fn new(tenant: TenantId, identity: Identity) -> Self {
        Self { tenant, identity, ttl: None, region: None }
    }
}

/// ICE servers for one participant.
#[derive(Clone, PartialEq)]
pub struct Minted {
    /// W3C `RTCIceServer`s, four URLs in total at most.
    pub servers: Vec<v1::IceServer>,
    /// How long they are good.
    pub ttl: Duration,
    /// When to ask again; `None`: they do not expire.
    pub refresh_after: Option<Duration>,
    /// Who gave them.
    pub provider: Arc<str>,
}

/// No provider gave anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no provider of ICE servers can be reached now")]
pub struct NoServers;

struct Inner {
    providers: Vec<Named>,
    chain: Arc<Mutex<Chain>>,
    ttl: Duration,
    max_ttl: Duration,
    region: Option<Arc<str>>,
    /// Those that relays are in. A client's word for another one is none, or it could have a token for each word that it makes up.
    regions: HashSet<Arc<str>>,
    last_resorts: IntCounter,
}

struct Named {
    name: Arc<str>,
    provider: Provider,
    metrics: ProviderMetrics,
}

/// A provider that was asked: what comes of it is told to the chain, whether or not somebody still waits.
struct Asked {
    attempt: Attempt,
    begun: Instant,
    chain: Arc<Mutex<Chain>>,
    metrics: ProviderMetrics,
}

impl Minter {
    pub(crate) fn new(
        config: &IceConfig,
        providers: Vec<(Arc<str>, Provider)>,
        chain: Chain,
        metrics: &Metrics,
    ) -> Self {
        let named =
            |(name, provider): (Arc<str>, Provider)| Named { metrics: metrics.of_provider(&name), name, provider };
        let regions = providers.iter().flat_map(|(_, provider)| provider.regions()).collect();
        Self(Arc::new(Inner {
            providers: providers.into_iter().map(named).collect(),
            chain: Arc::new(Mutex::new(chain)),
            ttl: config.credential_ttl.0.min(config.max_credential_ttl.0),
            max_ttl: config.max_credential_ttl.0,
            region: config.ice_region.as_deref().map(Into::into),
            regions,
            last_resorts: metrics.last_resorts.clone(),
        }))
    }

    /// ICE servers of the first provider that has some. Each one that fails costs its time limit at most, until its circuit breaker
    /// opens; then nothing. Where all fail, relays are given that probes found dead: perhaps it is we who cannot reach them.
    ///
    /// # Errors
    /// When no provider gives anything.
    pub async fn mint(&self, ask: Ask) -> Result<Minted, NoServers> {
        let inner = &*self.0;
        let wish = Wish {
            ttl: ask.ttl.unwrap_or(inner.ttl).clamp(crate::config::MIN_TTL.0, inner.max_ttl),
            region: ask.region.filter(|region| inner.regions.contains(region)).or_else(|| inner.region.clone()),
            tenant: ask.tenant,
            identity: ask.identity,
            now: UnixTime(unix_now_s()),
        };
        let mut walk = Walk::default();
        loop {
            let next = lock(&inner.chain).next(&mut walk, Instant::now(), wish.now);
            let Some(attempt) = next else { break };
            let named = &inner.providers[attempt.provider];
            match inner.ask(named, attempt, &wish).await {
                Ok(given) => return Ok(tell(named, &wish, given)),
                Err(error) => named.metrics.failed(&error),
            }
        }
        inner.last_resort(&wish).ok_or(NoServers)
    }

    /// Ends the credentials that this identity has, where the provider can do that: Cloudflare's. Gives how many, and the names of
    /// the providers that failed; what is left there can be ended by asking again.
    pub async fn revoke(&self, tenant: &TenantId, identity: &Identity) -> (u32, Vec<Arc<str>>) {
        let (mut revoked, mut failed) = (0, Vec::new());
        for named in &self.0.providers {
            let Provider::Cloudflare(cloudflare) = &named.provider else { continue };
            match cloudflare.revoke(tenant, identity, UnixTime(unix_now_s())).await {
                Ok(count) => revoked += count,
                Err(error) => {
                    tracing::warn!(provider = %named.name, %error, "credentials could not be revoked");
                    failed.push(Arc::clone(&named.name));
                }
            }
        }
        tracing::info!(%tenant, subject = %identity, revoked, "credentials were revoked");
        (revoked, failed)
    }

    /// Whether there is anyone to ask.
    #[must_use]
    pub fn has_providers(&self) -> bool {
        !self.0.providers.is_empty()
    }

    /// What each provider has given this month, by its name.
    pub(crate) fn spent(&self) -> Vec<(Arc<str>, Spent)> {
        let (chain, now) = (lock(&self.0.chain), UnixTime(unix_now_s()));
        let named = self.0.providers.iter().enumerate();
        named.map(|(index, named)| (Arc::clone(&named.name), chain.spent(index, now))).collect()
    }

    /// Brings the gauges up to date.
    pub(crate) fn observe(&self) {
        let (chain, now) = (lock(&self.0.chain), UnixTime(unix_now_s()));
        for (index, named) in self.0.providers.iter().enumerate() {
            named.metrics.spent.set(i64::try_from(chain.spent(index, now).credentials).unwrap_or(i64::MAX));
            named.metrics.breaker(chain.breaker_state(index, Instant::now()));
        }
    }
}

impl Inner {
    async fn ask(&self, named: &Named, attempt: Attempt, wish: &Wish) -> Result<Given, ProviderError> {
        let asked =
            Asked { attempt, begun: Instant::now(), chain: Arc::clone(&self.chain), metrics: named.metrics.clone() };
        match &named.provider {
            Provider::Relays(relays) => asked.settle(relays.give(wish)),
            Provider::List(list) => asked.settle(Ok(list.give())),
            Provider::Twilio(twilio) => {
                let (twilio, wish) = (Arc::clone(twilio), wish.clone());
                asked.carry_out(async move { twilio.give(&wish).await }).await
            }
            Provider::Cloudflare(cloudflare) => {
                let (cloudflare, wish) = (Arc::clone(cloudflare), wish.clone());
                asked.carry_out(async move { cloudflare.give(&wish).await }).await
            }
        }
    }

    fn last_resort(&self, wish: &Wish) -> Option<Minted> {
        let named = self.providers.iter().find_map(|named| match &named.provider {
            Provider::Relays(relays) => relays.give_unhealthy(wish).ok().map(|given| (named, given)),
            Provider::List(_) | Provider::Twilio(_) | Provider::Cloudflare(_) => None,
        });
        let (named, given) = named?;
        self.last_resorts.inc();
        tracing::warn!(provider = %named.name, "no provider is left: relays that probes found dead are handed out");
        Some(tell(named, wish, given))
    }
}

impl Asked {
    /// In a task of its own: a caller that gives up, as a join does, leaves no provider unjudged.
    async fn carry_out(
        self,
        giving: impl Future<Output = Result<Given, ProviderError>> + Send + 'static,
    ) -> Result<Given, ProviderError> {
        let asking = tokio::spawn(async move {
            let given = tokio::time::timeout(self.attempt.timeout, giving).await;
            self.settle(given.unwrap_or(Err(ProviderError::TimedOut)))
        });
        asking.await.unwrap_or(Err(ProviderError::Unreachable("it was given up")))
    }

    fn settle(self, given: Result<Given, ProviderError>) -> Result<Given, ProviderError> {
        self.metrics.seconds.observe(self.begun.elapsed().as_secs_f64());
        match &given {
            Ok(_) => lock(&self.chain).succeeded(self.attempt),
            Err(error) if error.is_no_failure() => lock(&self.chain).declined(self.attempt, Instant::now()),
            Err(_) => lock(&self.chain).failed(self.attempt, Instant::now()),
        }
        given
    }
}

/// Counts and logs what was given: who, by whom, until when.
fn tell(named: &Named, wish: &Wish, given: Given) -> Minted {
    named.metrics.given.inc();
    let expires = given.expires.map(|expires| expires.0);
    tracing::info!(
        target: "antiphon::audit", tenant = %wish.tenant, subject = %wish.identity, provider = %named.name, expires,
        "ICE servers were given"
    );
    let ttl = given.expires.map_or(wish.ttl, |expires| expires.since(wish.now));
    let refresh_after = given.expires.map(|_| refresh_after(ttl));
    Minted { servers: given.servers, ttl, refresh_after, provider: Arc::clone(&named.name) }
}

/// Some time before they expire.
fn refresh_after(ttl: Duration) -> Duration {
    ttl - ttl.mul_f64(REFRESH_MARGIN).min(LONGEST_MARGIN)
}

fn lock(chain: &Mutex<Chain>) -> MutexGuard<'_, Chain> {
    chain.lock().unwrap_or_else(PoisonError::into_inner)
}
