//! Webhooks: the tenant's endpoints, and what could not be delivered to them.

use std::{sync::Arc, time::Duration};

use antiphon_backplane::{Buried, Place};
use antiphon_protocol::ErrorCode;
use antiphon_service_kit::problem::Problem;
use antiphon_webhook_core::Outcome;
use axum::{
    Json,
    extract::{FromRequestParts, RawPathParams, State},
    http::{StatusCode, request::Parts},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::{access::Admin, extract::Parameters, page::Page, submit::unavailable};
use crate::{
    Shared,
    webhooks::{Dead, Endpoint},
};

/// Dead letters that are looked at together where all are meant.
const SWEEP: usize = 256;

/// The endpoints of the tenant.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Webhooks {
    webhooks: Vec<Webhook>,
}

/// An endpoint that is told of what happens in the tenant's rooms. The configuration makes it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Webhook {
    /// Tells it from the tenant's other endpoints.
    #[schema(example = "default")]
    id: String,
    /// Where the events are posted to.
    url: String,
    /// Which events.
    #[schema(example = json!(["room.started", "room.finished"]))]
    events: Vec<&'static str>,
    /// It answered 410: everything goes to the dead letters until a test or a replay is delivered.
    gone: bool,
    /// Events that are not delivered yet.
    waiting: usize,
    /// When the oldest of them happened, in milliseconds since the Unix epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    oldest_waiting_at_ms: Option<u64>,
    /// Events that were given up and are kept.
    dead_letters: u64,
    /// When it last took an event, in milliseconds since the Unix epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    delivered_at_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    failure: Option<WebhookFailure>,
}

/// The latest failure, where none was delivered since.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WebhookFailure {
    /// Milliseconds since the Unix epoch.
    at_ms: u64,
    #[schema(example = "answered 503")]
    reason: String,
}

/// What came of a test.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WebhookTest {
    /// The receiver answered 2xx.
    delivered: bool,
    /// What it answered, or why it did not.
    #[schema(example = "answered 204")]
    result: String,
    /// How long that took, in milliseconds.
    took_ms: u64,
}

/// An event that was given up.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeadLetter {
    /// The event's id, as in the header `webhook-id`.
    id: String,
    /// The event's type.
    #[schema(example = "participant.joined")]
    r#type: String,
    /// In which room it happened.
    room: String,
    /// When it happened, in milliseconds since the Unix epoch.
    at_ms: u64,
    /// When it was given up, in milliseconds since the Unix epoch.
    given_up_at_ms: u64,
    /// How often it was tried.
    attempts: u32,
    /// Why the last attempt failed.
    #[schema(example = "answered 500")]
    reason: String,
    /// The body that the receiver did not take.
    #[schema(value_type = Object)]
    event: Box<RawValue>,
    #[serde(skip)]
    place: String,
}

/// Dead letters, in the order in which they were given up.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeadLetterPage {
    dead_letters: Vec<DeadLetter>,
    /// Leads to the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next_cursor: Option<String>,
}

/// Which dead letters.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DeadLettersQuery {
    /// Dead letters of the page at most.
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<u32>,
    /// The `nextCursor` of the page before.
    #[param(max_length = 256)]
    cursor: Option<String>,
}

/// How many dead letters it is about.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeadLetterCount {
    count: u64,
}

/// The path's `{webhook}`, in the token's tenant.
pub(super) struct OneEndpoint(Arc<Endpoint>);

impl FromRequestParts<Arc<Shared>> for OneEndpoint {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        let admin = Admin::from_request_parts(parts, shared).await?;
        let name = parameter(parts, shared, "webhook").await;
        let endpoints = shared.webhooks.endpoints(admin.tenant());
        let found = endpoints.iter().find(|endpoint| endpoint.config.name.as_str() == name).cloned();
        found
            .map(Self)
            .ok_or_else(|| Problem::new(ErrorCode::NotFound, "there is no such webhook").with_field("webhook"))
    }
}

/// A dead letter of an endpoint: the path's `{webhook}` and `{letter}`.
pub(super) struct OneDeadLetter {
    endpoint: Arc<Endpoint>,
    id: String,
    dead: Dead,
}

impl FromRequestParts<Arc<Shared>> for OneDeadLetter {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        let OneEndpoint(endpoint) = OneEndpoint::from_request_parts(parts, shared).await?;
        let id = parameter(parts, shared, "letter").await;
        let found = shared.backplane().outbox.dead_letter(&endpoint.lane, &id).await.map_err(unavailable)?;
        let dead = found.and_then(|buried| serde_json::from_slice(&buried.letter.payload).ok());
        let missing = || Problem::new(ErrorCode::NotFound, "there is no such dead letter").with_field("letter");
        Ok(Self { dead: dead.ok_or_else(missing)?, endpoint, id })
    }
}

/// What names nothing that can be is found nowhere.
async fn parameter(parts: &mut Parts, shared: &Arc<Shared>, name: &str) -> String {
    let parameters = RawPathParams::from_request_parts(parts, shared).await.ok();
    let found = parameters.as_ref().and_then(|all| all.iter().find(|(known, _)| *known == name));
    found.map(|(_, value)| value.to_owned()).unwrap_or_default()
}

/// Lists the tenant's webhooks and how they do.
#[utoipa::path(get, path = "/v1/webhooks", tag = "webhooks", responses((status = 200, body = Webhooks)))]
pub(super) async fn list_webhooks(State(shared): State<Arc<Shared>>, admin: Admin) -> Result<Json<Webhooks>, Problem> {
    let mut webhooks = Vec::new();
    for endpoint in shared.webhooks.endpoints(admin.tenant()) {
        let dead_letters = shared.backplane().outbox.dead_count(&endpoint.lane).await.map_err(unavailable)?;
        webhooks.push(Webhook::new(endpoint, dead_letters));
    }
    Ok(Json(Webhooks { webhooks }))
}

impl Webhook {
    fn new(endpoint: &Endpoint, dead_letters: u64) -> Self {
        let status = endpoint.status().clone();
        Self {
            id: endpoint.config.name.to_string(),
            url: endpoint.config.url.to_string(),
            events: endpoint.config.events.types().to_vec(),
            gone: status.is_gone,
            waiting: status.waiting,
            oldest_waiting_at_ms: status.oldest_ms,
            dead_letters,
            delivered_at_ms: status.delivered_at_ms,
            failure: status.failure.map(|failure| WebhookFailure { at_ms: failure.at_ms, reason: failure.reason }),
        }
    }
}

/// Sends an event of type `webhook.test` at once.
///
/// A webhook that is `gone` is told of events again when it takes the test.
#[utoipa::path(
    post,
    path = "/v1/webhooks/{webhook}/test",
    tag = "webhooks",
    responses((status = 200, body = WebhookTest))
)]
pub(super) async fn test_webhook(
    State(shared): State<Arc<Shared>>,
    OneEndpoint(endpoint): OneEndpoint,
) -> Json<WebhookTest> {
    // It has to be told before the request to this API itself has taken too long.
    let patience = shared.config.api_timeout.0.mul_f64(0.8);
    let test = match tokio::time::timeout(patience, endpoint.test()).await {
        Ok(answer) => WebhookTest {
            delivered: answer.outcome == Outcome::Delivered,
            result: answer.said.to_string(),
            took_ms: milliseconds(answer.took),
        },
        Err(_) => WebhookTest { delivered: false, result: "timed out".to_owned(), took_ms: milliseconds(patience) },
    };
    Json(test)
}

fn milliseconds(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

/// Lists the events that were given up.
#[utoipa::path(
    get,
    path = "/v1/webhooks/{webhook}/dead-letters",
    tag = "webhooks",
    params(DeadLettersQuery),
    responses((status = 200, body = DeadLetterPage))
)]
pub(super) async fn list_dead_letters(
    State(shared): State<Arc<Shared>>,
    OneEndpoint(endpoint): OneEndpoint,
    Parameters(query): Parameters<DeadLettersQuery>,
) -> Result<Json<DeadLetterPage>, Problem> {
    let page = Page::new(query.limit, query.cursor.as_deref())?;
    let after = Place(page.after()?.unwrap_or_default());
    let found = shared.backplane().outbox.dead_letters(&endpoint.lane, after, page.sought()).await;
    let mut dead_letters: Vec<_> = found.map_err(unavailable)?.into_iter().filter_map(DeadLetter::new).collect();
    let next_cursor = page.cut(&mut dead_letters, |letter| letter.place.clone());
    Ok(Json(DeadLetterPage { dead_letters, next_cursor }))
}

impl DeadLetter {
    fn new(buried: Buried) -> Option<Self> {
        let Dead { letter, given_up_at_ms, attempts, reason } = serde_json::from_slice(&buried.letter.payload).ok()?;
        Some(Self {
            id: letter.id,
            r#type: letter.kind,
            room: letter.address.room.to_string(),
            at_ms: letter.address.at_ms,
            given_up_at_ms,
            attempts,
            reason,
            event: letter.body,
            place: buried.place.0.to_string(),
        })
    }
}

/// Sends a dead letter again, once.
///
/// It is gone from the list when it was delivered, and stays where it was not. It comes after newer events: its `position` tells.
#[utoipa::path(
    post,
    path = "/v1/webhooks/{webhook}/dead-letters/{letter}/replay",
    tag = "webhooks",
    responses(
        (status = 202, body = DeadLetterCount, description = "It will be sent")
    )
)]
pub(super) async fn replay_dead_letter(
    OneDeadLetter { endpoint, id, dead }: OneDeadLetter,
) -> (StatusCode, Json<DeadLetterCount>) {
    endpoint.replay(&id, &dead).await;
    (StatusCode::ACCEPTED, Json(DeadLetterCount { count: 1 }))
}

/// Sends all dead letters again, once each, those of a room in their order.
#[utoipa::path(
    post,
    path = "/v1/webhooks/{webhook}/dead-letters/replay",
    tag = "webhooks",
    responses(
        (status = 202, body = DeadLetterCount, description = "They will be sent")
    )
)]
pub(super) async fn replay_dead_letters(
    State(shared): State<Arc<Shared>>,
    OneEndpoint(endpoint): OneEndpoint,
) -> Result<(StatusCode, Json<DeadLetterCount>), Problem> {
    let (mut count, mut after) = (0, Place(0));
    loop {
        let found = shared.backplane().outbox.dead_letters(&endpoint.lane, after, SWEEP).await.map_err(unavailable)?;
        let Some(last) = found.last().map(|buried| buried.place) else { break };
        for buried in found {
            if let Ok(dead) = serde_json::from_slice(&buried.letter.payload) {
                endpoint.replay(&buried.letter.id, &dead).await;
                count += 1;
            }
        }
        after = last;
    }
    Ok((StatusCode::ACCEPTED, Json(DeadLetterCount { count })))
}

/// Drops a dead letter.
#[utoipa::path(
    delete,
    path = "/v1/webhooks/{webhook}/dead-letters/{letter}",
    tag = "webhooks",
    responses(
        (status = 204, description = "It is gone")
    )
)]
pub(super) async fn delete_dead_letter(
    OneDeadLetter { endpoint, id, .. }: OneDeadLetter,
) -> Result<StatusCode, Problem> {
    endpoint.discard(&id).await.map_err(unavailable)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Drops all dead letters.
#[utoipa::path(
    delete,
    path = "/v1/webhooks/{webhook}/dead-letters",
    tag = "webhooks",
    responses(
        (status = 200, body = DeadLetterCount, description = "They are gone")
    )
)]
pub(super) async fn delete_dead_letters(
    State(shared): State<Arc<Shared>>,
    OneEndpoint(endpoint): OneEndpoint,
) -> Result<Json<DeadLetterCount>, Problem> {
    let mut count = 0;
    loop {
        let found =
            shared.backplane().outbox.dead_letters(&endpoint.lane, Place(0), SWEEP).await.map_err(unavailable)?;
        if found.is_empty() {
            return Ok(Json(DeadLetterCount { count }));
        }
        for buried in found {
            endpoint.discard(&buried.letter.id).await.map_err(unavailable)?;
            count += 1;
        }
    }
}
