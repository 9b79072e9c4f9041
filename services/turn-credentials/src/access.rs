//! Who asks.

use std::{sync::Arc, time::Instant};

use antiphon_protocol::{ErrorCode, Identity, TenantId};
use antiphon_service_kit::{
    auth::{Claims, OnBehalf, ServiceKeys, TURN_CREDENTIALS, bearer},
    clock::unix_now_s,
    problem::Problem,
};
use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::Shared;

/// Whose request it is, by its token.
pub(crate) enum Caller {
    /// A participant or, with the grant `admin`, the application.
    Client(Box<Claims>),
    /// A service of the same deployment, on behalf of a participant. It has limits of its own.
    Service(OnBehalf),
}

/// Believes a token, or says why not.
pub(crate) async fn identify(shared: &Shared, token: Option<&str>) -> Result<Caller, Problem> {
    let token = token
        .ok_or_else(|| Problem::new(ErrorCode::Unauthenticated, "a token is needed: Authorization: Bearer TOKEN"))?;
    if let Some(keys) = shared.service_keys.as_ref().filter(|_| ServiceKeys::is_service_token(token)) {
        return Ok(Caller::Service(keys.verify(token, TURN_CREDENTIALS, unix_now_s())?));
    }
    let claims = shared.keys.verify_fresh(token, unix_now_s()).await?;
    if claims.grants.join || claims.grants.admin {
        Ok(Caller::Client(Box::new(claims)))
    } else {
        Err(Problem::new(ErrorCode::PermissionDenied, "the token must grant join, or admin"))
    }
}

/// By the token of `Authorization`.
impl FromRequestParts<Arc<Shared>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        identify(shared, bearer(&parts.headers)).await
    }
}

impl Caller {
    /// Whom the servers are for, within the rates. The application may name anyone of its tenant; everybody else, themselves.
    pub(crate) fn subject(self, shared: &Shared, named: Option<Identity>) -> Result<(TenantId, Identity), Problem> {
        let claims = match self {
            Self::Service(OnBehalf { tenant, identity }) => return Ok((tenant, identity)),
            Self::Client(claims) => claims,
        };
        let identity = match named {
            Some(named) if named == claims.identity || claims.grants.admin => named,
            Some(_) => {
                let detail = "the token is another identity's; one that grants admin can name any";
                return Err(Problem::new(ErrorCode::PermissionDenied, detail).with_field("identity"));
            }
            None => claims.identity,
        };
        shared.limits.take(&claims.tenant, &identity, Instant::now())?;
        Ok((claims.tenant, identity))
    }

    /// The application's tenant.
    pub(crate) fn admin(self) -> Result<TenantId, Problem> {
        match self {
            Self::Client(claims) if claims.grants.admin => Ok(claims.tenant),
            Self::Client(_) | Self::Service(_) => {
                Err(Problem::new(ErrorCode::PermissionDenied, "the token must grant admin"))
            }
        }
    }
}
