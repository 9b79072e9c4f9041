//! What happens in every room of a tenant, as Server-Sent Events: what webhooks tell, for who is there to read it.

use std::{sync::Arc, time::Instant};

use antiphon_service_kit::{auth::Claims, problem::Problem};
use axum::{extract::State, http::HeaderMap, response::sse::Event};
use tokio::sync::mpsc;

use super::{
    super::access::Admin,
    EventResponse, Position, last_seen,
    outlet::{End, Outlet},
    respond, too_many,
};
use crate::{Shared, admission::StreamPlace, room::Follower};

/// Follows every room of the tenant, as Server-Sent Events.
///
/// The first event is `stream.started`; its `resumed` says whether what follows goes on behind `Last-Event-ID`, so that nothing is
/// missing. Then comes what happens, as webhooks tell it: an event's name is its type, such as `participant.joined`, its data what would
/// be posted. The events of a room are in order.
#[utoipa::path(
    get,
    path = "/v1/events",
    tag = "events",
    responses((status = 200, description = "Events until the stream is closed", content_type = "text/event-stream", body = String))
)]
pub(in crate::rest) async fn follow_tenant(
    State(shared): State<Arc<Shared>>,
    admin: Admin,
    headers: HeaderMap,
) -> Result<EventResponse, Problem> {
    let place =
        shared.admission.stream(admin.tenant(), Instant::now()).map_err(|overload| too_many(&shared, overload))?;
    let (stream, events) = TenantStream::open(&shared, last_seen(&headers), &admin.claims, place)?;
    Ok(respond(&shared, events, stream.run()))
}

struct TenantStream {
    outlet: Outlet,
    follower: Follower,
    resumed: bool,
}

impl TenantStream {
    fn open(
        shared: &Arc<Shared>,
        last_seen: Option<Position>,
        claims: &Claims,
        place: StreamPlace,
    ) -> Result<(Self, mpsc::Receiver<Event>), Problem> {
        let feed = shared.rooms.tenant_feeds().of(&claims.tenant);
        let (follower, resumed) = feed.follow(last_seen.map(|seen| (seen.epoch, seen.offset)));
        let (outlet, events) = Outlet::open(shared, claims, place)?;
        Ok((Self { outlet, follower, resumed }, events))
    }

    async fn run(mut self) {
        let Err(end) = self.carry().await;
        self.outlet.close(end);
    }

    async fn carry(&mut self) -> Result<std::convert::Infallible, End> {
        let started = serde_json::json!({ "resumed": self.resumed });
        let started = Event::default().event("stream.started").data(started.to_string());
        self.outlet.send(started.id(self.position())).await?;
        loop {
            let news = self.follower.latest();
            self.outlet.depart(news.departure);
            while let Some(told) = self.follower.next().map_err(|_| End::Slow)? {
                let event = Event::default().event(&told.kind).data(&told.body);
                self.outlet.send(event.id(self.position())).await?;
            }
            self.outlet.wait(self.follower.news()).await?;
        }
    }

    fn position(&self) -> String {
        Position { epoch: self.follower.epoch(), offset: self.follower.at() }.to_string()
    }
}
