//! How the services are put together.

use antiphon_backplane::Backplane;
use antiphon_service_kit::{
    auth::KeyRing, client_address::ClientAddress, drain::Shutdown, health::Health, telemetry, tls::TlsSource,
};
use antiphon_signaling::{Parts, Signaling};
use axum::{Router, extract::DefaultBodyLimit};
use prometheus::Registry;

use crate::{admin_token_endpoint, ice::Ice, openapi, page, settings::Settings, token_endpoint};

/// No endpoint takes more, and signaling has limits of its own.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Everything that one process serves.
pub(crate) struct App {
    pub(crate) router: Router,
    /// The routes of `metrics-listen`, where that is set.
    pub(crate) metrics_router: Option<Router>,
    pub(crate) health: Health,
    pub(crate) signaling: Signaling,
    pub(crate) ice: Ice,
    pub(crate) registry: Registry,
}

impl App {
    /// `anyone_may_join`: also without a token of the application's. `is_development`: who sits at this machine is its admin.
    pub(crate) fn build(
        settings: &Settings,
        keys: &KeyRing,
        tls: Option<&TlsSource>,
        backplane: Backplane,
        anyone_may_join: bool,
        is_development: bool,
        shutdown: Shutdown,
    ) -> anyhow::Result<Self> {
        let registry = telemetry::registry();
        let ice = Ice::build(settings, keys, tls, is_development, &registry, &shutdown)?;
        let health = Health::new(shutdown);
        let signaling = Signaling::build(Parts {
            config: settings.signaling.clone(),
            rooms: settings.rooms.rules(settings.auth.max_token_lifetime.as_millis()),
            quotas: settings.quotas.clone(),
            keys: keys.clone(),
            client_address: ClientAddress::new(&settings.proxy),
            backplane,
            ice: ice.source(),
            registry: registry.clone(),
        })?;
        let described = antiphon_service_kit::openapi::router(&openapi::openapi(!ice.listening().is_empty()));
        let mut router = health.router().merge(described).merge(signaling.router()).merge(ice.router());
        let metrics = telemetry::metrics_router(registry.clone());
        let metrics_router = if settings.server.metrics_listen.is_some() {
            Some(health.router().merge(metrics))
        } else {
            router = router.merge(metrics);
            None
        };
        if anyone_may_join {
            router = router.merge(token_endpoint::router(keys.clone(), &settings.signaling.allowed_origins));
        }
        if is_development {
            router = router.merge(admin_token_endpoint::router(keys.clone()));
        }
        if settings.page.page {
            router = router.merge(page::router());
        }
        let router = router.layer(DefaultBodyLimit::max(MAX_BODY_BYTES));
        Ok(Self { router, metrics_router, health, signaling, ice, registry })
    }
}
