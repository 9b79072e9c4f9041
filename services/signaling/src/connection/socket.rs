//! The WebSocket with time limits.

use std::{future::poll_fn, sync::Arc, task::Poll, time::Duration};

use antiphon_protocol::{CloseCode, Format, Fragment};
use antiphon_session_core as session_core;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use bytes::Bytes;
use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use prometheus::IntCounter;

use super::End;
use crate::usage::Meter;

/// How long a client may take to answer a close.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// What came off the socket.
pub(super) enum Incoming {
    Frame(Payload),
    /// A ping or pong.
    SignOfLife,
    /// A text message where binary ones were agreed on, or the other way round; what was expected.
    WrongFormat(&'static str),
    TooBig,
    /// A text message that is not UTF-8. Nothing can be read behind it.
    NotText,
}

/// The bytes of a message. They alias the socket's read buffer: do not keep them.
pub(super) enum Payload {
    Text(Utf8Bytes),
    Binary(Bytes),
}

impl Payload {
    pub(super) fn message(&self) -> session_core::Message<'_> {
        match self {
            Self::Text(text) => session_core::Message::Text(text),
            Self::Binary(bytes) => session_core::Message::Binary(bytes),
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }
}

pub(super) struct Socket {
    socket: WebSocket,
    format: Format,
    write_timeout: Duration,
    /// Frames that wait to be flushed.
    unflushed: u64,
    /// Bytes of these frames.
    unflushed_bytes: u64,
    frames_sent: IntCounter,
    /// Whose bytes they are, once that is known.
    meter: Option<Arc<Meter>>,
}

impl Socket {
    pub(super) fn new(socket: WebSocket, format: Format, write_timeout: Duration, frames_sent: IntCounter) -> Self {
        Self { socket, format, write_timeout, unflushed: 0, unflushed_bytes: 0, frames_sent, meter: None }
    }

    /// Counts what is sent from now on as this tenant's.
    pub(super) fn count_with(&mut self, meter: Arc<Meter>) {
        self.meter = Some(meter);
    }

    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// The next message. Cancel safe.
    pub(super) async fn receive(&mut self) -> Result<Incoming, End> {
        loop {
            return Ok(match (self.socket.next().await, self.format) {
                (Some(Ok(Message::Text(text))), Format::Json) => Incoming::Frame(Payload::Text(text)),
                (Some(Ok(Message::Binary(bytes))), Format::Proto) => Incoming::Frame(Payload::Binary(bytes)),
                (Some(Ok(Message::Text(_))), Format::Proto) => Incoming::WrongFormat("binary"),
                (Some(Ok(Message::Binary(_))), Format::Json) => Incoming::WrongFormat("text"),
                (Some(Ok(Message::Ping(_) | Message::Pong(_))), _) => Incoming::SignOfLife,
                // The next call drives the closing handshake and then ends.
                (Some(Ok(Message::Close(_))), _) => continue,
                (Some(Err(error)), _) => match cause(&error) {
                    Some(tungstenite::Error::Capacity(_)) => Incoming::TooBig,
                    Some(tungstenite::Error::Utf8(_)) => Incoming::NotText,
                    Some(_) | None => return Err(End::Cut),
                },
                (None, _) => return Err(End::Cut),
            });
        }
    }

    /// The next message that is no ping or pong.
    pub(super) async fn receive_frame(&mut self) -> Result<Incoming, End> {
        loop {
            match self.receive().await? {
                Incoming::SignOfLife => {}
                frame @ (Incoming::Frame(_) | Incoming::WrongFormat(_) | Incoming::TooBig | Incoming::NotText) => {
                    return Ok(frame);
                }
            }
        }
    }

    /// A frame as a message of this connection's format.
    pub(super) fn message(fragment: &Fragment, cursor: &str, ack_seq: u32) -> Message {
        let frame = fragment.assemble(cursor, ack_seq);
        match fragment.format() {
            Format::Json => Message::Text(Utf8Bytes::try_from(frame).expect("JSON is UTF-8, and so are cursors")),
            Format::Proto => Message::Binary(frame),
        }
    }

    /// Writes a message to the buffer, or to the socket when the buffer is full.
    pub(super) async fn feed(&mut self, message: Message) -> Result<(), End> {
        self.unflushed += 1;
        self.unflushed_bytes += length(&message) as u64;
        let write_timeout = self.write_timeout;
        let mut feeding = std::pin::pin!(self.socket.feed(message));
        match feeding.as_mut().now_or_never() {
            Some(written) => written.map_err(|_| End::Cut),
            None => within(write_timeout, feeding).await,
        }
    }

    /// Writes the buffer to the socket.
    pub(super) async fn flush(&mut self) -> Result<(), End> {
        if self.unflushed == 0 {
            return Ok(());
        }
        self.frames_sent.inc_by(std::mem::take(&mut self.unflushed));
        let bytes = std::mem::take(&mut self.unflushed_bytes);
        if let Some(meter) = &self.meter {
            meter.sent(bytes);
        }
        let write_timeout = self.write_timeout;
        let socket = &mut self.socket;
        let at_once = poll_fn(|context| match socket.poll_flush_unpin(context) {
            Poll::Ready(flushed) => Poll::Ready(Some(flushed)),
            Poll::Pending => Poll::Ready(None),
        })
        .await;
        match at_once {
            Some(flushed) => flushed.map_err(|_| End::Cut),
            None => within(write_timeout, self.socket.flush()).await,
        }
    }

    pub(super) async fn ping(&mut self) -> Result<(), End> {
        within(self.write_timeout, self.socket.send(Message::Ping(Bytes::new()))).await
    }

    /// Says why, and waits a moment for the client to have read it.
    pub(super) async fn close(&mut self, code: CloseCode, reason: &'static str) {
        let frame = CloseFrame { code: code as u16, reason: reason.into() };
        let closing = async {
            if self.socket.send(Message::Close(Some(frame))).await.is_ok() {
                while let Some(Ok(_)) = self.socket.next().await {}
            }
        };
        // A client that does not answer is cut off.
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, closing).await;
    }
}

/// Bytes of a message's payload.
fn length(message: &Message) -> usize {
    match message {
        Message::Text(text) => text.len(),
        Message::Binary(bytes) | Message::Ping(bytes) | Message::Pong(bytes) => bytes.len(),
        Message::Close(_) => 0,
    }
}

async fn within<E>(limit: Duration, writing: impl Future<Output = Result<(), E>>) -> Result<(), End> {
    match tokio::time::timeout(limit, writing).await {
        Ok(written) => written.map_err(|_| End::Cut),
        Err(_) => Err(End::Close(CloseCode::SlowConsumer, "reads too slowly: resume to catch up")),
    }
}

fn cause(error: &axum::Error) -> Option<&tungstenite::Error> {
    let mut source: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = source {
        if let Some(cause) = error.downcast_ref() {
            return Some(cause);
        }
        source = error.source();
    }
    None
}
