//! A room as plain values: what the fold says beside what the model says.

use antiphon_protocol::{Identity, Sid, v1};
use antiphon_room_core::{Connection, Participant, Role, Room, TopologyMode, Track};

use crate::history::{History, Life, Message};

/// Everything of a room that the two can be compared by.
#[derive(Debug, PartialEq)]
pub(crate) enum View {
    Absent,
    Over,
    Open { room: v1::Room, inside: Vec<Person>, waiting: Vec<Person>, chat: Vec<Message> },
}

#[derive(Debug, PartialEq)]
pub(crate) struct Person {
    sid: Sid,
    identity: Identity,
    texts: (String, String, Vec<(String, String)>),
    role: Role,
    waits: bool,
    resume_by: Option<u64>,
    tokens: (u32, [u8; 32], Option<[u8; 32]>),
    expires: u64,
    joined_at: u64,
    settled: u32,
    tracks: Vec<Track>,
}

impl View {
    pub(crate) fn of_the_fold(room: &Room) -> Self {
        match (room.exists(), room.is_ended()) {
            (false, false) => Self::Absent,
            (false, true) => Self::Over,
            (true, _) => Self::Open {
                room: room.to_proto(),
                inside: room.participants().map(|participant| person(participant)).collect(),
                waiting: room.waiting().map(|participant| person(participant)).collect(),
                chat: room
                    .chat()
                    .map(|message| {
                        let message = message.as_ref().clone();
                        let (name, text) = (message.name, message.text);
                        let who = message.sid.zip(message.identity);
                        (message.id, who, name, text, message.sent_at.0, message.seq, message.number)
                    })
                    .collect(),
            },
        }
    }

    pub(crate) fn of_the_model(history: &History<'_>) -> Self {
        let Some(created) = history.created() else { return Self::Absent };
        if history.over() {
            return Self::Over;
        }
        let properties = history.properties();
        let (waiting, inside): (Vec<_>, Vec<_>) = history.present().into_iter().partition(Life::waits);
        Self::Open {
            room: v1::Room {
                name: String::new(),
                metadata: properties.metadata.unwrap_or_default(),
                locked: properties.locked == Some(true),
                lobby: properties.lobby == Some(true),
                max_participants: properties.max_participants.unwrap_or_default(),
                topology: Some(v1::Topology {
                    requested: number(properties.topology.unwrap_or_default()),
                    active: number(history.active_topology()),
                }),
                created_at_ms: created as f64,
            },
            inside: inside.into_iter().map(|life| life.person(history)).collect(),
            waiting: waiting.into_iter().map(|life| life.person(history)).collect(),
            chat: history.chat(),
        }
    }
}

/// As in models.proto.
fn number(mode: TopologyMode) -> i32 {
    match mode {
        TopologyMode::Auto => 0,
        TopologyMode::Mesh => 1,
        TopologyMode::RelayMesh => 2,
        TopologyMode::Pool => 3,
    }
}

fn person(participant: &Participant) -> Person {
    let attributes = participant.attributes.clone().into_iter().collect();
    Person {
        sid: participant.sid,
        identity: participant.identity.clone(),
        texts: (participant.name.clone(), participant.metadata.clone(), attributes),
        role: participant.role,
        waits: participant.waiting,
        resume_by: match participant.connection {
            Connection::Connected => None,
            Connection::Disconnected { resume_deadline } => Some(resume_deadline.0),
        },
        tokens: (
            participant.generation.0,
            participant.resume.0.0,
            participant.resume.1.map(|unconfirmed| unconfirmed.0),
        ),
        expires: participant.expires_at.0,
        joined_at: participant.joined_at.0,
        settled: participant.last_seq,
        tracks: participant.tracks.clone(),
    }
}

impl Life {
    fn person(self, history: &History<'_>) -> Person {
        Person {
            sid: self.sid,
            identity: self.identity,
            texts: (self.name, self.metadata, self.attributes),
            role: self.role,
            waits: self.came_in.is_none(),
            resume_by: self.resume_by,
            tokens: (self.generation, self.token.0, self.older_token.map(|token| token.0)),
            expires: self.expires,
            joined_at: history.facts[self.came_in.unwrap_or(self.began)].at,
            settled: self.settled,
            tracks: self.tracks,
        }
    }
}
