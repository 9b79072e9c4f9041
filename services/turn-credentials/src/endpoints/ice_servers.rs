//! `POST /v1/ice-servers`: what `RTCPeerConnection` takes.

use std::{sync::Arc, time::Duration};

use antiphon_protocol::{ErrorCode, Identity, v1};
use antiphon_service_kit::{
    problem::Problem,
    request::{invalid, present, whole},
};
use axum::{
    Json,
    body::{Bytes, HttpBody as _},
    extract::{FromRequest, Request, State, rejection::BytesRejection},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

use crate::{Shared, access::Caller, minter::Ask};

/// Characters of a region's name.
const MAX_REGION: usize = 64;

/// What servers are wanted. Each may be left out, and so may the body.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct IceServersWanted {
    /// For how many seconds. It is brought between a minute and what the server is configured with.
    #[serde(default, deserialize_with = "whole")]
    #[schema(nullable = false, format = Int64, maximum = 4_294_967_295_u32, example = 3_600)]
    ttl: Option<u32>,
    /// Where the client is, as relays' `region` has it: those come first. Any other word is taken as none.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false, max_length = 64, example = "eu")]
    region: Option<String>,
    /// Whom they are for, where the token grants `admin`; the token's own identity else.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false, value_type = Option<String>, min_length = 1, max_length = 256, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$", example = "ada")]
    identity: Option<Identity>,
}

/// What `RTCPeerConnection` takes, and until when.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct IceServers {
    /// Four URLs in all at most.
    #[schema(min_items = 1, max_items = 4)]
    ice_servers: Vec<IceServer>,
    /// Seconds that they are good.
    #[schema(example = 3_600)]
    ttl: u64,
    /// Seconds after which to ask again. Absent where they do not expire.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 3_000)]
    refresh_after: Option<u64>,
}

/// W3C's `RTCIceServer`.
#[derive(Serialize, ToSchema)]
pub(super) struct IceServer {
    /// RFC 7064 and RFC 7065.
    #[schema(min_items = 1, max_items = 4, example = json!(["turn:turn.example:3478?transport=udp"]))]
    urls: Vec<String>,
    /// Of TURN servers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 509, example = "1794704400:acme/ada")]
    username: Option<String>,
    /// Of TURN servers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    credential: Option<String>,
}

impl From<v1::IceServer> for IceServer {
    fn from(v1::IceServer { urls, username, credential }: v1::IceServer) -> Self {
        Self { urls, username, credential }
    }
}

/// A body, which most clients leave out: then there is nothing to collect.
pub(super) struct OptionalBody(Bytes);

impl<S: Send + Sync> FromRequest<S> for OptionalBody {
    type Rejection = BytesRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, BytesRejection> {
        if request.body().is_end_stream() {
            return Ok(Self(Bytes::new()));
        }
        Bytes::from_request(request, state).await.map(Self)
    }
}

/// Gives ICE servers to a participant, or to whom the application names. The token grants `join` or `admin`.
#[utoipa::path(
    post,
    path = "/v1/ice-servers",
    tag = "ice-servers",
    request_body = IceServersWanted,
    responses((status = 200, body = IceServers))
)]
pub(super) async fn create_ice_servers(
    State(shared): State<Arc<Shared>>,
    caller: Caller,
    body: Result<OptionalBody, BytesRejection>,
) -> Result<Json<IceServers>, Problem> {
    let wanted: IceServersWanted = read(body, r#"{"ttl":3600,"region":"eu","identity":"…"}, or nothing"#)?;
    if wanted.region.as_ref().is_some_and(|region| region.chars().count() > MAX_REGION) {
        return Err(invalid("region", "region must be 64 characters at most"));
    }
    let (tenant, identity) = caller.subject(&shared, wanted.identity)?;
    let ask = Ask {
        tenant,
        identity,
        ttl: wanted.ttl.map(|seconds| Duration::from_secs(seconds.into())),
        region: wanted.region.map(Into::into),
    };
    let minted = shared.minter.mint(ask).await?;
    Ok(Json(IceServers {
        ice_servers: minted.servers.into_iter().map(Into::into).collect(),
        ttl: minted.ttl.as_secs(),
        refresh_after: minted.refresh_after.map(|after| after.as_secs()),
    }))
}

/// Whose credentials are to end.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RevocationWanted {
    /// An identity of the token's tenant.
    #[schema(value_type = String, min_length = 1, max_length = 256, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$", example = "ada")]
    identity: Identity,
}

/// Credentials that were ended.
#[derive(Serialize, ToSchema)]
pub(super) struct Revocation {
    /// How many.
    revoked: u32,
}

/// Ends an identity's credentials where the provider has a way to.
#[utoipa::path(
    post,
    path = "/v1/ice-servers/revoke",
    tag = "ice-servers",
    request_body = RevocationWanted,
    responses((status = 200, body = Revocation))
)]
pub(super) async fn revoke_ice_servers(
    State(shared): State<Arc<Shared>>,
    caller: Caller,
    body: Result<OptionalBody, BytesRejection>,
) -> Result<Json<Revocation>, Problem> {
    let tenant = caller.admin()?;
    let RevocationWanted { identity } = read(body, r#"{"identity":"…"}"#)?;
    match shared.minter.revoke(&tenant, &identity).await {
        (revoked, failed) if failed.is_empty() => Ok(Json(Revocation { revoked })),
        (_, failed) => {
            let detail = format!("some credentials are not revoked: {} failed. Ask again", failed.join(", "));
            Err(Problem::new(ErrorCode::Unavailable, detail).with_retry_after_ms(1_000))
        }
    }
}

fn read<T: DeserializeOwned>(body: Result<OptionalBody, BytesRejection>, expected: &str) -> Result<T, Problem> {
    let OptionalBody(body) = body.map_err(|rejection| {
        let code = if rejection.status() == http::StatusCode::PAYLOAD_TOO_LARGE {
            ErrorCode::TooLarge
        } else {
            ErrorCode::Malformed
        };
        Problem::new(code, format!("expected JSON: {expected}")).with_status(rejection.status())
    })?;
    let wrong = |code| Problem::new(code, format!("expected JSON: {expected}"));
    if body.is_empty() {
        return serde_json::from_str("{}").map_err(|_| wrong(ErrorCode::InvalidArgument));
    }
    let body: serde_json::Value = serde_json::from_slice(&body).map_err(|_| wrong(ErrorCode::Malformed))?;
    if !body.is_object() {
        return Err(wrong(ErrorCode::InvalidArgument));
    }
    serde_json::from_value(body).map_err(|_| wrong(ErrorCode::InvalidArgument))
}
