//! What there is, and who serves it.

use std::sync::Arc;

use axum::{Router, extract::DefaultBodyLimit, middleware, routing::any};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{access, measure, openapi, rooms};
use crate::Shared;

/// The longest body of a request, in bytes; beyond it 413.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// The resources. Whoever adds one adds a line here; what is here is authenticated, limited, measured and described.
pub(super) fn resources() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::with_openapi(openapi::document()).routes(routes!(rooms::list_rooms)).routes(routes!(
        rooms::get_room,
        rooms::update_room,
        rooms::delete_room
    ))
}

/// The API's routes.
pub(crate) fn router(shared: &Arc<Shared>) -> Router {
    let (resources, _) = resources().split_for_parts();
    let state = || Arc::clone(shared);
    resources
        .method_not_allowed_fallback(access::refuse_method)
        .route_layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .route_layer(middleware::from_fn_with_state(state(), access::authenticate))
        .merge(openapi::router())
        .route("/v1/{*unknown}", any(access::refuse_path))
        .route_layer(middleware::from_fn_with_state(state(), measure::measure))
        .with_state(state())
}
