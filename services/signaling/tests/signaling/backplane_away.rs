//! What clients see while the backplane is out of reach, or slow at the wrong moment.

use std::sync::{Arc, atomic::Ordering};

use antiphon_protocol::v1::{self, client_frame, participant::State};

use crate::support::{Faults, TestServer, only, within};

fn server() -> (TestServer, Arc<Faults>) {
    let faults = Arc::<Faults>::default();
    (TestServer::start_with(|setup| setup.faults = Some(Arc::clone(&faults))), faults)
}

fn chat(text: &str) -> client_frame::Kind {
    client_frame::Kind::Chat(v1::SendChat { text: text.to_owned(), to: String::new() })
}

#[tokio::test]
async fn what_cannot_be_done_now_is_told_so_and_may_be_sent_again() {
    let (server, faults) = server();
    let mut ada = server.person("ada").join().await;
    let mut bob = server.person("bob").join().await;
    faults.no_append.store(true, Ordering::Relaxed);
    let seq = ada.chat("hello").await;
    let error = ada.expect_error(seq).await;
    assert_eq!(error.code, "unavailable");
    assert!(error.retry_after_ms.is_some_and(|wait| wait > 0));
    faults.no_append.store(false, Ordering::Relaxed);
    ada.send_numbered(seq, chat("hello")).await;
    bob.expect_chat("hello").await;

    faults.no_post.store(true, Ordering::Relaxed);
    let seq = ada.candidate(&bob.sid, "c").await;
    let error = ada.expect_error(seq).await;
    assert_eq!((error.code.as_str(), error.retry_after_ms.is_some()), ("unavailable", true));
    assert!(ada.acked < seq, "not settled");
    faults.no_post.store(false, Ordering::Relaxed);
    let again = v1::Candidate { to: bob.sid.clone(), candidate: Some("c".to_owned()), ..v1::Candidate::default() };
    ada.send_numbered(seq, client_frame::Kind::Candidate(again)).await;
    bob.expect(only!(Candidate)).await;
}

#[tokio::test]
async fn an_append_whose_answer_was_lost_is_not_done_twice() {
    let (server, faults) = server();
    let mut ada = server.person("ada").join().await;
    let mut bob = server.person("bob").join().await;
    faults.lose_append.store(true, Ordering::Relaxed);
    let seq = ada.chat("once").await;
    assert_eq!(ada.expect_error(seq).await.code, "unavailable");
    ada.send_numbered(seq, chat("twice")).await;
    ada.expect_ack(seq).await;
    ada.chat("next").await;
    bob.expect_chat("next").await;
    assert_eq!(bob.chats(), ["once", "next"]);
}

#[tokio::test]
async fn who_comes_while_it_is_away_is_told_to_come_back() {
    let (server, faults) = server();
    faults.no_load.store(true, Ordering::Relaxed);
    let rejected = server.person("ada").rejected().await;
    assert_eq!((rejected.code(), rejected.close), ("unavailable", 1013));
    assert!(rejected.error.retry_after_ms.is_some());
    faults.no_load.store(false, Ordering::Relaxed);
    server.person("ada").join().await;
}

#[tokio::test]
async fn who_is_in_a_room_that_is_out_of_reach_stays_connected_and_goes_on_when_it_is_back() {
    let (server, faults) = server();
    let mut ada = server.person("ada").join().await;
    let mut bob = server.person("bob").join().await;
    faults.dies();
    let seq = ada.chat("lost").await;
    assert_eq!(ada.expect_error(seq).await.code, "unavailable");
    for _ in 0..3 {
        ada.send_numbered(seq, chat("lost again")).await;
        assert_eq!(ada.expect_error(seq).await.code, "unavailable");
    }
    faults.lives();
    let mut text = String::from("unavailable");
    for attempt in 0.. {
        text = format!("attempt {attempt}");
        ada.send_numbered(seq, chat(&text)).await;
        if ada.settles(seq).await {
            break;
        }
    }
    bob.expect_chat(&text).await;
    assert_eq!(bob.chats(), [text.as_str()], "taken once");
}

#[tokio::test]
async fn a_connection_that_ended_while_the_room_was_out_of_reach_is_shown_as_gone_afterwards() {
    let (server, faults) = server();
    let mut ada = server.person("ada").join().await;
    let bob = server.person("bob").join().await;
    faults.dies();
    let seq = ada.chat("lost").await;
    ada.expect_error(seq).await;
    let bob = bob.cut().await;
    server.until_metric("sessions", &[], 1.0).await;
    faults.lives();
    ada.expect_state(&bob.sid, State::Disconnected).await;
}

#[tokio::test]
async fn a_join_whose_answer_was_lost_leaves_nobody_who_seems_connected() {
    let (server, faults) = server();
    let _ada = server.person("ada").join().await;
    faults.lose_append.store(true, Ordering::Relaxed);
    assert_eq!(server.person("eve").rejected().await.code(), "unavailable");
    let mut bob = server.person("bob").join().await;
    let known = bob.joined.snapshot.take().expect("a snapshot").participants;
    let eve = known.iter().find(|participant| participant.identity == "eve").expect("her join took place");
    if eve.state() != State::Disconnected {
        bob.expect_state(&eve.sid, State::Disconnected).await;
    }
}

#[tokio::test]
async fn mail_that_comes_while_a_snapshot_is_made_is_given() {
    let (server, faults) = server();
    let mut ada = server.person("ada").join().await.cut().await;
    ada.cursor.clear();
    let (sid, before) = (ada.sid.clone(), faults.may_go_on.forget_permits(usize::MAX));
    assert!(before > 0);
    let resuming = tokio::spawn(ada.resume());
    within("the resume", faults.resumed.acquire()).await.expect("never closed").forget();
    let mut bob = server.person("bob").join().await;
    let seq = bob.offer(&sid, "v=0").await;
    bob.expect_ack(seq).await;
    faults.may_go_on.add_permits(1);

    let (mut ada, resumed) = resuming.await.expect("resumed");
    let known = resumed.snapshot.expect("a snapshot").participants;
    assert_eq!(known.len(), 1, "the snapshot is older than Bob");
    ada.expect(only!(ParticipantJoined)).await;
    assert_eq!(ada.expect(only!(Offer)).await.from, bob.sid);
}
