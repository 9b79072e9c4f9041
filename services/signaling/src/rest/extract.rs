//! What stands in a request: bodies, queries and paths, refused as problems.

use std::str::FromStr;

use antiphon_protocol::{ErrorCode, InvalidId};
use antiphon_service_kit::problem::Problem;
use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Query, RawPathParams, Request, rejection::JsonRejection},
    http::{StatusCode, request::Parts},
};
use serde::de::DeserializeOwned;

/// A body in JSON.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match Json::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(unreadable(&rejection)),
        }
    }
}

fn unreadable(rejection: &JsonRejection) -> Problem {
    let (code, status) = match rejection.status() {
        StatusCode::UNSUPPORTED_MEDIA_TYPE => (ErrorCode::Unsupported, StatusCode::UNSUPPORTED_MEDIA_TYPE),
        StatusCode::PAYLOAD_TOO_LARGE => (ErrorCode::TooLarge, StatusCode::PAYLOAD_TOO_LARGE),
        // JSON of another shape is 422 to axum; the socket calls both malformed.
        _ => (ErrorCode::Malformed, StatusCode::BAD_REQUEST),
    };
    Problem::new(code, rejection.body_text()).with_status(status)
}

/// The query.
pub(crate) struct Parameters<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(query)) => Ok(Self(query)),
            Err(rejection) => Err(Problem::new(ErrorCode::InvalidArgument, rejection.body_text())),
        }
    }
}

/// A part of the path, decoded (RFC 3986 §2.1).
pub(super) async fn path_parameter<T: FromStr<Err = InvalidId>>(
    parts: &mut Parts,
    state: &(impl Send + Sync),
    name: &'static str,
) -> Result<T, Problem> {
    let parameters = RawPathParams::from_request_parts(parts, state).await;
    let parameters = parameters.map_err(|_| invalid(name, "the path must be UTF-8"))?;
    let text = parameters.iter().find(|(known, _)| *known == name).map(|(_, value)| value).unwrap_or_default();
    text.parse().map_err(|error: InvalidId| invalid(name, error.to_string()))
}

/// A value that cannot be.
pub(super) fn invalid(field: &'static str, detail: impl Into<String>) -> Problem {
    Problem::new(ErrorCode::InvalidArgument, detail.into()).with_field(field)
}
