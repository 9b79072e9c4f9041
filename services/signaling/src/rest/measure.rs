//! Counts requests and how long they take.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};

use crate::Shared;

/// Observes a request under the pattern of its path, which is one of the few in `router.rs`.
pub(super) async fn measure(
    State(shared): State<Arc<Shared>>,
    route: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let method = request.method().clone();
    let begun = Instant::now();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("", MatchedPath::as_str);
    shared.metrics.request(&method, route, response.status(), begun.elapsed());
    response
}
