//! `POST /dev/token`: a token for whoever asks. Only the development server has it, and servers where `anyone-may-join` says so.

use std::collections::BTreeMap;

use antiphon_protocol::{ErrorCode, Identity, RoomName};
use antiphon_service_kit::{
    auth::{KeyRing, NewToken, TokenGrants},
    clock::unix_now_s,
    origins,
    problem::Problem,
};
use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State, rejection::JsonRejection},
    response::{IntoResponse, Response},
    routing::post,
};
use http::{Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

const LIFETIME_S: u64 = 60 * 60;
const MAX_BODY_BYTES: usize = 4 * 1024;
const MAX_NAME_BYTES: usize = 256;

#[derive(serde::Deserialize)]
struct TokenRequest {
    room: String,
    identity: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    moderate: bool,
}

/// Signs with the ring's first key, for the server's own page and for those of `allowed_origins`.
pub(crate) fn router(keys: KeyRing, allowed_origins: &[String]) -> Router {
    let allowed_origins = allowed_origins.to_vec();
    let cors = CorsLayer::new().allow_methods([Method::POST]).allow_headers([header::CONTENT_TYPE]).allow_origin(
        AllowOrigin::predicate(move |origin, _| {
            origin.to_str().is_ok_and(|origin| origins::allows(&allowed_origins, origin))
        }),
    );
    Router::new()
        .route("/dev/token", post(create_token))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(cors)
        .with_state(keys)
}

async fn create_token(
    State(keys): State<KeyRing>,
    request: Result<Json<TokenRequest>, JsonRejection>,
) -> Result<Response, Problem> {
    let Json(request) = request.map_err(|rejection| {
        let code = if rejection.status() == http::StatusCode::PAYLOAD_TOO_LARGE {
            ErrorCode::TooLarge
        } else {
            ErrorCode::Malformed
        };
        Problem::new(code, r#"expected JSON: {"room":"…","identity":"…","name":"…","moderate":false}"#)
            .with_status(rejection.status())
    })?;
    let room: RoomName = request.room.parse().map_err(|error| invalid("room", error))?;
    let identity: Identity = request.identity.parse().map_err(|error| invalid("identity", error))?;
    if request.name.as_ref().is_some_and(|name| name.len() > MAX_NAME_BYTES) {
        return Err(Problem::new(ErrorCode::InvalidArgument, "name must be 256 bytes at most").with_field("name"));
    }
    let token = NewToken {
        identity,
        name: request.name,
        metadata: None,
        attributes: BTreeMap::new(),
        grants: TokenGrants { room: Some(room), join: true, moderate: request.moderate, ..TokenGrants::default() },
        issued_at_s: unix_now_s(),
        lifetime_s: LIFETIME_S,
    };
    let token = keys
        .key_ids()
        .first()
        .and_then(|id| keys.sign(id, &token))
        .ok_or_else(|| Problem::new(ErrorCode::Unavailable, "this server has no API key"))?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(serde_json::json!({ "token": token }))).into_response())
}

fn invalid(field: &'static str, error: antiphon_protocol::InvalidId) -> Problem {
    Problem::new(ErrorCode::InvalidArgument, error.to_string()).with_field(field)
}
