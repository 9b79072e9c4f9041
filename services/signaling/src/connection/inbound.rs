//! What a client sends, carried out in its order.

use std::time::Instant;

use antiphon_backplane::{MailOffset, Offset, Posting, Recipients, SendError, Sent, Unavailable};
use antiphon_protocol::{
    CloseCode, Directed, ErrorCode, Fragment, Sid,
    v1::{self, client_frame, server_frame::Kind},
};
use antiphon_room_core::{Author, Command};
use antiphon_session_core::{Cursor, Received, Verdict};

use super::{Connection, End, bounded, enter::COMMAND_TIMEOUT, socket::Payload};
use crate::{
    room::{Encoded, LossyNotice, RETRY_AFTER, RoomError, wall_clock},
    routing::{Route, refused, route},
};

impl Connection {
    pub(super) async fn handle_message(&mut self, payload: &Payload, now: Instant) -> Result<(), End> {
        let Received { acked, verdict } =
            self.session.handle_message(&self.shared.session_config, payload.message(), now);
        if let Some(cursor) = acked {
            Box::pin(self.acknowledged(cursor)).await?;
        }
        if let Verdict::Forward(directed) = &verdict {
            return self.forward(directed).await;
        }
        Box::pin(self.carry_out(verdict)).await
    }

    pub(super) async fn carry_out(&mut self, verdict: Verdict<'_>) -> Result<(), End> {
        match verdict {
            Verdict::Nothing => Ok(()),
            Verdict::Settle(seq, kind) => self.settle(seq, kind).await,
            Verdict::Forward(directed) => self.forward(&directed).await,
            Verdict::Refuse(seq, error) => self.refuse(seq, error).await,
            Verdict::Unnumbered(kind) => self.unnumbered(kind).await,
            Verdict::Answer(error) => self.answer(error).await,
            Verdict::Close(error, code) => {
                self.answer(error).await?;
                Err(End::Close(code, "too many bad frames"))
            }
        }
    }

    /// The client has processed everything up to here.
    async fn acknowledged(&mut self, cursor: Cursor) -> Result<(), End> {
        let given = Cursor { epoch: self.at.epoch, log: self.at.offset, mail: self.mail };
        if cursor.epoch != given.epoch || cursor.log > given.log || cursor.mail > given.mail {
            return Ok(());
        }
        if self.unconfirmed.take_if(|known| cursor.log > known.log || cursor.mail > known.mail).is_some() {
            let confirm = Command::ConfirmResume { sid: self.sid(), generation: self.generation };
            self.shared.rooms.tell(&self.room, confirm).await;
        }
        if cursor.mail > self.acked.mail {
            let mailbox = &self.shared.backplane().mailbox;
            if mailbox.trim(&self.room.key, self.sid(), MailOffset(cursor.mail)).await.is_err() {
                // With the next one.
                return Ok(());
            }
        }
        self.acked = cursor;
        Ok(())
    }

    async fn settle(&mut self, seq: u32, kind: client_frame::Kind) -> Result<(), End> {
        self.shared.metrics.received(&kind);
        self.room.meter.received();
        match route(kind, &self.sender, seq, self.shared.rooms.config(), wall_clock().to_proto()) {
            Ok(Route::Room(command)) => self.submit(seq, command).await,
            Ok(Route::Direct(to, kind)) => self.post(seq, to, *kind).await,
            Ok(Route::Lossy(..) | Route::Own(_)) => {
                self.refuse(seq, error(ErrorCode::InvalidArgument, "this kind of frame has no number")).await
            }
            Err(error) => self.refuse(seq, error).await,
        }
    }

    async fn submit(&mut self, seq: u32, command: Command) -> Result<(), End> {
        let author = Author::Session { sid: self.sid(), generation: self.generation, seq };
        let outcome =
            bounded(COMMAND_TIMEOUT, self.room.submit(author, command)).await.unwrap_or(Err(RoomError::Unavailable));
        match outcome {
            Ok(done) if done.logged => {
                self.session.settled(seq, Instant::now());
                Ok(())
            }
            Ok(_) => self.settle_unlogged(seq).await,
            Err(RoomError::Refused(refusal)) => self.refuse(seq, refused(&refusal)).await,
            Err(RoomError::Unavailable | RoomError::Uncertain) => self.answer(unavailable(seq)).await,
            // The feed says how it ended, where it did.
            Err(RoomError::Ended) => {
                self.deliver().await?;
                Err(Unavailable.into())
            }
        }
    }

    /// Nothing was to be done; a resume must know all the same that the frame is settled.
    async fn settle_unlogged(&mut self, seq: u32) -> Result<(), End> {
        let (sid, generation) = (self.sid(), self.generation.0);
        match self.shared.backplane().mailbox.settle(&self.room.key, sid, generation, seq).await {
            Ok(()) => self.session.settled(seq, Instant::now()),
            Err(SendError::Unavailable(_)) => return self.answer(unavailable(seq)).await,
            // The session is over or moved on: the feed says so.
            Err(SendError::StaleSender | SendError::NoRecipient(_) | SendError::Full(_)) => {}
        }
        Ok(())
    }

    async fn post(&mut self, seq: u32, to: Recipients, kind: Kind) -> Result<(), End> {
        let fragment = Fragment::encode(self.socket.format(), kind);
        self.post_settling(seq, to, &fragment).await
    }

    /// Passes an offer, answer or candidate on without looking into it.
    async fn forward(&mut self, directed: &Directed<'_>) -> Result<(), End> {
        self.room.meter.received();
        self.shared.metrics.forwarded(directed);
        match self.sender.may_signal(directed.to, directed.from) {
            Ok(to) => {
                let fragment = directed.forward(self.sid());
                self.post_settling(directed.seq, Recipients::One(to), &fragment).await
            }
            Err(error) => self.refuse(directed.seq, error).await,
        }
    }

    async fn post_settling(&mut self, seq: u32, to: Recipients, fragment: &Fragment) -> Result<(), End> {
        let posted = match self.congestion.holds(&to, Instant::now()) {
            Some(sid) => Err(SendError::Full(sid)),
            None => {
                let posted = self.post_fragment(seq, to, fragment).await;
                if let Err(SendError::Full(sid)) = posted {
                    self.congestion.note(sid, Instant::now());
                }
                posted
            }
        };
        match posted {
            Ok(_) => {
                self.session.settled(seq, Instant::now());
                Ok(())
            }
            Err(SendError::NoRecipient(sid)) => {
                let mut error = error(ErrorCode::NotFound, format!("{sid} is not in this room"));
                "to".clone_into(&mut error.field);
                self.refuse(seq, error).await
            }
            Err(SendError::Full(sid)) => {
                let message = format!("{sid} reads too slowly; send again later with a new number");
                let busy = v1::Error { retry_after_ms: retry_after_ms(), ..error(ErrorCode::RecipientBusy, message) };
                self.refuse(seq, busy).await
            }
            Err(SendError::StaleSender) => Ok(()),
            Err(SendError::Unavailable(_)) => self.answer(unavailable(seq)).await,
        }
    }

    async fn post_fragment(&mut self, seq: u32, to: Recipients, fragment: &Fragment) -> Result<Sent, SendError> {
        let posting = Posting {
            from: self.sid(),
            generation: self.generation.0,
            seq,
            to,
            after: Offset(self.at.offset),
            format: fragment.format() as u8,
            body: fragment.as_bytes().clone(),
        };
        self.shared.backplane().mailbox.post(&self.room.key, posting).await
    }

    /// Refuses a frame for good. The error goes through the session's own mailbox, so that it survives a cut connection.
    async fn refuse(&mut self, seq: u32, mut error: v1::Error) -> Result<(), End> {
        error.seq = seq;
        self.shared.metrics.error(&error.code);
        let fragment = Fragment::encode(self.socket.format(), Kind::Error(error));
        match self.post_fragment(seq, Recipients::One(self.sid()), &fragment).await {
            Ok(sent) => {
                self.mail_waiting = true;
                if sent == Sent::Stored {
                    self.untold.push_back((seq, fragment.as_bytes().clone()));
                }
            }
            Err(SendError::Full(_)) => {
                return Err(End::Close(CloseCode::SlowConsumer, "reads too slowly: resume to catch up"));
            }
            // The session is over or moved on: the feed says so.
            Err(SendError::StaleSender | SendError::NoRecipient(_)) => return Ok(()),
            Err(SendError::Unavailable(_)) => return self.answer(unavailable(seq)).await,
        }
        self.session.settled(seq, Instant::now());
        Ok(())
    }

    async fn unnumbered(&mut self, kind: client_frame::Kind) -> Result<(), End> {
        self.shared.metrics.received(&kind);
        match route(kind, &self.sender, 0, self.shared.rooms.config(), 0.0) {
            Ok(Route::Lossy(to, data)) => {
                self.send_lossy(to, data);
                Ok(())
            }
            Ok(Route::Own(client_frame::Kind::Ping(ping))) => self.show_own(Kind::Pong(v1::Pong { id: ping.id })).await,
            Ok(Route::Own(client_frame::Kind::RefreshIceServers(_))) => {
                self.ask_for_ice_servers();
                Ok(())
            }
            Ok(Route::Own(client_frame::Kind::RefreshToken(refresh))) => self.verify_token(refresh.token).await,
            Ok(Route::Own(_) | Route::Room(_) | Route::Direct(..)) => Ok(()),
            Err(error) => self.answer(error).await,
        }
    }

    fn send_lossy(&self, to: Vec<Sid>, data: v1::Data) {
        self.room.meter.received();
        self.room.feed.publish_lossy(LossyNotice { from: Some(self.sid()), to, frame: Encoded::new(Kind::Data(data)) });
    }
}

pub(super) fn error(code: ErrorCode, message: impl Into<String>) -> v1::Error {
    v1::Error { code: code.to_string(), message: message.into(), ..v1::Error::default() }
}

/// Not settled: the client sends the frame again.
pub(super) fn unavailable(seq: u32) -> v1::Error {
    let message = "the server cannot reach its rooms; send this frame again";
    v1::Error { seq, retry_after_ms: retry_after_ms(), ..error(ErrorCode::Unavailable, message) }
}

fn retry_after_ms() -> Option<u32> {
    u32::try_from(RETRY_AFTER.as_millis()).ok()
}
