//! What happens in a room, or in all of a tenant's, as Server-Sent Events (WHATWG HTML §9.2).

mod outlet;
mod position;
mod stream;
pub(super) mod tenant;

use std::{convert::Infallible, sync::Arc, time::Instant};

use antiphon_protocol::ErrorCode;
use antiphon_service_kit::{problem::Problem, serve::Streamed};
use axum::{
    Extension,
    extract::State,
    http::HeaderMap,
    response::{
        IntoResponse as _, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures_util::stream::unfold;
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

/// What an event's `id` looks like. [`Position`] reads it.
pub(super) const ID_PATTERN: &str = "^(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)$";

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
    responses((status = 200, description = "Events until the room ends", content_type = "text/event-stream", body = String))
)]
pub(super) async fn follow_room(
    State(shared): State<Arc<Shared>>,
    admin: Admin,
    RoomAdmin { key }: RoomAdmin,
    headers: HeaderMap,
) -> Result<EventResponse, Problem> {
    let place =
        shared.admission.stream(admin.tenant(), Instant::now()).map_err(|overload| too_many(&shared, overload))?;
    // A room that does not exist gets no actor.
    look(&shared, &key).await?;
    let (stream, events) = EventStream::open(&shared, &key, last_seen(&headers), &admin.claims, place).await?;
    Ok(respond(&shared, events, stream.run()))
}

/// What the reader says that it saw last. What is no place of this API's is none.
fn last_seen(headers: &HeaderMap) -> Option<Position> {
    headers.get(LAST_EVENT_ID)?.to_str().ok()?.parse().ok()
}

/// A stream of events as it is answered.
type EventResponse = (Extension<Streamed>, Response);

/// Answers with the events that `carrying` gives.
fn respond(
    shared: &Shared,
    events: mpsc::Receiver<Event>,
    carrying: impl Future<Output = ()> + Send + 'static,
) -> EventResponse {
    let streamed = Streamed::default();
    let ended = streamed.clone();
    tokio::spawn(async move {
        carrying.await;
        ended.end();
    });
    let until_closed =
        unfold(events, async |mut events| events.recv().await.map(|event| (Ok::<_, Infallible>(event), events)));
    let keep_alive = KeepAlive::new().interval(shared.config.ping_interval.0).text("keep-alive");
    (Extension(streamed), Sse::new(until_closed).keep_alive(keep_alive).into_response())
}

fn too_many(shared: &Shared, overload: Overload) -> Problem {
    shared.metrics.refused_connections.with_label_values(&[overload.reason()]).inc();
    let retry_after_ms = u32::try_from(overload.retry_after().as_millis()).unwrap_or(u32::MAX);
    Problem::new(ErrorCode::RateLimited, overload.message()).with_retry_after_ms(retry_after_ms)
}
