//! Who waits to be let in.

use std::sync::Arc;

use antiphon_room_core::{Author, Command};
use antiphon_service_kit::problem::Problem;
use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    access::{ParticipantAdmin, RoomAdmin},
    extract::Parameters,
    idempotency::Repeatable,
    model::Participant,
    page::Page,
    participants::{ParticipantPage, shown},
    submit::{look, submit},
    whom::submit_about,
};
use crate::Shared;

/// Which of those who wait.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LobbyQuery {
    /// Participants of the page at most.
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<u32>,
    /// The `nextCursor` of the page before.
    #[param(max_length = 256)]
    cursor: Option<String>,
}

/// Lists who waits in the lobby.
#[utoipa::path(
    get,
    path = "/v1/rooms/{room}/lobby",
    tag = "lobby",
    params(LobbyQuery),
    responses((status = 200, body = ParticipantPage))
)]
pub(super) async fn list_waiting(
    State(shared): State<Arc<Shared>>,
    RoomAdmin { key }: RoomAdmin,
    Parameters(query): Parameters<LobbyQuery>,
) -> Result<Json<ParticipantPage>, Problem> {
    let page = Page::new(query.limit, query.cursor.as_deref())?;
    let room = look(&shared, &key).await?;
    Ok(Json(ParticipantPage::of(&room, &page, |session| session.waiting)?))
}

/// Lets in everyone who waits.
#[utoipa::path(
    post,
    path = "/v1/rooms/{room}/lobby/admit",
    tag = "lobby",
    responses((status = 204, description = "Nobody waits any longer"))
)]
pub(super) async fn admit_all(
    State(shared): State<Arc<Shared>>,
    RoomAdmin { key }: RoomAdmin,
    request: Repeatable,
) -> Result<StatusCode, Problem> {
    submit(&shared, &key, request.author(), Command::AdmitAll).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets somebody in. Nothing happens when it is in already.
#[utoipa::path(
    post,
    path = "/v1/rooms/{room}/lobby/{participant}/admit",
    tag = "lobby",
    responses((status = 200, body = Participant))
)]
pub(super) async fn admit_participant(
    State(shared): State<Arc<Shared>>,
    ParticipantAdmin { key, whom }: ParticipantAdmin,
    request: Repeatable,
) -> Result<Json<Participant>, Problem> {
    let (room, sid) = submit_about(&shared, &key, &whom, request.author(), |sid| Command::Admit { sid }).await?;
    shown(&room, sid)
}

/// Why somebody is turned away.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RefuseQuery {
    /// Told to the one who is turned away.
    #[param(max_length = 256)]
    reason: Option<String>,
}

/// Turns somebody away. It may knock again.
#[utoipa::path(
    delete,
    path = "/v1/rooms/{room}/lobby/{participant}",
    tag = "lobby",
    params(RefuseQuery),
    responses((status = 204, description = "It waits no longer"))
)]
pub(super) async fn refuse_participant(
    State(shared): State<Arc<Shared>>,
    ParticipantAdmin { key, whom }: ParticipantAdmin,
    Parameters(query): Parameters<RefuseQuery>,
) -> Result<StatusCode, Problem> {
    let reason = query.reason.unwrap_or_default();
    submit_about(&shared, &key, &whom, Author::Server, |sid| Command::Refuse { sid, reason: reason.clone() }).await?;
    Ok(StatusCode::NO_CONTENT)
}
