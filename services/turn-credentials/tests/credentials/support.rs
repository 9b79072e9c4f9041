//! A service of its own for each test, asked without a socket.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use antiphon_protocol::Identity;
use antiphon_service_kit::{
    auth::{KeyRing, NewToken, OnBehalf, ServiceKeys, TURN_CREDENTIALS, TokenGrants, TokenRules},
    clock::unix_now_s,
    config::{HumanDuration, defaults},
};
use antiphon_turn_credentials::{Ask, IceConfig, Minted, NoServers, Parts, TurnCredentials};
use axum::{Router, body::Body};
use http::{HeaderMap, Method, Request, StatusCode};
use serde_json::Value;
use tower::ServiceExt as _;

pub(crate) const SECRET: &str = "the-secret-that-both-share";
pub(crate) const ORIGIN: &str = "https://app.example";

const KEYS: [&str; 2] = ["acme:acme-secret-acme-secret-acme-secret", "globex:globex-secret-globex-secret-globex"];
const SERVICE_KEY: &str = "signaling:0123456789abcdef0123456789abcdef";

/// A running service.
pub(crate) struct TestService {
    pub(crate) service: TurnCredentials,
    pub(crate) registry: prometheus::Registry,
    pub(crate) directory: tempfile::TempDir,
    keys: KeyRing,
    service_keys: ServiceKeys,
}

/// What an endpoint answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// A file in a directory that lives as long as the test.
pub(crate) fn file(directory: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
    let path = directory.path().join(name);
    std::fs::write(&path, text).expect("written");
    path
}

/// A provider's table for a coturn with this relay.
pub(crate) fn coturn(secrets: &Path, uris: &[&str]) -> String {
    let secrets = secrets.display();
    format!(r#"{{ type = "coturn", secrets-file = "{secrets}", relays = [{{ uris = {uris:?} }}] }}"#)
}

/// A provider that never fails, behind the others.
pub(crate) const LAST: &str = r#"{ type = "static", name = "last", priority = 9, servers = [{ urls = ["turn:last.example"], username = "u", credential = "last-password" }] }"#;

impl TestService {
    /// With one coturn whose relay is turn.example.
    pub(crate) fn start() -> Self {
        Self::start_with(|directory, config| {
            let secrets = file(directory, "secrets", SECRET);
            let uris = ["stun:turn.example", "turn:turn.example?transport=udp", "turns:turn.example:443?transport=tcp"];
            config.providers = vec![coturn(&secrets, &uris).parse().expect("a provider")];
        })
    }

    pub(crate) fn start_with(change: impl FnOnce(&tempfile::TempDir, &mut IceConfig)) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        // The relays here are names only.
        let mut config = IceConfig { probe_interval: HumanDuration(Duration::ZERO), ..defaults() };
        change(&directory, &mut config);
        let keys = KEYS.map(|key| key.parse().expect("a key"));
        let keys = KeyRing::new(keys, TokenRules::default()).expect("a ring");
        let service_keys = ServiceKeys::load(&file(&directory, "service-keys", SERVICE_KEY)).expect("a key");
        let registry = prometheus::Registry::new();
        let service = TurnCredentials::build(Parts {
            config,
            keys: keys.clone(),
            service_keys: Some(service_keys.clone()),
            allowed_origins: vec![ORIGIN.to_owned()],
            embedded: None,
            registry: registry.clone(),
        });
        Self { service: service.expect("built"), registry, directory, keys, service_keys }
    }

    pub(crate) fn router(&self) -> Router {
        self.service.router()
    }

    /// A participant's token.
    pub(crate) fn token(&self, key: &str, identity: &str) -> String {
        self.token_with(key, identity, TokenGrants { join: true, ..TokenGrants::default() })
    }

    /// An application's token.
    pub(crate) fn admin_token(&self, key: &str) -> String {
        self.token_with(key, "backend", TokenGrants { admin: true, ..TokenGrants::default() })
    }

    pub(crate) fn token_with(&self, key: &str, identity: &str, grants: TokenGrants) -> String {
        let token = NewToken {
            identity: identity.parse::<Identity>().expect("an identity"),
            name: None,
            metadata: None,
            attributes: Default::default(),
            grants,
            issued_at_s: unix_now_s(),
            lifetime_s: 600,
        };
        self.keys.sign(key, &token).expect("a key of the ring")
    }

    /// A service's token for this participant.
    pub(crate) fn service_token(&self, tenant: &str, identity: &str) -> String {
        let whom =
            OnBehalf { tenant: tenant.parse().expect("a tenant"), identity: identity.parse().expect("an identity") };
        self.service_keys.sign(TURN_CREDENTIALS, &whom, unix_now_s())
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.expect("short");
        let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).expect("JSON") };
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// `POST /v1/ice-servers`
    pub(crate) async fn ask(&self, token: &str, body: &str) -> Answer {
        self.send(request(Method::POST, "/v1/ice-servers", Some(token), body)).await
    }

    /// As another service of the same process does.
    pub(crate) async fn mint(&self, tenant: &str, identity: &str) -> Result<Minted, NoServers> {
        self.service.minter().mint(ask(tenant, identity)).await
    }

    /// Who gave servers to this one.
    pub(crate) async fn provider_for(&self, tenant: &str, identity: &str) -> String {
        self.mint(tenant, identity).await.map(|minted| minted.provider.to_string()).unwrap_or_default()
    }

    /// Waits until something holds.
    pub(crate) async fn until(&self, what: &str, mut holds: impl AsyncFnMut(&Self) -> bool) {
        let waiting = async {
            while !holds(self).await {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), waiting).await.unwrap_or_else(|_| panic!("never: {what}"));
    }

    /// What a counter or gauge stands at, all of its labels together that have this value.
    pub(crate) fn metric(&self, name: &str, label: &str) -> f64 {
        let families = self.registry.gather();
        let metrics = families.iter().filter(|family| family.name() == name).flat_map(|family| family.get_metric());
        let labelled = metrics.filter(|metric| metric.get_label().iter().any(|pair| pair.value() == label));
        labelled.map(|metric| metric.get_counter().get_value() + metric.get_gauge().get_value()).sum()
    }
}

pub(crate) fn ask(tenant: &str, identity: &str) -> Ask {
    Ask::new(tenant.parse().expect("a tenant"), identity.parse().expect("an identity"))
}

pub(crate) fn request(method: Method, path: &str, token: Option<&str>, body: &str) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.body(Body::from(body.to_owned())).expect("a request")
}

/// Every URL that was given.
pub(crate) fn urls(minted: &Minted) -> Vec<&str> {
    minted.servers.iter().flat_map(|server| server.urls.iter().map(String::as_str)).collect()
}
