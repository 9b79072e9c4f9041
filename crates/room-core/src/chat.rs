//! The room's chat.

use std::{collections::VecDeque, sync::Arc};

use antiphon_protocol::{Identity, Sid};

use crate::{Millis, Seq};

/// A message that everyone could read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ChatMessage {
    /// Unique in the room.
    pub id: String,
    /// The session that wrote it.
    pub sid: Sid,
    /// Who that was.
    pub identity: Identity,
    /// The display name at that time.
    pub name: String,
    /// What it says.
    pub text: String,
    /// When it was accepted.
    pub sent_at: Millis,
    /// The client frame that brought it; 0: not numbered.
    pub seq: Seq,
}

/// The newest messages, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct History {
    limit: u32,
    messages: VecDeque<Arc<ChatMessage>>,
}

impl History {
    pub(crate) fn new(limit: u32) -> Self {
        Self { limit, messages: VecDeque::new() }
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Arc<ChatMessage>> {
        self.messages.iter()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Arc<ChatMessage>> {
        self.messages.iter().find(|message| message.id == id)
    }

    pub(crate) fn push(&mut self, message: ChatMessage) {
        self.messages.push_back(Arc::new(message));
        while self.messages.len() > self.limit as usize {
            self.messages.pop_front();
        }
    }

    pub(crate) fn remove(&mut self, id: &str) {
        self.messages.retain(|message| message.id != id);
    }
}
