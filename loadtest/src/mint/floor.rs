//! The floor of minting: the least that a credential over HTTP costs in Rust with axum, for services to be compared with.
//!
//! `POST /floor/ice-servers/{user}` is answered with a credential by the shared secret (HMAC-SHA1) and the URLs of one relay, in the
//! shape that `RTCPeerConnection` takes. No token is verified and no body read; no limit, choice, health, metric or audit. Kept as
//! it is, so that figures of different days can be compared.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    Json, Router,
    extract::{Path, State},
    response::{IntoResponse as _, Response},
    routing::post,
    serve::ListenerExt as _,
};
use serde::Serialize;
use tokio::net::TcpListener;

use crate::turn::{Credential, Minter};

const TTL_S: u64 = 3_600;
const REFRESH_AFTER_S: u64 = 3_000;

/// What every answer is made of.
struct Floor {
    minter: Minter,
    urls: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    ice_servers: [IceServer<'a>; 1],
    ttl: u64,
    refresh_after: u64,
}

#[derive(Serialize)]
struct IceServer<'a> {
    urls: &'a [String],
    username: String,
    credential: String,
}

/// Serves until the process ends.
///
/// # Errors
/// When the listener fails.
pub async fn run(listener: TcpListener, secret: &str, urls: Vec<String>) -> std::io::Result<()> {
    let floor = Arc::new(Floor { minter: Minter::new(secret), urls });
    let router = Router::new().route("/floor/ice-servers/{user}", post(mint)).with_state(floor);
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    axum::serve(listener, router).await
}

async fn mint(State(floor): State<Arc<Floor>>, Path(user): Path<String>) -> Response {
    let now_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let Credential { username, password } = floor.minter.mint(&user, now_s + TTL_S);
    let server = IceServer { urls: &floor.urls, username, credential: password };
    let answer = Answer { ice_servers: [server], ttl: TTL_S, refresh_after: REFRESH_AFTER_S };
    Json(answer).into_response()
}
