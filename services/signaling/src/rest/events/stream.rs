//! One task per stream: it reads the room's feed at its reader's pace.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use antiphon_backplane::Unavailable;
use antiphon_protocol::{
    ErrorCode, Format, Fragment, RoomKey,
    v1::{self, server_frame::Kind},
};
use antiphon_room_core::Room;
use antiphon_service_kit::{
    auth::{Claims, LEEWAY_S},
    problem::Problem,
};
use axum::response::sse::Event;
use tokio::{
    sync::{Notify, mpsc},
    time::{sleep_until, timeout},
};

use super::{super::submit::unavailable, Position};
use crate::{
    Shared,
    admission::StreamPlace,
    room::{
        Attached, Departure, Done, Notice, RETRY_AFTER, RoomError, RoomHandle, Unreadable, wall_clock, whole_snapshot,
    },
};

/// Events that wait for their reader, beside its last one. What it has not taken stays in the feed, which is bounded.
const WAITING: usize = 16;

/// Notices read at once.
const READ_LIMIT: usize = 64;

/// Times that a room which ends meanwhile is opened again.
const MAX_LIVES: u32 = 8;

/// What a reader may be told last.
enum End {
    /// It has gone.
    Gone,
    /// The room is over, for this reason.
    Finished(String),
    /// It reads too slowly.
    Slow,
    Unavailable,
    TokenExpired,
    /// The server stops.
    GoAway,
}

/// A stream of a room's events.
pub(super) struct EventStream {
    shared: Arc<Shared>,
    room: Arc<RoomHandle>,
    bell: Arc<Notify>,
    at: Attached,
    /// When this life of the room began, by which it is told from the next one.
    created_at_ms: f64,
    events: mpsc::Sender<Event>,
    /// Kept free, so that a reader that takes nothing more can be told why.
    last: mpsc::OwnedPermit<Event>,
    /// The snapshot, where the reader does not go on from an event that it has seen.
    first: Option<Event>,
    expires_at: Instant,
    departs_at: Option<Instant>,
    _place: StreamPlace,
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
        let (events, taken) = mpsc::channel(WAITING + 1);
        let last = events.clone().try_reserve_owned().map_err(|_| unavailable(Unavailable))?;
        let lifetime = claims.expires_at_s.saturating_add(LEEWAY_S).saturating_sub(wall_clock().0 / 1000);
        let stream = Self {
            shared: Arc::clone(shared),
            room,
            bell: Arc::default(),
            at,
            created_at_ms: now.to_proto().created_at_ms,
            events,
            last,
            first,
            expires_at: Instant::now() + Duration::from_secs(lifetime),
            departs_at: None,
            _place: place,
        };
        shared.metrics.event_streams.inc();
        Ok((stream, taken))
    }

    /// Carries events until the reader goes, the room ends, or something else ends the stream.
    pub(super) async fn run(mut self) {
        self.room.feed.ring(Arc::clone(&self.bell));
        let Err(end) = self.carry().await;
        self.room.feed.ring_no_more(&self.bell);
        self.shared.metrics.event_streams.dec();
        let name = self.room.key.room.as_str();
        if let Some(event) = last_event(&end, name, self.shared.config.drain_retry_after.0) {
            self.last.send(event);
        }
    }

    async fn carry(&mut self) -> Result<std::convert::Infallible, End> {
        if let Some(first) = self.first.take() {
            self.send(first).await?;
        }
        loop {
            self.deliver().await?;
            let departs_at = self.departs_at;
            let departure = async {
                match departs_at {
                    Some(at) => sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = self.events.closed() => return Err(End::Gone),
                () = self.bell.notified() => {}
                () = departure => return Err(End::GoAway),
                () = sleep_until(self.expires_at.into()) => return Err(End::TokenExpired),
            }
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
            if let Some(Departure { begins, window }) = reading.departure {
                self.departs_at.get_or_insert_with(|| begins + window.mul_f64(rand::random()));
            }
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
            self.send(event).await?;
        }
        self.at.offset = notice.offset;
        match &notice.finished {
            Some(reason) => Err(End::Finished(reason.to_string())),
            None => Ok(()),
        }
    }

    /// The reader's place is gone from the feed: because it is too slow, because this life of the room ended on another replica,
    /// or because the log began anew; then it goes on from a snapshot.
    async fn catch_up(&mut self) -> Result<(), End> {
        let done = self.room.look().await.map_err(|error| match error {
            RoomError::Ended => End::Finished(String::new()),
            RoomError::Unavailable | RoomError::Refused(_) => End::Unavailable,
        })?;
        let now = done.room.clone().unwrap_or_default();
        if !now.exists() || now.to_proto().created_at_ms != self.created_at_ms {
            return Err(End::Finished(String::new()));
        }
        if done.epoch == self.at.epoch {
            return Err(End::Slow);
        }
        self.at = self.room.feed.attach(done.epoch, done.offset).map_err(|_| End::Slow)?;
        let event = snapshot(&self.room.key, &now, &done);
        self.send(event).await
    }

    async fn send(&self, event: Event) -> Result<(), End> {
        match timeout(self.shared.config.write_timeout.0, self.events.send(event)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(End::Slow),
        }
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
            Err(RoomError::Unavailable | RoomError::Refused(_)) => break,
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

fn frame_event(kind: Kind) -> Event {
    let fragment = Fragment::encode(Format::Json, kind);
    let Shown { kind, frame } = Shown::of(&fragment).expect("a frame that this process encoded, and no data");
    Event::default().event(kind).data(frame)
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

/// A frame of the socket in JSON.
struct Shown<'a> {
    kind: &'a str,
    frame: &'a str,
}

impl<'a> Shown<'a> {
    /// `None` for bytes of the application, of which there may be many.
    fn of(fragment: &'a Fragment) -> Option<Self> {
        let frame = str::from_utf8(fragment.as_bytes()).ok()?;
        // A frame's first field is its kind.
        let kind = frame.split('"').nth(1).filter(|kind| *kind != "data")?;
        Some(Self { kind, frame })
    }
}

fn last_event(end: &End, room: &str, retry_after: Duration) -> Option<Event> {
    let error = |code: ErrorCode, message: &str| {
        let (code, message) = (code.to_string(), message.to_owned());
        frame_event(Kind::Error(v1::Error { code, message, ..v1::Error::default() }))
    };
    Some(match end {
        End::Gone => return None,
        End::Finished(reason) => {
            let finished = serde_json::json!({ "room": room, "reason": reason });
            Event::default().event("room.finished").data(finished.to_string())
        }
        End::Slow => error(ErrorCode::SlowConsumer, "this client reads too slowly: ask again to catch up"),
        End::Unavailable => error(ErrorCode::Unavailable, "the room is out of reach").retry(RETRY_AFTER),
        End::TokenExpired => error(ErrorCode::TokenExpired, "the access token has expired"),
        End::GoAway => {
            let retry_after_ms = u32::try_from(retry_after.as_millis()).unwrap_or(u32::MAX);
            let go_away = v1::GoAway { retry_after_ms, reason: "the server is stopping".to_owned() };
            frame_event(Kind::GoAway(go_away)).retry(retry_after)
        }
    })
}
