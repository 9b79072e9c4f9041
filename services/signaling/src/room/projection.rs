//! From an event of the log to the frames that members of the room are shown.

use std::sync::{Arc, OnceLock};

use antiphon_protocol::{
    Format, Fragment, RoomName, Sid,
    v1::{self, server_frame::Kind},
};
use antiphon_room_core::{Event, EventBody, LeaveReason, Participant, Role, Room};
use antiphon_session_core::Cursor;
use axum::extract::ws::Message;

/// A frame that many receive, encoded once per format.
#[derive(Debug)]
pub(crate) struct Encoded {
    json: Fragment,
    proto: OnceLock<Fragment>,
    /// The whole message as its first reader got it: in a large room most readers stand at the same cursor.
    whole: [OnceLock<Box<(Cursor, Message)>>; 2],
}

impl Encoded {
    pub(crate) fn new(kind: Kind) -> Self {
        Self { json: Fragment::encode(Format::Json, kind), proto: OnceLock::new(), whole: Default::default() }
    }

    pub(crate) fn in_format(&self, format: Format) -> &Fragment {
        match format {
            Format::Json => &self.json,
            Format::Proto => self.proto.get_or_init(|| {
                self.json.clone().in_format(Format::Proto).expect("a fragment that this process encoded")
            }),
        }
    }

    /// The message for a reader at `cursor` who is owed no acknowledgement, if it is the same as its first reader's.
    pub(crate) fn whole(
        &self,
        format: Format,
        cursor: Cursor,
        make: impl FnOnce(&Fragment) -> Message,
    ) -> Option<Message> {
        let whole = &self.whole[format as usize];
        let (first, message) = &**whole.get_or_init(|| Box::new((cursor, make(self.in_format(format)))));
        (*first == cursor).then(|| message.clone())
    }

    pub(crate) fn len(&self) -> usize {
        self.json.as_bytes().len()
    }
}

/// Who is shown a frame. People in the lobby are shown nothing but what is addressed to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Audience {
    Everyone,
    EveryoneBut(Sid),
    Only(Sid),
    These(Box<[Sid]>),
    Moderators,
}

/// What an event means for the session it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OwnChange {
    /// Its rights, name or place changed.
    Participant(Arc<Participant>),
    /// It is over.
    Left(LeaveReason, String),
    /// A newer connection took over; its generation.
    Superseded(u32),
}

/// What one event shows.
#[derive(Debug, Default)]
pub(crate) struct Projection {
    pub(crate) frames: Vec<(Audience, Encoded)>,
    pub(crate) about: Option<(Sid, OwnChange)>,
    /// Who sees the room from this event on, and nothing that came before it.
    pub(crate) begins: Option<Sid>,
    /// The room is over, for this reason.
    pub(crate) finished: Option<Box<str>>,
}

impl Projection {
    fn show(&mut self, audience: Audience, kind: Kind) {
        self.frames.push((audience, Encoded::new(kind)));
    }

    fn concerns(&mut self, participant: &Arc<Participant>) {
        self.about = Some((participant.sid, OwnChange::Participant(Arc::clone(participant))));
    }
}

/// The room as `sid` is shown it. The fold does not know what the room is called.
pub(crate) fn snapshot_for(room: &Room, sid: Sid, name: &RoomName) -> v1::RoomSnapshot {
    named(room.snapshot_for(sid), name)
}

/// The room as the application is shown it: all of it.
pub(crate) fn whole_snapshot(room: &Room, name: &RoomName) -> v1::RoomSnapshot {
    named(room.whole_snapshot(), name)
}

fn named(mut snapshot: v1::RoomSnapshot, name: &RoomName) -> v1::RoomSnapshot {
    if let Some(room) = &mut snapshot.room {
        name.as_str().clone_into(&mut room.name);
    }
    snapshot
}

/// What `event` shows, given the participant it names as it was `before`, and the room `after` it.
pub(crate) fn project(event: &Event, before: Option<&Arc<Participant>>, after: &Room, name: &RoomName) -> Projection {
    let mut projection = Projection::default();
    match &event.body {
        EventBody::RoomCreated { .. }
        | EventBody::Restored { .. }
        | EventBody::ResumeConfirmed { .. }
        | EventBody::GrantExtended { .. }
        | EventBody::Banned { .. }
        | EventBody::Unbanned { .. } => {}
        EventBody::GrantsRenewed { sid, .. } => {
            // Nobody is shown grants; its own connection goes by them.
            if let Some(participant) = after.participant(*sid) {
                projection.concerns(participant);
            }
        }
        EventBody::RoomEnded { reason } => projection.finished = Some(reason.as_str().into()),
        EventBody::Joined { sid, .. } => joined(&mut projection, *sid, after),
        EventBody::Reinstated { participant } => joined(&mut projection, participant.sid, after),
        EventBody::Admitted { sid } => admitted(&mut projection, *sid, after, name),
        EventBody::Resumed { sid, generation, .. } => {
            show_participant(&mut projection, *sid, after);
            projection.about = Some((*sid, OwnChange::Superseded(generation.0)));
        }
        EventBody::Disconnected { sid, .. } => show_participant(&mut projection, *sid, after),
        EventBody::Left { sid, identity, reason, message } => {
            projection.about = Some((*sid, OwnChange::Left(*reason, message.clone())));
            match before {
                Some(participant) if participant.waiting => {
                    let participant = Some(participant.to_proto());
                    let kind = Kind::ParticipantWaiting(v1::ParticipantWaiting { participant, gone: true });
                    projection.show(Audience::Moderators, kind);
                }
                Some(_) | None => projection.show(
                    Audience::EveryoneBut(*sid),
                    Kind::ParticipantLeft(v1::ParticipantLeft {
                        sid: sid.to_string(),
                        identity: identity.to_string(),
                        reason: v1::left::Reason::from(*reason) as i32,
                    }),
                ),
            }
        }
        EventBody::Updated { sid, change } => {
            if change.name.is_some() || change.metadata.is_some() || !change.attributes.is_empty() {
                show_participant(&mut projection, *sid, after);
            }
            for (track_id, _) in &change.tracks {
                show_track(&mut projection, *sid, track_id, after);
            }
        }
        EventBody::RoleChanged { sid, role } => role_changed(&mut projection, *sid, *role, before, after),
        EventBody::Published { sid, track } => {
            let replaced = before.is_some_and(|before| before.tracks.iter().any(|old| old.track_id == track.track_id));
            let (sid, track) = (sid.to_string(), Some(track.to_proto()));
            let kind = if replaced {
                Kind::TrackUpdated(v1::TrackUpdated { sid, track })
            } else {
                Kind::TrackPublished(v1::TrackPublished { sid, track })
            };
            projection.show(Audience::Everyone, kind);
        }
        EventBody::Muted { sid, track_id } => show_track(&mut projection, *sid, track_id, after),
        EventBody::Unpublished { sid, track_id } => {
            let (sid, track_id) = (sid.to_string(), track_id.clone());
            projection.show(Audience::Everyone, Kind::TrackUnpublished(v1::TrackUnpublished { sid, track_id }));
        }
        EventBody::Chat { .. } => {
            if let Some(message) = event.chat_message() {
                projection.show(Audience::Everyone, Kind::Chat(message.to_proto()));
            }
        }
        EventBody::ChatDeleted { id, by } => {
            let kind = Kind::ChatDeleted(v1::ChatDeleted { id: id.clone(), by: sid_text(*by) });
            projection.show(Audience::Everyone, kind);
        }
        EventBody::Data { sid, topic, payload, to } => {
            let audience = match sid {
                _ if !to.is_empty() => Audience::These(to.as_slice().into()),
                Some(sid) => Audience::EveryoneBut(*sid),
                None => Audience::Everyone,
            };
            let data = v1::Data {
                payload: payload.clone().into(),
                topic: topic.clone(),
                from: sid_text(*sid),
                seq: event.by.map_or(0, |(_, seq)| seq),
                ..v1::Data::default()
            };
            projection.show(audience, Kind::Data(data));
        }
        EventBody::RoomUpdated { .. } | EventBody::TopologyChanged { .. } => {
            let room = Some(v1::Room { name: name.to_string(), ..after.to_proto() });
            projection.show(Audience::Everyone, Kind::RoomUpdated(v1::RoomUpdated { room }));
        }
    }
    projection
}

/// Empty where the application is the author.
fn sid_text(sid: Option<Sid>) -> String {
    sid.map(|sid| sid.to_string()).unwrap_or_default()
}

fn joined(projection: &mut Projection, sid: Sid, after: &Room) {
    projection.begins = Some(sid);
    let Some(participant) = after.participant(sid) else { return };
    let shown = Some(participant.to_proto());
    if participant.waiting {
        let kind = Kind::ParticipantWaiting(v1::ParticipantWaiting { participant: shown, gone: false });
        projection.show(Audience::Moderators, kind);
    } else {
        let kind = Kind::ParticipantJoined(v1::ParticipantJoined { participant: shown });
        projection.show(Audience::EveryoneBut(sid), kind);
    }
}

fn admitted(projection: &mut Projection, sid: Sid, after: &Room, name: &RoomName) {
    let Some(participant) = after.participant(sid) else { return };
    projection.concerns(participant);
    projection.begins = Some(sid);
    let snapshot =
        v1::Snapshot { reason: v1::snapshot::Reason::Admitted as i32, snapshot: Some(snapshot_for(after, sid, name)) };
    projection.show(Audience::Only(sid), Kind::Snapshot(snapshot));
    let participant = Some(participant.to_proto());
    projection.show(
        Audience::EveryoneBut(sid),
        Kind::ParticipantJoined(v1::ParticipantJoined { participant: participant.clone() }),
    );
    projection.show(Audience::Moderators, Kind::ParticipantWaiting(v1::ParticipantWaiting { participant, gone: true }));
}

fn role_changed(projection: &mut Projection, sid: Sid, role: Role, before: Option<&Arc<Participant>>, after: &Room) {
    show_participant(projection, sid, after);
    let promoted = role == Role::Moderator && before.is_some_and(|before| before.role != Role::Moderator);
    for waiting in after.waiting().filter(|_| promoted) {
        let participant = Some(waiting.to_proto());
        let kind = Kind::ParticipantWaiting(v1::ParticipantWaiting { participant, gone: false });
        projection.show(Audience::Only(sid), kind);
    }
}

fn show_participant(projection: &mut Projection, sid: Sid, after: &Room) {
    let Some(participant) = after.participant(sid) else { return };
    projection.concerns(participant);
    if !participant.waiting {
        let participant = Some(participant.to_proto());
        projection.show(Audience::Everyone, Kind::ParticipantUpdated(v1::ParticipantUpdated { participant }));
    }
}

fn show_track(projection: &mut Projection, sid: Sid, track_id: &str, after: &Room) {
    let track =
        after.participant(sid).and_then(|publisher| publisher.tracks.iter().find(|track| track.track_id == track_id));
    if let Some(track) = track {
        let (sid, track) = (sid.to_string(), Some(track.to_proto()));
        projection.show(Audience::Everyone, Kind::TrackUpdated(v1::TrackUpdated { sid, track }));
    }
}

#[cfg(test)]
mod tests;
