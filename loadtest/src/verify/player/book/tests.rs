use antiphon_protocol::v1::{ChatMessage, Limits, Participant, Pong};

use super::*;

fn sid(who: u8) -> Sid {
    Sid::from_random([who; 10])
}

const ME: u8 = 1;
const PEER: u8 = 2;

fn frame(cursor: &str, ack_seq: u32, kind: server_frame::Kind) -> ServerFrame {
    ServerFrame { cursor: cursor.to_owned(), ack_seq, kind: Some(kind) }
}

fn snapshot() -> Option<RoomSnapshot> {
    let participants = [ME, PEER].map(|who| Participant { sid: sid(who).to_string(), ..Participant::default() });
    Some(RoomSnapshot { participants: participants.to_vec(), ..RoomSnapshot::default() })
}

fn joined(now: Instant) -> Book {
    let joined = Joined {
        sid: sid(ME).to_string(),
        resume_token: "t".to_owned(),
        snapshot: snapshot(),
        limits: Some(Limits { ping_interval_ms: 1_000, ..Limits::default() }),
        ..Joined::default()
    };
    let (book, event) = Book::joined(frame("1.2.0", 0, server_frame::Kind::Joined(joined)), now).expect("joined");
    assert!(matches!(event, Event::Joined { roster, .. } if roster.len() == 2));
    book
}

/// A book that wrote so many messages, all of which went out.
fn having_sent(count: u32, now: Instant) -> Book {
    let mut book = joined(now);
    for _ in 0..count {
        book.write(Kind::Chat, None);
    }
    assert_eq!(outgoing(&mut book, now), (1..=count).collect::<Vec<_>>());
    book
}

/// The numbers of what goes out now.
fn outgoing(book: &mut Book, now: Instant) -> Vec<u32> {
    std::iter::from_fn(|| book.next(now)).map(|frame| frame.seq).collect()
}

fn take(book: &mut Book, frame: ServerFrame, now: Instant) -> Taken {
    book.take_in(frame, now).expect("a correct frame")
}

fn ack(seq: u32) -> ServerFrame {
    frame("", seq, server_frame::Kind::Ack(Ack {}))
}

fn error(code: &str, seq: u32) -> ServerFrame {
    let error = Error { code: code.to_owned(), seq, retry_after_ms: Some(500), ..Error::default() };
    frame("", 0, server_frame::Kind::Error(error))
}

fn resumed(recovered: bool, last_seq: u32) -> ServerFrame {
    let resumed = Resumed {
        recovered: Some(recovered),
        resume_token: "u".to_owned(),
        last_seq,
        snapshot: snapshot().filter(|_| !recovered),
        sid: sid(ME).to_string(),
        ..Resumed::default()
    };
    frame("1.5.0", 0, server_frame::Kind::Resumed(resumed))
}

fn back(book: &mut Book, frame: ServerFrame, now: Instant) -> Vec<Event> {
    match book.resumed(frame, now) {
        Ok(Welcome::Back(events)) => events,
        other => panic!("{other:?}"),
    }
}

fn chat(seq: u32, cursor: &str) -> ServerFrame {
    let stamp = Stamp { from: sid(PEER), to: None, number: 1 };
    let client_frame::Kind::Chat(sent) = letter::write(Kind::Chat, &stamp) else { unreachable!("a chat") };
    let chat = ChatMessage { sid: sid(PEER).to_string(), text: sent.text, seq, ..ChatMessage::default() };
    frame(cursor, 0, server_frame::Kind::Chat(chat))
}

#[test]
fn an_acknowledgement_settles_everything_up_to_it() {
    let now = Instant::now();
    let mut book = having_sent(3, now);
    assert_eq!(take(&mut book, ack(2), now).events, [Event::Accepted { seq: 1 }, Event::Accepted { seq: 2 }]);
    assert_eq!(book.unsettled(), 1);
    assert!(book.take_in(ack(4), now).is_err(), "never sent");
}

#[test]
fn a_refusal_settles_its_frame_and_what_came_before_was_accepted() {
    let now = Instant::now();
    let mut book = having_sent(2, now);
    let events = take(&mut book, error("not_found", 2), now).events;
    assert_eq!(events, [Event::Accepted { seq: 1 }, Event::Void { seq: 2 }]);
    assert!(book.take_in(error("malformed", 3), now).is_err(), "nothing malformed was sent");
}

#[test]
fn what_lies_above_last_seq_goes_out_again() {
    let now = Instant::now();
    let mut book = having_sent(4, now);
    assert_eq!(back(&mut book, resumed(true, 2), now), [Event::Recovered]);
    assert_eq!(outgoing(&mut book, now), [3, 4]);
}

#[test]
fn behind_a_resume_a_refusal_may_come_after_the_acknowledgement_until_the_replay_is_over() {
    let now = Instant::now();
    let mut book = having_sent(3, now);
    back(&mut book, resumed(true, 3), now);
    assert!(book.is_replaying());
    let Some(client_frame::Kind::Ping(ping)) = book.ping().kind else { panic!("a ping") };
    assert_eq!(take(&mut book, ack(3), now).events, []);
    let refused = take(&mut book, error("not_found", 2), now).events;
    assert_eq!(refused, [Event::Accepted { seq: 1 }, Event::Void { seq: 2 }]);
    let pong = frame("", 0, server_frame::Kind::Pong(Pong { id: ping.id }));
    assert_eq!(take(&mut book, pong, now).events, [Event::Accepted { seq: 3 }]);
    assert!(!book.is_replaying());
}

#[test]
fn behind_a_hole_nobody_knows_what_became_of_what_was_settled() {
    let now = Instant::now();
    let mut book = having_sent(3, now);
    let events = back(&mut book, resumed(false, 2), now);
    assert_eq!(events[..2], [Event::Void { seq: 1 }, Event::Void { seq: 2 }]);
    assert!(matches!(&events[2], Event::Snapshot { roster, .. } if roster.len() == 2));
    assert_eq!(outgoing(&mut book, now), [3]);
}

#[test]
fn a_new_epoch_has_everything_unsettled_sent_again() {
    let now = Instant::now();
    let mut book = having_sent(2, now);
    let told = server_frame::Kind::Snapshot(antiphon_protocol::v1::Snapshot {
        reason: snapshot::Reason::EpochChanged as i32,
        snapshot: snapshot(),
    });
    let events = take(&mut book, frame("2.1.0", 0, told), now).events;
    assert!(matches!(&events[..], [Event::Snapshot { position, .. }] if position.epoch == 2), "{events:?}");
    assert_eq!(outgoing(&mut book, now), [1, 2]);
}

#[test]
fn a_frame_that_is_not_settled_waits_and_goes_out_again_with_what_was_on_its_way_behind_it() {
    let now = Instant::now();
    let mut book = having_sent(3, now);
    let taken = take(&mut book, error("unavailable", 1), now);
    assert_eq!((taken.ask, taken.events), (Ask::Unavailable, vec![]));
    assert!(outgoing(&mut book, now).is_empty());
    for seq in [2, 3] {
        assert_eq!(take(&mut book, error("sequence_gap", seq), now).ask, Ask::Nothing);
    }
    let later = now + Duration::from_millis(500);
    assert_eq!(book.due(), Some(later));
    assert_eq!(outgoing(&mut book, later), [1, 2, 3]);
    assert_eq!(take(&mut book, error("sequence_gap", 3), later).ask, Ask::Reconnect, "not expected");
}

#[test]
fn a_second_copy_by_sender_and_number_is_dropped() {
    let now = Instant::now();
    let mut book = joined(now);
    assert_eq!(take(&mut book, chat(7, "1.3.0"), now).events.len(), 1);
    assert_eq!(take(&mut book, chat(7, "1.4.0"), now).events.len(), 0);
    assert_eq!(take(&mut book, chat(8, "1.5.0"), now).events.len(), 1, "the checker's business");
}

#[test]
fn a_message_without_a_cursor_or_for_somebody_else_is_wrong() {
    let now = Instant::now();
    let mut book = joined(now);
    assert!(book.take_in(chat(7, ""), now).is_err());
    let stamp = Stamp { from: sid(PEER), to: Some(sid(3)), number: 1 };
    let client_frame::Kind::Offer(offer) = letter::write(Kind::Offer, &stamp) else { unreachable!("an offer") };
    let offer = antiphon_protocol::v1::Offer { from: sid(PEER).to_string(), seq: 9, ..offer };
    assert!(book.take_in(frame("1.3.1", 0, server_frame::Kind::Offer(offer)), now).is_err());
}

#[test]
fn the_end_of_a_session_has_a_cause() {
    let now = Instant::now();
    let left = |reason: left::Reason| {
        let left = antiphon_protocol::v1::Left { reason: reason as i32, ..Default::default() };
        frame("", 0, server_frame::Kind::Left(left))
    };
    let mut book = joined(now);
    assert!(book.take_in(left(left::Reason::ClientLeft), now).is_err(), "it did not ask");
    assert_eq!(take(&mut book, left(left::Reason::Kicked), now).ask, Ask::Over(Ending::Told));
    book.leave();
    assert_eq!(take(&mut book, left(left::Reason::ClientLeft), now).ask, Ask::Over(Ending::Left));
}

#[test]
fn a_resume_of_another_session_or_refused_without_a_known_cause_is_wrong() {
    let now = Instant::now();
    let mut book = having_sent(1, now);
    assert!(book.resumed(resumed(true, 2), now).is_err(), "seq 2 was never sent");
    assert!(book.resumed(error("permission_denied", 0), now).is_err());
    assert!(matches!(book.resumed(error("resume_failed", 0), now), Ok(Welcome::Over)));
    let later = book.resumed(error("unavailable", 0), now);
    assert!(matches!(later, Ok(Welcome::Later(Some(after))) if after == Duration::from_millis(500)));
}
