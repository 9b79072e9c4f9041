use antiphon_protocol::v1::{Ack, Error, Offer, Participant, ParticipantJoined};

use super::*;
use crate::content::Kind;

const ME: &str = "aaaaaaaaaaaaaaaa";
const PEER: &str = "bbbbbbbbbbbbbbbb";

fn frame(cursor: &str, ack_seq: u32, kind: server_frame::Kind) -> ServerFrame {
    ServerFrame { cursor: cursor.to_owned(), ack_seq, kind: Some(kind) }
}

fn participant(sid: &str) -> Participant {
    Participant { sid: sid.to_owned(), ..Participant::default() }
}

fn joined(now: Instant) -> Session {
    let snapshot = RoomSnapshot { participants: vec![participant(ME)], ..RoomSnapshot::default() };
    let joined =
        Joined { sid: ME.to_owned(), resume_token: "t".to_owned(), snapshot: Some(snapshot), ..Joined::default() };
    let mut session = Session::joined(frame("c1", 0, server_frame::Kind::Joined(joined)), now).expect("joined");
    session.take_ack(now + ACK_DELAY);
    session
}

fn with_peer(now: Instant) -> Session {
    let mut session = joined(now);
    let announced = ParticipantJoined { participant: Some(participant(PEER)) };
    session
        .accept(frame("", 0, server_frame::Kind::ParticipantJoined(announced)), &Content::new(None), now)
        .expect("an announcement");
    session
}

#[test]
fn a_message_from_an_announced_peer_is_handed_over() {
    let (now, content) = (Instant::now(), Content::new(None));
    let offer = content.from_server(Kind::Offer, 3, PEER);
    let parcel = with_peer(now).accept(frame("c2", 0, offer), &content, now).expect("valid").expect("a message");
    assert_eq!((parcel.kind, parcel.number, parcel.from.as_str()), (Kind::Offer, 3, PEER));
}

#[test]
fn an_offer_before_its_senders_announcement_is_a_fault() {
    let (now, content) = (Instant::now(), Content::new(None));
    let offer = content.from_server(Kind::Offer, 3, PEER);
    let outcome = joined(now).accept(frame("c2", 0, offer), &content, now);
    assert!(matches!(outcome, Err(Fault::Stranger(sid)) if sid == PEER));
}

#[test]
fn a_damaged_message_is_a_fault() {
    let (now, content) = (Instant::now(), Content::new(None));
    let offer =
        Offer { from: PEER.to_owned(), negotiation_id: "3".to_owned(), sdp: "v=0".to_owned(), ..Offer::default() };
    let outcome = with_peer(now).accept(frame("c2", 0, server_frame::Kind::Offer(offer)), &content, now);
    assert!(matches!(outcome, Err(Fault::Damaged(_))));
}

#[test]
fn a_message_that_no_resume_could_replay_is_a_fault() {
    let (now, content) = (Instant::now(), Content::new(None));
    let offer = content.from_server(Kind::Offer, 3, PEER);
    let outcome = with_peer(now).accept(frame("", 0, offer), &content, now);
    assert!(matches!(outcome, Err(Fault::NoCursor(_))));
}

#[test]
fn an_acknowledgement_of_what_was_not_sent_is_a_fault() {
    let (now, content) = (Instant::now(), Content::new(None));
    let mut session = joined(now);
    assert_eq!((session.next_seq(), session.next_seq()), (1, 2));
    let ack = |seq| frame("", seq, server_frame::Kind::Ack(Ack {}));
    assert!(session.accept(ack(1), &content, now).expect("valid").is_none());
    assert!(!session.is_settled());
    assert!(session.accept(ack(2), &content, now).expect("valid").is_none());
    assert!(session.is_settled());
    let outcome = session.accept(ack(3), &content, now);
    assert!(matches!(outcome, Err(Fault::AcknowledgedUnsent { acknowledged: 3, sent: 2 })));
}

#[test]
fn a_refusal_is_a_fault_with_its_code() {
    let now = Instant::now();
    let error = Error { code: "rate_limited".to_owned(), seq: 4, ..Error::default() };
    let outcome = joined(now).accept(frame("", 0, server_frame::Kind::Error(error)), &Content::new(None), now);
    assert!(matches!(outcome, Err(Fault::Refused { code, seq: 4, .. }) if code == "rate_limited"));
}

#[test]
fn an_acknowledgement_is_due_200_ms_after_the_first_frame() {
    let (now, content) = (Instant::now(), Content::new(None));
    let mut session = with_peer(now);
    let later = now + Duration::from_millis(150);
    session.accept(frame("c2", 0, content.from_server(Kind::Offer, 1, PEER)), &content, now).expect("valid");
    session.accept(frame("c3", 0, content.from_server(Kind::Offer, 2, PEER)), &content, later).expect("valid");
    assert_eq!(session.ack_due(), Some(now + ACK_DELAY));
    assert_eq!(session.take_ack(now + ACK_DELAY - Duration::from_millis(1)), "");
    assert_eq!(session.take_ack(now + ACK_DELAY), "c3");
    assert_eq!(session.take_ack(now + ACK_DELAY), "");
    assert_eq!(session.ack_due(), None);
}

#[test]
fn an_acknowledgement_is_due_at_once_after_32_frames() {
    let (now, content) = (Instant::now(), Content::new(None));
    let mut session = with_peer(now);
    for number in 1..=ACK_FRAMES {
        assert_eq!(session.take_ack(now), "", "{number}");
        let cursor = format!("c{number}");
        session.accept(frame(&cursor, 0, content.from_server(Kind::Chat, number, PEER)), &content, now).expect("valid");
    }
    assert_eq!(session.take_ack(now), "c32");
}

#[test]
fn a_resume_is_this_sessions_and_says_whether_it_recovered() {
    let now = Instant::now();
    let resumed = |sid: &str, recovered| {
        frame(
            "",
            0,
            server_frame::Kind::Resumed(Resumed {
                sid: sid.to_owned(),
                recovered,
                resume_token: "u".to_owned(),
                ..Resumed::default()
            }),
        )
    };
    let mut session = joined(now);
    assert!(session.resumed(resumed(ME, Some(true)), now).expect("valid"));
    assert_eq!(session.resume_point(), ("u", "c1"));
    assert!(session.resumed(resumed(PEER, Some(true)), now).is_err());
    assert!(session.resumed(resumed(ME, None), now).is_err());
}

#[test]
fn a_join_that_leaves_the_reader_out_of_the_roster_is_a_fault() {
    let snapshot = RoomSnapshot { participants: vec![participant(PEER)], ..RoomSnapshot::default() };
    let joined = Joined { sid: ME.to_owned(), snapshot: Some(snapshot), ..Joined::default() };
    assert!(Session::joined(frame("c1", 0, server_frame::Kind::Joined(joined)), Instant::now()).is_err());
}
