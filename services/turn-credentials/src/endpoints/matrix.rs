//! `GET /_matrix/client/v3/voip/turnServer`: the Matrix Client-Server API, "Voice over IP".

use std::sync::Arc;

use antiphon_service_kit::{auth::bearer, problem::Problem};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};

use super::TurnServers;
use crate::{Shared, access::identify, minter::Ask};

pub(super) async fn get_turn_server(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    match turn_servers(&shared, &headers).await {
        Ok(servers) => Json(servers).into_response(),
        Err(problem) => refuse(problem, bearer(&headers).is_some()),
    }
}

async fn turn_servers(shared: &Shared, headers: &HeaderMap) -> Result<TurnServers, Problem> {
    let (tenant, identity) = identify(shared, bearer(headers)).await?.subject(shared, None)?;
    TurnServers::of(&shared.minter.mint(Ask::new(tenant, identity)).await?)
}

/// Matrix' clients read `errcode` and `error` ("Standard error response"); status and headers are the problem's.
fn refuse(problem: Problem, has_token: bool) -> Response {
    let errcode = match problem.status() {
        StatusCode::TOO_MANY_REQUESTS => "M_LIMIT_EXCEEDED",
        StatusCode::FORBIDDEN => "M_FORBIDDEN",
        StatusCode::UNAUTHORIZED if has_token => "M_UNKNOWN_TOKEN",
        StatusCode::UNAUTHORIZED => "M_MISSING_TOKEN",
        _ => "M_UNKNOWN",
    };
    let mut body = serde_json::json!({ "errcode": errcode, "error": problem.detail() });
    if let Some(retry_after_ms) = problem.retry_after_ms() {
        body["retry_after_ms"] = retry_after_ms.into();
    }
    let (mut parts, _) = problem.into_response().into_parts();
    parts.headers.remove(http::header::CONTENT_TYPE);
    parts.headers.remove(http::header::CONTENT_LENGTH);
    (parts.status, parts.headers, Json(body)).into_response()
}
