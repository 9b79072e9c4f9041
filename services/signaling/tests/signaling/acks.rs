//! Client frames are numbered, settled once, and acknowledged together.

use std::time::{Duration, Instant};

use antiphon_protocol::v1::{self, client_frame, participant, server_frame::Kind};

use crate::support::{Client, TestServer, only};

async fn two(server: &TestServer) -> (Client, Client) {
    let mut ada = server.person("ada").join().await;
    let bob = server.person("bob").join().await;
    ada.expect(only!(ParticipantJoined)).await;
    (ada, bob)
}

#[tokio::test]
async fn an_acknowledgement_rides_on_whatever_is_sent_anyway() {
    let server = TestServer::start();
    let (mut ada, bob) = two(&server).await;
    let seq = ada.chat("hello").await;
    ada.expect_chat("hello").await;
    assert_eq!(ada.acked, seq, "on the echo");
    let seq = ada.candidate(&bob.sid, "c").await;
    assert_eq!(ada.flush().await, []);
    assert_eq!(ada.acked, seq, "on the pong");
    assert!(!ada.kinds().any(|kind| matches!(kind, Kind::Ack(_))), "no frame for the acknowledgement alone");
}

#[tokio::test]
async fn where_nothing_is_sent_an_acknowledgement_comes_alone_and_late() {
    let server = TestServer::start();
    let (mut ada, bob) = two(&server).await;
    let sent = Instant::now();
    for number in 0..3 {
        ada.candidate(&bob.sid, &number.to_string()).await;
    }
    assert_eq!(ada.next().await, Kind::Ack(v1::Ack {}));
    assert_eq!(ada.acked, 3, "one for all");
    assert!(sent.elapsed() >= Duration::from_millis(190), "held back for 200 ms, not {:?}", sent.elapsed());
}

#[tokio::test]
async fn every_32_frames_an_acknowledgement_comes_at_once() {
    let server = TestServer::start();
    let (mut ada, bob) = two(&server).await;
    for number in 0..320 {
        ada.candidate(&bob.sid, &number.to_string()).await;
    }
    ada.expect_ack(320).await;
    let acks = ada.kinds().filter(|kind| matches!(kind, Kind::Ack(_))).count();
    assert!((5..=20).contains(&acks), "{acks} acknowledgements of 320 frames");
}

#[tokio::test]
async fn a_number_that_was_settled_is_acknowledged_again_and_has_no_second_effect() {
    let server = TestServer::start();
    let (mut ada, mut bob) = two(&server).await;
    let again = |text: &str| client_frame::Kind::Chat(v1::SendChat { text: text.to_owned(), to: String::new() });
    let seq = ada.chat("once").await;
    ada.expect_chat("once").await;
    ada.candidate(&bob.sid, "once").await;
    ada.expect_ack(2).await;
    let before = ada.seen.len();
    ada.send_numbered(seq, again("twice")).await;
    let candidate = v1::Candidate { to: bob.sid.clone(), ..v1::Candidate::default() };
    ada.send_numbered(2, client_frame::Kind::Candidate(candidate)).await;
    ada.expect(only!(Ack)).await;
    assert_eq!(ada.seen[before..].len(), 1, "silently: {:?}", &ada.seen[before..]);
    assert_eq!(ada.seen[before].ack_seq, 2);
    ada.chat("next").await;
    bob.expect_chat("next").await;
    assert_eq!(bob.chats(), ["once", "next"]);
    assert_eq!(bob.kinds().filter(|kind| matches!(kind, Kind::Candidate(_))).count(), 1);
}

#[tokio::test]
async fn a_number_that_skips_is_refused_and_not_settled() {
    let server = TestServer::start();
    let (mut ada, mut bob) = two(&server).await;
    let chat = |text: &str| client_frame::Kind::Chat(v1::SendChat { text: text.to_owned(), to: String::new() });
    ada.send_numbered(3, chat("three")).await;
    let error = ada.expect_error(3).await;
    assert_eq!(error.code, "sequence_gap");
    assert!(error.message.contains('1'), "names the one to send: {}", error.message);
    for (seq, text) in [(1, "one"), (2, "two"), (3, "three")] {
        ada.send_numbered(seq, chat(text)).await;
    }
    bob.expect_chat("three").await;
    assert_eq!(bob.chats(), ["one", "two", "three"]);
}

#[tokio::test]
async fn a_frame_without_a_number_that_needs_one_is_refused() {
    let server = TestServer::start();
    let (mut ada, _bob) = two(&server).await;
    ada.send_numbered(0, client_frame::Kind::Chat(v1::SendChat::default())).await;
    let error = ada.expect_error(0).await;
    assert_eq!((error.code.as_str(), error.field.as_str()), ("invalid_argument", "seq"));
}

#[tokio::test]
async fn what_was_refused_is_told_once_also_when_the_connection_broke_before() {
    let server = TestServer::start();
    let (mut ada, mut bob) = two(&server).await;
    for directed in [true, false] {
        // One is refused by the mailboxes, one by the room.
        let seq = if directed {
            ada.offer("aaaaaaaaaaaaaaaa", "v=0").await
        } else {
            ada.send(client_frame::Kind::Unpublish(v1::Unpublish { track_id: "none".to_owned() })).await
        };
        let before = ada.seen.len();
        let cut = ada.cut().await;
        bob.expect_state(&cut.sid, participant::State::Disconnected).await;
        let (resumed_ada, resumed) = cut.resume().await;
        ada = resumed_ada;
        assert_eq!((resumed.recovered, resumed.last_seq), (Some(true), seq));
        assert_eq!(ada.expect_error(seq).await.code, "not_found");
        ada.flush().await;
        let errors = ada.seen[before..].iter().filter(|frame| matches!(frame.kind, Some(Kind::Error(_)))).count();
        assert_eq!(errors, 1);
    }
    // What was read is not told again.
    let before = ada.seen.len();
    let (mut ada, _) = ada.cut().await.resume().await;
    ada.flush().await;
    assert!(!ada.seen[before..].iter().any(|frame| matches!(frame.kind, Some(Kind::Error(_)))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_comes_no_later_than_its_acknowledgement() {
    const ROUNDS: usize = 200;
    let server = TestServer::start();
    let (mut ada, mut bob) = two(&server).await;
    // The room always has something else to tell her.
    let chatting = tokio::spawn(async move {
        for round in 0..ROUNDS {
            bob.chat(&round.to_string()).await;
        }
        bob
    });
    for _ in 0..ROUNDS {
        ada.send(client_frame::Kind::Unpublish(v1::Unpublish { track_id: "none".to_owned() })).await;
    }
    let last = ada.chat("last").await;
    ada.expect_ack(last).await;
    chatting.await.expect("bob");
    let mut told = 0;
    for frame in &ada.seen {
        if let Some(Kind::Error(error)) = &frame.kind {
            told = error.seq;
        }
        assert!(frame.ack_seq == last || frame.ack_seq <= told, "{} acknowledged when {told} was told", frame.ack_seq);
    }
    assert_eq!(told, last - 1);
}

#[tokio::test]
async fn a_frame_that_changes_nothing_is_settled_all_the_same() {
    let server = TestServer::start();
    let (mut ada, _bob) = two(&server).await;
    let seq = ada.send(client_frame::Kind::Update(v1::Update::default())).await;
    ada.expect_ack(seq).await;
    let (mut ada, resumed) = ada.cut().await.resume().await;
    assert_eq!(resumed.last_seq, seq, "what was acknowledged is not asked for again");
    ada.chat("next").await;
    ada.expect_chat("next").await;
}
