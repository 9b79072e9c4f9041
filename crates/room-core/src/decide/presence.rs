//! What participants say about themselves and their tracks.

use antiphon_protocol::ErrorCode;

use super::{Rules, Verdict, denied};
use crate::{Attributes, EventBody, Participant, PresenceChange, Refusal, Track};

impl Rules<'_> {
    /// The author's own name, metadata, attributes and mute states. The event holds what differs.
    pub(super) fn update(&self, author: &Participant, change: &PresenceChange) -> Verdict {
        self.check_presence(author, change)?;
        let change = PresenceChange {
            name: change.name.clone().filter(|name| *name != author.name),
            metadata: change.metadata.clone().filter(|metadata| *metadata != author.metadata),
            attributes: differing_attributes(author, &change.attributes),
            tracks: differing_mutes(author, &change.tracks)?,
        };
        if change == PresenceChange::default() {
            return Ok(Vec::new());
        }
        Ok(vec![EventBody::Updated { sid: author.sid, change }])
    }

    /// Announces a track; the one with the same id is replaced and does not count against the limit.
    pub(super) fn publish(&self, author: &Participant, track: &Track) -> Verdict {
        if !author.may_publish() {
            return Err(denied("may not publish"));
        }
        self.check_track(track)?;
        match author.track(&track.track_id) {
            Some(present) if present == track => return Ok(Vec::new()),
            Some(_) => {}
            None if author.tracks.len() >= self.config.max_tracks => {
                let message = format!("at most {} tracks", self.config.max_tracks);
                return Err(Refusal::of_field(ErrorCode::TooLarge, "track", message));
            }
            None => {}
        }
        Ok(vec![EventBody::Published { sid: author.sid, track: track.clone() }])
    }
}

/// Withdraws a track.
pub(super) fn unpublish(author: &Participant, track_id: &str) -> Verdict {
    author.track(track_id).ok_or_else(|| no_such_track("trackId"))?;
    Ok(vec![EventBody::Unpublished { sid: author.sid, track_id: track_id.to_owned() }])
}

pub(super) fn no_such_track(field: &'static str) -> Refusal {
    Refusal::of_field(ErrorCode::NotFound, field, "no such track")
}

fn differing_attributes(author: &Participant, change: &Attributes) -> Attributes {
    let differs = |key: &str, value: &str| match author.attributes.get(key) {
        Some(present) => present != value,
        None => !value.is_empty(),
    };
    change.iter().filter(|(key, value)| differs(key, value)).map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// The last word on each track, where it changes something.
fn differing_mutes(author: &Participant, change: &[(String, bool)]) -> Result<Vec<(String, bool)>, Refusal> {
    let mut differing: Vec<(String, bool)> = Vec::new();
    for (track_id, muted) in change {
        let track = author.track(track_id).ok_or_else(|| no_such_track("tracks"))?;
        differing.retain(|(earlier, _)| earlier != track_id);
        if track.muted != *muted {
            differing.push((track_id.clone(), *muted));
        }
    }
    Ok(differing)
}
