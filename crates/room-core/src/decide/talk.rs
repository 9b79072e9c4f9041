//! What participants say to everyone.

use antiphon_protocol::ErrorCode;

use super::{Rules, Verdict, denied};
use crate::{EventBody, Participant, Refusal};

impl Rules<'_> {
    /// Text for everyone, kept in the history.
    pub(super) fn chat(&self, author: &Participant, id: &str, text: &str) -> Verdict {
        if !author.may_chat() {
            return Err(denied("may not chat"));
        }
        self.check_chat(id, text)?;
        if self.room.chat.get(id).is_some() {
            return Err(Refusal::of_field(ErrorCode::InvalidArgument, "id", "another message has this id"));
        }
        Ok(vec![EventBody::Chat {
            id: id.to_owned(),
            sid: author.sid,
            identity: author.identity.clone(),
            name: author.name.clone(),
            text: text.to_owned(),
        }])
    }

    /// Bytes for everyone, not kept.
    pub(super) fn data(&self, author: &Participant, topic: &str, payload: &[u8]) -> Verdict {
        if !author.may_chat() {
            return Err(denied("may not send data"));
        }
        self.config.check_topic(topic)?;
        Ok(vec![EventBody::Data { sid: author.sid, topic: topic.to_owned(), payload: payload.to_owned() }])
    }

    /// Moderators delete any message; everyone else what their own identity wrote, in this session or another.
    pub(super) fn delete_chat(&self, author: &Participant, id: &str) -> Verdict {
        let message = self
            .room
            .chat
            .get(id)
            .ok_or_else(|| Refusal::of_field(ErrorCode::NotFound, "id", "no such message in the history"))?;
        if message.identity != author.identity && !author.may_moderate() {
            return Err(denied("only its author or a moderator may delete a message"));
        }
        Ok(vec![EventBody::ChatDeleted { id: id.to_owned(), by: author.sid }])
    }
}
