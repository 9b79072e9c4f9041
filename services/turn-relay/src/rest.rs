//! Listing and ending allocations: `/v1/turn/allocations`, for tokens that grant `admin`. A tenant sees and ends its own.

mod openapi;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use antiphon_ice_core::user_id::UserId;
use antiphon_protocol::{ErrorCode, Identity, TenantId};
use antiphon_service_kit::{
    auth::{Claims, KeyRing, bearer},
    clock::unix_now_s,
    problem::Problem,
    request::{Parameters, invalid},
};
use antiphon_turn_core::{AllocationId, AllocationView, Selection};
use axum::{
    Json, Router,
    extract::{FromRequestParts, State},
    http::{StatusCode, request::Parts},
    routing::get,
};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use utoipa::{IntoParams, ToSchema};

use crate::worker::{Command, Outbox};
pub use openapi::openapi;

/// Allocations in one answer at most.
const MAX_LISTED: usize = 1_000;

/// How long the workers may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// What the handlers need.
pub(crate) struct Admin {
    pub(crate) workers: Vec<Outbox>,
    pub(crate) keys: KeyRing,
}

pub(crate) fn router(admin: Admin) -> Router {
    let resource = get(list_allocations).delete(end_allocations).fallback(refuse_method);
    Router::new().route("/v1/turn/allocations", resource).with_state(Arc::new(admin))
}

async fn refuse_method() -> Problem {
    Problem::new(ErrorCode::Unsupported, "this resource has no such method; see the header Allow")
        .with_status(StatusCode::METHOD_NOT_ALLOWED)
}

/// The owner of a token that grants `admin`.
struct Authorized(Claims);

impl FromRequestParts<Arc<Admin>> for Authorized {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, admin: &Arc<Admin>) -> Result<Self, Problem> {
        let token = bearer(&parts.headers).ok_or_else(|| {
            Problem::new(ErrorCode::Unauthenticated, "a token is needed: Authorization: Bearer TOKEN")
        })?;
        let claims = admin.keys.verify_fresh(token, unix_now_s()).await?;
        if !claims.grants.admin {
            return Err(Problem::new(ErrorCode::PermissionDenied, "the token must grant admin"));
        }
        Ok(Self(claims))
    }
}

/// Which allocations. All that is named must fit.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// The token's own tenant; no other one can be named.
    #[param(value_type = Option<String>, min_length = 1, max_length = 64, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$")]
    tenant: Option<TenantId>,
    /// An identity of that tenant.
    #[param(value_type = Option<String>, min_length = 1, max_length = 256, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$")]
    user: Option<Identity>,
    /// As an allocation is listed.
    #[param(pattern = "^[0-9]{1,10}-[0-9]{1,10}-[0-9]{1,10}$", example = "0-12-3")]
    id: Option<String>,
}

/// The filter, read for whoever asks.
struct Selected {
    selection: Selection,
    /// Which worker has the allocation, where one is named.
    worker: Option<usize>,
    is_everything: bool,
}

impl Filter {
    fn read(self, claims: &Claims) -> Result<Selected, Problem> {
        if self.tenant.as_ref().is_some_and(|tenant| *tenant != claims.tenant) {
            let detail = "a token sees the allocations of its own tenant";
            return Err(Problem::new(ErrorCode::PermissionDenied, detail).with_field("tenant"));
        }
        let is_everything = self.tenant.is_none() && self.user.is_none() && self.id.is_none();
        let named = self.id.as_deref().map(read_id).transpose()?;
        let selection = Selection {
            tenant: Some(claims.tenant.clone()),
            user: self.user.map(|identity| UserId::new(&claims.tenant, &identity)),
            id: named.map(|(_, id)| id),
        };
        Ok(Selected { selection, worker: named.map(|(worker, _)| worker), is_everything })
    }
}

/// Allocations of a tenant.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Allocations {
    /// A thousand at most, the newest first.
    #[schema(max_items = 1_000)]
    allocations: Vec<Allocation>,
    /// How many there are.
    total: usize,
}

/// What a client has of the relay.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Allocation {
    /// Names it, as long as it lives.
    #[schema(pattern = "^[0-9]{1,10}-[0-9]{1,10}-[0-9]{1,10}$", example = "0-12-3")]
    id: String,
    /// Whose participant the user is.
    #[schema(value_type = String, example = "acme")]
    tenant: TenantId,
    /// Null where the identity was too long to stand in a credential; `userId` tells such ones apart.
    #[schema(value_type = Option<String>, example = "ada")]
    user: Option<Identity>,
    /// What stands in the username of the credential behind its expiry.
    #[schema(example = "acme/ada")]
    user_id: String,
    /// How the client reaches the relay.
    transport: Transport,
    /// The client's address and port, as the relay sees them.
    #[schema(example = "198.51.100.7:51234")]
    client_address: String,
    /// Where peers send to: one, or one of each family.
    #[schema(min_items = 1, max_items = 2, example = json!(["203.0.113.5:50123"]))]
    relayed_addresses: Vec<String>,
    /// Seconds since it began.
    age_s: u64,
    /// Seconds until it ends, unless the client refreshes it.
    expires_in_s: u64,
    /// Addresses that may send to it.
    permissions: usize,
    /// Channels that are bound.
    channels: usize,
    /// Bytes of what was relayed to peers.
    bytes_to_peers: u64,
    /// Bytes of what was relayed to the client.
    bytes_to_client: u64,
}

/// How a client reaches the relay.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Transport {
    Udp,
    Tcp,
    Tls,
}

impl From<antiphon_turn_core::Transport> for Transport {
    fn from(transport: antiphon_turn_core::Transport) -> Self {
        match transport {
            antiphon_turn_core::Transport::Udp => Self::Udp,
            antiphon_turn_core::Transport::Tcp => Self::Tcp,
            antiphon_turn_core::Transport::Tls => Self::Tls,
        }
    }
}

/// Allocations that were ended.
#[derive(Debug, Serialize, ToSchema)]
struct EndedAllocations {
    /// How many.
    ended: usize,
}

/// Lists the tenant's allocations.
#[utoipa::path(get, path = "/v1/turn/allocations", tag = "turn", params(Filter), responses((status = 200, body = Allocations)))]
async fn list_allocations(
    State(admin): State<Arc<Admin>>,
    Authorized(claims): Authorized,
    Parameters(filter): Parameters<Filter>,
) -> Result<Json<Allocations>, Problem> {
    let selected = filter.read(&claims)?;
    let found = ask(&admin, &selected, Command::List).await?;
    let now = Instant::now();
    let mut found: Vec<(usize, AllocationView)> =
        found.into_iter().flat_map(|(worker, views)| views.into_iter().map(move |view| (worker, view))).collect();
    found.sort_by_key(|(_, view)| std::cmp::Reverse(view.since));
    let total = found.len();
    let allocations = found.into_iter().take(MAX_LISTED).map(|(worker, view)| show(worker, &view, now)).collect();
    Ok(Json(Allocations { allocations, total }))
}

/// Ends the tenant's allocations that are named: `user`, `id`, or `tenant` for all.
#[utoipa::path(delete, path = "/v1/turn/allocations", tag = "turn", params(Filter), responses((status = 200, body = EndedAllocations)))]
async fn end_allocations(
    State(admin): State<Arc<Admin>>,
    Authorized(claims): Authorized,
    Parameters(filter): Parameters<Filter>,
) -> Result<Json<EndedAllocations>, Problem> {
    let selected = filter.read(&claims)?;
    if selected.is_everything {
        let detail = "say which: user, id, or tenant for all of yours";
        return Err(Problem::new(ErrorCode::InvalidArgument, detail));
    }
    let ended = ask(&admin, &selected, Command::Kill).await?.into_iter().map(|(_, ended)| ended).sum();
    tracing::info!(tenant = %claims.tenant, by = %claims.identity, ended, "allocations were ended");
    Ok(Json(EndedAllocations { ended }))
}

/// Asks each worker that may know, and waits for all.
async fn ask<T>(
    admin: &Admin,
    selected: &Selected,
    command: impl Fn(Selection, oneshot::Sender<T>) -> Command,
) -> Result<Vec<(usize, T)>, Problem> {
    let unavailable =
        || Problem::new(ErrorCode::Unavailable, "the relay is too busy to answer").with_retry_after_ms(1_000);
    let asked = admin.workers.iter().enumerate().filter(|(number, _)| selected.worker.is_none_or(|one| one == *number));
    let mut replies = Vec::new();
    for (number, worker) in asked {
        let (reply, answer) = oneshot::channel();
        worker.send(command(selected.selection.clone(), reply)).map_err(|_| unavailable())?;
        replies.push((number, answer));
    }
    let all = async {
        let mut answers = Vec::with_capacity(replies.len());
        for (number, reply) in replies {
            answers.push((number, reply.await.map_err(|_| unavailable())?));
        }
        Ok(answers)
    };
    tokio::time::timeout(ANSWER_TIMEOUT, all).await.map_err(|_| unavailable())?
}

fn show(worker: usize, view: &AllocationView, now: Instant) -> Allocation {
    Allocation {
        id: format!("{worker}-{}-{}", view.id.slot, view.id.generation),
        tenant: view.user.tenant(),
        user: view.user.identity(),
        user_id: view.user.as_str().to_owned(),
        transport: view.client.transport.into(),
        client_address: view.client.remote.to_string(),
        relayed_addresses: view.relayed.iter().map(ToString::to_string).collect(),
        age_s: now.saturating_duration_since(view.since).as_secs(),
        expires_in_s: view.expires_at.saturating_duration_since(now).as_secs(),
        permissions: view.permissions,
        channels: view.channels,
        bytes_to_peers: view.bytes_to_peers,
        bytes_to_client: view.bytes_to_client,
    }
}

/// Reads what [`show`] wrote. A number that is too great is that of no worker, so it names nothing.
fn read_id(text: &str) -> Result<(usize, AllocationId), Problem> {
    let is_number = |part: &str| (1..=10).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<_> = text.splitn(4, '-').collect();
    let [worker, slot, generation] = parts[..] else { return Err(no_id()) };
    if ![worker, slot, generation].into_iter().all(is_number) {
        return Err(no_id());
    }
    let read = || {
        Some((worker.parse().ok()?, AllocationId { slot: slot.parse().ok()?, generation: generation.parse().ok()? }))
    };
    Ok(read().unwrap_or((usize::MAX, AllocationId { slot: 0, generation: 0 })))
}

fn no_id() -> Problem {
    invalid("id", "not the id of an allocation")
}
