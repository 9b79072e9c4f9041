//! The room's chat.

use std::{
    collections::VecDeque,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use antiphon_protocol::{Identity, Sid};

use crate::{Millis, Seq};

/// A message that everyone could read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ChatMessage {
    /// Unique in the room.
    pub id: String,
    /// The session that wrote it; `None`: the application did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<Sid>,
    /// Who that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// The display name at that time.
    pub name: String,
    /// What it says.
    pub text: String,
    /// When it was accepted.
    pub sent_at: Millis,
    /// The client frame that brought it; 0: not numbered.
    pub seq: Seq,
    /// Its place among all messages that the room ever had: 1, 2, 3 …
    #[serde(default)]
    pub number: u64,
}

/// The newest messages, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(from = "Stored")]
pub(crate) struct History {
    limit: u32,
    /// The newest message's number.
    newest: u64,
    messages: VecDeque<Arc<ChatMessage>>,
    /// A hash of each message's id, so that looking for one does not visit every message.
    #[serde(skip)]
    ids: VecDeque<u64>,
}

#[derive(serde::Deserialize)]
struct Stored {
    limit: u32,
    #[serde(default)]
    newest: u64,
    messages: VecDeque<Arc<ChatMessage>>,
}

impl From<Stored> for History {
    fn from(stored: Stored) -> Self {
        let ids = stored.messages.iter().map(|message| hash(&message.id)).collect();
        Self { limit: stored.limit, newest: stored.newest, messages: stored.messages, ids }
    }
}

fn hash(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

impl History {
    pub(crate) fn new(limit: u32) -> Self {
        Self { limit, newest: 0, messages: VecDeque::new(), ids: VecDeque::new() }
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Arc<ChatMessage>> {
        self.messages.iter()
    }

    fn position(&self, id: &str) -> Option<usize> {
        let sought = hash(id);
        let same_id = |place: &usize| self.messages[*place].id == id;
        self.ids.iter().enumerate().filter(|(_, hash)| **hash == sought).map(|(place, _)| place).find(same_id)
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Arc<ChatMessage>> {
        self.position(id).map(|place| &self.messages[place])
    }

    /// Adds a message as the newest one, with the next number.
    pub(crate) fn push(&mut self, message: ChatMessage) {
        self.newest = self.newest.saturating_add(1);
        let message = ChatMessage { number: self.newest, ..message };
        self.ids.push_back(hash(&message.id));
        self.messages.push_back(Arc::new(message));
        while self.messages.len() > self.limit as usize {
            self.messages.pop_front();
            self.ids.pop_front();
        }
    }

    pub(crate) fn remove(&mut self, id: &str) {
        while let Some(place) = self.position(id) {
            self.messages.remove(place);
            self.ids.remove(place);
        }
    }
}
