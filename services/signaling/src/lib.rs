//! Room signaling over WebSocket and the REST API of rooms: docs/protocol.md and docs/rest.md are what their clients see.
//!
//! [`Signaling::build`] makes the service, [`Signaling::router`] its routes, [`Signaling::drain`] ends it. Inside: one task per
//! connection, one actor per room, nothing shared but a room's feed and the backplane.

mod admission;
mod config;
mod connect;
mod connection;
mod ice;
mod metrics;
mod rest;
mod resume_token;
mod room;
mod routing;
mod tls;
mod usage;
mod webhooks;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use antiphon_backplane::Backplane;
use antiphon_protocol::{ReplicaId, v1};
use antiphon_room_core::RoomConfig;
use antiphon_service_kit::{
    auth::{Claims, KeyRing},
    client_address::ClientAddress,
};
use antiphon_session_core::SessionConfig;
use axum::{Router, routing::get};
use tokio::{sync::watch, task::JoinHandle};

pub use config::{
    BackplaneArgument, BackplaneConfig, ChosenBackplane, IceServerArgument, RoomsConfig, SignalingConfig,
};
pub use ice::{IceServerSource, IceServers, IceServersUrl, IceSourceError, RemoteIceServers, StaticIceServers};
pub use rest::openapi;
pub use usage::{QuotasConfig, QuotasFileError};
pub use webhooks::{EndpointName, EventFilter, WebhookArgument, WebhookConfig};

use admission::Admission;
use metrics::Metrics;
use room::{Commons, Departure, Fellows, Rooms};
use usage::{Quotas, Usage};
use webhooks::Webhooks;

/// What signaling is built from.
pub struct Parts {
    /// The socket and its limits.
    pub config: SignalingConfig,
    /// The rules of rooms.
    pub rooms: RoomConfig,
    /// How much each tenant may have.
    pub quotas: QuotasConfig,
    /// Verifies tokens.
    pub keys: KeyRing,
    /// Finds clients' addresses behind proxies.
    pub client_address: ClientAddress,
    /// What replicas share.
    pub backplane: Backplane,
    /// Gives ICE servers.
    pub ice: Arc<dyn IceServerSource>,
    /// Takes the instruments.
    pub registry: prometheus::Registry,
}

/// What every connection needs.
struct Shared {
    config: SignalingConfig,
    session_config: SessionConfig,
    keys: KeyRing,
    client_address: ClientAddress,
    ice: Arc<dyn IceServerSource>,
    admission: Arc<Admission>,
    answers: rest::Answers,
    rooms: Arc<Rooms>,
    usage: Arc<Usage>,
    metrics: Arc<Metrics>,
    webhooks: Arc<Webhooks>,
}

/// A fresh token is pushed when so much of the old one's lifetime is left, or a minute if that is less.
const REFRESH_MARGIN: f64 = 0.1;

/// Tokens are not pushed more often, however short they live.
const LEAST_REFRESH: Duration = Duration::from_secs(1);

impl Shared {
    fn backplane(&self) -> &Backplane {
        self.rooms.backplane()
    }

    fn limits(&self) -> v1::Limits {
        let bytes = |size: usize| u32::try_from(size).unwrap_or(u32::MAX);
        let milliseconds = |time: u64| u32::try_from(time).unwrap_or(u32::MAX);
        let rooms = self.rooms.config();
        v1::Limits {
            max_message_bytes: bytes(self.session_config.max_message_bytes),
            max_sdp_bytes: bytes(self.session_config.max_sdp_bytes),
            max_chat_bytes: bytes(rooms.max_chat_bytes),
            max_metadata_bytes: bytes(rooms.max_metadata_bytes),
            max_tracks: bytes(rooms.max_tracks),
            messages_per_second: self.config.message_rate.get(),
            burst: self.config.message_burst.get(),
            ping_interval_ms: milliseconds(self.config.ping_interval.as_millis()),
            resume_window_ms: milliseconds(rooms.resume_window_ms),
        }
    }

    /// When to push a fresh token to the owner of these claims.
    fn token_refresh_at(&self, claims: &Claims, now: Instant) -> Instant {
        // A token within the leeway of its end counts as ending now.
        let left = claims.expires_at_s.saturating_sub(room::wall_clock().0 / 1000);
        let lifetime = Duration::from_secs(claims.lifetime_s);
        let margin = lifetime.mul_f64(REFRESH_MARGIN).min(Duration::from_secs(60));
        now + Duration::from_secs(left).saturating_sub(margin).max(LEAST_REFRESH)
    }
}

/// The signaling service.
pub struct Signaling {
    shared: Arc<Shared>,
    /// What it does unasked, until it is dropped.
    tasks: Vec<JoinHandle<()>>,
}

impl Signaling {
    /// Builds the service. Must be called within a Tokio runtime: it serves the rooms' deadlines from now on.
    ///
    /// # Errors
    /// When the registry has instruments of the same names already, the file of quotas cannot be used, or a webhook's endpoint
    /// has no secret or the id of another.
    pub fn build(parts: Parts) -> anyhow::Result<Self> {
        let metrics = Arc::new(Metrics::register(&parts.registry)?);
        let quotas = Arc::new(Quotas::load(parts.quotas)?);
        let usage = Arc::new(Usage::new(Arc::clone(&quotas), metrics.tenants.clone()));
        let endpoints = parts.config.webhooks.iter().flat_map(|argument| argument.0.clone());
        let replica = ReplicaId::from_random(rand::random());
        let fellows = watch::Sender::new(Arc::new(Fellows::alone(replica)));
        let webhooks = Arc::new(Webhooks::start(endpoints, &parts.backplane.outbox, &metrics, &fellows)?);
        let commons = Commons {
            metrics: Arc::clone(&metrics),
            usage: Arc::clone(&usage),
            webhooks: Arc::clone(&webhooks),
            fellows,
            replica,
            lease: parts.config.lease.0,
        };
        let rooms = Arc::new(Rooms::new(parts.backplane, parts.rooms, commons));
        let admission = Arc::new(Admission::new(&parts.config, Arc::clone(&quotas), Instant::now()));
        let limited = Arc::clone(&admission);
        let tasks = vec![
            tokio::spawn(Arc::clone(&rooms).serve_deadlines()),
            tokio::spawn(Arc::clone(&rooms).keep_lease()),
            tokio::spawn(Arc::clone(&usage).keep_time()),
            tokio::spawn(quotas.follow_file(move || limited.apply_quotas())),
        ];
        let shared = Arc::new(Shared {
            session_config: parts.config.session(),
            admission,
            answers: rest::Answers::default(),
            config: parts.config,
            keys: parts.keys,
            client_address: parts.client_address,
            ice: parts.ice,
            rooms,
            usage,
            metrics,
            webhooks,
        });
        Ok(Self { shared, tasks })
    }

    /// The service's routes.
    pub fn router(&self) -> Router {
        let socket = Router::new().route("/v1/connect", get(connect::open_socket));
        socket.with_state(Arc::clone(&self.shared)).merge(rest::router(&self.shared))
    }

    /// Asks every connection and every stream of events to move, evenly over the drain window, closes those that stay beyond their
    /// time, and completes when all have gone and the webhooks that can be delivered are, or when `deadline` has passed. Gives the
    /// number of those that were left.
    pub async fn drain(&self, deadline: Duration) -> u64 {
        let window = self.shared.config.drain_window.0;
        self.shared.rooms.depart(Departure { begins: Instant::now(), window });
        let metrics = &self.shared.metrics;
        let left = || metrics.connections.get() + metrics.event_streams.get();
        let all_gone = async {
            while left() > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let all_told = async {
            all_gone.await;
            self.shared.webhooks.flush().await;
        };
        // What is left is told.
        let _ = tokio::time::timeout(deadline, all_told).await;
        self.shared.rooms.release().await;
        u64::try_from(left()).unwrap_or_default()
    }
}

impl Drop for Signaling {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}
