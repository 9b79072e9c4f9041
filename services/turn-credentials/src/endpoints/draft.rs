//! `/turn?service=turn&username=&key=`: draft-uberti-behave-turn-rest-00.

use std::sync::Arc;

use antiphon_protocol::{ErrorCode, Identity};
use antiphon_service_kit::{auth::bearer, problem::Problem};
use axum::{
    Json,
    body::Bytes,
    extract::{RawQuery, State, rejection::BytesRejection},
    http::{HeaderMap, header},
};

use super::TurnServers;
use crate::{Shared, access::identify, minter::Ask};

const FORM: &str = "application/x-www-form-urlencoded";

/// §2.1: `service` is "turn"; `key` is an access token here, which may also be in `Authorization`; `username` is an identity.
#[derive(Default)]
struct Parameters {
    service: Option<String>,
    username: Option<String>,
    key: Option<String>,
}

impl Parameters {
    fn read(&mut self, encoded: &[u8]) {
        for (name, value) in form_urlencoded::parse(encoded) {
            let slot = match name.as_ref() {
                "service" => &mut self.service,
                "username" => &mut self.username,
                "key" => &mut self.key,
                _ => continue,
            };
            slot.get_or_insert_with(|| value.into_owned());
        }
    }
}

pub(super) async fn get_turn_servers(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Json<TurnServers>, Problem> {
    let mut parameters = Parameters::default();
    parameters.read(query.unwrap_or_default().as_bytes());
    answer(&shared, &headers, parameters).await
}

/// As GET; what is in the body wins, and stays out of logs of proxies.
pub(super) async fn post_turn_servers(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<TurnServers>, Problem> {
    let body = body.map_err(|rejection| {
        Problem::new(ErrorCode::TooLarge, "the body is too long").with_status(rejection.status())
    })?;
    let is_form = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(FORM.as_bytes()));
    if !body.is_empty() && !is_form {
        return Err(Problem::new(ErrorCode::Malformed, format!("expected a body of the type {FORM}, or none")));
    }
    let mut parameters = Parameters::default();
    parameters.read(&body);
    parameters.read(query.unwrap_or_default().as_bytes());
    answer(&shared, &headers, parameters).await
}

async fn answer(shared: &Shared, headers: &HeaderMap, parameters: Parameters) -> Result<Json<TurnServers>, Problem> {
    let caller = identify(shared, bearer(headers).or(parameters.key.as_deref())).await?;
    if parameters.service.as_deref() != Some("turn") {
        return Err(Problem::new(ErrorCode::InvalidArgument, "service must be turn").with_field("service"));
    }
    let named = parameters.username.filter(|username| !username.is_empty());
    let named: Option<Identity> = named.map(|username| username.parse()).transpose().map_err(|error| {
        let error: antiphon_protocol::InvalidId = error;
        Problem::new(ErrorCode::InvalidArgument, error.to_string()).with_field("username")
    })?;
    let (tenant, identity) = caller.subject(shared, named)?;
    let minted = shared.minter.mint(Ask::new(tenant, identity)).await?;
    TurnServers::of(&minted).map(Json)
}
