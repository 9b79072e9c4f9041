//! What participants say to everyone.

use antiphon_protocol::{ErrorCode, Sid};

use super::{Actor, Rules, Verdict, denied};
use crate::{ChatMessage, EventBody, Participant, Refusal};

impl Rules<'_> {
    /// Text for everyone, kept in the history.
    pub(super) fn chat(&self, author: &Participant, id: &str, text: &str) -> Verdict {
        if !author.may_chat() {
            return Err(denied("may not chat"));
        }
        self.check_new_chat(id, text)?;
        Ok(vec![EventBody::Chat {
            id: id.to_owned(),
            sid: Some(author.sid),
            identity: Some(author.identity.clone()),
            name: author.name.clone(),
            text: text.to_owned(),
        }])
    }

    /// The same, from the application. Nothing happens where this very message stands already.
    pub(super) fn announce(&self, id: &str, name: &str, text: &str) -> Verdict {
        self.config.check_name("name", name)?;
        let is_same = |message: &ChatMessage| message.sid.is_none() && message.name == name && message.text == text;
        if self.room.chat.get(id).is_some_and(|message| is_same(message)) {
            return Ok(Vec::new());
        }
        self.check_new_chat(id, text)?;
        let (id, name, text) = (id.to_owned(), name.to_owned(), text.to_owned());
        Ok(vec![EventBody::Chat { id, sid: None, identity: None, name, text }])
    }

    fn check_new_chat(&self, id: &str, text: &str) -> Result<(), Refusal> {
        self.check_chat(id, text)?;
        if self.room.chat.get(id).is_some() {
            return Err(Refusal::of_field(ErrorCode::InvalidArgument, "id", "another message has this id"));
        }
        Ok(())
    }

    /// Bytes for everyone, not kept.
    pub(super) fn data(&self, author: &Participant, topic: &str, payload: &[u8]) -> Verdict {
        if !author.may_chat() {
            return Err(denied("may not send data"));
        }
        self.config.check_topic(topic)?;
        let (topic, payload) = (topic.to_owned(), payload.to_owned());
        Ok(vec![EventBody::Data { sid: Some(author.sid), topic, payload, to: Vec::new() }])
    }

    /// Bytes from the application, for everyone or for some who are in.
    pub(super) fn send_data(&self, topic: &str, payload: &[u8], to: &[Sid]) -> Verdict {
        self.config.check_topic(topic)?;
        if let Some(stranger) = to.iter().find(|sid| !self.is_in(**sid)) {
            return Err(Refusal::of_field(ErrorCode::NotFound, "to", format!("{stranger} is not in this room")));
        }
        let (topic, payload, to) = (topic.to_owned(), payload.to_owned(), to.to_owned());
        Ok(vec![EventBody::Data { sid: None, topic, payload, to }])
    }

    /// Moderators and the application delete any message; everyone else what their own identity wrote, in this session or
    /// another.
    pub(super) fn delete_chat(&self, actor: Actor<'_>, id: &str) -> Verdict {
        let message = self
            .room
            .chat
            .get(id)
            .ok_or_else(|| Refusal::of_field(ErrorCode::NotFound, "id", "no such message in the history"))?;
        if let Actor::Session(author) = actor
            && message.identity.as_ref() != Some(&author.identity)
            && !author.may_moderate()
        {
            return Err(denied("only its author or a moderator may delete a message"));
        }
        Ok(vec![EventBody::ChatDeleted { id: id.to_owned(), by: actor.sid() }])
    }

    /// Deletes every message of the history, each by an event of its own.
    pub(super) fn clear_chat(&self, actor: Actor<'_>) -> Vec<EventBody> {
        let messages = self.room.chat.iter();
        messages.map(|message| EventBody::ChatDeleted { id: message.id.clone(), by: actor.sid() }).collect()
    }
}
