//! What stands in a request: bodies, queries and paths, refused as problems.

use std::str::FromStr;

use antiphon_protocol::InvalidId;
use antiphon_service_kit::problem::Problem;
pub(crate) use antiphon_service_kit::request::{Body, Parameters, invalid, present, whole};
use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// A part of the path, decoded (RFC 3986 §2.1).
pub(super) async fn path_text(
    parts: &mut Parts,
    state: &(impl Send + Sync),
    name: &'static str,
) -> Result<String, Problem> {
    let parameters = RawPathParams::from_request_parts(parts, state).await;
    let parameters = parameters.map_err(|_| invalid(name, "the path must be UTF-8"))?;
    let text = parameters.iter().find(|(known, _)| *known == name).map(|(_, value)| value);
    Ok(text.unwrap_or_default().to_owned())
}

/// As [`path_text`], read as what it stands for.
pub(super) async fn path_parameter<T: FromStr<Err = InvalidId>>(
    parts: &mut Parts,
    state: &(impl Send + Sync),
    name: &'static str,
) -> Result<T, Problem> {
    let text = path_text(parts, state, name).await?;
    text.parse().map_err(|error: InvalidId| invalid(name, error.to_string()))
}

/// Text as one segment of a path (RFC 3986 §3.3).
pub(super) fn path_segment(text: &str) -> impl std::fmt::Display + '_ {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, RESERVED)
}
