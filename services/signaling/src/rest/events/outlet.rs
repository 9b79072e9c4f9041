//! Where a stream of events goes: to its reader, at that one's pace.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use antiphon_backplane::Unavailable;
use antiphon_protocol::{
    ErrorCode, Format, Fragment,
    v1::{self, server_frame::Kind},
};
use antiphon_service_kit::{
    auth::{Claims, LEEWAY_S},
    problem::Problem,
};
use axum::response::sse::Event;
use tokio::{
    sync::mpsc,
    time::{sleep_until, timeout},
};

use super::super::submit::unavailable;
use crate::{
    Shared,
    admission::StreamPlace,
    room::{Departure, RETRY_AFTER, wall_clock},
};

/// Events that wait for their reader, beside its last one. What it has not taken stays where it comes from, which is bounded.
const WAITING: usize = 16;

/// What a reader may be told last.
pub(super) enum End {
    /// It has gone.
    Gone,
    /// What it follows is over; this event says so.
    Over(Box<Event>),
    /// It reads too slowly.
    Slow,
    Unavailable,
    TokenExpired,
    /// The server stops.
    GoAway,
}

/// The reader of a stream, as long as it may read.
pub(super) struct Outlet {
    shared: Arc<Shared>,
    events: mpsc::Sender<Event>,
    /// Kept free, so that a reader that takes nothing more can be told why.
    last: mpsc::OwnedPermit<Event>,
    expires_at: Instant,
    departs_at: Option<Instant>,
    _place: StreamPlace,
}

impl Outlet {
    /// A reader with this token, and what it takes its events from.
    pub(super) fn open(
        shared: &Arc<Shared>,
        claims: &Claims,
        place: StreamPlace,
    ) -> Result<(Self, mpsc::Receiver<Event>), Problem> {
        let (events, taken) = mpsc::channel(WAITING + 1);
        let last = events.clone().try_reserve_owned().map_err(|_| unavailable(Unavailable))?;
        let lifetime = claims.expires_at_s.saturating_add(LEEWAY_S).saturating_sub(wall_clock().0 / 1000);
        let expires_at = Instant::now() + Duration::from_secs(lifetime);
        shared.metrics.event_streams.inc();
        let shared = Arc::clone(shared);
        Ok((Self { shared, events, last, expires_at, departs_at: None, _place: place }, taken))
    }

    /// The server moves its readers.
    pub(super) fn depart(&mut self, departure: Option<Departure>) {
        if let Some(Departure { begins, window }) = departure {
            self.departs_at.get_or_insert_with(|| begins + window.mul_f64(rand::random()));
        }
    }

    /// Waits for news, unless the stream ends before it comes.
    pub(super) async fn wait<T>(&self, news: impl Future<Output = T>) -> Result<T, End> {
        let departure = async {
            match self.departs_at {
                Some(at) => sleep_until(at.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.events.closed() => Err(End::Gone),
            news = news => Ok(news),
            () = departure => Err(End::GoAway),
            () = sleep_until(self.expires_at.into()) => Err(End::TokenExpired),
        }
    }

    /// Gives the reader an event, once it has taken those before.
    pub(super) async fn send(&self, event: Event) -> Result<(), End> {
        match timeout(self.shared.config.write_timeout.0, self.events.send(event)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(End::Slow),
        }
    }

    /// Tells the reader why it ends.
    pub(super) fn close(self, end: End) {
        self.shared.metrics.event_streams.dec();
        if let Some(event) = last_event(end, self.shared.config.drain_retry_after.0) {
            self.last.send(event);
        }
    }
}

fn last_event(end: End, retry_after: Duration) -> Option<Event> {
    let error = |code: ErrorCode, message: &str| {
        let (code, message) = (code.to_string(), message.to_owned());
        frame_event(Kind::Error(v1::Error { code, message, ..v1::Error::default() }))
    };
    Some(match end {
        End::Gone => return None,
        End::Over(event) => *event,
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

/// A frame of the socket as an event.
pub(super) fn frame_event(kind: Kind) -> Event {
    let fragment = Fragment::encode(Format::Json, kind);
    let Shown { kind, frame } = Shown::of(&fragment).expect("a frame that this process encoded, and no data");
    Event::default().event(kind).data(frame)
}

/// A frame of the socket in JSON.
pub(super) struct Shown<'a> {
    pub(super) kind: &'a str,
    pub(super) frame: &'a str,
}

impl<'a> Shown<'a> {
    /// `None` for bytes of the application, of which there may be many.
    pub(super) fn of(fragment: &'a Fragment) -> Option<Self> {
        let frame = str::from_utf8(fragment.as_bytes()).ok()?;
        // A frame's first field is its kind.
        let kind = frame.split('"').nth(1).filter(|kind| *kind != "data")?;
        Some(Self { kind, frame })
    }
}
