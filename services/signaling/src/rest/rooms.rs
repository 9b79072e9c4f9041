//! Rooms.

use std::sync::Arc;

use antiphon_protocol::{InvalidId, RoomKey};
use antiphon_room_core::{Author, Command, RoomChange};
use antiphon_service_kit::problem::{MEDIA_TYPE, Problem, ProblemDetails};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    access::{Admin, RoomAdmin},
    extract::{Body, Parameters, invalid, path_segment, present, whole},
    idempotency::Repeatable,
    model::{Room, TopologyMode},
    page::Page,
    submit::{look, submit, unavailable},
};
use crate::Shared;

/// Which rooms.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RoomsQuery {
    /// Rooms of the page at most.
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<u32>,
    /// The `nextCursor` of the page before.
    #[param(max_length = 256)]
    cursor: Option<String>,
}

/// Rooms, by the bytes of their names.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RoomPage {
    rooms: Vec<Room>,
    /// Leads to the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next_cursor: Option<String>,
}

/// Lists the rooms.
///
/// A room that begins or ends while pages are read may be there or not; every other room is there once.
#[utoipa::path(get, path = "/v1/rooms", tag = "rooms", params(RoomsQuery), responses((status = 200, body = RoomPage)))]
pub(super) async fn list_rooms(
    State(shared): State<Arc<Shared>>,
    admin: Admin,
    Parameters(query): Parameters<RoomsQuery>,
) -> Result<Json<RoomPage>, Problem> {
    let page = Page::new(query.limit, query.cursor.as_deref())?;
    let log = &shared.backplane().log;
    let found = log.list(admin.tenant(), page.after()?.as_ref(), page.sought()).await;
    let mut names = found.map_err(unavailable)?;
    let next_cursor = page.cut(&mut names, ToString::to_string);
    let mut rooms = Vec::with_capacity(names.len());
    for name in names {
        let key = RoomKey { tenant: admin.tenant().clone(), room: name };
        let room = shared.rooms.look(&key).await.map_err(unavailable)?;
        // One that ended since it was listed is left out.
        if room.exists() {
            rooms.push(Room::new(&key.room, &room, shared.rooms.config()));
        }
    }
    Ok(Json(RoomPage { rooms, next_cursor }))
}

/// Shows a room.
#[utoipa::path(
    get,
    path = "/v1/rooms/{room}",
    tag = "rooms",
    responses((status = 200, body = Room))
)]
pub(super) async fn get_room(
    State(shared): State<Arc<Shared>>,
    RoomAdmin { key }: RoomAdmin,
) -> Result<Json<Room>, Problem> {
    let room = look(&shared, &key).await?;
    Ok(Json(Room::new(&key.room, &room, shared.rooms.config())))
}

/// A change of a room; what is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RoomUpdate {
    /// Free text of the application.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_length = 8192, nullable = false)]
    metadata: Option<String>,
    /// Nobody joins a locked room but moderators. Nobody is sent away.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    locked: Option<bool>,
    /// Newcomers wait to be admitted. Switching it off admits everyone who waits.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    lobby: Option<bool>,
    /// Sessions at most; 0: no limit of the room's own. Nobody is sent away.
    #[serde(default, deserialize_with = "whole")]
    #[schema(nullable = false, format = Int64, maximum = 4_294_967_295_u32)]
    max_participants: Option<u32>,
    /// How media travels.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    topology: Option<TopologyMode>,
    /// How long the room stays when nobody is in it, in milliseconds: a second to a week.
    #[serde(default, deserialize_with = "whole")]
    #[schema(nullable = false, minimum = 1_000, maximum = 604_800_000)]
    empty_timeout_ms: Option<u64>,
}

impl From<RoomUpdate> for RoomChange {
    fn from(update: RoomUpdate) -> Self {
        let RoomUpdate { metadata, locked, lobby, max_participants, topology, empty_timeout_ms } = update;
        Self { metadata, locked, lobby, max_participants, topology: topology.map(Into::into), empty_timeout_ms }
    }
}

/// A new room. What is absent is as the server's configuration has it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NewRoom {
    /// Unique in the tenant; 1 to 128 bytes.
    #[schema(
        example = "rehearsal",
        min_length = 1,
        max_length = 128,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"
    )]
    name: String,
    /// Free text of the application.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_length = 8192, nullable = false)]
    metadata: Option<String>,
    /// Nobody joins a locked room but moderators.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    locked: Option<bool>,
    /// Newcomers wait to be admitted.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    lobby: Option<bool>,
    /// Sessions at most; 0: no limit of the room's own.
    #[serde(default, deserialize_with = "whole")]
    #[schema(nullable = false, format = Int64, maximum = 4_294_967_295_u32)]
    max_participants: Option<u32>,
    /// How media travels.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    topology: Option<TopologyMode>,
    /// How long the room stays when nobody is in it, also before the first join, in milliseconds: a second to a week.
    #[serde(default, deserialize_with = "whole")]
    #[schema(nullable = false, minimum = 1_000, maximum = 604_800_000)]
    empty_timeout_ms: Option<u64>,
}

/// Creates a room ahead of its first join.
///
/// A room need not be created: the first join makes one. Who creates it chooses its properties before anybody is in it, and how
/// long it waits for somebody: `emptyTimeoutMs`.
#[utoipa::path(
    post,
    path = "/v1/rooms",
    tag = "rooms",
    request_body = NewRoom,
    responses(
        (status = 201, body = Room, headers(("location" = String, description = "The path of the room"))),
        (status = 409, description = "A room of this name is there already (`room_exists`), or the topology is not deployed here",
            body = ProblemDetails, content_type = MEDIA_TYPE),
    )
)]
pub(super) async fn create_room(
    State(shared): State<Arc<Shared>>,
    admin: Admin,
    request: Repeatable,
    Body(new): Body<NewRoom>,
) -> Result<impl IntoResponse, Problem> {
    let NewRoom { name, metadata, locked, lobby, max_participants, topology, empty_timeout_ms } = new;
    let room = name.parse().map_err(|error: InvalidId| invalid("name", error.to_string()))?;
    let key = RoomKey { tenant: admin.tenant().clone(), room };
    let topology = topology.map(Into::into);
    let properties = RoomChange { metadata, locked, lobby, max_participants, topology, empty_timeout_ms };
    let room = submit(&shared, &key, request.author(), Command::Create(properties)).await?;
    let location = format!("/v1/rooms/{}", path_segment(key.room.as_str()));
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(Room::new(&key.room, &room, shared.rooms.config()))))
}

/// Changes a room.
#[utoipa::path(
    patch,
    path = "/v1/rooms/{room}",
    tag = "rooms",
    request_body = RoomUpdate,
    responses(
        (status = 200, body = Room),
        (status = 409, description = "The topology is not deployed here", body = ProblemDetails, content_type = MEDIA_TYPE),
    )
)]
pub(super) async fn update_room(
    State(shared): State<Arc<Shared>>,
    RoomAdmin { key }: RoomAdmin,
    Body(update): Body<RoomUpdate>,
) -> Result<Json<Room>, Problem> {
    let room = submit(&shared, &key, Author::Server, Command::UpdateRoom(update.into())).await?;
    Ok(Json(Room::new(&key.room, &room, shared.rooms.config())))
}

/// Why a room ends.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EndQuery {
    /// Told to everyone who is in it.
    #[param(max_length = 256)]
    reason: Option<String>,
}

/// Ends a room for everyone in it. Its bans stay.
#[utoipa::path(
    delete,
    path = "/v1/rooms/{room}",
    tag = "rooms",
    params(EndQuery),
    responses((status = 204, description = "The room is over"))
)]
pub(super) async fn delete_room(
    State(shared): State<Arc<Shared>>,
    RoomAdmin { key }: RoomAdmin,
    Parameters(query): Parameters<EndQuery>,
) -> Result<StatusCode, Problem> {
    submit(&shared, &key, Author::Server, Command::EndRoom { reason: query.reason.unwrap_or_default() }).await?;
    Ok(StatusCode::NO_CONTENT)
}
