//! Builds the service, serves, and ends well.

use antiphon_service_kit::{
    auth::ServiceKeys,
    client_address::ClientAddress,
    drain::{Shutdown, Signals, shutdown},
    health::Health,
    host, openapi,
    serve::{self, Server},
    telemetry,
};
use antiphon_turn_credentials::{Parts, TurnCredentials};
use anyhow::{Context as _, bail};

use crate::settings::Settings;

/// Serves until it is told to stop.
pub(crate) fn run(settings: Settings) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("no threads")?;
    let result = runtime.block_on(serve_until_stopped(settings));
    // What is still running has had its time.
    runtime.shutdown_background();
    result
}

async fn serve_until_stopped(settings: Settings) -> anyhow::Result<()> {
    let mut signals = Signals::install().context("signals cannot be handled")?;
    let tls = settings.tls.load()?;
    let listener =
        serve::bind(settings.server.listen).with_context(|| format!("--listen {}", settings.server.listen))?;
    let keys = settings.auth.key_ring()?;
    let (trigger, shutdown) = shutdown();
    let service_keys = service_keys(&settings, &shutdown)?;
    if keys.key_ids().is_empty() && keys.issuers().is_empty() && service_keys.is_none() {
        bail!("auth.keys: expected an API key or an issuer that signs tokens, or ice.service-keys-file");
    }
    let registry = telemetry::registry();
    let service = TurnCredentials::build(Parts {
        config: settings.ice.clone(),
        keys: keys.clone(),
        service_keys,
        allowed_origins: settings.server.allowed_origins.clone(),
        embedded: None,
        registry: registry.clone(),
    })?;
    if !service.minter().has_providers() {
        bail!("ice.providers: expected at least one provider; docs/turn.md tells of them");
    }
    host::raise_open_file_limit();

    let health = Health::new(shutdown.clone());
    let metrics = telemetry::metrics_router(registry.clone());
    let described = openapi::router(&antiphon_turn_credentials::openapi());
    let mut router = health.router().merge(described).merge(service.router());
    match settings.server.metrics_listen {
        Some(address) => {
            let listener = serve::bind(address).with_context(|| format!("--metrics-listen {address}"))?;
            let router = health.router().merge(metrics);
            tokio::spawn(Server::new(settings.http.clone()).run(listener, router, shutdown.clone()));
        }
        None => router = router.merge(metrics),
    }
    tokio::spawn(settings.auth.clone().follow_keys(keys, shutdown.clone()));
    if let Some(tls) = tls.clone() {
        tokio::spawn(tls.follow_files(shutdown.clone()));
    }
    let server = Server::new(settings.http.clone())
        .with_proxies(ClientAddress::new(&settings.proxy))
        .with_tls(tls)
        .with_metrics(&registry)?;
    tracing::info!(address = %listener.local_addr()?, "serving");
    let serving = tokio::spawn(server.run(listener, router, shutdown));
    health.set_ready(true);

    signals.next().await;
    tracing::info!("draining");
    trigger.drain();
    // Requests are short: what is under way is finished.
    trigger.stop();
    tokio::select! {
        served = serving => served??,
        () = signals.next() => {}
    }
    service.close();
    tracing::info!("stopped");
    Ok(())
}

fn service_keys(settings: &Settings, shutdown: &Shutdown) -> anyhow::Result<Option<ServiceKeys>> {
    let Some(path) = &settings.ice.service_keys_file else { return Ok(None) };
    let keys = ServiceKeys::load(path).context("service-keys-file")?;
    tokio::spawn(keys.clone().follow_file(path.clone(), shutdown.clone()));
    Ok(Some(keys))
}
