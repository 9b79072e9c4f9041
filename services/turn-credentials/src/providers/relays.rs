//! Relays that share a secret with us: coturn, and the relay of the same process.

use antiphon_ice_core::{
    credentials::{RotatingSecrets, mint},
    selection::{self, Relay},
};
use rand::RngExt as _;
use secrecy::ExposeSecret as _;

use super::{Given, ProviderError, Wish, servers};

/// Mints for its relays.
pub(crate) struct Relays {
    secrets: RotatingSecrets,
    relays: Vec<Relay>,
}

impl Relays {
    pub(crate) fn new(secrets: RotatingSecrets, relays: Vec<Relay>) -> Self {
        Self { secrets, relays }
    }

    pub(crate) fn give(&self, wish: &Wish) -> Result<Given, ProviderError> {
        let mut random = rand::rng();
        let region = wish.region.as_deref();
        let chosen = selection::select(&self.relays, region, |_| true, |below| random.random_range(0..below));
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
