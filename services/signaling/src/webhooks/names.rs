//! What events and endpoints are called.

use std::{fmt, str::FromStr, sync::Arc};

/// Every type of event that a room sends; `webhook.test` comes when it is asked for.
pub(super) const EVENT_TYPES: [&str; 10] = [
    ROOM_STARTED,
    ROOM_FINISHED,
    PARTICIPANT_JOINED,
    PARTICIPANT_LEFT,
    PARTICIPANT_RECONNECTING,
    PARTICIPANT_RECONNECTED,
    TRACK_PUBLISHED,
    TRACK_UNPUBLISHED,
    CHAT_SENT,
    CHAT_DELETED,
];

pub(super) const ROOM_STARTED: &str = "room.started";
pub(super) const ROOM_FINISHED: &str = "room.finished";
pub(super) const PARTICIPANT_JOINED: &str = "participant.joined";
pub(super) const PARTICIPANT_LEFT: &str = "participant.left";
pub(super) const PARTICIPANT_RECONNECTING: &str = "participant.reconnecting";
pub(super) const PARTICIPANT_RECONNECTED: &str = "participant.reconnected";
pub(super) const TRACK_PUBLISHED: &str = "track.published";
pub(super) const TRACK_UNPUBLISHED: &str = "track.unpublished";
pub(super) const CHAT_SENT: &str = "chat.sent";
pub(super) const CHAT_DELETED: &str = "chat.deleted";
pub(super) const WEBHOOK_TEST: &str = "webhook.test";

/// Tells an endpoint from the others of its tenant: 1 to 64 characters of `a-z A-Z 0-9 _ -`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndpointName(Arc<str>);

impl EndpointName {
    /// The name as it stands in paths.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for EndpointName {
    fn default() -> Self {
        Self("default".into())
    }
}

impl fmt::Display for EndpointName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for EndpointName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let fits = (1..=64).contains(&text.len()) && text.bytes().all(is_plain);
        if fits { Ok(Self(text.into())) } else { Err("expected 1 to 64 characters of a-z A-Z 0-9 _ -") }
    }
}

/// Which events an endpoint is told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventFilter(Vec<&'static str>);

impl Default for EventFilter {
    /// All of them, also those that are still to come.
    fn default() -> Self {
        Self(EVENT_TYPES.to_vec())
    }
}

impl EventFilter {
    /// From names such as `room.started` and patterns such as `participant.*`.
    ///
    /// # Errors
    /// When one of them fits no event, or there is none.
    pub fn new(patterns: &[String]) -> Result<Self, String> {
        if patterns.is_empty() {
            return Err("expected at least one".to_owned());
        }
        if let Some(unknown) = patterns.iter().find(|pattern| !EVENT_TYPES.iter().any(|kind| fits(pattern, kind))) {
            return Err(format!(
                "{unknown:?} is no event; there are {}, and patterns such as room.*",
                EVENT_TYPES.join(", ")
            ));
        }
        let taken = EVENT_TYPES.iter().filter(|kind| patterns.iter().any(|pattern| fits(pattern, kind)));
        Ok(Self(taken.copied().collect()))
    }

    /// Whether the endpoint is told of events of this type.
    #[must_use]
    pub fn takes(&self, kind: &str) -> bool {
        self.0.contains(&kind)
    }

    /// The types, in the order of the catalogue.
    pub(crate) fn types(&self) -> &[&'static str] {
        &self.0
    }
}

fn fits(pattern: &str, kind: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => (prefix.is_empty() || prefix.ends_with('.')) && kind.starts_with(prefix),
        None => pattern == kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(patterns: &[&str]) -> Result<EventFilter, String> {
        EventFilter::new(&patterns.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn a_filter_takes_names_and_patterns() {
        let some = filter(&["room.*", "chat.sent"]).expect("known");
        assert_eq!(some.types(), [ROOM_STARTED, ROOM_FINISHED, CHAT_SENT]);
        assert_eq!(filter(&["*"]).expect("known"), EventFilter::default());
        for unknown in ["", "room", "room.", "roo*", "chat.*.x", "webhook.test"] {
            assert!(filter(&[unknown]).is_err(), "{unknown:?}");
        }
    }
}
