//! Where a client's frame goes: to the room's log, to mailboxes, or past both. Pure.

use antiphon_backplane::Recipients;
use antiphon_protocol::{
    ErrorCode, Identity, Sid,
    v1::{self, client_frame, server_frame},
};
use antiphon_room_core::{Command, Participant, PresenceChange, Role, RoomChange, RoomConfig, TopologyMode, Track};

/// Who sends, as far as routing must know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sender {
    pub(crate) sid: Sid,
    pub(crate) identity: Identity,
    pub(crate) name: String,
    pub(crate) waiting: bool,
    pub(crate) moderator: bool,
    pub(crate) chat: bool,
    /// May have peer connections.
    pub(crate) media: bool,
}

impl From<&Participant> for Sender {
    fn from(participant: &Participant) -> Self {
        Self {
            sid: participant.sid,
            identity: participant.identity.clone(),
            name: participant.name.clone(),
            waiting: participant.waiting,
            moderator: participant.may_moderate(),
            chat: participant.may_chat(),
            media: participant.may_publish() || participant.grants.subscribe,
        }
    }
}

/// Where a frame goes.
#[derive(Debug, PartialEq)]
pub(crate) enum Route {
    /// Through the room's log, decided by its rules.
    Room(Command),
    /// To mailboxes, as this kind.
    Direct(Recipients, Box<server_frame::Kind>),
    /// To everyone who keeps up, or to these.
    Lossy(Vec<Sid>, v1::Data),
    /// Answered by the connection itself.
    Own(client_frame::Kind),
}

fn error(code: ErrorCode, field: &str, message: impl Into<String>) -> v1::Error {
    v1::Error {
        code: code.as_str().to_owned(),
        message: message.into(),
        field: field.to_owned(),
        ..v1::Error::default()
    }
}

fn sid(text: &str, field: &str) -> Result<Sid, v1::Error> {
    text.parse().map_err(|reason| error(ErrorCode::InvalidArgument, field, format!("{reason}")))
}

/// Routes one frame. `now_ms` is milliseconds since the Unix epoch.
pub(crate) fn route(
    kind: client_frame::Kind,
    sender: &Sender,
    seq: u32,
    config: &RoomConfig,
    now_ms: f64,
) -> Result<Route, v1::Error> {
    use client_frame::Kind;

    Ok(match kind {
        Kind::Join(_)
        | Kind::Resume(_)
        | Kind::Ack(_)
        | Kind::Ping(_)
        | Kind::RefreshIceServers(_)
        | Kind::RefreshToken(_) => Route::Own(kind),
        Kind::Leave(_) => Route::Room(Command::Leave),
        Kind::Offer(mut offer) => {
            let to = sender.may_signal(&offer.to, &offer.from)?;
            (offer.to, offer.from, offer.seq) = (String::new(), sender.sid.to_string(), seq);
            Route::Direct(Recipients::One(to), Box::new(server_frame::Kind::Offer(offer)))
        }
        Kind::Answer(mut answer) => {
            let to = sender.may_signal(&answer.to, &answer.from)?;
            (answer.to, answer.from, answer.seq) = (String::new(), sender.sid.to_string(), seq);
            Route::Direct(Recipients::One(to), Box::new(server_frame::Kind::Answer(answer)))
        }
        Kind::Candidate(mut candidate) => {
            let to = sender.may_signal(&candidate.to, &candidate.from)?;
            (candidate.to, candidate.from, candidate.seq) = (String::new(), sender.sid.to_string(), seq);
            Route::Direct(Recipients::One(to), Box::new(server_frame::Kind::Candidate(candidate)))
        }
        Kind::Chat(chat) if chat.to.is_empty() => {
            Route::Room(Command::Chat { id: format!("{}-{seq}", sender.sid), text: chat.text })
        }
        Kind::Chat(chat) => sender.private_chat(chat, seq, config, now_ms)?,
        Kind::Data(data) => sender.data(data, seq, config)?,
        Kind::Update(update) => Route::Room(Command::Update(PresenceChange {
            name: update.name,
            metadata: update.metadata,
            attributes: update.attributes,
            tracks: update.tracks.into_iter().map(|track| (track.track_id, track.muted)).collect(),
        })),
        Kind::Publish(publish) => {
            let track = publish.track.unwrap_or_default();
            let track = Track::try_from(track).map_err(|refusal| refused(&refusal))?;
            Route::Room(Command::Publish(track))
        }
        Kind::Unpublish(unpublish) => Route::Room(Command::Unpublish { track_id: unpublish.track_id }),
        Kind::Kick(kick) => Route::Room(Command::Kick {
            sid: sid(&kick.sid, "sid")?,
            reason: kick.reason,
            allow_rejoin: kick.allow_rejoin,
        }),
        Kind::Mute(mute) => Route::Room(Command::Mute {
            sid: sid(&mute.sid, "sid")?,
            track_id: (!mute.track_id.is_empty()).then_some(mute.track_id),
        }),
        Kind::Admit(admit) => Route::Room(Command::Admit { sid: sid(&admit.sid, "sid")? }),
        Kind::Refuse(refuse) => Route::Room(Command::Refuse { sid: sid(&refuse.sid, "sid")?, reason: refuse.reason }),
        Kind::SetRole(change) => {
            let role = Role::try_from(change.role).map_err(|refusal| refused(&refusal))?;
            Route::Room(Command::SetRole { sid: sid(&change.sid, "sid")?, role })
        }
        Kind::UpdateRoom(update) => Route::Room(Command::UpdateRoom(RoomChange {
            topology: update.topology.map(TopologyMode::try_from).transpose().map_err(|refusal| refused(&refusal))?,
            metadata: update.metadata,
            locked: update.locked,
            lobby: update.lobby,
            max_participants: update.max_participants,
            empty_timeout_ms: None,
        })),
        Kind::DeleteChat(delete) => Route::Room(Command::DeleteChat { id: delete.id }),
        Kind::EndRoom(end) => Route::Room(Command::EndRoom { reason: end.reason }),
    })
}

/// A room's refusal as the client is told of it.
pub(crate) fn refused(refusal: &antiphon_room_core::Refusal) -> v1::Error {
    error(refusal.code, refusal.field, refusal.message.clone())
}

impl Sender {
    fn not_in_the_lobby(&self) -> Result<(), v1::Error> {
        if self.waiting { Err(error(ErrorCode::Waiting, "", "wait until a moderator admits you")) } else { Ok(()) }
    }

    fn may_chat(&self) -> Result<(), v1::Error> {
        self.not_in_the_lobby()?;
        if self.chat { Ok(()) } else { Err(error(ErrorCode::PermissionDenied, "", "the token does not grant chat")) }
    }

    fn is_sender(&self, from: &str) -> Result<(), v1::Error> {
        if from.is_empty() || from == self.sid.as_str() {
            Ok(())
        } else {
            Err(error(ErrorCode::ForgedSender, "from", "only the sender's own sid, or nothing, may stand in \"from\""))
        }
    }

    /// Whom a directed frame is for, if this sender may send it.
    pub(crate) fn may_signal(&self, to: &str, from: &str) -> Result<Sid, v1::Error> {
        self.not_in_the_lobby()?;
        self.is_sender(from)?;
        if !self.media {
            let message = "the token grants neither publish nor subscribe";
            return Err(error(ErrorCode::PermissionDenied, "", message));
        }
        sid(to, "to")
    }

    fn private_chat(&self, chat: v1::SendChat, seq: u32, config: &RoomConfig, now_ms: f64) -> Result<Route, v1::Error> {
        self.may_chat()?;
        let recipient = sid(&chat.to, "to")?;
        config.check_chat_text(&chat.text).map_err(|refusal| refused(&refusal))?;
        let message = v1::ChatMessage {
            id: format!("{}-{seq}", self.sid),
            sid: self.sid.to_string(),
            identity: self.identity.to_string(),
            name: self.name.clone(),
            text: chat.text,
            sent_at_ms: now_ms,
            to: chat.to,
            seq,
        };
        let to = if recipient == self.sid { vec![self.sid] } else { vec![recipient, self.sid] };
        Ok(Route::Direct(Recipients::Many(to), Box::new(server_frame::Kind::Chat(message))))
    }

    fn data(&self, data: v1::Data, seq: u32, config: &RoomConfig) -> Result<Route, v1::Error> {
        self.may_chat()?;
        self.is_sender(&data.from)?;
        config.check_topic(&data.topic).map_err(|refusal| refused(&refusal))?;
        let mut to = data.to.iter().map(|text| sid(text, "to")).collect::<Result<Vec<_>, _>>()?;
        to.sort_unstable();
        to.dedup();
        let shown = |data: v1::Data| v1::Data { from: self.sid.to_string(), to: Vec::new(), seq, ..data };
        Ok(if data.lossy {
            Route::Lossy(to, shown(data))
        } else if to.is_empty() {
            Route::Room(Command::Data { topic: data.topic, payload: data.payload.to_vec() })
        } else {
            Route::Direct(Recipients::Many(to), Box::new(server_frame::Kind::Data(shown(data))))
        })
    }
}

#[cfg(test)]
mod tests;
