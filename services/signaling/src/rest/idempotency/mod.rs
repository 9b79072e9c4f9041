//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07): a POST that is sent again under its key is answered as it was
//! the first time, and not carried out again.

mod store;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use antiphon_protocol::{ErrorCode, Sid, TenantId};
use antiphon_room_core::{Author, Millis, RequestId, Room};
use antiphon_service_kit::problem::Problem;
use axum::{
    body::{Body, to_bytes},
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::{access::Admin, extract::invalid, router::MAX_BODY_BYTES};
use crate::{Shared, room::wall_clock};
use store::{Begun, Bounds, Fingerprint, Store};

/// The request's header.
pub(super) const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Says that an answer is that of an earlier request.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// What a key looks like, and how long it is.
pub(super) const KEY_PATTERN: &str = "^(\"[!#-~]{1,255}\"|[!#-~]{1,255})$";

/// The longest key, in bytes, as in [`KEY_PATTERN`].
const MAX_KEY_BYTES: usize = 255;

/// The longest answer that can be kept; the API's own are far below it.
const MAX_ANSWER_BYTES: usize = 1 << 20;

const BOUNDS: Bounds = Bounds { lifetime: Duration::from_secs(24 * 3_600), keys: 10_000, bytes: 8 << 20 };

/// What was answered on this server.
#[derive(Debug)]
pub(crate) struct Answers {
    started: Instant,
    store: Mutex<Store<Answer>>,
}

#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Default for Answers {
    fn default() -> Self {
        Self { started: Instant::now(), store: Mutex::new(Store::new(BOUNDS)) }
    }
}

impl Answers {
    fn store(&self) -> MutexGuard<'_, Store<Answer>> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, tenant: &TenantId, key: &str, request: Fingerprint) -> Begun<Answer> {
        self.store().begin(tenant, key, request, self.started.elapsed())
    }
}

/// Carries a POST out once per key.
pub(super) async fn carry_out_once(
    State(shared): State<Arc<Shared>>,
    admin: Admin,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let key = key(request.headers())?.filter(|_| request.method() == Method::POST);
    let Some(key) = key else { return Ok(next.run(request).await) };
    let (mut parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY_BYTES)
        .await
        .map_err(|_| Problem::new(ErrorCode::TooLarge, format!("the body: {MAX_BODY_BYTES} bytes at most")))?;
    let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
    let fingerprint = fingerprint(path, &body);
    match shared.answers.begin(admin.tenant(), &key, fingerprint) {
        Begun::First => {}
        Begun::Answered(answer) => return Ok(answer.replay()),
        Begun::UnderWay => {
            let detail = "the first request with this Idempotency-Key has no answer yet";
            return Err(Problem::new(ErrorCode::RequestInProgress, detail).with_retry_after_ms(1_000));
        }
        Begun::Reused => {
            let detail = "this Idempotency-Key came with another request before";
            return Err(Problem::new(ErrorCode::IdempotencyKeyReused, detail));
        }
        Begun::Full => {
            let detail = "too many requests with an Idempotency-Key are under way";
            return Err(Problem::new(ErrorCode::RateLimited, detail).with_retry_after_ms(1_000));
        }
    }
    parts.extensions.insert(request_id(&key, fingerprint));
    let place = Place { shared: Arc::clone(&shared), tenant: admin.tenant().clone(), key, is_settled: false };
    let request = Request::from_parts(parts, Body::from(body));
    // Goes on when the client hangs up: who sends the request again is to be told what came of it.
    let answered = tokio::spawn(async move { place.settle(next.run(request).await).await });
    answered.await.unwrap_or_else(|_| Err(Problem::new(ErrorCode::Internal, "this went wrong")))
}

/// The key, a string by RFC 9651 §3.3.3, or, as many clients send it, without its quotes.
fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(KEY) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    let key = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let fits = (1..=MAX_KEY_BYTES).contains(&key.len()) && key.bytes().all(|byte| matches!(byte, b'!' | b'#'..=b'~'));
    if fits && headers.get_all(KEY).iter().count() == 1 {
        return Ok(Some(key.to_owned()));
    }
    Err(invalid(
        "Idempotency-Key",
        format!("expected one key of 1 to {MAX_KEY_BYTES} visible ASCII characters without quotes"),
    ))
}

fn fingerprint(path: &str, body: &[u8]) -> Fingerprint {
    // A path has no line break, so where it ends is plain.
    Sha256::new().chain_update(path).chain_update("\n").chain_update(body).finalize().into()
}

/// What a room remembers a request by. Rooms are one tenant's, so its name is not in it.
fn request_id(key: &str, request: Fingerprint) -> RequestId {
    let digest = Sha256::new().chain_update(request).chain_update(key).finalize();
    RequestId(std::array::from_fn(|place| digest[place]))
}

/// A request that changes a room. Under an `Idempotency-Key` the room itself remembers it, so that it is carried out once also
/// where the answer of the log was lost, or another server is asked.
pub(super) struct Repeatable(Option<RequestId>);

impl<S: Sync> FromRequestParts<S> for Repeatable {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(parts.extensions.get().copied()))
    }
}

impl Repeatable {
    /// Who asks the room.
    pub(super) fn author(&self) -> Author {
        self.0.map_or(Author::Server, |request| Author::Application { request })
    }

    /// When it was carried out before.
    pub(super) fn carried_out(&self, room: &Room) -> Option<Millis> {
        room.carried_out(self.0?, wall_clock())
    }

    /// The id of the message that it writes: the same however often it is sent.
    pub(super) fn message_id(&self) -> Sid {
        match self.0 {
            Some(RequestId(digest)) => Sid::from_random(std::array::from_fn(|place| digest[place])),
            None => Sid::from_random(rand::random()),
        }
    }
}

impl Answer {
    fn replay(&self) -> Response {
        let mut response = (self.status, self.headers.clone(), self.body.clone()).into_response();
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        response
    }

    fn bytes(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
        headers.sum::<usize>() + self.body.len()
    }
}

/// A key whose first request is being carried out. Dropped unsettled, as by a panic, the key is free again.
struct Place {
    shared: Arc<Shared>,
    tenant: TenantId,
    key: String,
    is_settled: bool,
}

impl Place {
    /// Keeps the answer, unless the request may do better when it is sent again.
    async fn settle(mut self, response: Response) -> Result<Response, Problem> {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, MAX_ANSWER_BYTES).await.map_err(|error| {
            tracing::error!(%error, "an answer could not be kept");
            Problem::new(ErrorCode::Internal, "the answer could not be kept")
        })?;
        let may_do_better = parts.status.is_server_error() || parts.status == StatusCode::TOO_MANY_REQUESTS;
        if !may_do_better {
            let answer = Answer { status: parts.status, headers: parts.headers.clone(), body: body.clone() };
            let bytes = answer.bytes();
            self.put(Some((answer, bytes)));
        }
        Ok(Response::from_parts(parts, Body::from(body)))
    }

    fn put(&mut self, answer: Option<(Answer, usize)>) {
        let answers = &self.shared.answers;
        answers.store().settle(&self.tenant, &self.key, answer, answers.started.elapsed());
        self.is_settled = true;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.is_settled {
            self.put(None);
        }
    }
}
