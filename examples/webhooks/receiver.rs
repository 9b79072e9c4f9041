//! Receives Antiphon's webhooks and verifies them, with the crates `axum` and `standardwebhooks`. In this repository:
//!
//! ```sh
//! WEBHOOK_SECRET=whsec_… cargo run -p antiphon-signaling --example webhook_receiver 3000
//! ```

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use standardwebhooks::Webhook;

struct Receiver {
    webhook: Webhook,
    /// An event can come twice. An application keeps the ids in its database, in the transaction that does the work.
    seen: Mutex<HashSet<String>>,
    tell: fn(&str),
}

/// Axum hands over the bytes as they came (two megabytes at most): JSON that was read and written again has another signature.
async fn receive(State(receiver): State<Arc<Receiver>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if receiver.webhook.verify(&body, &headers).is_err() {
        return StatusCode::UNAUTHORIZED;
    }
    let Ok(event) = serde_json::from_slice::<serde_json::Value>(&body) else { return StatusCode::BAD_REQUEST };
    let text = |pointer: &str| event.pointer(pointer).and_then(|value| value.as_str()).unwrap_or_default();
    let is_new = receiver.seen.lock().is_ok_and(|mut seen| seen.insert(text("/id").to_owned()));
    if is_new {
        (receiver.tell)(&format!("{} {} {}", text("/type"), text("/room/name"), text("/participant/identity")));
    }
    StatusCode::NO_CONTENT
}

/// The application's routes; `tell` is told of each event once.
pub(crate) fn router(secret: &str, tell: fn(&str)) -> Result<Router, Box<dyn std::error::Error>> {
    let receiver = Receiver { webhook: Webhook::new(secret)?, seen: Mutex::default(), tell };
    Ok(Router::new().route("/", post(receive)).with_state(Arc::new(receiver)))
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "it is what the example does")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).map_or(Ok(3000), |port| port.parse())?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on {}", listener.local_addr()?.port());
    let router = router(&std::env::var("WEBHOOK_SECRET")?, |line| println!("{line}"))?;
    axum::serve(listener, router).await?;
    Ok(())
}
