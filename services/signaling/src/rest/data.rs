//! Bytes from the application to the clients of a room.

use std::sync::Arc;

use antiphon_protocol::{
    ErrorCode, RoomKey, Sid,
    v1::{self, server_frame::Kind},
};
use antiphon_room_core::{Command, Participant, Room};
use antiphon_service_kit::problem::Problem;
use axum::{extract::State, http::StatusCode};
use base64::{
    Engine as _, alphabet,
    engine::{GeneralPurpose, general_purpose::PAD},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    access::RoomAdmin,
    extract::{Body, invalid, present},
    idempotency::Repeatable,
    submit::{look, refused, submit},
    whom::Whom,
};
use crate::{
    Shared,
    room::{Encoded, LossyNotice},
};

/// Recipients of one request at most.
const MAX_RECIPIENTS: usize = 100;

/// What JSON Schema can describe: what stands in the last character's spare bits does not matter (RFC 4648 §3.5).
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, PAD.with_decode_allow_trailing_bits(true));

/// A sid, or `@` and an identity, which means all of its sessions.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = "@ada", max_length = 257, pattern = "^([a-z2-7]{16}|@[^\\u0000-\\u001f\\u007f-\\u009f]{1,256})$")]
struct Recipient(String);

/// Bytes of the application. Clients see them as `data` without `from`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NewData {
    /// The bytes, in base64 (RFC 4648 §4).
    #[schema(
        example = "eyJzY29yZSI6M30=",
        content_encoding = "base64",
        pattern = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
    )]
    payload: String,
    /// Names what the payload is, for the clients to tell apart.
    #[serde(default, deserialize_with = "present")]
    #[schema(example = "score", max_length = 256, nullable = false)]
    topic: Option<String>,
    /// To whom. Absent: to everyone in the room.
    #[serde(default, deserialize_with = "present")]
    #[schema(min_items = 1, max_items = 100, nullable = false)]
    to: Option<Vec<Recipient>>,
    /// Not kept, not resent, dropped where a client is behind: for what the next message makes worthless.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false, default = false)]
    lossy: Option<bool>,
}

/// Sends bytes to everyone in the room, or to some.
///
/// Reliable data stands in the room's order, between the events before and after it.
#[utoipa::path(
    post,
    path = "/v1/rooms/{room}/data",
    tag = "data",
    request_body = NewData,
    responses((status = 204, description = "It is on its way"))
)]
pub(super) async fn send_data(
    State(shared): State<Arc<Shared>>,
    RoomAdmin { key }: RoomAdmin,
    request: Repeatable,
    Body(data): Body<NewData>,
) -> Result<StatusCode, Problem> {
    let payload = BASE64.decode(&data.payload).map_err(|_| invalid("payload", "payload must be base64"))?;
    let topic = data.topic.unwrap_or_default();
    let room = look(&shared, &key).await?;
    if request.carried_out(&room).is_some() {
        // Who it was for may have left since.
        return Ok(StatusCode::NO_CONTENT);
    }
    let to = data.to.map(|to| recipients(&room, &to)).transpose()?.unwrap_or_default();
    if data.lossy.unwrap_or_default() {
        send_lossy(&shared, &key, topic, payload, to)?;
    } else {
        submit(&shared, &key, request.author(), Command::SendData { topic, payload, to }).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Whom the names mean, each once.
fn recipients(room: &Room, names: &[Recipient]) -> Result<Vec<Sid>, Problem> {
    if !(1..=MAX_RECIPIENTS).contains(&names.len()) {
        return Err(invalid("to", format!("to must name 1 to {MAX_RECIPIENTS}")));
    }
    let mut sids = Vec::with_capacity(names.len());
    for Recipient(name) in names {
        let whom: Whom =
            name.parse().map_err(|error: antiphon_protocol::InvalidId| invalid("to", error.to_string()))?;
        let is_meant = |session: &Participant| match &whom {
            Whom::Session(sid) => session.sid == *sid,
            Whom::Identity(identity) => session.identity == *identity,
        };
        let before = sids.len();
        sids.extend(room.participants().filter(|session| is_meant(session)).map(|session| session.sid));
        if sids.len() == before {
            return Err(Problem::new(ErrorCode::NotFound, format!("{name} is not in this room")).with_field("to"));
        }
    }
    sids.sort_unstable();
    sids.dedup();
    Ok(sids)
}

/// Shows data to those who are connected here and keep up.
fn send_lossy(shared: &Shared, key: &RoomKey, topic: String, payload: Vec<u8>, to: Vec<Sid>) -> Result<(), Problem> {
    shared.rooms.config().check_topic(&topic).map_err(refused)?;
    if let Some(room) = shared.rooms.live(key) {
        let data = v1::Data { payload: payload.into(), topic, lossy: true, ..v1::Data::default() };
        room.feed.publish_lossy(LossyNotice { from: None, to, frame: Encoded::new(Kind::Data(data)) });
    }
    Ok(())
}
