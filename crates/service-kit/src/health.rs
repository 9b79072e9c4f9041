//! `/healthz`: is the process alive; `/readyz`: should it be sent traffic.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{Router, extract::State, routing::get};
use http::StatusCode;

use crate::drain::{Phase, Shutdown};

/// What the probes are told. Clones share the switch.
#[derive(Debug, Clone)]
pub struct Health {
    ready: Arc<AtomicBool>,
    shutdown: Shutdown,
}

impl Health {
    /// A process that is starting: alive, not ready. It is never ready while it drains.
    #[must_use]
    pub fn new(shutdown: Shutdown) -> Self {
        Self { ready: Arc::new(AtomicBool::new(false)), shutdown }
    }

    /// The switch: what the service needs is there, or it is not.
    pub fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Relaxed);
    }

    /// Should traffic be sent here?
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed) && self.shutdown.phase() == Phase::Running
    }

    /// The probes' routes.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/healthz", get(async || "alive\n"))
            .route("/readyz", get(show_readiness))
            .with_state(self.clone())
    }
}

async fn show_readiness(State(health): State<Health>) -> (StatusCode, &'static str) {
    if health.is_ready() {
        return (StatusCode::OK, "ready\n");
    }
    match health.shutdown.phase() {
        Phase::Running => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n"),
        Phase::Draining | Phase::Stopped => (StatusCode::SERVICE_UNAVAILABLE, "draining\n"),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http::Request;
    use tower::ServiceExt as _;

    use super::*;
    use crate::drain::shutdown;

    async fn status(health: &Health, path: &str) -> StatusCode {
        let request = Request::get(path).body(Body::empty()).expect("valid");
        health.router().oneshot(request).await.expect("infallible").status()
    }

    #[tokio::test]
    async fn a_process_is_ready_between_its_start_and_its_drain() {
        let (trigger, shutdown) = shutdown();
        let health = Health::new(shutdown);
        assert_eq!(status(&health, "/readyz").await, StatusCode::SERVICE_UNAVAILABLE);
        health.set_ready(true);
        assert_eq!(status(&health, "/readyz").await, StatusCode::OK);
        trigger.drain();
        assert_eq!(status(&health, "/readyz").await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(status(&health, "/healthz").await, StatusCode::OK, "a drain is no reason to kill it");
    }
}
