//! Listing and ending allocations: `/v1/turn/allocations`, for tokens that grant `admin`. A tenant sees and ends its own.

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
};
use antiphon_turn_core::{AllocationId, AllocationView, Selection};
use axum::{
    Json, Router,
    extract::{FromRequestParts, Query, State},
    http::request::Parts,
    routing::get,
};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use crate::worker::{Command, Outbox};

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
    let resource = get(list_allocations).delete(end_allocations);
    Router::new().route("/v1/turn/allocations", resource).with_state(Arc::new(admin))
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
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    /// The token's own tenant; no other one can be named.
    tenant: Option<TenantId>,
    /// An identity of that tenant.
    user: Option<Identity>,
    /// As an allocation is listed.
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

/// What is answered to GET.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    /// A thousand at most, the newest first.
    allocations: Vec<Shown>,
    /// How many there are.
    total: usize,
}

/// An allocation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    id: String,
    tenant: TenantId,
    /// Null where the identity was too long to stand in a credential; `userId` tells such ones apart.
    user: Option<Identity>,
    user_id: String,
    transport: &'static str,
    client_address: String,
    relayed_addresses: Vec<String>,
    age_s: u64,
    expires_in_s: u64,
    permissions: usize,
    channels: usize,
    bytes_to_peers: u64,
    bytes_to_client: u64,
}

/// What is answered to DELETE.
#[derive(Debug, Serialize)]
struct Ended {
    /// How many.
    ended: usize,
}

async fn list_allocations(
    State(admin): State<Arc<Admin>>,
    Authorized(claims): Authorized,
    filter: Result<Query<Filter>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Listed>, Problem> {
    let selected = read_query(filter)?.read(&claims)?;
    let found = ask(&admin, &selected, Command::List).await?;
    let now = Instant::now();
    let mut found: Vec<(usize, AllocationView)> =
        found.into_iter().flat_map(|(worker, views)| views.into_iter().map(move |view| (worker, view))).collect();
    found.sort_by_key(|(_, view)| std::cmp::Reverse(view.since));
    let total = found.len();
    let allocations = found.into_iter().take(MAX_LISTED).map(|(worker, view)| show(worker, &view, now)).collect();
    Ok(Json(Listed { allocations, total }))
}

async fn end_allocations(
    State(admin): State<Arc<Admin>>,
    Authorized(claims): Authorized,
    filter: Result<Query<Filter>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Ended>, Problem> {
    let selected = read_query(filter)?.read(&claims)?;
    if selected.is_everything {
        let detail = "say which: user, id, or tenant for all of yours";
        return Err(Problem::new(ErrorCode::InvalidArgument, detail));
    }
    let ended = ask(&admin, &selected, Command::Kill).await?.into_iter().map(|(_, ended)| ended).sum();
    tracing::info!(tenant = %claims.tenant, by = %claims.identity, ended, "allocations were ended");
    Ok(Json(Ended { ended }))
}

fn read_query(filter: Result<Query<Filter>, axum::extract::rejection::QueryRejection>) -> Result<Filter, Problem> {
    match filter {
        Ok(Query(filter)) => Ok(filter),
        Err(rejection) => Err(Problem::new(ErrorCode::InvalidArgument, rejection.body_text())),
    }
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

fn show(worker: usize, view: &AllocationView, now: Instant) -> Shown {
    Shown {
        id: format!("{worker}-{}-{}", view.id.slot, view.id.generation),
        tenant: view.user.tenant(),
        user: view.user.identity(),
        user_id: view.user.as_str().to_owned(),
        transport: view.client.transport.as_str(),
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

/// Reads what [`show`] wrote.
fn read_id(text: &str) -> Result<(usize, AllocationId), Problem> {
    let mut numbers = text.split('-').map(str::parse::<u32>);
    let read = match (numbers.next(), numbers.next(), numbers.next(), numbers.next()) {
        (Some(Ok(worker)), Some(Ok(slot)), Some(Ok(generation)), None) => {
            Some((worker as usize, AllocationId { slot, generation }))
        }
        _ => None,
    };
    read.ok_or_else(|| Problem::new(ErrorCode::InvalidArgument, "not the id of an allocation").with_field("id"))
}
