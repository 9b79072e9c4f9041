//! A session outlives its connection.

use antiphon_protocol::v1::{self, client_frame, left, participant, server_frame::Kind};

use crate::support::{ACME, Came, Client, GLOBEX, Session, TestServer, only, token};
use serde_json::json;

/// Acknowledges, and reads until the server has taken it.
async fn confirm(client: &mut Client) {
    client.flush().await;
    client.ack().await;
    client.flush().await;
}

#[tokio::test]
async fn what_was_missed_follows_in_order_and_nothing_comes_twice() {
    let server = TestServer::start();
    let ada = server.person("ada").join().await;
    let mut bob = server.person("bob").join().await;
    let ada = ada.cut().await;
    bob.expect_state(&ada.sid, participant::State::Disconnected).await;
    bob.chat("one").await;
    bob.candidate(&ada.sid, "c1").await;
    bob.whisper(&ada.sid, "two").await;
    bob.chat("three").await;
    bob.expect_chat("three").await;

    let before = ada.seen.len();
    let (mut ada, resumed) = ada.resume().await;
    assert_eq!((resumed.recovered, resumed.snapshot), (Some(true), None));
    bob.expect_state(&ada.sid, participant::State::Connected).await;
    ada.expect_chat("three").await;
    assert_eq!(ada.chats().iter().filter(|text| **text == "one").count(), 1);
    ada.flush().await;
    bob.candidate(&ada.sid, "c2").await;
    ada.expect(only!(Candidate)).await;
    if ada.kinds().filter(|kind| matches!(kind, Kind::Candidate(_))).count() < 2 {
        ada.expect(only!(Candidate)).await;
    }
    let mut chats = ada.chats();
    chats.sort_unstable();
    assert_eq!(chats, ["one", "three", "two"], "{:?}", &ada.seen[before..]);
    let candidates = ada.kinds().filter_map(only!(Candidate)).filter_map(|candidate| candidate.candidate);
    assert_eq!(candidates.collect::<Vec<_>>(), ["c1", "c2"]);

    let before = ada.seen.len();
    let (mut ada, _) = ada.cut().await.resume().await;
    ada.flush().await;
    let again = ada.seen[before..].iter().filter_map(|frame| frame.kind.as_ref());
    let again: Vec<_> = again.filter(|kind| matches!(kind, Kind::Chat(_) | Kind::Candidate(_))).collect();
    assert!(again.is_empty(), "{again:?}");
}

#[tokio::test]
async fn what_was_sent_before_the_cut_has_one_effect_however_often_it_is_sent() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let mut bob = server.person("bob").join().await;
    let seq = ada.chat("once").await;
    bob.expect_chat("once").await;
    let (mut ada, resumed) = ada.cut().await.resume().await;
    assert_eq!(resumed.last_seq, seq);
    let again = v1::SendChat { text: "twice".to_owned(), to: String::new() };
    ada.send_numbered(seq, client_frame::Kind::Chat(again)).await;
    ada.chat("next").await;
    bob.expect_chat("next").await;
    assert_eq!(bob.chats(), ["once", "next"]);
}

#[tokio::test]
async fn a_log_that_has_gone_too_far_gives_a_snapshot() {
    let server = TestServer::start();
    let ada = server.person("ada").join().await;
    let mut bob = server.person("bob").join().await;
    let ada = ada.cut().await;
    for number in 0..1_500 {
        bob.chat(&number.to_string()).await;
    }
    bob.expect_chat("1499").await;
    let (mut ada, resumed) = ada.resume().await;
    assert_eq!(resumed.recovered, Some(false));
    let snapshot = resumed.snapshot.expect("a snapshot");
    assert_eq!(snapshot.room.expect("a room").name, "rehearsal");
    assert_eq!(snapshot.participants.len(), 2);
    assert_eq!(snapshot.chat.last().expect("chat").text, "1499");
    ada.flush().await;
    assert_eq!(ada.chats(), Vec::<&str>::new(), "the snapshot has them");
    bob.chat("and on").await;
    ada.expect_chat("and on").await;
    let (_, resumed) = ada.cut().await.resume().await;
    assert_eq!(resumed.recovered, Some(true), "from the snapshot on");
}

#[tokio::test]
async fn a_mailbox_that_has_gone_too_far_gives_a_snapshot() {
    let server = TestServer::start_with(|setup| setup.limits.mailbox_messages = 8);
    let mut ada = server.person("ada").join().await;
    let mut bob = server.person("bob").join().await;
    ada.flush().await;
    let cursor = ada.cursor.clone();
    for number in 0..20 {
        bob.candidate(&ada.sid, &number.to_string()).await;
        ada.expect(only!(Candidate)).await;
    }
    let mut ada = ada.cut().await;
    ada.cursor = cursor;
    let (_, resumed) = ada.resume().await;
    assert_eq!(resumed.recovered, Some(false));
    assert!(resumed.snapshot.is_some());
}

#[tokio::test]
async fn a_cursor_of_no_use_gives_a_snapshot() {
    let server = TestServer::start();
    let mut session = server.person("ada").join().await.cut().await;
    for cursor in ["", "nonsense", "99999.0.0", "1.99999.0", "1.2.99999"] {
        cursor.clone_into(&mut session.cursor);
        let (client, resumed) = session.resume().await;
        assert_eq!(resumed.recovered, Some(false), "{cursor:?}");
        session = client.cut().await;
    }
}

#[tokio::test]
async fn the_resume_token_before_is_valid_until_the_new_connection_is_confirmed() {
    let server = TestServer::start();
    let first = server.person("ada").join().await.cut().await;
    // The answer with the second token is lost on the way, twice.
    let (lost, _) = first.clone().resume().await;
    let lost = lost.cut().await;
    let (again, _) = first.clone().resume().await;
    assert_ne!(again.resume_token, lost.resume_token);
    let mut ada = {
        let (session, _) = again.split();
        session.resume().await.0
    };
    confirm(&mut ada).await;

    assert_eq!(first.rejected().await.code(), "resume_failed", "the first token is used up");
    assert_eq!(lost.rejected().await.code(), "resume_failed", "a token that was replaced");
    let rejected = first.rejected().await;
    assert_eq!(rejected.close, 4003);
    ada.chat("unharmed").await;
    ada.expect_chat("unharmed").await;
    ada.cut().await.resume().await;
}

#[tokio::test]
async fn an_acknowledgement_of_what_came_before_does_not_confirm_the_new_connection() {
    let server = TestServer::start();
    let first = server.person("ada").join().await.cut().await;
    let (mut second, _) = first.clone().resume().await;
    let old = first.cursor.clone();
    second.socket().send(0, &old, client_frame::Kind::Ack(v1::Ack {})).await;
    second.flush().await;
    drop(second);
    first.resume().await;
}

#[tokio::test]
async fn a_newer_connection_closes_the_older_and_nobody_sees_a_break() {
    let server = TestServer::start();
    let mut bob = server.person("bob").join().await;
    let ada = server.person("ada").join().await;
    bob.expect(only!(ParticipantJoined)).await;
    let (session, mut old) = ada.split();
    let (mut ada, resumed) = session.resume().await;
    assert_eq!(resumed.recovered, Some(true));
    let code = loop {
        if let Came::Closed(code) = old.came().await {
            break code;
        }
    };
    assert_eq!(code, 4012);
    drop(old);
    ada.chat("on the new one").await;
    bob.expect_chat("on the new one").await;
    let broken = bob.kinds().any(|kind| {
        matches!(kind, Kind::ParticipantUpdated(v1::ParticipantUpdated { participant: Some(who) })
            if who.state() == participant::State::Disconnected)
    });
    assert!(!broken);
}

#[tokio::test]
async fn what_an_older_connection_still_sends_has_no_effect() {
    let server = TestServer::start();
    let mut bob = server.person("bob").join().await;
    let (session, mut old) = server.person("ada").join().await.split();
    let (mut ada, _) = session.resume().await;
    let chat = v1::SendChat { text: "from the grave".to_owned(), to: String::new() };
    old.send(1, "", client_frame::Kind::Chat(chat)).await;
    let candidate = v1::Candidate { to: bob.sid.clone(), ..v1::Candidate::default() };
    old.send(1, "", client_frame::Kind::Candidate(candidate)).await;
    while let Came::Frame(_) = old.came().await {}
    ada.chat("alive").await;
    bob.expect_chat("alive").await;
    assert_eq!(bob.chats(), ["alive"]);
    assert!(!bob.flush().await.iter().any(|kind| matches!(kind, Kind::Candidate(_))));
}

#[tokio::test]
async fn nobody_resumes_what_is_not_its_own() {
    let server = TestServer::start();
    let session = server.person("ada").join().await.cut().await;
    let as_if = |token: String| Session { person: session.person.clone().with_token(token), ..session.clone() };
    for (token, code) in [
        (token(ACME, "eve", "rehearsal", &json!({})), "resume_failed"),
        (token(GLOBEX, "ada", "rehearsal", &json!({})), "resume_failed"),
        (token(ACME, "ada", "other", &json!({})), "permission_denied"),
    ] {
        let rejected = as_if(token).rejected().await;
        assert_eq!((rejected.code(), rejected.close), (code, 4003));
    }
    let mut flipped = session.clone();
    let last = flipped.resume_token.pop().expect("not empty");
    flipped.resume_token.push(if last == '0' { '1' } else { '0' });
    let secret_at = flipped.resume_token.find('.').expect("parts") + 1;
    let wrong_secret = {
        let digit = if &session.resume_token[secret_at..=secret_at] == "0" { "1" } else { "0" };
        let mut token = session.resume_token.clone();
        token.replace_range(secret_at..=secret_at, digit);
        token
    };
    for token in ["", "nonsense", wrong_secret.as_str(), &"a".repeat(10_000)] {
        let wrong = Session { resume_token: token.to_owned(), ..session.clone() };
        assert_eq!(wrong.rejected().await.code(), "resume_failed", "{token}");
    }
    session.resume().await;
}

#[tokio::test]
async fn a_session_that_was_not_resumed_in_time_is_over() {
    let server = TestServer::start_with(|setup| setup.rooms.resume_window_ms = 100);
    let mut bob = server.person("bob").join().await;
    let ada = server.person("ada").join().await;
    assert_eq!(ada.joined.limits.expect("limits").resume_window_ms, 100);
    let ada = ada.cut().await;
    bob.expect_state(&ada.sid, participant::State::Disconnected).await;
    let gone = bob.expect(only!(ParticipantLeft)).await;
    assert_eq!((&gone.sid, gone.reason()), (&ada.sid, left::Reason::ResumeTimeout));
    assert_eq!(ada.rejected().await.code(), "resume_failed");
    let candidate = bob.candidate(&ada.sid, "late").await;
    assert_eq!(bob.expect_error(candidate).await.code, "not_found");
}

#[tokio::test]
async fn a_session_that_resumes_in_time_goes_on_behind_its_window() {
    let server = TestServer::start_with(|setup| setup.rooms.resume_window_ms = 600);
    let mut bob = server.person("bob").join().await;
    let ada = server.person("ada").join().await.cut().await;
    let other = server.person("other").join().await;
    bob.expect_state(&ada.sid, participant::State::Disconnected).await;
    let (mut ada, _) = ada.resume().await;
    // Somebody who broke later and does not come back marks the time.
    let other = other.cut().await;
    let gone = bob.expect(only!(ParticipantLeft)).await;
    assert_eq!(gone.sid, other.sid);
    ada.chat("still here").await;
    bob.expect_chat("still here").await;
}

#[tokio::test]
async fn a_session_that_ended_is_not_resumed() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    ada.send(client_frame::Kind::Leave(v1::Leave {})).await;
    ada.closed().await;
    assert_eq!(ada.split().0.rejected().await.code(), "resume_failed");
}

#[tokio::test]
async fn everyone_may_be_away_and_come_back() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let bob = server.person("bob").join().await;
    ada.chat("before").await;
    ada.expect_chat("before").await;
    let (ada, bob) = (ada.cut().await, bob.cut().await);
    server.until_metric("rooms", &[], 0.0).await;
    let (mut ada, resumed) = ada.resume().await;
    assert_eq!(resumed.recovered, Some(true), "the backplane has it still");
    let (mut bob, _) = bob.resume().await;
    bob.expect_chat("before").await;
    ada.chat("after").await;
    bob.expect_chat("after").await;
    assert_eq!(bob.chats(), ["before", "after"]);
}

#[tokio::test]
async fn everyone_may_be_away_wherever_the_log_has_its_snapshots() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let mut bob = server.person("bob").join().await;
    for round in 0..8 {
        let away = bob.cut().await;
        for number in 0..100 {
            ada.chat(&format!("{round}.{number}")).await;
        }
        ada.expect_chat(&format!("{round}.99")).await;
        let ada_away = ada.cut().await;
        server.until_metric("rooms", &[], 0.0).await;
        let (back, resumed) = away.resume().await;
        assert_eq!(resumed.recovered, Some(true), "bob in round {round}");
        bob = back;
        bob.expect_chat(&format!("{round}.99")).await;
        let (back, resumed) = ada_away.resume().await;
        assert_eq!(resumed.recovered, Some(true), "ada in round {round}");
        ada = back;
    }
    assert_eq!(bob.chats().len(), 800);
}

#[tokio::test]
async fn a_client_that_never_acknowledges_is_given_everything() {
    let server = TestServer::start_with(|setup| setup.limits.mailbox_messages = 16);
    let mut ada = server.person("ada").join().await;
    let mut bob = server.person("bob").join().await;
    for number in 0..100 {
        bob.candidate(&ada.sid, &number.to_string()).await;
        assert_eq!(ada.expect(only!(Candidate)).await.candidate, Some(number.to_string()));
    }
    ada.chat("fine").await;
    bob.expect_chat("fine").await;
    assert!(!bob.kinds().any(|kind| matches!(kind, Kind::Error(_))));
}

#[tokio::test]
async fn a_cursor_from_before_one_joined_shows_nothing_that_was_said_then() {
    let server = TestServer::start_with(|setup| setup.rooms.chat_history = 0);
    let mut ada = server.person("ada").join().await;
    ada.chat("between us").await;
    ada.expect_chat("between us").await;
    let mut eve = server.person("eve").join().await.cut().await;
    let (epoch, _) = eve.cursor.split_once('.').expect("a cursor");
    eve.cursor = format!("{epoch}.0.0");
    let (mut eve, resumed) = eve.resume().await;
    assert_eq!(resumed.recovered, Some(false));
    ada.chat("to all").await;
    eve.expect_chat("to all").await;
    assert_eq!(eve.chats(), ["to all"]);
}
