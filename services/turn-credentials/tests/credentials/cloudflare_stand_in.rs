//! Cloudflare's TURN credentials API as it is documented, strict about what it is sent.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{OwnedRwLockWriteGuard, RwLock},
};

pub(crate) const KEY_ID: &str = "cf-key-0123456789";
pub(crate) const API_TOKEN: &str = "cloudflare-api-token";

/// A running stand-in.
pub(crate) struct CloudflareStandIn {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    known: Mutex<Known>,
    /// Who answers reads it.
    gate: Arc<RwLock<()>>,
}

/// What it knows.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) asked: Vec<u64>,
    pub(crate) live: BTreeSet<String>,
    /// Answers with this status, and does nothing.
    pub(crate) refuses_with: Option<u16>,
    /// Gives one object in the place of a list.
    pub(crate) gives_object: bool,
}

impl CloudflareStandIn {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::<Shared>::default();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, shared }
    }

    pub(crate) fn known(&self) -> MutexGuard<'_, Known> {
        self.shared.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It answers nothing until the guard is dropped.
    pub(crate) fn hang(&self) -> OwnedRwLockWriteGuard<()> {
        Arc::clone(&self.shared.gate).try_write_owned().expect("nobody is being answered")
    }

    /// A provider's table that leads here.
    pub(crate) fn table(&self, token_file: &Path, rest: &str) -> String {
        let (address, token_file) = (self.address, token_file.display());
        format!(
            r#"{{ type = "cloudflare", key-id = "{KEY_ID}", token-file = "{token_file}", url = "http://{address}/"{rest} }}"#
        )
    }
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let refuse = |status: StatusCode| (status, axum::Json(json!({ "errors": [{ "code": 0 }] }))).into_response();
    let Some(path) = uri.path().strip_prefix(&format!("/v1/turn/keys/{KEY_ID}/credentials/")) else {
        return refuse(StatusCode::NOT_FOUND);
    };
    if method != Method::POST || uri.query().is_some() {
        return refuse(StatusCode::METHOD_NOT_ALLOWED);
    }
    let bearer = format!("Bearer {API_TOKEN}");
    if headers.get(header::AUTHORIZATION).is_none_or(|value| value.as_bytes() != bearer.as_bytes()) {
        return refuse(StatusCode::UNAUTHORIZED);
    }
    let _open = shared.gate.read().await;
    let mut known = shared.known.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(status) = known.refuses_with {
        return refuse(StatusCode::from_u16(status).expect("a status"));
    }
    if let Some(username) = path.strip_suffix("/revoke") {
        let status = if known.live.remove(username) { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND };
        return status.into_response();
    }
    let is_json = headers.get(header::CONTENT_TYPE).is_some_and(|value| value == "application/json");
    let body: Option<Value> = serde_json::from_slice(&body).ok();
    let ttl = body.as_ref().and_then(|body| body["ttl"].as_u64()).filter(|ttl| (1..=172_800).contains(ttl));
    let Some(ttl) = ttl.filter(|_| path == "generate-ice-servers" && is_json) else {
        return refuse(StatusCode::BAD_REQUEST);
    };
    known.asked.push(ttl);
    let username = format!("cf-user-{}", known.asked.len());
    known.live.insert(username.clone());
    let turn = json!({
        "urls": [
            "turn:turn.cloudflare.com:53?transport=udp",
            "turn:turn.cloudflare.com:3478?transport=udp",
            "turn:turn.cloudflare.com:3478?transport=tcp",
            "turn:turn.cloudflare.com:80?transport=tcp",
            "turns:turn.cloudflare.com:5349?transport=tcp",
            "turns:turn.cloudflare.com:443?transport=tcp",
        ],
        "username": username,
        "credential": "cloudflare-password",
    });
    let stun = json!({ "urls": ["stun:stun.cloudflare.com:53", "stun:stun.cloudflare.com:3478"] });
    let servers = if known.gives_object { turn } else { json!([stun, turn]) };
    (StatusCode::CREATED, axum::Json(json!({ "iceServers": servers }))).into_response()
}
