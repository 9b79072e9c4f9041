//! `POST /v1/ice-servers`: what `RTCPeerConnection` takes.

use std::{sync::Arc, time::Duration};

use antiphon_protocol::{ErrorCode, Identity, v1};
use antiphon_service_kit::{auth::bearer, problem::Problem};
use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::HeaderMap,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Shared, access::identify, minter::Ask};

/// Bytes of a region's name.
const MAX_REGION_BYTES: usize = 64;

/// The body, which may be left out.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Wanted {
    /// Seconds.
    ttl: Option<u64>,
    region: Option<String>,
    /// For the application: whom they are for.
    identity: Option<Identity>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    ice_servers: Vec<v1::IceServer>,
    /// Seconds.
    ttl: u64,
    /// Seconds. Not there where the servers do not expire.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_after: Option<u64>,
}

pub(super) async fn create_ice_servers(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Answer>, Problem> {
    let caller = identify(&shared, bearer(&headers)).await?;
    let wanted: Wanted = read(body, r#"{"ttl":3600,"region":"eu","identity":"…"}, or nothing"#)?;
    if wanted.region.as_ref().is_some_and(|region| region.len() > MAX_REGION_BYTES) {
        return Err(Problem::new(ErrorCode::InvalidArgument, "region must be 64 bytes at most").with_field("region"));
    }
    let (tenant, identity) = caller.subject(&shared, wanted.identity)?;
    let ask = Ask { tenant, identity, ttl: wanted.ttl.map(Duration::from_secs), region: wanted.region.map(Into::into) };
    let minted = shared.minter.mint(ask).await?;
    Ok(Json(Answer {
        ice_servers: minted.servers,
        ttl: minted.ttl.as_secs(),
        refresh_after: minted.refresh_after.map(|after| after.as_secs()),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revoked {
    identity: Identity,
}

#[derive(Serialize)]
pub(super) struct Revocation {
    /// Credentials that were ended.
    revoked: u32,
}

/// `POST /v1/ice-servers/revoke`: ends an identity's credentials where the provider has a way to.
pub(super) async fn revoke_ice_servers(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Revocation>, Problem> {
    let tenant = identify(&shared, bearer(&headers)).await?.admin()?;
    let Revoked { identity } = read(body, r#"{"identity":"…"}"#)?;
    match shared.minter.revoke(&tenant, &identity).await {
        (revoked, failed) if failed.is_empty() => Ok(Json(Revocation { revoked })),
        (_, failed) => {
            let detail = format!("some credentials are not revoked: {} failed. Ask again", failed.join(", "));
            Err(Problem::new(ErrorCode::Unavailable, detail).with_retry_after_ms(1_000))
        }
    }
}

fn read<T: DeserializeOwned>(body: Result<Bytes, BytesRejection>, expected: &str) -> Result<T, Problem> {
    let body = body.map_err(|rejection| {
        let code = if rejection.status() == http::StatusCode::PAYLOAD_TOO_LARGE {
            ErrorCode::TooLarge
        } else {
            ErrorCode::Malformed
        };
        Problem::new(code, format!("expected JSON: {expected}")).with_status(rejection.status())
    })?;
    let body = if body.is_empty() { &b"{}"[..] } else { &body };
    let wrong = |code| Problem::new(code, format!("expected JSON: {expected}"));
    let body: serde_json::Value = serde_json::from_slice(body).map_err(|_| wrong(ErrorCode::Malformed))?;
    if !body.is_object() {
        return Err(wrong(ErrorCode::InvalidArgument));
    }
    serde_json::from_value(body).map_err(|_| wrong(ErrorCode::InvalidArgument))
}
