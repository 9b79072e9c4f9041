//! One task per stream: it reads the room's feed at its reader's pace.

use std::sync::Arc;

use antiphon_backplane::Unavailable;
use antiphon_protocol::{
    ErrorCode, Format, RoomKey,
    v1::{self, server_frame::Kind},
};
use antiphon_room_core::Room;
use antiphon_service_kit::{auth::Claims, problem::Problem};
use axum::response::sse::Event;
use tokio::sync::{Notify, mpsc};

use super::{
    super::submit::unavailable,
    Position,
    outlet::{End, Outlet, Shown, frame_event},
};
use crate::{
    Shared,
    admission::StreamPlace,
    room::{Attached, Done, Notice, RoomError, RoomHandle, Unreadable, whole_snapshot},
};

/// Notices read at once.
const READ_LIMIT: usize = 64;

/// Times that a room which ends meanwhile is opened again.
const MAX_LIVES: u32 = 8;

/// A stream of a room's events.
pub(super) struct EventStream {
    outlet: Outlet,
    room: Arc<RoomHandle>,
    bell: Arc<Notify>,
    at: Attached,
    /// When this life of the room began, by which it is told from the next one.
    created_at_ms: f64,
    /// The snapshot, where the reader does not go on from an event that it has seen.
    first: Option<Event>,
}

impl EventStream {
    /// Finds the reader's place in the room, behind the event that it saw last or as the room is now.
    pub(super) async fn open(
        shared: &Arc<Shared>,
        key: &RoomKey,
        last_seen: Option<Position>,
        claims: &Claims,
        place: StreamPlace,
    ) -> Result<(Self, mpsc::Receiver<Event>), Problem> {
        let (room, done, now) = open_room(shared, key).await?;
        let resumed = last_seen.and_then(|seen| room.feed.attach(seen.epoch, seen.offset).ok());
        let (at, first) = match resumed {
            Some(at) => (at, None),
            None => (attach(&room, &done)?, Some(snapshot(key, &now, &done))),
        };
        let created_at_ms = now.to_proto().created_at_ms;
        let (outlet, taken) = Outlet::open(shared, claims, place)?;
        Ok((Self { outlet, room, bell: Arc::default(), at, created_at_ms, first }, taken))
    }

    /// Carries events until the reader goes, the room ends, or something else ends the stream.
    pub(super) async fn run(mut self) {
        self.room.feed.ring(Arc::clone(&self.bell));
        let Err(end) = self.carry().await;
        self.room.feed.ring_no_more(&self.bell);
        self.outlet.close(end);
    }

    async fn carry(&mut self) -> Result<std::convert::Infallible, End> {
        if let Some(first) = self.first.take() {
            self.outlet.send(first).await?;
        }
        loop {
            self.deliver().await?;
            self.outlet.wait(self.bell.notified()).await?;
        }
    }

    /// Sends all that the feed has for this reader.
    async fn deliver(&mut self) -> Result<(), End> {
        while self.room.feed.has_news(&self.at) {
            let reading = match self.room.feed.read(&mut self.at, READ_LIMIT) {
                Ok(reading) => reading,
                Err(Unreadable::Over) => return Err(End::Unavailable),
                Err(Unreadable::Behind) => {
                    self.catch_up().await?;
                    continue;
                }
            };
            self.outlet.depart(reading.departure);
            if reading.notices.is_empty() {
                return Ok(());
            }
            for notice in reading.notices {
                self.show(&notice).await?;
            }
        }
        Ok(())
    }

    async fn show(&mut self, notice: &Notice) -> Result<(), End> {
        for event in events_of(notice, self.at.epoch) {
            self.outlet.send(event).await?;
        }
        self.at.offset = notice.offset;
        match &notice.finished {
            Some(reason) => Err(self.finished(reason)),
            None => Ok(()),
        }
    }

    /// The reader's place is gone from the feed: because it is too slow, because this life of the room ended on another replica,
    /// or because the log began anew; then it goes on from a snapshot.
    async fn catch_up(&mut self) -> Result<(), End> {
        let done = self.room.look().await.map_err(|error| match error {
            RoomError::Ended => self.finished(""),
            RoomError::Unavailable | RoomError::Uncertain | RoomError::Refused(_) => End::Unavailable,
        })?;
        let now = done.room.clone().unwrap_or_default();
        if !now.exists() || now.to_proto().created_at_ms != self.created_at_ms {
            return Err(self.finished(""));
        }
        if done.epoch == self.at.epoch {
            return Err(End::Slow);
        }
        self.at = self.room.feed.attach(done.epoch, done.offset).map_err(|_| End::Slow)?;
        let event = snapshot(&self.room.key, &now, &done);
        self.outlet.send(event).await
    }

    /// The room is over, for this reason.
    fn finished(&self, reason: &str) -> End {
        let finished = serde_json::json!({ "room": self.room.key.room.as_str(), "reason": reason });
        End::Over(Box::new(Event::default().event("room.finished").data(finished.to_string())))
    }
}

/// The room's actor, and the room as it is now; 404 where it has ended.
async fn open_room(shared: &Arc<Shared>, key: &RoomKey) -> Result<(Arc<RoomHandle>, Done, Arc<Room>), Problem> {
    for _ in 0..MAX_LIVES {
        let room = shared.rooms.open(key);
        match room.look().await {
            Ok(done) => {
                let now = done.room.clone().unwrap_or_default();
                if now.exists() {
                    return Ok((room, done, now));
                }
                return Err(Problem::new(ErrorCode::NotFound, "there is no such room").with_field("room"));
            }
            Err(RoomError::Ended) => {}
            Err(RoomError::Unavailable | RoomError::Uncertain | RoomError::Refused(_)) => break,
        }
    }
    Err(unavailable(Unavailable))
}

fn attach(room: &RoomHandle, done: &Done) -> Result<Attached, Problem> {
    room.feed.attach(done.epoch, done.offset).map_err(|_| unavailable(Unavailable))
}

fn snapshot(key: &RoomKey, room: &Room, done: &Done) -> Event {
    let snapshot = v1::Snapshot { snapshot: Some(whole_snapshot(room, &key.room)), ..v1::Snapshot::default() };
    let id = Position { epoch: done.epoch, offset: done.offset };
    frame_event(Kind::Snapshot(snapshot)).id(id.to_string())
}

/// What a notice shows. The last event has its place: who is cut off before it is shown all of them again.
fn events_of(notice: &Notice, epoch: u64) -> Vec<Event> {
    let frames = notice.frames_for_the_application().filter_map(|frame| Shown::of(frame.in_format(Format::Json)));
    let mut events: Vec<_> = frames.map(|Shown { kind, frame }| Event::default().event(kind).data(frame)).collect();
    if let Some(last) = events.pop() {
        events.push(last.id(Position { epoch, offset: notice.offset }.to_string()));
    }
    events
}
