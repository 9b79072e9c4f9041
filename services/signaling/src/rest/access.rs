//! Who may use the API, and how fast.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use antiphon_protocol::{ErrorCode, RoomKey, TenantId};
use antiphon_service_kit::{
    auth::{Claims, bearer},
    problem::Problem,
};
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{StatusCode, request::Parts},
    middleware::Next,
    response::Response,
};

use super::{extract::path_parameter, whom::Whom};
use crate::{Shared, room::wall_clock};

/// The claims of a token that was verified and grants `admin`, as [`authenticate`] leaves them with the request.
#[derive(Clone)]
struct Verified(Arc<Claims>);

/// Lets a request through whose token is valid and grants `admin`, within its tenant's rate and the time for a request.
pub(super) async fn authenticate(
    State(shared): State<Arc<Shared>>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let token = bearer(request.headers())
        .ok_or_else(|| Problem::new(ErrorCode::Unauthenticated, "a token is needed: Authorization: Bearer TOKEN"))?;
    let claims = shared.keys.verify_fresh(token, wall_clock().0 / 1000).await?;
    let taken = shared.admission.request(&claims.tenant, Instant::now());
    taken.map_err(|wait| {
        Problem::new(ErrorCode::RateLimited, "too many requests of this tenant").with_retry_after_ms(milliseconds(wait))
    })?;
    if !claims.grants.admin {
        let detail = "the REST API is the application's: the token must grant admin";
        return Err(Problem::new(ErrorCode::PermissionDenied, detail));
    }
    request.extensions_mut().insert(Verified(Arc::new(claims)));
    let answered = tokio::time::timeout(shared.config.api_timeout.0, next.run(request)).await;
    answered.map_err(|_| Problem::new(ErrorCode::Unavailable, "this took too long").with_retry_after_ms(1_000))
}

fn milliseconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_micros().div_ceil(1_000)).unwrap_or(u32::MAX)
}

/// Answers a method that the resource does not have.
pub(super) async fn refuse_method() -> Problem {
    Problem::new(ErrorCode::Unsupported, "this resource has no such method; see the header Allow")
        .with_status(StatusCode::METHOD_NOT_ALLOWED)
}

/// Answers a path that names nothing.
pub(super) async fn refuse_path() -> Problem {
    Problem::new(ErrorCode::NotFound, "there is no such resource; /v1/openapi.json lists them")
}

/// The application: the owner of a token that grants `admin`. For handlers of what is not in a room.
pub(crate) struct Admin {
    /// What the token says.
    pub(crate) claims: Arc<Claims>,
}

impl Admin {
    /// Whose rooms.
    pub(crate) fn tenant(&self) -> &TenantId {
        &self.claims.tenant
    }
}

impl<S: Sync> FromRequestParts<S> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match parts.extensions.get::<Verified>() {
            Some(Verified(claims)) => Ok(Self { claims: Arc::clone(claims) }),
            None => {
                tracing::error!(
                    path = parts.uri.path(),
                    "a resource outside the authenticated ones asks for its admin"
                );
                Err(Problem::new(ErrorCode::Internal, "the server is put together wrongly"))
            }
        }
    }
}

/// The application at one of its rooms: the path's `{room}`, in the token's tenant.
pub(crate) struct RoomAdmin {
    /// Which room, whether or not it exists.
    pub(crate) key: RoomKey,
}

impl<S: Send + Sync> FromRequestParts<S> for RoomAdmin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let admin = Admin::from_request_parts(parts, state).await?;
        let room = path_parameter(parts, state, "room").await?;
        Ok(Self { key: RoomKey { tenant: admin.tenant().clone(), room } })
    }
}

/// The application at one session of one of its rooms: the path's `{participant}` there.
pub(crate) struct ParticipantAdmin {
    /// Which room.
    pub(crate) key: RoomKey,
    /// Who in it, whether or not there is such a session.
    pub(crate) whom: Whom,
}

impl<S: Send + Sync> FromRequestParts<S> for ParticipantAdmin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let RoomAdmin { key } = RoomAdmin::from_request_parts(parts, state).await?;
        let whom = path_parameter(parts, state, "participant").await?;
        Ok(Self { key, whom })
    }
}
