//! The fuzz target as a library function: bytes become a room's life, and what must always hold is asserted.
//!
//! The first byte chooses: 0, the rest is log entries in JSON, one a line, sensible or not; 1, the rest is a snapshot; else,
//! the rest is a deployment and the commands that come to it.

use antiphon_protocol::{Identity, ReplicaId, Sid};

use crate::{
    Attributes, Author, Ban, Command, DuplicateIdentity, Event, EventBody, Generation, Grants, Join, Layer, Millis,
    PresenceChange, RequestId, ResumeHash, Role, Room, RoomChange, RoomConfig, TopologyMode, Track, TrackKind,
    TrackSource,
};

const COMMANDS: usize = 1_000;
const BEGIN: Millis = Millis(1_000_000);

/// Lives through what the bytes say.
///
/// # Panics
/// When room-core is wrong.
pub fn commands(bytes: &[u8]) {
    match bytes.split_first() {
        Some((0, entries)) => fold_entries(entries),
        Some((1, snapshot)) => {
            if let Ok(room) = Room::from_snapshot(snapshot) {
                assert_sound(&room);
                live_on(room, &RoomConfig::default(), &mut Bytes(snapshot));
            }
        }
        Some((_, bytes)) => {
            let mut bytes = Bytes(bytes);
            let config = bytes.config();
            live_on(Room::new(), &config, &mut bytes);
        }
        None => {}
    }
}

fn fold_entries(entries: &[u8]) {
    let mut room = Room::new();
    for entry in entries.split(|byte| *byte == b'\n') {
        if let Ok(event) = Event::from_bytes(entry) {
            assert_eq!(Event::from_bytes(&event.to_bytes()).ok(), Some(event.clone()));
            room.apply(&event);
            assert_sound(&room);
        }
    }
    live_on(room, &RoomConfig::default(), &mut Bytes(entries));
}

fn live_on(mut room: Room, config: &RoomConfig, bytes: &mut Bytes<'_>) {
    let mut now = BEGIN;
    let mut bans = Vec::new();
    for _ in 0..COMMANDS {
        if bytes.0.is_empty() {
            break;
        }
        now = now.plus(bytes.duration());
        let (author, command) = (bytes.author(&room), bytes.command(&room, now));
        let Ok(events) = room.decide(config, &bans, author, &command, now) else { continue };
        for event in &events {
            assert_eq!(Event::from_bytes(&event.to_bytes()).ok().as_ref(), Some(event));
            room.apply(event);
            if let EventBody::Banned { identity, until } = &event.body {
                bans.push(Ban { identity: identity.clone(), until: *until });
            }
            if let EventBody::Unbanned { identity: lifted } = &event.body {
                bans.retain(|ban| ban.identity != *lifted);
            }
        }
        if author == Author::Server && command == Command::Tick {
            assert!(room.deadline(config).is_none_or(|deadline| deadline > now), "still due after a tick");
        }
        if let Author::Session { seq: 1.., .. } | Author::Application { .. } = author {
            let again = room.decide(config, &bans, author, &command, now);
            assert!(events.is_empty() || again.is_err() || again == Ok(Vec::new()), "a frame was taken twice");
        }
        assert_sound(&room);
    }
}

fn assert_sound(room: &Room) {
    assert_eq!(Room::from_snapshot(&room.to_snapshot()).ok().as_ref(), Some(room));
    assert!(room.to_proto().topology.is_none_or(|topology| topology.active != 0), "`auto` is never in force");
    assert_eq!(room.participants().chain(room.waiting()).count(), room.len());
    for participant in room.participants().chain(room.waiting()) {
        assert_eq!(room.participant(participant.sid), Some(participant));
        let seen = room.snapshot_for(participant.sid);
        assert!(participant.may_moderate() || seen.waiting.is_empty());
        assert!(!participant.waiting || (seen.participants.is_empty() && seen.chat.is_empty()));
    }
}

/// Reads values off the bytes; zeros when they have run out.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.byte()) % choices.len()].clone()
    }

    fn maybe<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.flag().then(|| value(self))
    }

    fn number(&mut self) -> u64 {
        match self.byte() {
            255 => u64::MAX,
            small => u64::from(small),
        }
    }

    /// Milliseconds: none at least, 24 days at most.
    fn duration(&mut self) -> u64 {
        let exponent = self.byte() % 32;
        (1_u64 << exponent) - 1
    }

    fn text(&mut self) -> String {
        let length = usize::from(self.byte() % 12).min(self.0.len());
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        String::from_utf8_lossy(text).into_owned()
    }

    fn attributes(&mut self) -> Attributes {
        (0..self.byte() % 3).map(|_| (self.text(), self.text())).collect()
    }

    fn identity(&mut self) -> Identity {
        self.one_of(&["ada", "bob", "cyd"]).parse().expect("a valid identity")
    }

    fn grants(&mut self) -> Grants {
        Grants {
            publish: self.flag(),
            subscribe: self.flag(),
            chat: self.flag(),
            moderate: self.flag(),
            admin: self.flag(),
        }
    }

    fn hash(&mut self) -> ResumeHash {
        ResumeHash([self.byte() % 4; 32])
    }

    fn sid(&mut self, room: &Room) -> Sid {
        let choice = self.byte();
        let everyone = room.len();
        let here = usize::from(choice).checked_rem(everyone).filter(|_| choice < 200);
        let here = here.and_then(|position| room.participants().chain(room.waiting()).nth(position));
        here.map_or_else(|| Sid::from_random([choice; 10]), |participant| participant.sid)
    }

    fn generation(&mut self, room: &Room, sid: Sid) -> Generation {
        let current = room.participant(sid).map_or(Generation(0), |participant| participant.generation);
        if self.byte() < 200 { current } else { Generation(u32::from(self.byte())) }
    }

    fn author(&mut self, room: &Room) -> Author {
        match self.byte() {
            request @ 252.. => return Author::Application { request: RequestId([request; 16]) },
            choice if choice.is_multiple_of(3) => return Author::Server,
            _ => {}
        }
        let sid = self.sid(room);
        let settled = room.participant(sid).map_or(0, |participant| participant.last_seq);
        let seq = settled.saturating_add(u32::from(self.byte() % 3)).saturating_sub(1);
        Author::Session { sid, generation: self.generation(room, sid), seq }
    }

    fn config(&mut self) -> RoomConfig {
        use TopologyMode::{Auto, Mesh, Pool, RelayMesh};
        let policies = [DuplicateIdentity::Replace, DuplicateIdentity::Reject, DuplicateIdentity::Allow];
        RoomConfig {
            duplicate_identity: self.one_of(&policies),
            max_participants: u32::from(self.byte() % 5),
            empty_timeout_ms: self.number(),
            resume_window_ms: self.number(),
            ban_ms: self.number(),
            chat_history: u32::from(self.byte() % 4),
            max_chat_bytes: 8,
            max_metadata_bytes: 8,
            max_name_bytes: 8,
            max_tracks: usize::from(self.byte() % 4),
            topologies: (0..self.byte() % 4).map(|_| self.one_of(&[Auto, Mesh, RelayMesh, Pool])).collect(),
            mesh_limit: usize::from(self.byte() % 4),
            lobby: self.flag(),
        }
    }

    fn join(&mut self, now: Millis) -> Join {
        Join {
            sid: Sid::from_random([self.byte() % 32; 10]),
            identity: self.identity(),
            name: self.text(),
            metadata: self.text(),
            attributes: self.attributes(),
            grants: self.grants(),
            expires_at: now.plus(self.duration()),
            resume: self.hash(),
            holder: self.holder(),
        }
    }

    fn holder(&mut self) -> ReplicaId {
        ReplicaId::from_random([self.byte() % 3; 10])
    }

    fn track(&mut self) -> Track {
        use TrackSource::{Camera, Microphone, ScreenShare, ScreenShareAudio};
        Track {
            track_id: self.text(),
            kind: self.one_of(&[TrackKind::Audio, TrackKind::Video]),
            source: self.one_of(&[Microphone, Camera, ScreenShare, ScreenShareAudio]),
            name: self.text(),
            muted: self.flag(),
            layers: (0..self.byte() % 10).map(|_| self.layer()).collect(),
            mid: self.maybe(Self::text),
        }
    }

    fn layer(&mut self) -> Layer {
        Layer { rid: self.text(), width: 1, height: u32::MAX, max_bitrate: 0 }
    }

    fn presence_change(&mut self) -> PresenceChange {
        PresenceChange {
            name: self.maybe(Self::text),
            metadata: self.maybe(Self::text),
            attributes: self.attributes(),
            tracks: (0..self.byte() % 3).map(|_| (self.text(), self.flag())).collect(),
        }
    }

    fn room_change(&mut self) -> RoomChange {
        use TopologyMode::{Auto, Mesh, Pool, RelayMesh};
        RoomChange {
            metadata: self.maybe(Self::text),
            locked: self.maybe(Self::flag),
            lobby: self.maybe(Self::flag),
            max_participants: self.maybe(|bytes| u32::from(bytes.byte() % 5)),
            topology: self.maybe(|bytes| bytes.one_of(&[Auto, Mesh, RelayMesh, Pool])),
            empty_timeout_ms: None,
        }
    }

    fn command(&mut self, room: &Room, now: Millis) -> Command {
        match self.byte() % 35 {
            0..=3 => Command::Join(Box::new(self.join(now))),
            4 => Command::Resume {
                sid: self.sid(room),
                identity: self.identity(),
                presented: self.hash(),
                next: self.hash(),
                expires_at: now.plus(self.duration()),
                holder: self.holder(),
            },
            5 => {
                let sid = self.sid(room);
                Command::ConfirmResume { sid, generation: self.generation(room, sid) }
            }
            6 => {
                let sid = self.sid(room);
                Command::Disconnect { sid, generation: self.generation(room, sid) }
            }
            7 => Command::ExtendGrant { sid: self.sid(room), expires_at: now.plus(self.duration()) },
            8 => Command::Tick,
            9 => Command::Leave,
            10 => Command::Update(self.presence_change()),
            11 | 12 => Command::Publish(self.track()),
            13 => Command::Unpublish { track_id: self.text() },
            14 => Command::Chat { id: self.text(), text: self.text() },
            15 => Command::Data { topic: self.text(), payload: self.text().into_bytes() },
            16 => Command::DeleteChat { id: self.text() },
            17 => Command::Kick { sid: self.sid(room), reason: self.text(), allow_rejoin: self.flag() },
            18 => Command::Mute { sid: self.sid(room), track_id: self.maybe(Self::text) },
            19 => Command::Admit { sid: self.sid(room) },
            20 => Command::Refuse { sid: self.sid(room), reason: self.text() },
            21 => {
                let role = self.one_of(&[Role::Viewer, Role::Speaker, Role::Moderator]);
                Command::SetRole { sid: self.sid(room), role }
            }
            22 => Command::UpdateRoom(self.room_change()),
            23 => Command::Create(RoomChange { empty_timeout_ms: self.maybe(Self::number), ..self.room_change() }),
            24 => {
                let role = self.maybe(|bytes| bytes.one_of(&[Role::Viewer, Role::Speaker, Role::Moderator]));
                Command::UpdateParticipant { sid: self.sid(room), change: self.presence_change(), role }
            }
            25 => Command::Announce { id: self.text(), name: self.text(), text: self.text() },
            26 => {
                let to = (0..self.byte() % 3).map(|_| self.sid(room)).collect();
                Command::SendData { topic: self.text(), payload: self.text().into_bytes(), to }
            }
            27 => {
                Command::Ban { identity: self.identity(), duration_ms: self.maybe(Self::duration), reason: self.text() }
            }
            28 => Command::Unban { identity: self.identity() },
            29 => Command::ClearChat,
            30 => {
                let kind = self.maybe(|bytes| bytes.one_of(&[TrackKind::Audio, TrackKind::Video]));
                Command::MuteAll { sid: self.sid(room), kind }
            }
            31 => Command::AdmitAll,
            32 => Command::RenewGrants {
                sid: self.sid(room),
                grants: self.grants(),
                expires_at: now.plus(self.duration()),
            },
            33 => Command::ReplicaLost { replica: self.holder() },
            _ => Command::EndRoom { reason: self.text() },
        }
    }
}
