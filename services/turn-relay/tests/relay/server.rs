//! A relay in this process.

use std::{net::SocketAddr, time::Duration};

use antiphon_ice_core::credentials::{RotatingSecrets, Secrets};
use antiphon_service_kit::{
    auth::{ApiKey, KeyRing, TokenRules},
    clock::unix_now_s,
    drain::{ShutdownTrigger, shutdown},
    telemetry,
    tls::TlsConfig,
};
use antiphon_turn_core::Transport;
use antiphon_turn_relay::{Parts, TurnConfig, TurnRelay};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tower::ServiceExt as _;

pub(crate) const SECRET: &str = "a secret that both ends know";
const KEY: &str = "0123456789abcdef0123456789abcdef";

pub(crate) struct RelayServer {
    pub(crate) trigger: ShutdownTrigger,
    running: JoinHandle<anyhow::Result<()>>,
    listening: Vec<(Transport, SocketAddr)>,
    router: Router,
    metrics: Router,
}

/// On loopback, on any port, with loopback peers allowed.
pub(crate) fn config() -> TurnConfig {
    TurnConfig {
        turn_listen: vec!["127.0.0.1:0".parse().expect("an address")],
        turn_threads: 2,
        turn_allow_peers: vec!["127.0.0.0/8".parse().expect("a network"), "::1/128".parse().expect("a network")],
        ..TurnConfig::default()
    }
}

impl RelayServer {
    pub(crate) fn start(config: TurnConfig) -> Self {
        let rules = TokenRules { audience: "antiphon".to_owned(), max_lifetime_s: 86_400 };
        let keys = ["acme/acme-1", "other/other-1"].map(|id| format!("{id}:{KEY}").parse::<ApiKey>().expect("a key"));
        let secrets = RotatingSecrets::new(Secrets::parse(SECRET).expect("long enough"));
        let tls = TlsConfig { https: true, ..antiphon_service_kit::config::defaults() };
        let registry = telemetry::registry();
        let relay = TurnRelay::build(Parts {
            config,
            secrets,
            keys: KeyRing::new(keys, rules).expect("distinct"),
            tls: tls.load().expect("generated"),
            registry: registry.clone(),
            is_development: false,
        });
        let relay = relay.expect("it starts");
        let listening = relay.listening().iter().map(|listening| (listening.transport, listening.address)).collect();
        let router = relay.router();
        let (trigger, shutdown) = shutdown();
        let running = tokio::spawn(relay.run(shutdown));
        Self { trigger, running, listening, router, metrics: telemetry::metrics_router(registry) }
    }

    pub(crate) fn address(&self, transport: Transport) -> SocketAddr {
        self.listening.iter().find(|(found, _)| *found == transport).map(|(_, address)| *address).expect("it listens")
    }

    /// A request as the tenant's admin.
    pub(crate) async fn ask(&self, tenant: &str, method: &str, path: &str) -> (StatusCode, Value) {
        self.ask_with(&token(tenant, &json!({ "admin": true })), method, path).await
    }

    pub(crate) async fn ask_with(&self, token: &str, method: &str, path: &str) -> (StatusCode, Value) {
        let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"));
        let answer =
            self.router.clone().oneshot(request.body(Body::empty()).expect("sound")).await.expect("it answers");
        let status = answer.status();
        let body = to_bytes(answer.into_body(), 1 << 20).await.expect("short");
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    pub(crate) async fn allocations(&self, tenant: &str) -> Vec<Value> {
        let (status, body) = self.ask(tenant, "GET", "/v1/turn/allocations").await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body["allocations"].as_array().expect("a list").clone()
    }

    /// The sum of a metric over all labels that contain this text.
    pub(crate) async fn metric(&self, name: &str, label: &str) -> f64 {
        let request = Request::builder().uri("/metrics").body(Body::empty()).expect("sound");
        let answer = self.metrics.clone().oneshot(request).await.expect("it answers");
        let body = to_bytes(answer.into_body(), 1 << 20).await.expect("short");
        let text = String::from_utf8(body.to_vec()).expect("UTF-8");
        let lines = text.lines().filter(|line| line.starts_with(name) && line.contains(label));
        lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    }

    pub(crate) async fn stop(self) {
        self.trigger.stop();
        self.running.await.expect("it ran").expect("it ended well");
    }
}

pub(crate) fn token(tenant: &str, grants: &Value) -> String {
    let now = unix_now_s();
    let claims = json!({
        "iss": format!("{tenant}-1"), "sub": "operator", "aud": "antiphon", "iat": now, "exp": now + 600, "grants": grants,
    });
    let key = EncodingKey::from_secret(KEY.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).expect("HS256 signs any JSON")
}

/// Waits for a condition, for half a minute at most.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, mut condition: impl FnMut() -> F) {
    for _ in 0..1_500 {
        if condition().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never: {what}");
}
