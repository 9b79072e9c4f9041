//! What happens in a room, as Server-Sent Events (WHATWG HTML §9.2).

mod position;
mod stream;

use std::{convert::Infallible, sync::Arc, time::Instant};

use antiphon_protocol::ErrorCode;
use antiphon_service_kit::{problem::Problem, serve::Streamed};
use axum::{
    Extension,
    extract::State,
    http::HeaderMap,
    response::{
        Sse,
        sse::{Event, KeepAlive},
    },
};
use futures_util::stream::{Stream, unfold};
use tokio::sync::mpsc;

use super::{
    access::{Admin, RoomAdmin},
    submit::look,
};
use crate::{Shared, admission::Overload};
use position::Position;
use stream::EventStream;

/// The header in which a client says which event it saw last (WHATWG HTML §9.2.4).
const LAST_EVENT_ID: &str = "last-event-id";

/// Follows a room, as Server-Sent Events.
///
/// The first event is `snapshot`: the room, who is in, who waits, the chat. Then comes what happens, in the room's order. An
/// event's name is the kind of the frame that it holds, and its data is that frame as the signaling socket has it, without
/// `cursor`; bytes of the application (`data`) are left out. `room.finished` is the last event of a room. A stream that ends
/// otherwise ends with `error` or `goAway`; ask again with the last event's id, and what was missed comes first.
#[utoipa::path(
    get,
    path = "/v1/rooms/{room}/events",
    tag = "events",
    params(
        ("room" = String, Path, min_length = 1, max_length = 128),
        ("Last-Event-ID" = Option<String>, Header, description = "The `id` of the last event that was seen; where it is not known any more, \
                                                                  a snapshot comes first", example = "1.42"),
    ),
    responses((status = 200, description = "Events until the room ends", content_type = "text/event-stream", body = String))
)]
pub(super) async fn follow_room(
    State(shared): State<Arc<Shared>>,
    admin: Admin,
    RoomAdmin { key }: RoomAdmin,
    headers: HeaderMap,
) -> Result<(Extension<Streamed>, Sse<impl Stream<Item = Result<Event, Infallible>> + Send>), Problem> {
    let place =
        shared.admission.stream(admin.tenant(), Instant::now()).map_err(|overload| too_many(&shared, overload))?;
    // A room that does not exist gets no actor.
    look(&shared, &key).await?;
    let last = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()).and_then(|id| id.parse().ok());
    let (stream, events) = EventStream::open(&shared, &key, last, &admin.claims, place).await?;
    let streamed = Streamed::default();
    let ended = streamed.clone();
    tokio::spawn(async move {
        stream.run().await;
        ended.end();
    });
    let keep_alive = KeepAlive::new().interval(shared.config.ping_interval.0).text("keep-alive");
    Ok((Extension(streamed), Sse::new(until_closed(events)).keep_alive(keep_alive)))
}

fn until_closed(events: mpsc::Receiver<Event>) -> impl Stream<Item = Result<Event, Infallible>> + Send {
    unfold(events, async |mut events| events.recv().await.map(|event| (Ok(event), events)))
}

fn too_many(shared: &Shared, overload: Overload) -> Problem {
    shared.metrics.refused_connections.with_label_values(&[overload.reason()]).inc();
    let retry_after_ms = u32::try_from(overload.retry_after().as_millis()).unwrap_or(u32::MAX);
    Problem::new(ErrorCode::RateLimited, overload.message()).with_retry_after_ms(retry_after_ms)
}
