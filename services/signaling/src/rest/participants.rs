//! Who is in a room.

use std::sync::Arc;

use antiphon_protocol::{ErrorCode, Identity, InvalidId, Sid};
use antiphon_room_core::{Attributes, Author, Command, PresenceChange, Room};
use antiphon_service_kit::problem::{MEDIA_TYPE, Problem, ProblemDetails};
use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    access::{ParticipantAdmin, RoomAdmin},
    extract::{Body, Parameters, invalid, present},
    idempotency::Repeatable,
    model::{Participant, Role, TrackKind},
    page::Page,
    submit::look,
    whom::{nobody, submit_about},
};
use crate::Shared;

/// Which participants.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ParticipantsQuery {
    /// Participants of the page at most.
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<u32>,
    /// The `nextCursor` of the page before.
    #[param(max_length = 256)]
    cursor: Option<String>,
    /// Only the sessions of this identity.
    #[param(min_length = 1, max_length = 256, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$")]
    identity: Option<String>,
}

/// Participants, by the bytes of their sids.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ParticipantPage {
    participants: Vec<Participant>,
    /// Leads to the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next_cursor: Option<String>,
}

impl ParticipantPage {
    /// The page of those whom `shows` lets through.
    pub(super) fn of(
        room: &Room,
        page: &Page,
        shows: impl Fn(&antiphon_room_core::Participant) -> bool,
    ) -> Result<Self, Problem> {
        let sessions = room.sessions(page.after::<Sid>()?).filter(|session| shows(session.as_ref()));
        let mut found: Vec<_> = sessions.take(page.sought()).collect();
        let next_cursor = page.cut(&mut found, |session| session.sid.to_string());
        Ok(Self { participants: found.into_iter().map(|session| session.as_ref().into()).collect(), next_cursor })
    }
}

/// Lists who is in the room.
///
/// Who comes or goes while pages are read may be there or not; everybody else is there once. The lobby is a list of its own.
#[utoipa::path(
    get,
    path = "/v1/rooms/{room}/participants",
    tag = "participants",
    params(ParticipantsQuery),
    responses((status = 200, body = ParticipantPage))
)]
pub(super) async fn list_participants(
    State(shared): State<Arc<Shared>>,
    RoomAdmin { key }: RoomAdmin,
    Parameters(query): Parameters<ParticipantsQuery>,
) -> Result<Json<ParticipantPage>, Problem> {
    let page = Page::new(query.limit, query.cursor.as_deref())?;
    let identity: Option<Identity> = query.identity.map(|text| text.parse()).transpose().map_err(bad_identity)?;
    let room = look(&shared, &key).await?;
    let is_meant = |session: &antiphon_room_core::Participant| {
        !session.waiting && identity.as_ref().is_none_or(|identity| session.identity == *identity)
    };
    Ok(Json(ParticipantPage::of(&room, &page, is_meant)?))
}

pub(super) fn bad_identity(error: InvalidId) -> Problem {
    invalid("identity", error.to_string())
}

/// Shows a participant, in the room or in its lobby.
#[utoipa::path(
    get,
    path = "/v1/rooms/{room}/participants/{participant}",
    tag = "participants",
    responses((status = 200, body = Participant))
)]
pub(super) async fn get_participant(
    State(shared): State<Arc<Shared>>,
    ParticipantAdmin { key, whom }: ParticipantAdmin,
) -> Result<Json<Participant>, Problem> {
    let room = look(&shared, &key).await?;
    Ok(Json(whom.find_or_refuse(&room)?.as_ref().into()))
}

/// A change of a participant; what is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ParticipantUpdate {
    /// Display name.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_length = 256, nullable = false)]
    name: Option<String>,
    /// Free text of the application.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_length = 8192, nullable = false)]
    metadata: Option<String>,
    /// Merged into the present ones; an empty value removes the key.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    attributes: Option<Attributes>,
    /// What it may do from now on. Moderating can be given to anybody, publishing only to whom its token grants it. The tracks of
    /// somebody who becomes a viewer are withdrawn.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    role: Option<Role>,
}

/// Changes a participant, all of it or nothing. Not while it waits in the lobby.
#[utoipa::path(
    patch,
    path = "/v1/rooms/{room}/participants/{participant}",
    tag = "participants",
    request_body = ParticipantUpdate,
    responses(
        (status = 200, body = Participant),
        (status = 409, description = "It waits in the lobby (`waiting`)", body = ProblemDetails, content_type = MEDIA_TYPE),
    )
)]
pub(super) async fn update_participant(
    State(shared): State<Arc<Shared>>,
    ParticipantAdmin { key, whom }: ParticipantAdmin,
    Body(update): Body<ParticipantUpdate>,
) -> Result<Json<Participant>, Problem> {
    let ParticipantUpdate { name, metadata, attributes, role } = update;
    let change = PresenceChange { name, metadata, attributes: attributes.unwrap_or_default(), tracks: Vec::new() };
    let role = role.map(Into::into);
    let command = |sid| Command::UpdateParticipant { sid, change: change.clone(), role };
    let (room, sid) = submit_about(&shared, &key, &whom, Author::Server, command).await?;
    shown(&room, sid)
}

/// Somebody as it is after a command.
pub(super) fn shown(room: &Room, sid: Sid) -> Result<Json<Participant>, Problem> {
    let participant = room.participant(sid).ok_or_else(|| nobody("this participant has left"))?;
    Ok(Json(participant.as_ref().into()))
}

/// How somebody is removed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(super) struct KickQuery {
    /// Told to the one who is removed.
    #[param(max_length = 256)]
    reason: Option<String>,
    /// The identity may come back at once. Else it is banned as long as a token from before may be valid.
    #[param(default = false)]
    allow_rejoin: Option<bool>,
}

/// Removes a participant: every session of its identity, from the room and from the lobby.
#[utoipa::path(
    delete,
    path = "/v1/rooms/{room}/participants/{participant}",
    tag = "participants",
    params(KickQuery),
    responses((status = 204, description = "It is gone, and banned unless it may rejoin"))
)]
pub(super) async fn kick_participant(
    State(shared): State<Arc<Shared>>,
    ParticipantAdmin { key, whom }: ParticipantAdmin,
    Parameters(query): Parameters<KickQuery>,
) -> Result<StatusCode, Problem> {
    let (reason, allow_rejoin) = (query.reason.unwrap_or_default(), query.allow_rejoin.unwrap_or_default());
    let command = |sid| Command::Kick { sid, reason: reason.clone(), allow_rejoin };
    submit_about(&shared, &key, &whom, Author::Server, command).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is muted: the tracks that match what is given; where nothing is, all.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Mute {
    /// This track.
    #[serde(default, deserialize_with = "present")]
    #[schema(min_length = 1, max_length = 256, nullable = false)]
    track_id: Option<String>,
    /// Tracks of this kind.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    kind: Option<TrackKind>,
}

/// Mutes a participant's tracks.
///
/// The participant may unmute them; nobody else can. A role of `VIEWER` keeps it from publishing.
#[utoipa::path(
    post,
    path = "/v1/rooms/{room}/participants/{participant}/mute",
    tag = "participants",
    request_body = Mute,
    responses(
        (status = 200, body = Participant),
        (status = 409, description = "It waits in the lobby (`waiting`)", body = ProblemDetails, content_type = MEDIA_TYPE),
    )
)]
pub(super) async fn mute_participant(
    State(shared): State<Arc<Shared>>,
    ParticipantAdmin { key, whom }: ParticipantAdmin,
    request: Repeatable,
    Body(mute): Body<Mute>,
) -> Result<Json<Participant>, Problem> {
    let Mute { track_id, kind } = mute;
    if let (Some(track_id), Some(kind)) = (&track_id, kind) {
        let room = look(&shared, &key).await?;
        let track = whom.find_or_refuse(&room)?.track(track_id);
        if track.is_none_or(|track| track.kind != kind.into()) {
            return Err(Problem::new(ErrorCode::NotFound, "there is no such track of this kind").with_field("trackId"));
        }
    }
    let command = |sid| match track_id.clone() {
        Some(track_id) => Command::Mute { sid, track_id: Some(track_id) },
        None => Command::MuteAll { sid, kind: kind.map(Into::into) },
    };
    let (room, sid) = submit_about(&shared, &key, &whom, request.author(), command).await?;
    shown(&room, sid)
}
