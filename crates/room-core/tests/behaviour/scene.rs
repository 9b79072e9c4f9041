//! One room, its clock and its bans.

use antiphon_protocol::{ErrorCode, Identity, ReplicaId, Sid};
use antiphon_room_core::{
    Attributes, Author, Ban, Command, Event, EventBody, Generation, Grants, Join, LeaveReason, Millis, Participant,
    Refusal, RequestId, ResumeHash, Room, RoomConfig, Seq, Track, TrackKind, TrackSource,
};

/// What a test asked for, or why it was refused.
pub(crate) type Outcome = Result<Vec<EventBody>, Refusal>;

pub(crate) const VIEWER: Grants = Grants { publish: false, subscribe: true, chat: true, moderate: false, admin: false };
pub(crate) const SPEAKER: Grants = Grants { publish: true, ..VIEWER };
pub(crate) const MODERATOR: Grants = Grants { moderate: true, ..SPEAKER };
pub(crate) const ADMIN: Grants = Grants { admin: true, ..MODERATOR };

/// How long the tests' access tokens are valid.
pub(crate) const TOKEN_MS: u64 = 3_600_000;

pub(crate) struct Scene {
    pub(crate) room: Room,
    pub(crate) config: RoomConfig,
    pub(crate) bans: Vec<Ban>,
    pub(crate) now: Millis,
    sids: u8,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::with(RoomConfig::default())
    }

    pub(crate) fn with(config: RoomConfig) -> Self {
        Self { room: Room::new(), config, bans: Vec::new(), now: Millis(1_763_650_000_000), sids: 0 }
    }

    /// Decides and applies; every event goes through its bytes on the way.
    pub(crate) fn ask(&mut self, author: Author, command: Command) -> Outcome {
        let events = self.room.decide(&self.config, &self.bans, author, &command, self.now)?;
        for event in &events {
            let stored = Event::from_bytes(&event.to_bytes()).expect("its own event");
            assert_eq!(stored, *event);
            self.room.apply(&stored);
            if let EventBody::Banned { identity, until } = &event.body {
                self.bans.push(Ban { identity: identity.clone(), until: *until });
            }
            if let EventBody::Unbanned { identity: lifted } = &event.body {
                self.bans.retain(|ban| ban.identity != *lifted);
            }
        }
        Ok(events.into_iter().map(|event| event.body).collect())
    }

    pub(crate) fn server(&mut self, command: Command) -> Outcome {
        self.ask(Author::Server, command)
    }

    /// The application, by the request of this number.
    pub(crate) fn request(&mut self, number: u16, command: Command) -> Outcome {
        self.ask(Author::Application { request: request(number) }, command)
    }

    /// The session's next frame.
    pub(crate) fn by(&mut self, sid: Sid, command: Command) -> Outcome {
        let (generation, seq) =
            self.room.participant(sid).map_or((Generation(0), 1), |author| (author.generation, author.last_seq + 1));
        self.ask(Author::Session { sid, generation, seq }, command)
    }

    pub(crate) fn frame(&mut self, sid: Sid, generation: u32, seq: Seq, command: Command) -> Outcome {
        self.ask(Author::Session { sid, generation: Generation(generation), seq }, command)
    }

    /// What a join by this person says, with a sid of its own.
    pub(crate) fn join_of(&mut self, name: &str, grants: Grants) -> Join {
        self.sids += 1;
        Join {
            sid: Sid::from_random([self.sids; 10]),
            identity: identity(name),
            name: name.to_owned(),
            metadata: String::new(),
            attributes: Attributes::new(),
            grants,
            expires_at: self.now.plus(TOKEN_MS),
            resume: token(self.sids),
            holder: replica(1),
        }
    }

    pub(crate) fn try_join(&mut self, name: &str, grants: Grants) -> Outcome {
        let join = self.join_of(name, grants);
        self.server(Command::Join(Box::new(join)))
    }

    pub(crate) fn join(&mut self, name: &str, grants: Grants) -> Sid {
        let join = self.join_of(name, grants);
        let sid = join.sid;
        self.server(Command::Join(Box::new(join))).expect("joins");
        sid
    }

    pub(crate) fn tick(&mut self) -> Vec<EventBody> {
        self.server(Command::Tick).expect("a tick is never refused")
    }

    pub(crate) fn wait(&mut self, milliseconds: u64) {
        self.now = self.now.plus(milliseconds);
    }

    pub(crate) fn disconnect(&mut self, sid: Sid) {
        let generation = self.get(sid).generation;
        self.server(Command::Disconnect { sid, generation }).expect("never refused");
    }

    pub(crate) fn publish(&mut self, sid: Sid, track: Track) {
        self.by(sid, Command::Publish(track)).expect("publishes");
    }

    #[track_caller]
    pub(crate) fn get(&self, sid: Sid) -> &Participant {
        self.room.participant(sid).expect("in the room")
    }

    /// The identities on the roster, in order.
    pub(crate) fn roster(&self) -> Vec<String> {
        self.room.participants().map(|participant| participant.identity.to_string()).collect()
    }

    /// The identities in the lobby, in order.
    pub(crate) fn lobby(&self) -> Vec<String> {
        self.room.waiting().map(|participant| participant.identity.to_string()).collect()
    }
}

pub(crate) fn identity(name: &str) -> Identity {
    name.parse().expect("a valid identity")
}

/// The replica with this number.
pub(crate) fn replica(number: u8) -> ReplicaId {
    ReplicaId::from_random([number; 10])
}

/// The hash of the resume token with this number.
pub(crate) fn token(number: u8) -> ResumeHash {
    ResumeHash([number; 32])
}

/// The name of the application's request with this number.
pub(crate) fn request(number: u16) -> RequestId {
    RequestId(std::array::from_fn(|place| number.to_be_bytes()[place % 2]))
}

pub(crate) fn microphone(track_id: &str) -> Track {
    Track {
        track_id: track_id.to_owned(),
        kind: TrackKind::Audio,
        source: TrackSource::Microphone,
        name: String::new(),
        muted: false,
        layers: Vec::new(),
        mid: None,
    }
}

pub(crate) fn camera(track_id: &str) -> Track {
    Track { kind: TrackKind::Video, source: TrackSource::Camera, ..microphone(track_id) }
}

/// The sessions that these events end, and why.
pub(crate) fn leavers(events: &[EventBody]) -> Vec<(Sid, LeaveReason)> {
    let leaver = |event: &EventBody| {
        if let EventBody::Left { sid, reason, .. } = event { Some((*sid, *reason)) } else { None }
    };
    events.iter().filter_map(leaver).collect()
}

#[track_caller]
pub(crate) fn assert_refused(outcome: Outcome, code: ErrorCode, field: &str) {
    let refusal = outcome.expect_err("refused");
    assert_eq!((refusal.code, refusal.field), (code, field), "{refusal}");
}

#[track_caller]
pub(crate) fn assert_nothing(outcome: Outcome) {
    assert_eq!(outcome, Ok(Vec::new()));
}
