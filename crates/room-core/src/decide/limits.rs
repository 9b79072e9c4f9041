//! What is too long, too much or missing.
//!
//! What stands in the `Limits` that a client is given is `too_large` beyond them; everything else is `invalid_argument`.

use std::ops::RangeInclusive;

use antiphon_protocol::ErrorCode;

use super::{Rules, session::token_expired};
use crate::{
    Attributes, Join, Participant, PresenceChange, Refusal, RoomChange, RoomConfig, Track, TrackKind, TrackSource,
    apply::merge, participant::grant_deadline,
};

/// Encodings of one simulcast track; browsers send three.
const MAX_LAYERS: usize = 8;

/// A room's own empty timeout: from a second to a week.
const EMPTY_TIMEOUT_MS: RangeInclusive<u64> = 1_000..=7 * 86_400_000;

/// How long the application bans: from a second to ten years.
const BAN_MS: RangeInclusive<u64> = 1_000..=3_650 * 86_400_000;

impl RoomConfig {
    /// Is this a chat message's text? For private messages, which do not pass through the room.
    ///
    /// # Errors
    /// When it is empty or too long.
    pub fn check_chat_text(&self, text: &str) -> Result<(), Refusal> {
        if text.is_empty() {
            return Err(invalid("text", "must not be empty"));
        }
        at_most(self.max_chat_bytes, "text", text.len())
    }

    /// Is this the topic of data? For data that does not pass through the room.
    ///
    /// # Errors
    /// When it is too long.
    pub fn check_topic(&self, topic: &str) -> Result<(), Refusal> {
        self.check_name("topic", topic)
    }

    /// Names, ids, topics and reasons are all bounded alike.
    pub(super) fn check_name(&self, field: &'static str, name: &str) -> Result<(), Refusal> {
        let limit = self.max_name_bytes;
        if name.len() > limit {
            return Err(invalid(field, &format!("must be {limit} bytes at most")));
        }
        Ok(())
    }
}

impl Rules<'_> {
    pub(super) fn check_join(&self, join: &Join) -> Result<(), Refusal> {
        if grant_deadline(join.expires_at) <= self.now {
            return Err(token_expired());
        }
        self.config.check_name("name", &join.name)?;
        self.check_metadata(&join.metadata)?;
        self.check_attributes(&join.attributes)
    }

    pub(super) fn check_presence(&self, author: &Participant, change: &PresenceChange) -> Result<(), Refusal> {
        self.config.check_name("name", change.name.as_deref().unwrap_or_default())?;
        self.check_metadata(change.metadata.as_deref().unwrap_or_default())?;
        if change.attributes.is_empty() {
            return Ok(());
        }
        let mut merged = author.attributes.clone();
        merge(&mut merged, &change.attributes);
        self.check_attributes(&merged)
    }

    pub(super) fn check_room(&self, change: &RoomChange) -> Result<(), Refusal> {
        self.check_metadata(change.metadata.as_deref().unwrap_or_default())?;
        if change.empty_timeout_ms.is_some_and(|timeout| !EMPTY_TIMEOUT_MS.contains(&timeout)) {
            let (least, most) = (EMPTY_TIMEOUT_MS.start(), EMPTY_TIMEOUT_MS.end());
            return Err(invalid("emptyTimeoutMs", &format!("must be {least} to {most}")));
        }
        Ok(())
    }

    pub(super) fn check_ban(&self, duration_ms: Option<u64>, reason: &str) -> Result<(), Refusal> {
        self.check_reason(reason)?;
        if duration_ms.is_some_and(|duration| !BAN_MS.contains(&duration)) {
            return Err(invalid("durationMs", &format!("must be {} to {}", BAN_MS.start(), BAN_MS.end())));
        }
        Ok(())
    }

    pub(super) fn check_chat(&self, id: &str, text: &str) -> Result<(), Refusal> {
        self.check_id("id", id)?;
        self.config.check_chat_text(text)
    }

    pub(super) fn check_track(&self, track: &Track) -> Result<(), Refusal> {
        self.check_id("track.trackId", &track.track_id)?;
        self.config.check_name("track.name", &track.name)?;
        self.config.check_name("track.mid", track.mid.as_deref().unwrap_or_default())?;
        let kind = match track.source {
            TrackSource::Microphone | TrackSource::ScreenShareAudio => TrackKind::Audio,
            TrackSource::Camera | TrackSource::ScreenShare => TrackKind::Video,
        };
        if kind != track.kind {
            return Err(invalid("track.source", "does not go with the track's kind"));
        }
        if track.layers.len() > MAX_LAYERS {
            return Err(invalid("track.layers", &format!("must be {MAX_LAYERS} at most")));
        }
        for (index, layer) in track.layers.iter().enumerate() {
            self.check_id("track.layers", &layer.rid)?;
            if track.layers[..index].iter().any(|earlier| earlier.rid == layer.rid) {
                return Err(invalid("track.layers", "must have different rids"));
            }
        }
        Ok(())
    }

    pub(super) fn check_reason(&self, reason: &str) -> Result<(), Refusal> {
        self.config.check_name("reason", reason)
    }

    fn check_id(&self, field: &'static str, id: &str) -> Result<(), Refusal> {
        if id.is_empty() {
            return Err(invalid(field, "must not be empty"));
        }
        self.config.check_name(field, id)
    }

    fn check_metadata(&self, metadata: &str) -> Result<(), Refusal> {
        at_most(self.config.max_metadata_bytes, "metadata", metadata.len())
    }

    fn check_attributes(&self, attributes: &Attributes) -> Result<(), Refusal> {
        let bytes = attributes.iter().map(|(key, value)| key.len() + value.len()).sum();
        at_most(self.config.max_metadata_bytes, "attributes", bytes)
    }
}

fn at_most(limit: usize, field: &'static str, bytes: usize) -> Result<(), Refusal> {
    if bytes <= limit {
        return Ok(());
    }
    Err(Refusal::of_field(ErrorCode::TooLarge, field, format!("{field}: {bytes} bytes, the limit is {limit}")))
}

fn invalid(field: &'static str, message: &str) -> Refusal {
    Refusal::of_field(ErrorCode::InvalidArgument, field, format!("{field} {message}"))
}
