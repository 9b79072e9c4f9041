use antiphon_room_core::{
    Author, Command, Generation, Grants, Join, Millis, ResumeHash, RoomConfig, Track, TrackKind, TrackSource,
};

use super::*;

const NOW: Millis = Millis(1_763_650_000_000);

fn replica() -> antiphon_protocol::ReplicaId {
    antiphon_protocol::ReplicaId::from_random([0; 10])
}

fn sid_of(number: u8) -> Sid {
    Sid::from_random([number; 10])
}

/// A room, and what is told of what is done in it.
struct Told {
    room: Room,
    config: RoomConfig,
    key: RoomKey,
    epoch: u64,
    offset: u64,
}

impl Told {
    fn new(config: RoomConfig) -> Self {
        let key = RoomKey { tenant: "acme".parse().expect("a name"), room: "rehearsal".parse().expect("a name") };
        Self { room: Room::new(), config, key, epoch: 7, offset: 0 }
    }

    fn after(&mut self, author: Author, command: Command) -> Vec<v1::WebhookEvent> {
        let events = self.room.decide(&self.config, &[], author, &command, NOW).expect("accepted");
        let told = events.iter().filter_map(|event| {
            let before = Before::of(event, &self.room);
            self.room.apply(event);
            self.offset += 1;
            translate(event, before, &self.room, Position { key: &self.key, epoch: self.epoch, offset: self.offset })
        });
        told.collect()
    }

    fn join(&mut self, number: u8, moderate: bool) -> Vec<v1::WebhookEvent> {
        let join = Join {
            sid: sid_of(number),
            identity: format!("person {number}").parse().expect("a name"),
            name: String::new(),
            metadata: String::new(),
            attributes: std::collections::BTreeMap::new(),
            grants: Grants { publish: true, subscribe: true, chat: true, moderate, admin: false },
            expires_at: NOW.plus(3_600_000),
            resume: ResumeHash([number; 32]),
            holder: replica(),
        };
        self.after(Author::Server, Command::Join(Box::new(join)))
    }

    fn resume(&mut self, number: u8) -> Vec<v1::WebhookEvent> {
        let sid = sid_of(number);
        let presented = self.room.participant(sid).expect("here").resume.0;
        let resume = Command::Resume {
            sid,
            identity: format!("person {number}").parse().expect("a name"),
            presented,
            next: ResumeHash([presented.0[0] + 100; 32]),
            expires_at: NOW.plus(3_600_000),
            holder: replica(),
        };
        self.after(Author::Server, resume)
    }

    fn disconnect(&mut self, number: u8) -> Vec<v1::WebhookEvent> {
        let sid = sid_of(number);
        let generation = self.room.participant(sid).expect("here").generation;
        self.after(Author::Server, Command::Disconnect { sid, generation })
    }
}

fn session(number: u8, seq: u32) -> Author {
    Author::Session { sid: sid_of(number), generation: Generation(0), seq }
}

fn types(told: &[v1::WebhookEvent]) -> Vec<&str> {
    told.iter().map(|event| event.r#type.as_str()).collect()
}

fn track() -> Track {
    Track {
        track_id: "cam".to_owned(),
        kind: TrackKind::Video,
        source: TrackSource::Camera,
        name: String::new(),
        muted: false,
        layers: Vec::new(),
        mid: None,
    }
}

#[test]
fn a_room_begins_people_come_and_go_and_it_is_over() {
    let mut told = Told::new(RoomConfig::default());
    let first = told.join(1, true);
    assert_eq!(types(&first), ["room.started", "participant.joined"]);
    let [started, joined] = &first[..] else { panic!("two") };
    assert_eq!((started.position, joined.position, started.at_ms), (1.0, 2.0, NOW.to_proto()));
    assert_eq!((started.tenant.as_str(), started.room.as_ref().expect("a room").name.as_str()), ("acme", "rehearsal"));
    assert_eq!(joined.participant.as_ref().expect("who").identity, "person 1");
    told.join(2, false);

    let ended = told.after(session(1, 1), Command::EndRoom { reason: "curtain".to_owned() });
    assert_eq!(types(&ended), ["participant.left", "participant.left", "room.finished"]);
    assert_eq!(ended[0].left_reason(), v1::left::Reason::RoomEnded);
    let finished = ended.last().expect("three");
    assert_eq!(finished.reason, "curtain");
    assert_eq!(finished.room.as_ref().expect("as it was").created_at_ms, NOW.to_proto());
    assert_eq!(finished.room.as_ref().expect("as it was").name, "rehearsal");
}

#[test]
fn who_leaves_is_told_with_the_tracks_that_were_published() {
    let mut told = Told::new(RoomConfig::default());
    told.join(1, false);
    let published = told.after(session(1, 1), Command::Publish(track()));
    assert_eq!(types(&published), ["track.published"]);
    assert_eq!(published[0].track.as_ref().expect("a track").track_id, "cam");
    assert_eq!(published[0].participant.as_ref().expect("who").tracks.len(), 1);
    let again = told.after(session(1, 2), Command::Publish(Track { muted: true, ..track() }));
    assert_eq!(types(&again), [""; 0], "a track that is announced anew was published before");

    let unpublished = told.after(session(1, 3), Command::Unpublish { track_id: "cam".to_owned() });
    assert_eq!(types(&unpublished), ["track.unpublished"]);
    assert!(unpublished[0].track.as_ref().expect("as it was").muted);
    assert!(unpublished[0].participant.as_ref().expect("who").tracks.is_empty());

    told.after(session(1, 4), Command::Publish(track()));
    let left = told.after(session(1, 5), Command::Leave);
    assert_eq!(types(&left), ["participant.left"]);
    assert_eq!(left[0].participant.as_ref().expect("as it was").tracks.len(), 1);
    assert_eq!(left[0].left_reason(), v1::left::Reason::ClientLeft);
}

#[test]
fn the_lobby_is_told_of_when_somebody_is_let_in_only() {
    let mut told = Told::new(RoomConfig { lobby: true, ..RoomConfig::default() });
    told.join(1, true);
    assert_eq!(types(&told.join(2, false)), [""; 0]);
    assert_eq!(types(&told.disconnect(2)), [""; 0]);
    assert_eq!(types(&told.resume(2)), [""; 0]);
    assert_eq!(types(&told.after(session(1, 1), Command::Admit { sid: sid_of(2) })), ["participant.joined"]);
    told.join(3, false);
    let refused = told.after(session(1, 2), Command::Refuse { sid: sid_of(3), reason: String::new() });
    assert_eq!(types(&refused), [""; 0]);
}

#[test]
fn who_is_back_is_told_where_the_absence_was() {
    let mut told = Told::new(RoomConfig::default());
    told.join(1, false);
    let gone = told.disconnect(1);
    assert_eq!(types(&gone), ["participant.reconnecting"]);
    let state = gone[0].participant.as_ref().expect("who").state();
    assert_eq!(state, v1::participant::State::Disconnected);
    assert_eq!(types(&told.resume(1)), ["participant.reconnected"]);
    assert_eq!(types(&told.resume(1)), [""; 0], "nobody noticed that the connection was gone");
}

#[test]
fn chat_is_told_and_so_is_its_deletion_with_what_is_known_of_it() {
    let mut told = Told::new(RoomConfig { chat_history: 1, ..RoomConfig::default() });
    told.join(1, true);
    let chat = |text: &str| Command::Chat { id: format!("id {text}"), text: text.to_owned() };
    let sent = told.after(session(1, 1), chat("one"));
    assert_eq!(types(&sent), ["chat.sent"]);
    let message = sent[0].chat.clone().expect("a message");
    assert_eq!((message.text.as_str(), message.seq), ("one", 1));
    let deleted = told.after(session(1, 2), Command::DeleteChat { id: "id one".to_owned() });
    assert_eq!(types(&deleted), ["chat.deleted"]);
    assert_eq!(deleted[0].chat, Some(message));
}

#[test]
fn what_is_nobody_s_business_is_not_told() {
    let mut told = Told::new(RoomConfig::default());
    told.join(1, true);
    let data = Command::Data { topic: String::new(), payload: vec![1] };
    assert_eq!(types(&told.after(session(1, 1), data)), [""; 0]);
    let locked = antiphon_room_core::RoomChange { locked: Some(true), ..Default::default() };
    assert_eq!(types(&told.after(session(1, 2), Command::UpdateRoom(locked))), [""; 0]);
}

#[test]
fn the_same_event_has_the_same_id_and_no_other_has_it() {
    let history = |epoch| {
        let mut told = Told { epoch, ..Told::new(RoomConfig::default()) };
        let mut events = told.join(1, true);
        events.extend(told.join(2, false));
        events.extend(told.after(session(1, 1), Command::EndRoom { reason: String::new() }));
        events.into_iter().map(|event| event.id).collect::<Vec<_>>()
    };
    let ids = history(1);
    assert_eq!(history(1), ids, "made anew by another replica");
    let mut all: Vec<_> = ids.into_iter().chain(history(2)).collect();
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count, "another life of the room has other ids");
    assert!(all.iter().all(|id| id.len() == 36 && id.starts_with("evt_")), "{all:?}");
}
