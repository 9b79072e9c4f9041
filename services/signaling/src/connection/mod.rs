//! One task per WebSocket: join or resume, then carry frames both ways until it ends.

mod congestion;
mod enter;
mod inbound;
mod outbound;
mod socket;
mod token;

use std::{
    collections::VecDeque,
    future::Future,
    pin::{Pin, pin},
    sync::Arc,
    time::{Duration, Instant},
};

use antiphon_backplane::{MailWatch, Unavailable};
use antiphon_protocol::{CloseCode, ErrorCode, Format, Sid, v1};
use antiphon_room_core::{Command, Generation};
use antiphon_service_kit::auth::Claims;
use antiphon_session_core::{Cursor, Session, Timer};
use axum::extract::ws::WebSocket;
use bytes::Bytes;
use futures_util::FutureExt as _;
use tokio::{sync::Notify, time::Sleep};

use crate::{
    Shared,
    admission::{Place, Throttle},
    ice::IceServers,
    room::{Attached, RoomHandle},
    routing::Sender,
};
use congestion::Congestion;
use socket::{Incoming, Socket};
use token::AskedToken;

/// What rings is looked at before the socket, which costs more to look at; but the socket is not passed over more often than this.
const FAIRNESS: u32 = 16;

/// How long a client that is read more slowly is not told so again.
const THROTTLE_NOTICE: Duration = Duration::from_secs(1);

/// Why a connection is not let in, told on the socket.
pub(crate) struct Denied {
    pub(crate) code: ErrorCode,
    pub(crate) message: String,
    pub(crate) close: CloseCode,
}

/// A WebSocket whose token has been looked at.
pub(crate) struct Upgraded {
    pub(crate) format: Format,
    pub(crate) place: Place,
    pub(crate) verified: Result<Claims, Denied>,
}

/// Why a connection ends.
#[derive(Debug)]
pub(crate) enum End {
    /// The socket is gone.
    Cut,
    /// The server closes it; the session, where there is one, can be resumed.
    Close(CloseCode, &'static str),
    /// The session is over.
    Over(CloseCode, &'static str),
}

impl From<Unavailable> for End {
    fn from(_: Unavailable) -> Self {
        Self::Close(CloseCode::TryAgainLater, "the backplane is out of reach")
    }
}

/// A connection of a session.
struct Connection {
    shared: Arc<Shared>,
    socket: Socket,
    place: Place,
    claims: Box<Claims>,
    room: Arc<RoomHandle>,
    session: Session,
    sender: Sender,
    generation: Generation,
    /// The place in the room's feed up to which frames were written.
    at: Attached,
    /// Rings when something was posted.
    mail_bell: MailWatch,
    /// Rings when the room's feed has news.
    feed_bell: Arc<Notify>,
    /// The last message of the mailbox that was written.
    mail: u64,
    /// Something may be in the mailbox.
    mail_waiting: bool,
    /// The mailbox is out of reach; it is looked into again then.
    mail_not_before: Option<Instant>,
    acked: Cursor,
    /// Refusals in the mailbox that were not written yet, by number: an acknowledgement that went ahead of one would read as acceptance.
    untold: VecDeque<(u32, Bytes)>,
    congestion: Congestion,
    /// The resume token before this connection's is still valid: the client has acknowledged nothing beyond this, which it may
    /// have known before.
    unconfirmed: Option<Cursor>,
    /// Reading goes on then.
    paused_until: Option<Instant>,
    throttle_told: Option<Instant>,
    /// It began when the server was stopping already.
    came_late: bool,
    /// The ICE servers that were asked for. A source that is slow holds up nothing else.
    asked_ice_servers: Option<AskedIceServers>,
    /// The token that the client hands over.
    asked_token: Option<AskedToken>,
}

/// `None`: they are not to be had.
type AskedIceServers = Pin<Box<dyn Future<Output = Option<IceServers>> + Send>>;

/// Serves a WebSocket from its first frame to its last.
pub(crate) fn serve(shared: Arc<Shared>, socket: WebSocket, upgraded: Upgraded) -> impl Future<Output = ()> + Send {
    let metrics = Arc::clone(&shared.metrics);
    metrics.connections.inc();
    let socket = Socket::new(socket, upgraded.format, shared.config.write_timeout.0, metrics.frames_sent.clone());
    // Entering needs room for tokens and snapshots that a connection does not keep; boxed out here, its arguments take none either.
    let entering = Box::pin(enter::enter(shared, socket, upgraded.place, upgraded.verified));
    async move {
        let code = match entering.await {
            Ok(connection) => connection.run().await,
            Err(code) => code,
        };
        metrics.closes.with_label_values(&[code.to_string().as_str()]).inc();
        metrics.connections.dec();
    }
}

/// The close code of a connection that nobody closed (RFC 6455 §7.4.1).
const ABNORMAL: u16 = 1006;

impl Connection {
    async fn run(mut self: Box<Self>) -> u16 {
        self.shared.metrics.sessions.inc();
        self.room.feed.ring(Arc::clone(&self.feed_bell));
        let Err(end) = self.carry().await;
        self.room.feed.ring_no_more(&self.feed_bell);
        self.shared.metrics.sessions.dec();
        let (code, over) = match end {
            End::Cut => (ABNORMAL, false),
            End::Close(code, reason) => {
                self.socket.close(code, reason).await;
                (code as u16, false)
            }
            End::Over(code, reason) => {
                self.socket.close(code, reason).await;
                (code as u16, true)
            }
        };
        tracing::info!(sid = %self.sender.sid, room = %self.room.key.room, tenant = %self.room.key.tenant, code, "connection ended");
        if !over {
            let (sid, generation) = (self.sender.sid, self.generation);
            self.shared.rooms.tell(&self.room, Command::Disconnect { sid, generation }).await;
        }
        code
    }

    fn sid(&self) -> Sid {
        self.sender.sid
    }

    /// Carries frames both ways. This future lives as long as the connection and is most of what an idle one weighs: whatever is not
    /// done for every frame that is delivered is boxed while it lasts.
    async fn carry(&mut self) -> Result<std::convert::Infallible, End> {
        let mut timer = pin!(tokio::time::sleep_until(self.session.poll_timeout(&self.shared.session_config).into()));
        let (mail_bell, feed_bell) = (Arc::clone(&self.mail_bell), Arc::clone(&self.feed_bell));
        let mut mail_rung = pin!(mail_bell.notified());
        let mut feed_rung = pin!(feed_bell.notified());
        let mut turn = 0_u32;
        loop {
            self.deliver().await?;
            self.arm(timer.as_mut());
            turn = turn.wrapping_add(1);
            if turn.is_multiple_of(FAIRNESS)
                && self.paused_until.is_none()
                && let Some(incoming) = self.socket.receive().now_or_never()
            {
                Box::pin(self.take(incoming?)).await?;
                continue;
            }
            tokio::select! {
                biased;
                () = mail_rung.as_mut() => {
                    self.mail_waiting = true;
                    mail_rung.set(mail_bell.notified());
                }
                () = feed_rung.as_mut() => feed_rung.set(feed_bell.notified()),
                () = timer.as_mut() => Box::pin(self.handle_timeouts()).await?,
                servers = answered(&mut self.asked_ice_servers) => Box::pin(self.push_ice_servers(servers)).await?,
                verified = answered(&mut self.asked_token) => Box::pin(self.take_token(verified)).await?,
                incoming = self.socket.receive(), if self.paused_until.is_none() => {
                    Box::pin(self.take(incoming?)).await?;
                }
            }
        }
    }

    /// Sets the timer to the next deadline, if that comes before the one it is set to.
    fn arm(&self, timer: Pin<&mut Sleep>) {
        let session = self.session.poll_timeout(&self.shared.session_config);
        let others = [self.paused_until, self.mail_not_before].into_iter().flatten();
        let next = others.fold(session, Instant::min).into();
        if timer.is_elapsed() || next < timer.deadline() {
            timer.reset(next);
        }
    }

    async fn take(&mut self, incoming: Incoming) -> Result<(), End> {
        let now = Instant::now();
        match incoming {
            Incoming::Frame(payload) => self.handle_message(&payload, now).await?,
            Incoming::SignOfLife => self.session.heard(now),
            Incoming::WrongFormat(expected) => {
                let verdict = self.session.handle_other_format(expected, now);
                Box::pin(self.carry_out(verdict)).await?;
            }
            Incoming::TooBig => {
                let message = format!("at most {} bytes a frame", self.shared.session_config.max_sdp_bytes);
                let error = v1::Error { code: ErrorCode::TooLarge.to_string(), message, ..v1::Error::default() };
                self.answer(error).await?;
                return Err(End::Close(CloseCode::TooBig, "frame too large"));
            }
            Incoming::NotText => {
                self.answer(malformed(NOT_TEXT.to_owned())).await?;
                return Err(End::Close(CloseCode::InvalidPayload, NOT_TEXT));
            }
        }
        if let Err(throttle) = self.place.message(now) {
            Box::pin(self.throttle(now, throttle)).await?;
        }
        // A client that sends without a pause leaves the timer no turn.
        if self.session.poll_timeout(&self.shared.session_config) <= now {
            Box::pin(self.handle_timeouts()).await
        } else {
            Ok(())
        }
    }

    /// Stops reading until the rate allows more. Nothing is lost: the network holds what the client has sent.
    async fn throttle(&mut self, now: Instant, Throttle { wait, rate }: Throttle) -> Result<(), End> {
        self.paused_until = Some(now + wait);
        if self.throttle_told.is_some_and(|told| now - told < THROTTLE_NOTICE) {
            return Ok(());
        }
        self.throttle_told = Some(now);
        self.shared.metrics.throttled.inc();
        self.answer(v1::Error {
            code: ErrorCode::RateLimited.to_string(),
            message: rate.message(),
            field: rate.setting().to_owned(),
            retry_after_ms: Some(u32::try_from(wait.as_micros().div_ceil(1_000)).unwrap_or(u32::MAX)),
            ..v1::Error::default()
        })
        .await
    }

    async fn handle_timeouts(&mut self) -> Result<(), End> {
        let now = Instant::now();
        if self.paused_until.is_some_and(|until| until <= now) {
            // The message that was one too many has been carried out on credit: it is paid for first.
            self.paused_until = self.place.message(now).err().map(|throttle| now + throttle.wait);
        }
        while let Some(timer) = self.session.handle_timeout(&self.shared.session_config, now) {
            match timer {
                Timer::Ack => self.acknowledge().await?,
                Timer::Ping => self.socket.ping().await?,
                Timer::Silence => return Err(End::Close(CloseCode::TimedOut, "no sign of life")),
                Timer::RefreshToken => self.push_token(now).await?,
                Timer::RefreshIceServers => self.ask_for_ice_servers(),
                Timer::GoAway => self.go_away().await?,
                Timer::Overstayed => return Err(outbound::STOPPING),
            }
        }
        Ok(())
    }
}

/// Completes when there is a question and its answer. Cancel safe.
async fn answered<T>(asked: &mut Option<Pin<Box<dyn Future<Output = T> + Send>>>) -> T {
    match asked {
        Some(asking) => {
            let answer = asking.await;
            *asked = None;
            answer
        }
        None => std::future::pending().await,
    }
}

/// What a client is told whose text is none (RFC 6455 §8.1).
const NOT_TEXT: &str = "a text message must be UTF-8";

fn malformed(message: String) -> v1::Error {
    v1::Error { code: ErrorCode::Malformed.to_string(), message, ..v1::Error::default() }
}

/// Bounds what is asked of the backplane.
async fn bounded<T>(limit: Duration, work: impl Future<Output = T>) -> Result<T, Unavailable> {
    tokio::time::timeout(limit, work).await.map_err(|_| Unavailable)
}
