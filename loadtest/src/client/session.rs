//! The book that a client keeps of its session, without IO: numbers, acknowledgements, the roster, and the checks.

use std::time::Duration;

use antiphon_protocol::v1::{Joined, Resumed, RoomSnapshot, ServerFrame, server_frame};
use tokio::time::Instant;

use crate::{
    content::{Content, Parcel},
    fault::Fault,
};

/// An acknowledgement is sent after so many frames …
const ACK_FRAMES: u32 = 32;
/// … or so long after the first of them (docs/protocol.md, "Numbers that come back").
const ACK_DELAY: Duration = Duration::from_millis(200);

/// One session as its client knows it.
#[derive(Debug, Default)]
pub(super) struct Session {
    sid: String,
    resume_token: String,
    cursor: String,
    unacknowledged: u32,
    ack_due: Option<Instant>,
    last_seq: u32,
    settled: u32,
    roster: Vec<String>,
}

impl Session {
    /// Reads the answer to `join`.
    ///
    /// # Errors
    /// When it is another frame, or lacks what a client needs.
    pub(super) fn joined(frame: ServerFrame, now: Instant) -> Result<Self, Fault> {
        let mut session = Self::default();
        let kind = session.control(frame, now)?;
        let server_frame::Kind::Joined(Joined { sid, resume_token, snapshot: Some(snapshot), .. }) = kind else {
            return Err(unexpected(&kind));
        };
        session.sid = sid;
        session.resume_token = resume_token;
        session.read_roster(&snapshot)?;
        Ok(session)
    }

    /// Reads the answer to `resume`; whether the server had every frame.
    ///
    /// # Errors
    /// When it is another frame, or another session's.
    pub(super) fn resumed(&mut self, frame: ServerFrame, now: Instant) -> Result<bool, Fault> {
        let kind = self.control(frame, now)?;
        let server_frame::Kind::Resumed(Resumed { recovered, resume_token, last_seq, snapshot, sid, .. }) = kind else {
            return Err(unexpected(&kind));
        };
        if sid != self.sid || resume_token.is_empty() {
            return Err(Fault::Unexpected(format!("resumed as {sid:?}, was {:?}", self.sid)));
        }
        self.resume_token = resume_token;
        self.settle(last_seq)?;
        if let Some(snapshot) = snapshot {
            self.read_roster(&snapshot)?;
        }
        recovered.ok_or_else(|| Fault::Unexpected("resumed without recovered".to_owned()))
    }

    /// Takes a frame in: a message from a peer, or nothing that the caller waits for.
    ///
    /// # Errors
    /// When the frame is not what a correct server sends here.
    pub(super) fn accept(
        &mut self,
        frame: ServerFrame,
        content: &Content,
        now: Instant,
    ) -> Result<Option<Parcel>, Fault> {
        let has_cursor = !frame.cursor.is_empty();
        let parcel = match self.control(frame, now)? {
            server_frame::Kind::Offer(offer) => content.read_offer(offer),
            server_frame::Kind::Answer(answer) => content.read_answer(answer),
            server_frame::Kind::Candidate(candidate) => content.read_candidate(candidate),
            server_frame::Kind::Chat(chat) => content.read_chat(chat),
            server_frame::Kind::Data(data) => content.read_data(data),
            server_frame::Kind::ParticipantJoined(joined) => {
                self.enter(joined.participant.unwrap_or_default().sid);
                return Ok(None);
            }
            server_frame::Kind::ParticipantLeft(left) => {
                self.roster.retain(|sid| *sid != left.sid);
                return Ok(None);
            }
            server_frame::Kind::Snapshot(snapshot) => {
                self.read_roster(&snapshot.snapshot.unwrap_or_default())?;
                return Ok(None);
            }
            server_frame::Kind::ParticipantUpdated(_)
            | server_frame::Kind::TrackPublished(_)
            | server_frame::Kind::TrackUpdated(_)
            | server_frame::Kind::TrackUnpublished(_)
            | server_frame::Kind::RoomUpdated(_)
            | server_frame::Kind::ParticipantWaiting(_)
            | server_frame::Kind::ChatDeleted(_)
            | server_frame::Kind::IceServers(_)
            | server_frame::Kind::AccessToken(_)
            | server_frame::Kind::TokenExpiring(_)
            | server_frame::Kind::TokenRefreshed(_)
            | server_frame::Kind::Ack(_)
            | server_frame::Kind::Pong(_) => return Ok(None),
            other @ (server_frame::Kind::Joined(_)
            | server_frame::Kind::Resumed(_)
            | server_frame::Kind::Left(_)
            | server_frame::Kind::GoAway(_)
            | server_frame::Kind::Error(_)) => return Err(unexpected(&other)),
        };
        if !self.roster.contains(&parcel.from) {
            return Err(Fault::Stranger(parcel.from));
        }
        if !parcel.intact {
            return Err(Fault::Damaged(format!("{parcel:?}")));
        }
        if !has_cursor {
            return Err(Fault::NoCursor(format!("{parcel:?}")));
        }
        Ok(Some(parcel))
    }

    /// The number of the next client frame.
    pub(super) fn next_seq(&mut self) -> u32 {
        self.last_seq += 1;
        self.last_seq
    }

    /// When an acknowledgement has to go out, if nothing else carries it before.
    #[must_use]
    pub(super) fn ack_due(&self) -> Option<Instant> {
        self.ack_due
    }

    /// The cursor to send along now; empty when none is due.
    pub(super) fn take_ack(&mut self, now: Instant) -> String {
        if self.ack_due.is_none_or(|due| due > now) {
            return String::new();
        }
        self.ack_due = None;
        self.unacknowledged = 0;
        self.cursor.clone()
    }

    /// Whether everything that was sent is acknowledged.
    #[must_use]
    pub(super) fn is_settled(&self) -> bool {
        self.settled == self.last_seq
    }

    /// This participant's sid.
    #[must_use]
    pub(super) fn sid(&self) -> &str {
        &self.sid
    }

    /// What `resume` presents: the token and the cursor.
    #[must_use]
    pub(super) fn resume_point(&self) -> (&str, &str) {
        (&self.resume_token, &self.cursor)
    }

    /// What is the same for every frame: its cursor, its acknowledgement, a refusal.
    fn control(&mut self, frame: ServerFrame, now: Instant) -> Result<server_frame::Kind, Fault> {
        self.settle(frame.ack_seq)?;
        if !frame.cursor.is_empty() {
            self.cursor = frame.cursor;
            self.unacknowledged += 1;
            if self.unacknowledged == 1 {
                self.ack_due = Some(now + ACK_DELAY);
            } else if self.unacknowledged == ACK_FRAMES {
                self.ack_due = Some(now);
            }
        }
        match frame.kind {
            Some(server_frame::Kind::Error(error)) => {
                Err(Fault::Refused { code: error.code, message: error.message, seq: error.seq })
            }
            Some(kind) => Ok(kind),
            None => Err(Fault::Unexpected("a frame of no known kind".to_owned())),
        }
    }

    fn settle(&mut self, acknowledged: u32) -> Result<(), Fault> {
        if acknowledged > self.last_seq {
            return Err(Fault::AcknowledgedUnsent { acknowledged, sent: self.last_seq });
        }
        self.settled = self.settled.max(acknowledged);
        Ok(())
    }

    fn read_roster(&mut self, snapshot: &RoomSnapshot) -> Result<(), Fault> {
        self.roster = snapshot.participants.iter().map(|participant| participant.sid.clone()).collect();
        if self.sid.is_empty() || !self.roster.contains(&self.sid) {
            return Err(Fault::Unexpected(format!("a roster without the reader ({:?})", self.sid)));
        }
        Ok(())
    }

    fn enter(&mut self, sid: String) {
        if !self.roster.contains(&sid) {
            self.roster.push(sid);
        }
    }
}

/// Names the kind without its content, which may hold a resume token.
fn unexpected(kind: &server_frame::Kind) -> Fault {
    Fault::Unexpected(if let server_frame::Kind::Left(left) = kind {
        format!("left, reason {}: {}", left.reason, left.message)
    } else if let server_frame::Kind::GoAway(go_away) = kind {
        format!("goAway: {}", go_away.reason)
    } else {
        format!("{kind:?}").split('(').next().unwrap_or_default().to_owned()
    })
}

#[cfg(test)]
mod tests;
