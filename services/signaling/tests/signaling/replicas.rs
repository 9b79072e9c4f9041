//! Two servers of the same rooms.

use crate::support::TestServer;

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
