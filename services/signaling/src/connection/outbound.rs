//! What a client is sent: the room's feed and its mailbox in one stream, each frame with its cursor.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use antiphon_backplane::{MailOffset, MailReadError, Unavailable};
use antiphon_protocol::{
    CloseCode, Format, Fragment,
    v1::{self, server_frame::Kind},
};
use antiphon_room_core::{LeaveReason, Participant};
use antiphon_session_core::Cursor;

use super::socket::Socket;
use super::{
    Connection, End, bounded,
    enter::{COMMAND_TIMEOUT, ICE_RETRY},
};
use crate::{
    ice::IceServers,
    room::{Encoded, Notice, OwnChange, RETRY_AFTER, Unreadable},
};

/// How a connection ends that did not move in time.
pub(super) const STOPPING: End = End::Close(CloseCode::GoingAway, "the server is stopping");

/// Notices and messages read at once.
const READ_LIMIT: usize = 64;

impl Connection {
    /// Writes all that is there to be written.
    pub(super) async fn deliver(&mut self) -> Result<(), End> {
        loop {
            let shown = self.deliver_notices().await?;
            let delivered = self.deliver_mail().await?;
            if !shown && !delivered {
                return self.socket.flush().await;
            }
        }
    }

    async fn deliver_notices(&mut self) -> Result<bool, End> {
        if !self.room.feed.has_news(&self.at) {
            return Ok(false);
        }
        let reading = self.room.feed.read(&mut self.at, READ_LIMIT).map_err(|reason| match reason {
            Unreadable::Behind => End::Close(CloseCode::SlowConsumer, "reads too slowly: resume to catch up"),
            Unreadable::Over => Unavailable.into(),
        })?;
        if let Some(departure) = reading.departure {
            self.session.go_away_at(departure.begins + departure.window.mul_f64(rand::random()));
        }
        let shown = !reading.notices.is_empty();
        for notice in reading.notices {
            self.show_notice(&notice, reading.crowd).await?;
        }
        for lossy in reading.lossy {
            let mine = lossy.to.is_empty() || lossy.to.contains(&self.sid());
            if mine && lossy.from != Some(self.sid()) && !self.sender.waiting {
                let fragment = lossy.frame.in_format(self.socket.format()).clone();
                self.write(&fragment, "").await?;
            }
        }
        Ok(shown)
    }

    async fn show_notice(&mut self, notice: &Notice, crowd: bool) -> Result<(), End> {
        debug_assert_eq!(notice.offset, self.at.offset + 1);
        let own = notice.about.as_ref().filter(|(sid, _)| *sid == self.sid()).map(|(_, change)| change.clone());
        if let Some(OwnChange::Participant(me)) = &own {
            // A lobby's snapshot is only for its eyes; what follows is for everyone.
            self.sender = (&**me).into();
        }
        let is_buried = matches!(&own, Some(OwnChange::Participant(me)) if self.counts_as_gone(me));
        let (moderator, waiting) = (self.sender.moderator, self.sender.waiting);
        let mut frames = notice.frames_for(self.sid(), moderator, waiting).peekable();
        while let Some(frame) = frames.next() {
            // Only the last frame's cursor lies behind the event: who is cut before it is shown all of them again.
            if frames.peek().is_none() {
                self.at.offset = notice.offset;
            }
            self.show_shared(frame, crowd).await?;
        }
        self.at.offset = notice.offset;
        if is_buried {
            return Err(End::Close(CloseCode::TryAgainLater, "this server was taken for dead: resume"));
        }
        match own {
            Some(OwnChange::Left(reason, message)) => Box::pin(self.say_left(reason, message)).await,
            Some(OwnChange::Superseded(generation)) if generation > self.generation.0 => {
                Err(End::Over(CloseCode::Superseded, "another connection resumed this session"))
            }
            Some(OwnChange::Superseded(_) | OwnChange::Participant(_)) | None => Ok(()),
        }
    }

    /// The others were told that this very connection is gone: the server was out of touch for longer than its lease.
    fn counts_as_gone(&self, me: &Participant) -> bool {
        me.generation == self.generation && me.connection != antiphon_room_core::Connection::Connected
    }

    async fn say_left(&mut self, reason: LeaveReason, message: String) -> Result<(), End> {
        let left = v1::Left { reason: v1::left::Reason::from(reason) as i32, message };
        self.show_own(Kind::Left(left)).await?;
        self.socket.flush().await?;
        let code = if reason == LeaveReason::ClientLeft { CloseCode::Normal } else { CloseCode::SessionEnded };
        Err(End::Over(code, "the session is over"))
    }

    async fn deliver_mail(&mut self) -> Result<bool, End> {
        if !self.mail_waiting || self.mail_not_before.is_some_and(|moment| Instant::now() < moment) {
            return Ok(false);
        }
        self.mail_not_before = None;
        let shared = Arc::clone(&self.shared);
        let mailbox = &shared.backplane().mailbox;
        let mails = match mailbox.read(&self.room.key, self.sid(), MailOffset(self.mail), READ_LIMIT).await {
            Ok(mails) => mails,
            // The session is over; the feed says how.
            Err(MailReadError::Closed) => {
                self.mail_waiting = false;
                return Ok(false);
            }
            Err(MailReadError::Trimmed) => {
                return Err(End::Close(CloseCode::SlowConsumer, "reads too slowly: resume to catch up"));
            }
            Err(MailReadError::Unavailable(_)) => {
                // It stays where it is, and the room goes on.
                self.mail_not_before = Some(Instant::now() + RETRY_AFTER);
                return Ok(false);
            }
        };
        self.mail_waiting = mails.len() == READ_LIMIT;
        let mut delivered = false;
        for mail in mails {
            if mail.after.0 > self.at.offset {
                // Its sender had been shown more of the room than this client: the room first.
                self.mail_waiting = true;
                break;
            }
            self.mail = mail.offset.0;
            delivered = true;
            if self.untold.pop_front_if(|(_, refusal)| *refusal == mail.body).is_some() {
                self.session.owe_ack(Instant::now());
            }
            let format = if mail.format == Format::Json as u8 { Format::Json } else { Format::Proto };
            match Fragment::from_bytes(format, mail.body).in_format(self.socket.format()) {
                Ok(fragment) => self.show(&fragment).await?,
                Err(error) => tracing::error!(%error, "a message in a mailbox cannot be read"),
            }
        }
        if delivered {
            self.socket.flush().await?;
            // Where that cannot be said, the next time says it too.
            let _ = mailbox.mark_written(&self.room.key, self.sid(), MailOffset(self.mail)).await;
        }
        Ok(delivered)
    }

    /// Writes a frame that others receive too.
    async fn show_shared(&mut self, frame: &Encoded, crowd: bool) -> Result<(), End> {
        let format = self.socket.format();
        if crowd && !self.session.owes_ack() {
            let cursor = self.cursor();
            let whole = frame.whole(format, cursor, |fragment| Socket::message(fragment, &cursor.to_text(), 0));
            if let Some(message) = whole {
                return self.socket.feed(message).await;
            }
        }
        self.show(frame.in_format(format)).await
    }

    fn cursor(&self) -> Cursor {
        Cursor { epoch: self.at.epoch, log: self.at.offset, mail: self.mail }
    }

    /// Writes a frame that a resume would replay.
    pub(super) async fn show(&mut self, fragment: &Fragment) -> Result<(), End> {
        self.write(fragment, &self.cursor().to_text()).await
    }

    /// Writes a frame that is this connection's alone.
    pub(super) async fn show_own(&mut self, kind: Kind) -> Result<(), End> {
        let fragment = Fragment::encode(self.socket.format(), kind);
        self.write(&fragment, "").await
    }

    async fn write(&mut self, fragment: &Fragment, cursor: &str) -> Result<(), End> {
        let settled = self.session.take_ack();
        let ack_seq = self.untold.front().map_or(settled, |(seq, _)| settled.min(seq - 1));
        self.socket.feed(Socket::message(fragment, cursor, ack_seq)).await
    }

    /// Sends an error that settles nothing.
    pub(super) async fn answer(&mut self, error: v1::Error) -> Result<(), End> {
        self.shared.metrics.error(&error.code);
        self.show_own(Kind::Error(error)).await?;
        self.socket.flush().await
    }

    pub(super) async fn acknowledge(&mut self) -> Result<(), End> {
        self.show_own(Kind::Ack(v1::Ack {})).await
    }

    /// Asks for the ICE servers of this moment, unless they are being asked for.
    pub(super) fn ask_for_ice_servers(&mut self) {
        if self.asked_ice_servers.is_some() {
            return;
        }
        let ice = Arc::clone(&self.shared.ice);
        let (tenant, identity) = (self.claims.tenant.clone(), self.claims.identity.clone());
        self.asked_ice_servers =
            Some(Box::pin(
                async move { bounded(COMMAND_TIMEOUT, ice.ice_servers(&tenant, &identity)).await.ok()?.ok() },
            ));
    }

    /// Gives the client the ICE servers that were asked for.
    pub(super) async fn push_ice_servers(&mut self, servers: Option<IceServers>) -> Result<(), End> {
        let now = Instant::now();
        match servers {
            Some(servers) => {
                self.session.refresh_ice_servers_at(servers.refresh_after.map(|after| now + after));
                self.show_own(Kind::IceServers(servers.into())).await
            }
            None => {
                self.shared.metrics.ice_source_failures.inc();
                self.session.refresh_ice_servers_at(Some(now + ICE_RETRY));
                Ok(())
            }
        }
    }

    /// Asks the client to connect again, elsewhere or later. It may stay until it does, and chooses its moment; who came when the
    /// server was stopping already found no other one, and waits for the next.
    pub(super) async fn go_away(&mut self) -> Result<(), End> {
        let least = self.shared.config.drain_retry_after.0;
        let wait: Duration = least + least.mul_f64(rand::random());
        let retry_after_ms = u32::try_from(wait.as_millis()).unwrap_or(u32::MAX);
        self.show_own(Kind::GoAway(v1::GoAway { retry_after_ms, reason: "the server is stopping".to_owned() })).await?;
        self.socket.flush().await?;
        if self.came_late {
            return Err(STOPPING);
        }
        self.session.may_stay_until(Instant::now() + wait + least * 2);
        Ok(())
    }
}
