//! Builds the server, serves, and ends well.

use std::{future::pending, io, net::SocketAddr, path::Path};

use antiphon_backplane::redis::Status;
use antiphon_service_kit::{
    auth::KeyRing,
    client_address::ClientAddress,
    config::ConfigFile,
    drain::{Shutdown, ShutdownTrigger, Signals, shutdown},
    health::Health,
    host, origins,
    serve::{self, Server},
    tls::TlsSource,
};
use anyhow::{Context as _, anyhow, bail};
use tokio::{net::TcpListener, sync::watch};

use crate::{
    app::App,
    development::{DevelopmentKey, DevelopmentWebhook},
    settings::Settings,
    startup_text::StartupText,
    terminal,
};

/// Serves until it is told to stop.
pub(crate) fn run(settings: Settings, file: ConfigFile, webhook: Option<String>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("no threads")?;
    let result = runtime.block_on(serve_until_stopped(settings, file, webhook));
    // What is still running has had its time.
    runtime.shutdown_background();
    result
}

async fn serve_until_stopped(mut settings: Settings, file: ConfigFile, webhook: Option<String>) -> anyhow::Result<()> {
    let is_development = file.config.is_none();
    if is_development && settings.signaling.allowed_origins.is_empty() {
        settings.signaling.allowed_origins = origins::LOOPBACK.map(str::to_owned).to_vec();
    }
    let mut signals = Signals::install().context("signals cannot be handled")?;
    let tls = settings.tls.load()?;
    let listener = bind("listen", settings.server.listen)?;
    let metrics_listener = settings.server.metrics_listen.map(|address| bind("metrics-listen", address)).transpose()?;
    let (keys, development_key) = keys(&settings, file.config.as_deref())?;
    let webhook = webhook.map(DevelopmentWebhook::make_up);
    if let Some(webhook) = &webhook {
        let endpoints = webhook.endpoints(&keys.tenants());
        settings.signaling.webhooks.extend(endpoints.map_err(|error| anyhow!("--webhook: {error}"))?);
    }
    let (trigger, shutdown) = shutdown();
    let anyone_may_join = is_development || settings.page.anyone_may_join;
    let chosen = settings.backplane.build()?;
    let (backplane, status) = (chosen.backplane, chosen.status);
    let app = App::build(&settings, &keys, tls.as_ref(), backplane, anyone_may_join, is_development, shutdown.clone())?;
    host::raise_open_file_limit();

    let text = StartupText {
        address: listener.local_addr()?,
        tls: tls.as_ref(),
        development_key: development_key.as_ref(),
        webhook: webhook.as_ref(),
        config: file.config.as_deref(),
        has_page: settings.page.page,
        relay: app.ice.listening(),
        program: &std::env::args().next().unwrap_or_else(|| "antiphon".to_owned()),
    };
    let text = text.render();
    follow_files(&settings, &keys, tls.as_ref(), &shutdown);
    if let (Some(listener), Some(router)) = (metrics_listener, app.metrics_router) {
        tokio::spawn(Server::new(settings.http.clone()).run(listener, router, shutdown.clone()));
    }
    let server = Server::new(settings.http.clone())
        .with_proxies(ClientAddress::new(&settings.proxy))
        .with_tls(tls)
        .with_metrics(&app.registry)?;
    tracing::info!(address = %listener.local_addr()?, is_development, "serving");
    if anyone_may_join && !is_development {
        tracing::warn!("anyone-may-join is set: everyone who reaches this server can join every room");
    }
    let mut relaying = tokio::spawn(app.ice.run(shutdown.clone()));
    let serving = tokio::spawn(server.run(listener, app.router, shutdown));
    terminal::print(&text);

    tokio::select! {
        () = signals.next() => {}
        error = follow_backplane(status, &app.health) => return Err(error),
        relayed = &mut relaying => {
            // It ends by itself only where it failed.
            relayed??;
        }
    }
    let ending = end(&app.signaling, &trigger, &settings);
    tokio::select! {
        () = ending => {}
        () = signals.next() => {
            tracing::warn!("stopped at once");
            return Ok(());
        }
    }
    tokio::select! {
        ended = async { tokio::try_join!(serving, relaying) } => {
            let (served, relayed) = ended?;
            served?;
            relayed?;
        }
        () = signals.next() => {}
    }
    tracing::info!("stopped");
    Ok(())
}

/// The server is ready from the time when its backplane is in reach for the first time. It stays so when it goes out of reach: every
/// server is without it then, and clients that stay connected lose the least. Ends only where the backplane can never be used.
async fn follow_backplane(status: Option<watch::Receiver<Status>>, health: &Health) -> anyhow::Error {
    let Some(mut status) = status else {
        health.set_ready(true);
        return pending().await;
    };
    let mut was_connected = false;
    loop {
        match status.borrow_and_update().clone() {
            Status::Connected => {
                was_connected = true;
                health.set_ready(true);
            }
            Status::Misconfigured(reason) if !was_connected => return anyhow!("backplane: {reason}"),
            Status::Misconfigured(_) | Status::Connecting | Status::Away => {}
        }
        if status.changed().await.is_err() {
            return pending().await;
        }
    }
}

/// Moves the clients away, then lets nothing new in.
async fn end(signaling: &antiphon_signaling::Signaling, trigger: &ShutdownTrigger, settings: &Settings) {
    trigger.drain();
    tracing::info!("draining: clients are asked to move");
    terminal::print("\nStopping. Ctrl-C again stops at once.\n");
    let left = signaling.drain(settings.server.drain_timeout.0).await;
    if left > 0 {
        tracing::warn!(connections = left, "some clients did not move in time");
    }
    trigger.stop();
}

fn bind(key: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    serve::bind(address).map_err(|error| {
        if error.kind() == io::ErrorKind::AddrInUse {
            let other = SocketAddr::new(address.ip(), address.port().checked_add(1).unwrap_or(7880));
            anyhow!(
                "{address} is in use by another program: choose another address with --{key}, such as --{key} {other}"
            )
        } else {
            anyhow!("--{key}: cannot listen on {address}: {error}")
        }
    })
}

/// The configured keys; the development server makes one up where there are none.
fn keys(settings: &Settings, file: Option<&Path>) -> anyhow::Result<(KeyRing, Option<DevelopmentKey>)> {
    let configured = settings.auth.load_keys()?;
    match file {
        _ if !configured.is_empty() => Ok((KeyRing::of(configured, settings.auth.rules())?, None)),
        Some(file) => bail!(
            "{}: auth.keys: expected at least one API key, here, in auth.keys-file or in ANTIPHON_KEYS, or an issuer in auth.issuers-file",
            file.display()
        ),
        None => {
            let made_up = DevelopmentKey::make_up();
            Ok((KeyRing::new([made_up.key.clone()], settings.auth.rules())?, Some(made_up)))
        }
    }
}

fn follow_files(settings: &Settings, keys: &KeyRing, tls: Option<&TlsSource>, shutdown: &Shutdown) {
    tokio::spawn(settings.auth.clone().follow_keys(keys.clone(), shutdown.clone()));
    if let Some(tls) = tls.cloned() {
        tokio::spawn(tls.follow_files(shutdown.clone()));
    }
}
