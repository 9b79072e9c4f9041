//! The session's side of a connection.

use std::time::{Duration, Instant};

use antiphon_protocol::{
    CloseCode, Directed, ErrorCode, Format, decode_client,
    v1::{self, client_frame::Kind},
};

use crate::{
    Cursor, Timer,
    ack::AckState,
    numbering::{Numbering, Order},
};

/// Undecodable frames after which a connection is closed.
const STRIKES: u8 = 16;

/// What a connection must keep to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionConfig {
    /// Bytes of a frame.
    pub max_message_bytes: usize,
    /// Bytes of a frame with an offer or answer.
    pub max_sdp_bytes: usize,
    /// Silence after which the server pings; twice that ends the connection.
    pub ping_interval: Duration,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self { max_message_bytes: 64 * 1024, max_sdp_bytes: 256 * 1024, ping_interval: Duration::from_secs(25) }
    }
}

/// A WebSocket message, as the subprotocol's format has it.
#[derive(Debug, Clone, Copy)]
pub enum Message<'a> {
    /// In JSON.
    Text(&'a str),
    /// In protobuf.
    Binary(&'a [u8]),
}

impl Message<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }
}

/// What came.
#[derive(Debug, Clone)]
pub struct Received<'a> {
    /// The client has processed everything up to here.
    pub acked: Option<Cursor>,
    /// What to do.
    pub verdict: Verdict<'a>,
}

/// What to do with a frame.
#[derive(Debug, Clone)]
pub enum Verdict<'a> {
    /// Nothing: an acknowledgement, or a repetition (which is acknowledged again).
    Nothing,
    /// Carry it out, then call [`Session::settled`] with its `seq`.
    Settle(u32, Kind),
    /// Pass it on as it stands, then call [`Session::settled`] with its `seq`.
    Forward(Directed<'a>),
    /// Refuse it for good with this error, then call [`Session::settled`].
    Refuse(u32, v1::Error),
    /// Carry it out; it has no number.
    Unnumbered(Kind),
    /// Answer with this error; nothing is settled.
    Answer(v1::Error),
    /// Answer with this error and close.
    Close(v1::Error, CloseCode),
}

/// One connection of a session, from the answer to `join` or `resume` on.
#[derive(Debug)]
pub struct Session {
    numbering: Numbering,
    acks: AckState,
    heard: Instant,
    pinged: bool,
    strikes: u8,
    refresh_token: Option<Instant>,
    refresh_ice_servers: Option<Instant>,
    departure: Departure,
}

/// How far this connection is on its way elsewhere.
#[derive(Debug, Clone, Copy)]
enum Departure {
    Staying,
    /// The client is to be asked to move.
    Due(Instant),
    /// It was asked, and may stay so long.
    Asked {
        until: Instant,
    },
}

impl Departure {
    fn due(self) -> Option<(Instant, Timer)> {
        match self {
            Self::Staying => None,
            Self::Due(at) => Some((at, Timer::GoAway)),
            Self::Asked { until } => Some((until, Timer::Overstayed)),
        }
    }
}

/// An error frame's content.
pub(crate) fn error(code: ErrorCode, seq: u32, message: impl Into<String>) -> v1::Error {
    v1::Error { code: code.as_str().to_owned(), message: message.into(), seq, ..v1::Error::default() }
}

impl Session {
    /// The room's log was lost, and with it how many of the client's frames had been settled: the next one may skip numbers. Those in
    /// between had been acknowledged, and the client does not have them any more.
    pub fn forgive_gap(&mut self) {
        self.numbering.forgive_gap();
    }

    /// A connection whose session has settled the client's frames up to `settled`.
    #[must_use]
    pub fn new(settled: u32, now: Instant) -> Self {
        Self {
            numbering: Numbering::after(settled),
            acks: AckState::default(),
            heard: now,
            pinged: false,
            strikes: 0,
            refresh_token: None,
            refresh_ice_servers: None,
            departure: Departure::Staying,
        }
    }

    /// Takes any sign of life: a message, a pong.
    pub fn heard(&mut self, now: Instant) {
        self.heard = now;
        self.pinged = false;
    }

    /// Takes a message off the socket.
    pub fn handle_message<'a>(&mut self, config: &SessionConfig, message: Message<'a>, now: Instant) -> Received<'a> {
        self.heard(now);
        if let Message::Text(text) = message
            && let Some(directed) = Directed::read(text)
        {
            let (seq, cursor) = (directed.seq, directed.ack_cursor);
            return self.acknowledge(seq, cursor, now, |session| session.judge_directed(config, directed, now));
        }
        let (format, bytes) = match message {
            Message::Text(text) => (Format::Json, text.as_bytes()),
            Message::Binary(bytes) => (Format::Proto, bytes),
        };
        let frame = match decode_client(format, bytes) {
            Ok(frame) => frame,
            Err(reason) => return Received { acked: None, verdict: self.strike(&reason.to_string()) },
        };
        let (seq, kind, cursor) = (frame.seq, frame.kind, frame.ack_cursor);
        self.acknowledge(seq, &cursor, now, |session| session.judge(config, seq, kind, message.len(), now))
    }

    /// Takes a message that is none of this connection's format, which is `expected`.
    pub fn handle_other_format(&mut self, expected: &str, now: Instant) -> Verdict<'static> {
        self.heard(now);
        self.strike(&format!("this connection was opened for {expected} frames"))
    }

    /// Reads what the client has processed, then judges the frame.
    fn acknowledge<'a>(
        &mut self,
        seq: u32,
        cursor: &str,
        now: Instant,
        judge: impl FnOnce(&mut Self) -> Verdict<'a>,
    ) -> Received<'a> {
        if cursor.is_empty() {
            return Received { acked: None, verdict: judge(self) };
        }
        match cursor.parse() {
            Ok(cursor) => Received { acked: Some(cursor), verdict: judge(self) },
            Err(reason) => {
                let mut error = error(ErrorCode::InvalidArgument, seq, format!("{reason}"));
                "ackCursor".clone_into(&mut error.field);
                Received { acked: None, verdict: self.refuse(error, now) }
            }
        }
    }

    fn judge_directed<'a>(&mut self, config: &SessionConfig, directed: Directed<'a>, now: Instant) -> Verdict<'a> {
        let (seq, len) = (directed.seq, directed.len);
        match self.check_size(config, seq, directed.carries_sdp, len) {
            Some(error) => self.refuse(error, now),
            None => self.number(seq, now, |_| Verdict::Forward(directed)),
        }
    }

    fn check_size(&self, config: &SessionConfig, seq: u32, carries_sdp: bool, len: usize) -> Option<v1::Error> {
        let limit = if carries_sdp { config.max_sdp_bytes } else { config.max_message_bytes };
        let message = || format!("at most {limit} bytes, this frame has {len}");
        (len > limit).then(|| error(ErrorCode::TooLarge, seq, message()))
    }

    fn strike(&mut self, reason: &str) -> Verdict<'static> {
        self.strikes = self.strikes.saturating_add(1);
        let error = error(ErrorCode::Malformed, 0, reason);
        if self.strikes < STRIKES { Verdict::Answer(error) } else { Verdict::Close(error, CloseCode::PolicyViolation) }
    }

    fn judge(
        &mut self,
        config: &SessionConfig,
        seq: u32,
        kind: Option<Kind>,
        len: usize,
        now: Instant,
    ) -> Verdict<'static> {
        let Some(kind) = kind else {
            return self.refuse(error(ErrorCode::Unsupported, seq, "this server knows no such kind of frame"), now);
        };
        let carries_sdp = matches!(kind, Kind::Offer(_) | Kind::Answer(_));
        if let Some(error) = self.check_size(config, seq, carries_sdp, len) {
            return self.refuse(error, now);
        }
        if matches!(kind, Kind::Join(_) | Kind::Resume(_)) {
            return Verdict::Answer(error(
                ErrorCode::AlreadyJoined,
                seq,
                "this connection has joined; open another one",
            ));
        }
        if matches!(kind, Kind::Ack(_)) {
            return Verdict::Nothing;
        }
        let lossy = matches!(&kind, Kind::Data(data) if data.lossy);
        if lossy || matches!(kind, Kind::Ping(_) | Kind::RefreshIceServers(_) | Kind::RefreshToken(_)) {
            return Verdict::Unnumbered(kind);
        }
        self.number(seq, now, |seq| Verdict::Settle(seq, kind))
    }

    /// Takes a frame that must be numbered if it is its turn.
    fn number<'a>(&mut self, seq: u32, now: Instant, take: impl FnOnce(u32) -> Verdict<'a>) -> Verdict<'a> {
        if seq == 0 {
            let mut error = error(ErrorCode::InvalidArgument, 0, "this kind of frame must be numbered: 1, 2, 3 …");
            "seq".clone_into(&mut error.field);
            return Verdict::Answer(error);
        }
        match self.numbering.order(seq) {
            Order::Next => take(seq),
            Order::Repeated => self.repeat(now),
            Order::Gap { expected } => Verdict::Answer(gap(seq, expected)),
        }
    }

    /// Refuses a frame whose number, if it has one, is then settled.
    fn refuse(&mut self, error: v1::Error, now: Instant) -> Verdict<'static> {
        match (error.seq, self.numbering.order(error.seq)) {
            (0, _) => Verdict::Answer(error),
            (seq, Order::Next) => Verdict::Refuse(seq, error),
            (_, Order::Repeated) => self.repeat(now),
            (seq, Order::Gap { expected }) => Verdict::Answer(gap(seq, expected)),
        }
    }

    fn repeat(&mut self, now: Instant) -> Verdict<'static> {
        self.acks.owe(now);
        Verdict::Nothing
    }

    /// The frame is accepted, or refused for good.
    pub fn settled(&mut self, seq: u32, now: Instant) {
        self.numbering.settle(seq);
        self.acks.owe(now);
    }

    /// The next frame to the client should carry an acknowledgement: the last one could not say all.
    pub fn owe_ack(&mut self, now: Instant) {
        self.acks.owe(now);
    }

    /// Whether the next frame to the client should carry an acknowledgement.
    #[must_use]
    pub fn owes_ack(&self) -> bool {
        self.acks.due().is_some()
    }

    /// The `ackSeq` of the next frame to the client, which pays what is owed; 0: nothing is.
    pub fn take_ack(&mut self) -> u32 {
        if self.acks.pay() { self.numbering.settled() } else { 0 }
    }

    /// When to push a fresh access token; `None`: never.
    pub fn refresh_token_at(&mut self, at: Option<Instant>) {
        self.refresh_token = at;
    }

    /// When to push fresh ICE servers; `None`: never.
    pub fn refresh_ice_servers_at(&mut self, at: Option<Instant>) {
        self.refresh_ice_servers = at;
    }

    /// When this connection is to be moved elsewhere. The first word counts.
    pub fn go_away_at(&mut self, at: Instant) {
        if let Departure::Staying = self.departure {
            self.departure = Departure::Due(at);
        }
    }

    /// The client was asked to move, and may choose its moment up to here.
    pub fn may_stay_until(&mut self, until: Instant) {
        self.departure = Departure::Asked { until };
    }

    /// When [`Session::handle_timeout`] has something to do.
    #[must_use]
    pub fn poll_timeout(&self, config: &SessionConfig) -> Instant {
        let silence = self.heard + config.ping_interval * if self.pinged { 2 } else { 1 };
        let departure = self.departure.due().map(|(at, _)| at);
        [self.acks.due(), self.refresh_token, self.refresh_ice_servers, departure]
            .into_iter()
            .flatten()
            .fold(silence, Instant::min)
    }

    /// The next timer that is due; call it until it gives `None`.
    pub fn handle_timeout(&mut self, config: &SessionConfig, now: Instant) -> Option<Timer> {
        let due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        if now >= self.heard + config.ping_interval * 2 && self.pinged {
            return Some(Timer::Silence);
        }
        if due(self.acks.due()) {
            return Some(Timer::Ack);
        }
        if due(self.refresh_token) {
            self.refresh_token = None;
            return Some(Timer::RefreshToken);
        }
        if due(self.refresh_ice_servers) {
            self.refresh_ice_servers = None;
            return Some(Timer::RefreshIceServers);
        }
        if let Some((at, timer)) = self.departure.due()
            && at <= now
        {
            return Some(timer);
        }
        if !self.pinged && now >= self.heard + config.ping_interval {
            self.pinged = true;
            return Some(Timer::Ping);
        }
        None
    }
}

fn gap(seq: u32, expected: u32) -> v1::Error {
    error(ErrorCode::SequenceGap, seq, format!("send {expected} first, and what lies between"))
}

#[cfg(test)]
mod tests;
