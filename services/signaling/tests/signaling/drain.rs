//! A server that stops moves its clients first.

use std::time::{Duration, Instant};

use antiphon_protocol::v1::participant;

use crate::support::{Came, TestServer, only, within};

#[tokio::test]
async fn every_client_is_asked_to_move_within_the_window_and_who_stays_is_closed_after_its_time() {
    const CLIENTS: usize = 24;
    let server = TestServer::start_with(|setup| {
        setup.signaling.drain_window.0 = Duration::from_millis(800);
        setup.signaling.drain_retry_after.0 = Duration::from_millis(600);
    });
    let mut clients = Vec::new();
    for number in 0..CLIENTS {
        clients.push(server.person(&format!("client {number}")).in_room(&format!("room {}", number % 5)).join().await);
    }
    let began = Instant::now();
    let leaving: Vec<_> = clients
        .into_iter()
        .map(|mut client| {
            tokio::spawn(async move {
                let go_away = client.expect(only!(GoAway)).await;
                let told = began.elapsed();
                client.chat("still here").await;
                client.expect_chat("still here").await;
                (go_away, told, client.closed().await.1, began.elapsed())
            })
        })
        .collect();
    let left_over = within("the drain", server.signaling.drain(Duration::from_secs(8))).await;
    assert_eq!(left_over, 0, "drain returns when all have gone");
    let mut told = Vec::new();
    let mut waits = Vec::new();
    for client in leaving {
        let (go_away, at, code, gone) = client.await.expect("a client");
        assert_eq!(code, 1001);
        assert!((600..=1_200).contains(&go_away.retry_after_ms), "{go_away:?}");
        assert!(!go_away.reason.is_empty());
        let stayed = u32::try_from((gone - at).as_millis()).expect("seconds");
        assert!(stayed > go_away.retry_after_ms + 1_100, "closed after {stayed} ms: {go_away:?}");
        told.push(at);
        waits.push(go_away.retry_after_ms);
    }
    told.sort_unstable();
    waits.sort_unstable();
    assert!(told[CLIENTS - 1] - told[0] > Duration::from_millis(250), "not all at once: {told:?}");
    assert!(waits[CLIENTS - 1] - waits[0] > 100, "nor all back at once: {waits:?}");
    assert_eq!(server.metric("connections", &[]), 0.0);
}

#[tokio::test]
async fn a_client_moves_at_its_moment_to_another_server_and_nothing_is_lost_in_between() {
    let server = TestServer::start_with(|setup| {
        setup.signaling.drain_window.0 = Duration::from_millis(10);
        setup.signaling.drain_retry_after.0 = Duration::from_secs(3_600);
    });
    let other = server.replica();
    let mut bob = other.person("bob").join().await;
    let mut ada = server.person("ada").join().await;
    let drain = server.signaling.drain(Duration::from_secs(8));
    let moving = async {
        ada.expect(only!(GoAway)).await;
        ada.chat("over the old one").await;
        bob.expect_chat("over the old one").await;
        bob.chat("answer").await;
        ada.expect_chat("answer").await;
        let (mut session, mut old) = ada.split();
        session.person = other.person("ada");
        let (mut ada, resumed) = session.resume().await;
        assert_eq!((resumed.recovered, resumed.last_seq), (Some(true), 1));
        ada.chat("over the new one").await;
        bob.expect_chat("over the new one").await;
        while let Came::Frame(_) = old.came().await {}
        assert_eq!(bob.chats(), ["over the old one", "answer", "over the new one"]);
        let lost = bob.kinds().filter_map(only!(ParticipantUpdated)).filter_map(|updated| updated.participant);
        assert!(lost.into_iter().all(|who| who.state() == participant::State::Connected), "nobody saw it go");
    };
    let (left, ()) = tokio::join!(drain, moving);
    assert_eq!(left, 0, "who has moved is not waited for");
}

#[tokio::test]
async fn who_connects_during_the_drain_is_sent_on_at_once() {
    let server = TestServer::start_with(|setup| {
        setup.signaling.drain_window.0 = Duration::from_millis(10);
        setup.signaling.drain_retry_after.0 = Duration::from_secs(3_600);
    });
    let mut ada = server.person("ada").join().await;
    let drain = server.signaling.drain(Duration::from_secs(8));
    let moving = async {
        ada.expect(only!(GoAway)).await;
        // It may be the only server there is: the session can be resumed here.
        let (mut ada, resumed) = ada.split().0.resume().await;
        assert_eq!(resumed.recovered, Some(true));
        ada.expect(only!(GoAway)).await;
        assert_eq!(ada.closed().await.1, 1001);
        let mut bob = server.person("bob").in_room("new").join().await;
        bob.expect(only!(GoAway)).await;
        assert_eq!(bob.closed().await.1, 1001);
    };
    tokio::join!(drain, moving);
}

#[tokio::test]
async fn a_moved_session_is_disconnected_to_the_others_and_not_gone() {
    let server = TestServer::start_with(|setup| {
        setup.signaling.drain_window.0 = Duration::from_millis(400);
        setup.signaling.drain_retry_after.0 = Duration::from_millis(20);
    });
    let mut one = server.person("one").join().await;
    let mut two = server.person("two").join().await;
    one.expect(only!(ParticipantJoined)).await;
    let drain = server.signaling.drain(Duration::from_secs(8));
    let moving = async {
        let (first, second) = tokio::select! {
            _ = one.expect(only!(GoAway)) => (&mut one, &mut two),
            _ = two.expect(only!(GoAway)) => (&mut two, &mut one),
        };
        first.closed().await;
        let seen = second.closed().await;
        assert_eq!(seen, (None, 1001), "the session is not over");
        let disconnected =
            second.kinds().filter_map(only!(ParticipantUpdated)).filter_map(|updated| updated.participant);
        let states: Vec<_> = disconnected.filter(|who| who.sid == first.sid).map(|who| who.state()).collect();
        assert!(states.is_empty() || states == [participant::State::Disconnected], "{states:?}");
    };
    tokio::join!(drain, moving);
}

#[tokio::test]
async fn a_drain_gives_up_on_time_and_tells_how_many_are_left() {
    let server = TestServer::start_with(|setup| setup.signaling.drain_window.0 = Duration::from_secs(3_600));
    let _ada = server.person("ada").join().await;
    let _bob = server.person("bob").join().await;
    let left = within("the deadline", server.signaling.drain(Duration::from_millis(50))).await;
    assert!((1..=2).contains(&left), "{left}");
}
