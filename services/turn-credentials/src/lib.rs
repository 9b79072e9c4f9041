//! ICE servers by HTTP: docs/turn.md is what their users see.
//!
//! [`TurnCredentials::build`] makes the service, [`TurnCredentials::router`] its routes, [`TurnCredentials::minter`] what gives ICE
//! servers in the same process. Inside: a chain of providers (`ice-core` says whom to ask), and tasks that follow
//! files and probe relays.

mod access;
mod budget_file;
mod config;
mod endpoints;
mod limits;
mod metrics;
mod minter;
mod probe;
mod providers;
mod secret_file;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use antiphon_ice_core::{
    chain::{BreakerRules, Chain, ProviderRules},
    credentials::RotatingSecrets,
    selection::Relay,
    uri::Transport,
};
use antiphon_service_kit::auth::{KeyRing, ServiceKeys};
use anyhow::bail;
use axum::Router;
use tokio::task::JoinHandle;

pub use config::{
    CloudflareConfig, CoturnConfig, IceConfig, InvalidProvider, ProviderArgument, ProviderConfig, ProviderKind,
    StaticConfig, StaticServer, TwilioConfig,
};
pub use endpoints::openapi;
pub use minter::{Ask, Minted, Minter, NoServers};

use limits::Limits;
use metrics::Metrics;
use probe::{Board, Prober, tls_connector};
use providers::{Followed, Provider, Relays};

/// How often gauges are brought up to date and the budget file is written, where it changed.
const HOUSEKEEPING_INTERVAL: Duration = Duration::from_secs(2);

/// What the service is built from.
pub struct Parts {
    /// Providers, lifetimes and limits.
    pub config: IceConfig,
    /// Verifies participants' and applications' tokens.
    pub keys: KeyRing,
    /// Verifies the tokens of other services. `None`: there are none.
    pub service_keys: Option<ServiceKeys>,
    /// Origins whose pages may ask.
    pub allowed_origins: Vec<String>,
    /// The relay of the same process, asked before the providers that are configured with a priority above 0.
    pub embedded: Option<EmbeddedRelay>,
    /// Takes the instruments.
    pub registry: prometheus::Registry,
}

/// A relay in the same process.
#[derive(Debug, Clone)]
pub struct EmbeddedRelay {
    /// What minter and relay share.
    pub secrets: RotatingSecrets,
    /// Where clients reach it.
    pub relay: Relay,
}

/// What every request needs.
struct Shared {
    keys: KeyRing,
    service_keys: Option<ServiceKeys>,
    allowed_origins: Vec<String>,
    limits: Limits,
    minter: Minter,
    metrics: Metrics,
}

/// The service.
pub struct TurnCredentials {
    shared: Arc<Shared>,
    budget: Option<Arc<Budget>>,
    /// What it does unasked, until it is dropped.
    tasks: Vec<JoinHandle<()>>,
}

impl TurnCredentials {
    /// Builds the service. Must be called within a Tokio runtime: it follows its files from now on.
    ///
    /// # Errors
    /// When a provider's file cannot be read or two providers have one name, the budget file is none, or the registry has instruments
    /// of the same names already.
    pub fn build(parts: Parts) -> anyhow::Result<Self> {
        let metrics = Metrics::register(&parts.registry)?;
        let mut built = Built::default();
        if let Some(EmbeddedRelay { secrets, relay }) = parts.embedded {
            built.add("embedded", EMBEDDED, Provider::Relays(Relays::new(secrets, vec![relay])))?;
        }
        let mut tasks = Vec::new();
        for config in parts.config.provider_configs() {
            let (provider, followed) = Provider::build(&config)?;
            if let (Provider::Relays(relays), Some(Followed::Secrets(secrets))) = (&provider, &followed) {
                let board = Board::new(relays.live().clone(), metrics.probes.clone());
                tasks.extend(probe_relays(&parts.config, Arc::new(board), &secrets.handle())?);
            }
            built.add(&config.name, config.rules, provider)?;
            built.followed.extend(followed);
        }
        let chain = built.chain(parts.config.budget_file.as_deref())?;
        tasks.extend(built.followed.into_iter().map(follow));
        let minter = Minter::new(&parts.config, built.providers, chain, &metrics);
        let budget = parts.config.budget_file.clone().map(|path| Arc::new(Budget { path, minter: minter.clone() }));
        tasks.push(tokio::spawn(keep_house(minter.clone(), budget.clone())));
        let limits = Limits::new(parts.config.tenant_rate(), parts.config.subject_rate(), Instant::now());
        let shared = Arc::new(Shared {
            keys: parts.keys,
            service_keys: parts.service_keys,
            allowed_origins: parts.allowed_origins,
            limits,
            minter,
            metrics,
        });
        Ok(Self { shared, budget, tasks })
    }

    /// The service's routes.
    pub fn router(&self) -> Router {
        endpoints::router(&self.shared)
    }

    /// What gives ICE servers, for others in the same process.
    #[must_use]
    pub fn minter(&self) -> Minter {
        self.shared.minter.clone()
    }

    /// Writes the budget file. For the end of the process, when no more requests come.
    pub fn close(&self) {
        if let Some(budget) = &self.budget {
            budget.write();
        }
    }
}

impl Drop for TurnCredentials {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// It computes, so it neither fails nor takes time.
const EMBEDDED: ProviderRules = ProviderRules {
    priority: 0,
    timeout: Duration::from_secs(1),
    breaker: BreakerRules {
        failures: std::num::NonZeroU32::MIN,
        open_for: Duration::ZERO,
        open_for_at_most: Duration::ZERO,
    },
    monthly_budget: None,
};

/// Providers on their way into the chain.
#[derive(Default)]
struct Built {
    providers: Vec<(Arc<str>, Provider)>,
    rules: Vec<ProviderRules>,
    followed: Vec<Followed>,
}

impl Built {
    fn add(&mut self, name: &str, rules: ProviderRules, provider: Provider) -> anyhow::Result<()> {
        if self.providers.iter().any(|(other, _)| &**other == name) {
            bail!("two providers have the name {name:?}: set name");
        }
        self.providers.push((name.into(), provider));
        self.rules.push(rules);
        Ok(())
    }

    fn chain(&self, budget_file: Option<&Path>) -> anyhow::Result<Chain> {
        let before = budget_file.map(budget_file::read).transpose()?.unwrap_or_default();
        let mut chain = Chain::new(self.rules.iter().copied());
        for (index, (name, _)) in self.providers.iter().enumerate() {
            if let Some(spent) = before.get(&**name) {
                chain.restore(index, *spent);
            }
        }
        Ok(chain)
    }
}

/// A task for each URI.
fn probe_relays(
    config: &IceConfig,
    board: Arc<Board>,
    secrets: &RotatingSecrets,
) -> anyhow::Result<Vec<JoinHandle<()>>> {
    let interval = config.probe_interval.0;
    if interval.is_zero() {
        return Ok(Vec::new());
    }
    let uris = board.uris();
    let needs_tls = uris.iter().any(|uri| uri.transport() == Transport::Tls);
    let tls = needs_tls.then(|| tls_connector(config.probe_ca_file.as_deref())).transpose()?;
    let probe = |(number, uri)| {
        let prober = Prober::new(uri, secrets.clone(), tls.clone(), number);
        tokio::spawn(prober.run(interval, Arc::clone(&board)))
    };
    Ok(uris.into_iter().enumerate().map(probe).collect())
}

fn follow(followed: Followed) -> JoinHandle<()> {
    match followed {
        Followed::Secrets(secrets) => tokio::spawn(secrets.follow()),
        Followed::Text(text) => tokio::spawn(text.follow()),
    }
}

struct Budget {
    path: PathBuf,
    minter: Minter,
}

impl Budget {
    fn write(&self) {
        let spent = self.minter.spent().into_iter().map(|(name, spent)| (name.to_string(), spent));
        if let Err(error) = budget_file::write(&self.path, spent) {
            tracing::error!(%error, file = %self.path.display(), "the budget file cannot be written: a restart gives budgets anew");
        }
    }
}

async fn keep_house(minter: Minter, budget: Option<Arc<Budget>>) {
    let mut due = tokio::time::interval(HOUSEKEEPING_INTERVAL);
    let mut written = BTreeMap::new();
    loop {
        due.tick().await;
        minter.observe();
        let spent: BTreeMap<_, _> = minter.spent().into_iter().collect();
        if let Some(budget) = budget.as_ref().filter(|_| spent != written) {
            let budget = Arc::clone(budget);
            // A disk may be slow; what fails is logged.
            let _ = tokio::task::spawn_blocking(move || budget.write()).await;
            written = spent;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(name: &str) -> (ProviderConfig, Provider) {
        let table = format!(r#"{{ type = "static", name = "{name}", servers = [{{ urls = ["stun:a.example"] }}] }}"#);
        let config = table.parse::<ProviderArgument>().expect("a provider").0.remove(0);
        let (provider, _) = Provider::build(&config).expect("it needs nothing");
        (config, provider)
    }

    #[test]
    fn two_providers_of_one_name_are_refused() {
        let mut built = Built::default();
        for (name, is_free) in [("one", true), ("other", true), ("one", false)] {
            let (config, provider) = provider(name);
            let added = built.add(&config.name, config.rules, provider);
            assert_eq!(added.is_ok(), is_free, "{name}");
        }
    }
}
