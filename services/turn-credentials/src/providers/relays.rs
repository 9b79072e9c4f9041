//! Relays that share a secret with us: coturn, and the relay of the same process.

use std::{
    collections::HashSet,
    sync::{Arc, PoisonError, RwLock},
};

use antiphon_ice_core::{
    credentials::{RotatingSecrets, mint},
    selection::{self, Relay},
    uri::IceUri,
};
use rand::RngExt as _;
use secrecy::ExposeSecret as _;

use super::{Given, ProviderError, Wish, servers};

/// Mints for its relays.
pub(crate) struct Relays {
    secrets: RotatingSecrets,
    live: LiveRelays,
}

/// Relays, and which of their URIs are handed out. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct LiveRelays {
    all: Arc<[Relay]>,
    /// Those of `all` whose URIs are healthy. Made anew when the health of one changes, so that a mint looks nothing up.
    healthy: Arc<RwLock<Arc<[Relay]>>>,
}

impl LiveRelays {
    fn new(relays: Vec<Relay>) -> Self {
        let all: Arc<[Relay]> = relays.into();
        Self { healthy: Arc::new(RwLock::new(Arc::clone(&all))), all }
    }

    /// Every relay that is configured.
    pub(crate) fn all(&self) -> &[Relay] {
        &self.all
    }

    /// Those that are handed out now.
    pub(crate) fn healthy(&self) -> Arc<[Relay]> {
        Arc::clone(&self.healthy.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes these URIs out, and brings all others back. A `stun:` URI stays as long as one of its relay's others does.
    pub(crate) fn take_out(&self, out: &HashSet<IceUri>) {
        let alive = |relay: &Relay| {
            let uris = relay.uris.iter().filter(|uri| !out.contains(*uri)).cloned().collect();
            Relay { uris, ..relay.clone() }
        };
        let healthy: Arc<[Relay]> = self.all.iter().map(alive).collect();
        *self.healthy.write().unwrap_or_else(PoisonError::into_inner) = healthy;
    }
}

impl Relays {
    pub(crate) fn new(secrets: RotatingSecrets, relays: Vec<Relay>) -> Self {
        Self { secrets, live: LiveRelays::new(relays) }
    }

    pub(crate) fn live(&self) -> &LiveRelays {
        &self.live
    }

    /// Of the healthy relays.
    pub(crate) fn give(&self, wish: &Wish) -> Result<Given, ProviderError> {
        self.of(&self.live.healthy(), wish)
    }

    /// Of all relays, where nothing else is left: perhaps it is we who cannot reach them.
    pub(crate) fn give_unhealthy(&self, wish: &Wish) -> Result<Given, ProviderError> {
        self.of(self.live.all(), wish)
    }

    fn of(&self, relays: &[Relay], wish: &Wish) -> Result<Given, ProviderError> {
        let mut random = rand::rng();
        let chosen = selection::select(relays, wish.region.as_deref(), |_| true, |below| random.random_range(0..below));
        if chosen.is_empty() {
            return Err(ProviderError::NoneHealthy);
        }
        let expires = wish.now.plus(wish.ttl);
        let credential = mint(&self.secrets.current(), wish.user_id().as_str(), expires);
        let uris = chosen.into_iter().flat_map(|(_, uris)| uris);
        let servers = servers(uris, &credential.username, credential.password.expose_secret());
        Ok(Given { servers, expires: Some(expires) })
    }
}
