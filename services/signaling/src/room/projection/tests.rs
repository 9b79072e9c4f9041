use antiphon_room_core::{Author, Command, Generation, Grants, Join, Millis, ResumeHash, RoomChange, RoomConfig};

use super::*;
use crate::room::actor::subject;

const NOW: Millis = Millis(1_000_000);

fn replica() -> antiphon_protocol::ReplicaId {
    antiphon_protocol::ReplicaId::from_random([0; 10])
}

fn sid_of(number: u8) -> Sid {
    Sid::from_random([number; 10])
}

/// What a room shows of what is done in it.
struct Shown {
    room: Room,
    config: RoomConfig,
}

impl Shown {
    fn new(config: RoomConfig) -> Self {
        Self { room: Room::new(), config }
    }

    /// The projections of all events that the command leads to.
    fn after(&mut self, author: Author, command: Command) -> Vec<Projection> {
        let events = self.room.decide(&self.config, &[], author, &command, NOW).expect("accepted");
        let name = "rehearsal".parse().expect("a name");
        events
            .iter()
            .map(|event| {
                let before = subject(&event.body).and_then(|sid| self.room.participant(sid).cloned());
                self.room.apply(event);
                project(event, before.as_ref(), &self.room, &name)
            })
            .collect()
    }

    fn join(&mut self, number: u8, moderate: bool) -> Vec<Projection> {
        let grants = Grants { publish: true, subscribe: true, chat: true, moderate, admin: false };
        let join = Join {
            sid: sid_of(number),
            identity: format!("person {number}").parse().expect("a name"),
            name: String::new(),
            metadata: String::new(),
            attributes: std::collections::BTreeMap::new(),
            grants,
            expires_at: NOW.plus(3_600_000),
            resume: ResumeHash([number; 32]),
            holder: replica(),
        };
        self.after(Author::Server, Command::Join(Box::new(join)))
    }
}

fn session(number: u8, seq: u32) -> Author {
    Author::Session { sid: sid_of(number), generation: Generation(0), seq }
}

/// The frames of all projections: to whom, and under what name in JSON.
fn frames(projections: &[Projection]) -> Vec<(Audience, String)> {
    let frames = projections.iter().flat_map(|projection| &projection.frames);
    frames
        .map(|(audience, frame)| {
            let json = String::from_utf8_lossy(frame.in_format(Format::Json).as_bytes()).into_owned();
            (audience.clone(), json.split('"').nth(1).expect("a kind").to_owned())
        })
        .collect()
}

fn shown(audience: Audience, kind: &str) -> (Audience, String) {
    (audience, kind.to_owned())
}

#[test]
fn who_joins_is_shown_to_the_others() {
    let mut room = Shown::new(RoomConfig::default());
    room.join(1, false);
    assert_eq!(frames(&room.join(2, false)), [shown(Audience::EveryoneBut(sid_of(2)), "participantJoined")]);
}

#[test]
fn who_waits_is_shown_to_moderators_and_is_shown_the_room_when_let_in() {
    let mut room = Shown::new(RoomConfig { lobby: true, ..RoomConfig::default() });
    room.join(1, true);
    assert_eq!(frames(&room.join(2, false)), [shown(Audience::Moderators, "participantWaiting")]);
    let guest = sid_of(2);
    let admitted = room.after(session(1, 1), Command::Admit { sid: guest });
    let expected = [
        shown(Audience::Only(guest), "snapshot"),
        shown(Audience::EveryoneBut(guest), "participantJoined"),
        shown(Audience::Moderators, "participantWaiting"),
    ];
    assert_eq!(frames(&admitted), expected);
    assert!(matches!(&admitted[0].about, Some((sid, OwnChange::Participant(me))) if *sid == guest && !me.waiting));
    let snapshot = admitted[0].frames[0].1.in_format(Format::Json).as_bytes().clone();
    assert!(String::from_utf8_lossy(&snapshot).contains(r#""name":"rehearsal""#));

    room.join(3, false);
    let refused = room.after(session(1, 2), Command::Refuse { sid: sid_of(3), reason: String::new() });
    assert_eq!(frames(&refused), [shown(Audience::Moderators, "participantWaiting")], "it was never in the room");
}

#[test]
fn who_goes_is_told_and_the_others_are_shown() {
    let mut room = Shown::new(RoomConfig::default());
    room.join(1, true);
    room.join(2, false);
    let kick = Command::Kick { sid: sid_of(2), reason: "loud".to_owned(), allow_rejoin: false };
    let kicked = room.after(session(1, 1), kick);
    assert_eq!(frames(&kicked), [shown(Audience::EveryoneBut(sid_of(2)), "participantLeft")]);
    assert_eq!(kicked[0].about, Some((sid_of(2), OwnChange::Left(LeaveReason::Kicked, "loud".to_owned()))));
}

#[test]
fn a_promotion_shows_the_lobby_to_the_promoted() {
    let mut room = Shown::new(RoomConfig::default());
    room.join(1, true);
    room.join(2, false);
    let lobby = RoomChange { lobby: Some(true), ..RoomChange::default() };
    let updated = room.after(session(1, 1), Command::UpdateRoom(lobby));
    assert_eq!(frames(&updated), [shown(Audience::Everyone, "roomUpdated")]);
    room.join(3, false);
    let promoted = room.after(session(1, 2), Command::SetRole { sid: sid_of(2), role: Role::Moderator });
    let expected =
        [shown(Audience::Everyone, "participantUpdated"), shown(Audience::Only(sid_of(2)), "participantWaiting")];
    assert_eq!(frames(&promoted), expected);
}

#[test]
fn a_resume_shows_who_is_back_and_supersedes_the_older_connection() {
    let mut room = Shown::new(RoomConfig::default());
    room.join(1, false);
    let sid = sid_of(1);
    let gone = room.after(Author::Server, Command::Disconnect { sid, generation: Generation(0) });
    assert_eq!(frames(&gone), [shown(Audience::Everyone, "participantUpdated")]);
    let resume = Command::Resume {
        sid,
        identity: "person 1".parse().expect("a name"),
        presented: ResumeHash([1; 32]),
        next: ResumeHash([9; 32]),
        expires_at: NOW.plus(3_600_000),
        holder: replica(),
    };
    let back = room.after(Author::Server, resume);
    assert_eq!(frames(&back), [shown(Audience::Everyone, "participantUpdated")]);
    assert_eq!(back[0].about, Some((sid, OwnChange::Superseded(1))));
    let confirmed = room.after(Author::Server, Command::ConfirmResume { sid, generation: Generation(1) });
    assert_eq!(frames(&confirmed), [], "nobody's business");
}

#[test]
fn data_is_not_shown_to_its_sender_and_chat_is() {
    let mut room = Shown::new(RoomConfig::default());
    room.join(1, false);
    let data = room.after(session(1, 1), Command::Data { topic: String::new(), payload: vec![1] });
    assert_eq!(frames(&data), [shown(Audience::EveryoneBut(sid_of(1)), "data")]);
    let chat = room.after(session(1, 2), Command::Chat { id: "x".to_owned(), text: "hi".to_owned() });
    assert_eq!(frames(&chat), [shown(Audience::Everyone, "chat")]);
    let Some((_, frame)) = chat[0].frames.first() else { panic!("a frame") };
    assert!(String::from_utf8_lossy(frame.in_format(Format::Json).as_bytes()).contains(r#""seq":2"#));
}

#[test]
fn a_frame_means_the_same_in_both_formats_and_whole_messages_are_shared_between_equals() {
    let frame = Encoded::new(Kind::Pong(v1::Pong { id: 7 }));
    let proto = frame.in_format(Format::Proto).clone();
    assert_eq!(proto.in_format(Format::Json).expect("valid"), *frame.in_format(Format::Json));

    let at = |log| Cursor { epoch: 1, log, mail: 0 };
    let made = std::cell::Cell::new(0);
    let message = |format, log| {
        frame.whole(format, at(log), |_| {
            made.set(made.get() + 1);
            Message::Text("made".into())
        })
    };
    assert!(message(Format::Json, 1).is_some());
    assert!(message(Format::Json, 1).is_some(), "an equal reader shares it");
    assert!(message(Format::Json, 2).is_none(), "who stands elsewhere has another cursor");
    assert!(message(Format::Proto, 2).is_some(), "the other format has a first reader of its own");
    assert_eq!(made.get(), 2);
}
