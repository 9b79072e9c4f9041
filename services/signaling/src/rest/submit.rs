//! Asks rooms, and says what they answered over HTTP.

use std::sync::Arc;

use antiphon_backplane::Unavailable;
use antiphon_protocol::{ErrorCode, RoomKey};
use antiphon_room_core::{Author, Command, Refusal, Room};
use antiphon_service_kit::problem::Problem;
use axum::http::StatusCode;

use crate::{
    Shared,
    room::{RETRY_AFTER, RoomError},
};

/// Times that a room which ends meanwhile is opened again.
const MAX_LIVES: u32 = 8;

/// Carries out a command of the application's; the room after it.
pub(super) async fn submit(
    shared: &Arc<Shared>,
    key: &RoomKey,
    author: Author,
    command: Command,
) -> Result<Arc<Room>, Problem> {
    for _ in 0..MAX_LIVES {
        let room = shared.rooms.open(key);
        match room.submit(author, command.clone()).await {
            Ok(done) => return Ok(done.room.unwrap_or_default()),
            Err(RoomError::Refused(refusal)) => return Err(refused(refusal)),
            Err(RoomError::Unavailable | RoomError::Uncertain) => return Err(unavailable(Unavailable)),
            Err(RoomError::Ended) => {}
        }
    }
    Err(unavailable(Unavailable))
}

/// The room as it is now; 404 where there is none.
pub(super) async fn look(shared: &Arc<Shared>, key: &RoomKey) -> Result<Arc<Room>, Problem> {
    let room = shared.rooms.look(key).await.map_err(unavailable)?;
    if room.exists() {
        return Ok(room);
    }
    Err(Problem::new(ErrorCode::NotFound, "there is no such room").with_field("room"))
}

/// A room's refusal over HTTP.
pub(super) fn refused(refusal: Refusal) -> Problem {
    let mut problem = Problem::new(refusal.code, refusal.message);
    if refusal.code == ErrorCode::Waiting {
        // Not the one who asks waits, but the one who is asked about.
        problem = problem.with_status(StatusCode::CONFLICT);
    }
    if (refusal.code, refusal.field) == (ErrorCode::InvalidArgument, "topology") {
        // Nothing is wrong with the request: this deployment has no such topology.
        problem = problem.with_status(StatusCode::CONFLICT);
    }
    if refusal.field.is_empty() { problem } else { problem.with_field(refusal.field) }
}

/// The backplane is out of reach.
pub(super) fn unavailable(_: Unavailable) -> Problem {
    let retry_after_ms = u32::try_from(RETRY_AFTER.as_millis()).unwrap_or(u32::MAX);
    Problem::new(ErrorCode::Unavailable, "the rooms are out of reach").with_retry_after_ms(retry_after_ms)
}
