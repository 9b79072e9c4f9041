//! What there is: one mint in three shapes.

mod draft;
mod ice_servers;
mod matrix;
mod openapi;

use std::{sync::Arc, time::Duration};

use antiphon_protocol::{ErrorCode, v1};
use antiphon_service_kit::{origins, problem::Problem};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post},
};
use http::{HeaderValue, Method, header};
use tower::util::MapResponseLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::{Shared, minter::Minted};
pub use openapi::openapi;

/// The longest body of a request.
const MAX_BODY_BYTES: usize = 4 * 1024;

/// How long browsers may remember that an origin is allowed.
const PREFLIGHT_LIFETIME: Duration = Duration::from_secs(600);

pub(crate) fn router(shared: &Arc<Shared>) -> Router {
    let cors = cors(&shared.allowed_origins);
    let endpoint = |name: &'static str, method: MethodRouter<Arc<Shared>>| {
        let requests = shared.metrics.requests.clone();
        let counted = MapResponseLayer::new(move |mut response: Response| {
            requests.with_label_values(&[name, response.status().as_str()]).inc();
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        });
        // In one layer: for each request axum copies a layer with everything inside of it.
        method.fallback(refuse_method).layer((cors.clone(), DefaultBodyLimit::max(MAX_BODY_BYTES), counted))
    };
    Router::new()
        .route("/v1/ice-servers", endpoint("ice_servers", post(ice_servers::create_ice_servers)))
        .route("/v1/ice-servers/revoke", endpoint("revoke", post(ice_servers::revoke_ice_servers)))
        .route("/turn", endpoint("draft", get(draft::get_turn_servers).post(draft::post_turn_servers)))
        .route("/_matrix/client/v3/voip/turnServer", endpoint("matrix", get(matrix::get_turn_server)))
        .with_state(Arc::clone(shared))
}

fn cors(allowed_origins: &[String]) -> CorsLayer {
    let allowed = allowed_origins.to_vec();
    CorsLayer::new()
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .max_age(PREFLIGHT_LIFETIME)
        .vary([header::ORIGIN])
        .allow_origin(AllowOrigin::predicate(move |origin, _| {
            origin.to_str().is_ok_and(|origin| origins::allows(&allowed, origin))
        }))
}

async fn refuse_method() -> Response {
    Problem::new(ErrorCode::Unsupported, "this resource has no such method; see the header Allow")
        .with_status(http::StatusCode::METHOD_NOT_ALLOWED)
        .into_response()
}

impl From<crate::minter::NoServers> for Problem {
    fn from(error: crate::minter::NoServers) -> Self {
        Self::new(ErrorCode::Unavailable, error.to_string()).with_retry_after_ms(5_000)
    }
}

/// What the draft and Matrix answer with (draft-uberti-behave-turn-rest-00 §2.2).
#[derive(serde::Serialize)]
struct TurnServers {
    username: String,
    password: String,
    /// Seconds.
    ttl: u64,
    uris: Vec<String>,
}

impl TurnServers {
    /// The servers with the first username, and those that need none.
    fn of(minted: &Minted) -> Result<Self, Problem> {
        let with_credentials = |server: &v1::IceServer| Some((server.username.clone()?, server.credential.clone()?));
        let (username, password) = minted
            .servers
            .iter()
            .find_map(with_credentials)
            .ok_or_else(|| Problem::new(ErrorCode::Unavailable, "there is no TURN server, only STUN"))?;
        let fits = |server: &&v1::IceServer| server.username.as_ref().is_none_or(|other| *other == username);
        let uris = minted.servers.iter().filter(fits).flat_map(|server| server.urls.clone()).collect();
        Ok(Self { username, password, ttl: minted.ttl.as_secs(), uris })
    }
}
