//! Who may not come back to a room. Bans stand beside the room: they come and go without it, and outlive it.

use std::sync::Arc;

use antiphon_backplane::StoredBan;
use antiphon_protocol::{ErrorCode, Identity, RoomKey};
use antiphon_room_core::{Author, Command};
use antiphon_service_kit::problem::Problem;
use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{StatusCode, header, request::Parts},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    access::RoomAdmin,
    extract::{Body, Parameters, path_parameter, path_segment, present, whole},
    idempotency::Repeatable,
    page::Page,
    participants::bad_identity,
    submit::{submit, unavailable},
};
use crate::Shared;

/// An identity that may not come back.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Ban {
    /// The token's `sub`.
    #[schema(example = "ada")]
    identity: String,
    /// When it may come back: milliseconds since the Unix epoch.
    until_ms: u64,
}

impl From<&StoredBan> for Ban {
    fn from(ban: &StoredBan) -> Self {
        Self { identity: ban.identity.to_string(), until_ms: ban.until_ms }
    }
}

/// The application at one ban of one of its rooms: the path's `{identity}` there.
pub(super) struct BanAdmin {
    key: RoomKey,
    identity: Identity,
}

impl<S: Send + Sync> FromRequestParts<S> for BanAdmin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let RoomAdmin { key } = RoomAdmin::from_request_parts(parts, state).await?;
        let identity = path_parameter(parts, state, "identity").await?;
        Ok(Self { key, identity })
    }
}

/// Which bans.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct BansQuery {
    /// Bans of the page at most.
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<u32>,
    /// The `nextCursor` of the page before.
    #[param(max_length = 512)]
    cursor: Option<String>,
}

/// Bans, by the bytes of their identities.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct BanPage {
    bans: Vec<Ban>,
    /// Leads to the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next_cursor: Option<String>,
}

/// Lists the bans of a room, whether or not the room exists.
#[utoipa::path(
    get,
    path = "/v1/rooms/{room}/bans",
    tag = "bans",
    params(BansQuery),
    responses((status = 200, body = BanPage))
)]
pub(super) async fn list_bans(
    State(shared): State<Arc<Shared>>,
    RoomAdmin { key }: RoomAdmin,
    Parameters(query): Parameters<BansQuery>,
) -> Result<Json<BanPage>, Problem> {
    let page = Page::new(query.limit, query.cursor.as_deref())?;
    let after: Option<Identity> = page.after()?;
    let mut bans = standing(&shared, &key).await?;
    bans.retain(|ban| after.as_ref().is_none_or(|after| ban.identity > *after));
    bans.sort_unstable_by(|one, other| one.identity.cmp(&other.identity));
    bans.truncate(page.sought());
    let next_cursor = page.cut(&mut bans, |ban| ban.identity.to_string());
    Ok(Json(BanPage { bans: bans.iter().map(Ban::from).collect(), next_cursor }))
}

async fn standing(shared: &Shared, key: &RoomKey) -> Result<Vec<StoredBan>, Problem> {
    Ok(shared.backplane().log.load(key).await.map_err(unavailable)?.bans)
}

async fn find(shared: &Shared, key: &RoomKey, identity: &Identity) -> Result<Ban, Problem> {
    let bans = standing(shared, key).await?;
    let ban = bans.iter().find(|ban| ban.identity == *identity).map(Ban::from);
    ban.ok_or_else(|| Problem::new(ErrorCode::NotFound, "this identity is not banned here").with_field("identity"))
}

/// Shows a ban.
#[utoipa::path(
    get,
    path = "/v1/rooms/{room}/bans/{identity}",
    tag = "bans",
    responses((status = 200, body = Ban))
)]
pub(super) async fn get_ban(
    State(shared): State<Arc<Shared>>,
    BanAdmin { key, identity }: BanAdmin,
) -> Result<Json<Ban>, Problem> {
    Ok(Json(find(&shared, &key, &identity).await?))
}

/// Whom to ban.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NewBan {
    /// The token's `sub`; 1 to 256 bytes.
    #[schema(example = "ada", min_length = 1, max_length = 256, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$")]
    identity: String,
    /// For how long, in milliseconds: a second to ten years. Absent: as long as a token from before may be valid.
    #[serde(default, deserialize_with = "whole")]
    #[schema(nullable = false, minimum = 1_000, maximum = 315_360_000_000_u64)]
    duration_ms: Option<u64>,
    /// Told to the one who is banned, where it is in the room.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_length = 256, nullable = false)]
    reason: Option<String>,
}

/// Bans an identity, and removes its sessions.
///
/// It need not be in the room, and the room need not exist. A ban that lasts longer already stays.
#[utoipa::path(
    post,
    path = "/v1/rooms/{room}/bans",
    tag = "bans",
    request_body = NewBan,
    responses(
        (status = 201, body = Ban, headers(("location" = String, description = "The path of the ban")))
    )
)]
pub(super) async fn create_ban(
    State(shared): State<Arc<Shared>>,
    RoomAdmin { key }: RoomAdmin,
    request: Repeatable,
    Body(new): Body<NewBan>,
) -> Result<impl IntoResponse, Problem> {
    let NewBan { identity, duration_ms, reason } = new;
    let identity: Identity = identity.parse().map_err(bad_identity)?;
    let command = Command::Ban { identity: identity.clone(), duration_ms, reason: reason.unwrap_or_default() };
    submit(&shared, &key, request.author(), command).await?;
    let ban = find(&shared, &key, &identity).await?;
    let (room, identity) = (path_segment(key.room.as_str()), path_segment(identity.as_str()));
    let location = format!("/v1/rooms/{room}/bans/{identity}");
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(ban)))
}

/// Lifts a ban: the identity may come back.
#[utoipa::path(
    delete,
    path = "/v1/rooms/{room}/bans/{identity}",
    tag = "bans",
    responses((status = 204, description = "It is lifted"))
)]
pub(super) async fn lift_ban(
    State(shared): State<Arc<Shared>>,
    BanAdmin { key, identity }: BanAdmin,
) -> Result<StatusCode, Problem> {
    submit(&shared, &key, Author::Server, Command::Unban { identity }).await?;
    Ok(StatusCode::NO_CONTENT)
}
