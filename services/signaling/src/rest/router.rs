//! What there is, and who serves it.

use std::sync::Arc;

use axum::{Router, extract::DefaultBodyLimit, middleware, routing::any};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    access, bans, chat, data, events, idempotency, lobby, measure, openapi, participants, rooms, usage, webhooks,
};
use crate::Shared;

/// The longest body of a request, in bytes; beyond it 413.
pub(super) const MAX_BODY_BYTES: usize = 64 * 1024;

/// The resources. Whoever adds one adds a line here; what is here is authenticated, limited, measured and described.
pub(super) fn resources() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::with_openapi(openapi::document())
        .routes(routes!(rooms::list_rooms, rooms::create_room))
        .routes(routes!(rooms::get_room, rooms::update_room, rooms::delete_room))
        .routes(routes!(participants::list_participants))
        .routes(routes!(
            participants::get_participant,
            participants::update_participant,
            participants::kick_participant
        ))
        .routes(routes!(participants::mute_participant))
        .routes(routes!(lobby::list_waiting))
        .routes(routes!(lobby::admit_all))
        .routes(routes!(lobby::refuse_participant))
        .routes(routes!(lobby::admit_participant))
        .routes(routes!(bans::list_bans, bans::create_ban))
        .routes(routes!(bans::get_ban, bans::lift_ban))
        .routes(routes!(chat::list_messages, chat::send_message, chat::clear_messages))
        .routes(routes!(chat::delete_message))
        .routes(routes!(data::send_data))
        .routes(routes!(events::follow_room))
        .routes(routes!(events::tenant::follow_tenant))
        .routes(routes!(usage::get_usage))
        .routes(routes!(webhooks::list_webhooks))
        .routes(routes!(webhooks::test_webhook))
        .routes(routes!(webhooks::list_dead_letters, webhooks::delete_dead_letters))
        .routes(routes!(webhooks::replay_dead_letters))
        .routes(routes!(webhooks::delete_dead_letter))
        .routes(routes!(webhooks::replay_dead_letter))
}

/// The API's routes.
pub(crate) fn router(shared: &Arc<Shared>) -> Router {
    let (resources, _) = resources().split_for_parts();
    let state = || Arc::clone(shared);
    resources
        .method_not_allowed_fallback(access::refuse_method)
        .route_layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .route_layer(middleware::from_fn_with_state(state(), idempotency::carry_out_once))
        .route_layer(middleware::from_fn_with_state(state(), access::authenticate))
        .route("/v1/{*unknown}", any(access::refuse_path))
        .route_layer(middleware::from_fn_with_state(state(), measure::measure))
        .with_state(state())
}
