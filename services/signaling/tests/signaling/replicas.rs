//! Two servers of the same rooms.

use std::{sync::Arc, time::Duration};

use antiphon_protocol::v1::participant::State;
use antiphon_service_kit::config::HumanDuration;

use crate::support::{Faults, Setup, TestServer};

/// A lease that runs out soon.
fn short_lease(setup: &mut Setup) {
    setup.signaling.lease = HumanDuration(Duration::from_millis(300));
}

#[tokio::test]
async fn members_of_one_room_hear_each_other_across_replicas() {
    let one = TestServer::start();
    let other = one.replica();
    let mut ada = one.person("ada").join().await;
    let mut bob = other.person("bob").join().await;
    for round in 0..10 {
        let (call, answer) = (format!("call {round}"), format!("answer {round}"));
        ada.chat(&call).await;
        bob.expect_chat(&call).await;
        bob.chat(&answer).await;
        ada.expect_chat(&answer).await;
    }
}

#[tokio::test]
async fn who_has_seen_what_the_other_replica_appended_does_not_lose_the_next_race() {
    let one = TestServer::start();
    let other = one.replica();
    let mut ada = one.person("ada").join().await;
    let mut bob = other.person("bob").join().await;
    ada.expect(crate::support::only!(ParticipantJoined)).await;
    let conflicts = |server: &TestServer| server.metric("append_conflicts_total", &[]);
    let before = conflicts(&one) + conflicts(&other);
    for round in 0..10 {
        ada.chat(&format!("call {round}")).await;
        bob.expect_chat(&format!("call {round}")).await;
        bob.chat(&format!("answer {round}")).await;
        ada.expect_chat(&format!("answer {round}")).await;
    }
    assert_eq!(conflicts(&one) + conflicts(&other), before);
}

#[tokio::test]
async fn connections_of_a_replica_that_died_are_shown_as_gone_and_resume_elsewhere() {
    let one = TestServer::start_with(short_lease);
    let faults = Arc::<Faults>::default();
    let other = one.replica_with(|setup| {
        short_lease(setup);
        setup.faults = Some(Arc::clone(&faults));
    });
    let mut ada = one.person("ada").join().await;
    let bob = other.person("bob").join().await;
    one.until_replicas(2).await;
    // It lives on, and nobody can know.
    faults.dies();
    ada.expect_state(&bob.sid, State::Disconnected).await;
    one.until_replicas(1).await;
    let (mut bob, resumed) = bob.cut().await.at(one.address).resume().await;
    assert_eq!(resumed.recovered, Some(true));
    ada.expect_state(&bob.sid, State::Connected).await;
    ada.chat("still here").await;
    bob.expect_chat("still here").await;
}

#[tokio::test]
async fn a_replica_that_was_out_of_touch_for_too_long_sends_its_clients_to_resume() {
    let one = TestServer::start_with(short_lease);
    let faults = Arc::<Faults>::default();
    let other = one.replica_with(|setup| {
        short_lease(setup);
        setup.faults = Some(Arc::clone(&faults));
    });
    let mut ada = one.person("ada").join().await;
    let mut bob = other.person("bob").join().await;
    faults.dies();
    ada.expect_state(&bob.sid, State::Disconnected).await;
    faults.lives();
    assert_eq!(bob.closed().await.1, 1013);
    let (bob, resumed) = bob.cut().await.resume().await;
    assert_eq!(resumed.recovered, Some(true));
    ada.expect_state(&bob.sid, State::Connected).await;
    one.until_replicas(2).await;
}

#[tokio::test]
async fn a_room_whose_last_replica_died_ends_all_the_same() {
    let quick = |setup: &mut Setup| {
        short_lease(setup);
        setup.rooms.resume_window_ms = 100;
        setup.rooms.empty_timeout_ms = 100;
    };
    let survivor = TestServer::start_with(quick);
    let faults = Arc::<Faults>::default();
    let other = survivor.replica_with(|setup| {
        quick(setup);
        setup.faults = Some(Arc::clone(&faults));
    });
    let _bob = other.person("bob").join().await;
    faults.dies();
    survivor.until_room_is_gone("rehearsal").await;
    survivor.until_replicas(1).await;
}

#[tokio::test]
async fn a_replica_that_stops_leaves_at_once() {
    let one = TestServer::start();
    let other = one.replica();
    let mut ada = one.person("ada").join().await;
    let bob = other.person("bob").join().await;
    one.until_replicas(2).await;
    // Bob's client does not do as it is told.
    assert_eq!(other.signaling.drain(Duration::from_millis(50)).await, 1);
    ada.expect_state(&bob.sid, State::Disconnected).await;
    one.until_replicas(1).await;
}
