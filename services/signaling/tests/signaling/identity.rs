//! The same person joins again.

use antiphon_protocol::v1::{left, participant};
use antiphon_room_core::DuplicateIdentity;

use crate::support::{TestServer, only};

fn server(policy: DuplicateIdentity) -> TestServer {
    TestServer::start_with(|setup| setup.rooms.duplicate_identity = policy)
}

#[tokio::test]
async fn replace_ends_the_older_session() {
    let server = server(DuplicateIdentity::Replace);
    let mut bob = server.person("bob").join().await;
    let mut older = server.person("ada").join().await;
    let newer = server.person("ada").join().await;
    let (left, code) = older.closed().await;
    assert_eq!((left.expect("left").reason(), code), (left::Reason::DuplicateIdentity, 4010));
    let gone = bob.expect(only!(ParticipantLeft)).await;
    assert_eq!((&gone.sid, gone.reason()), (&older.sid, left::Reason::DuplicateIdentity));
    let came = bob.expect(only!(ParticipantJoined)).await.participant.expect("a participant");
    assert_eq!(came.sid, newer.sid);
    let present = newer.joined.snapshot.clone().expect("a snapshot").participants;
    assert_eq!(present.iter().map(|present| &present.sid).collect::<Vec<_>>(), [&bob.sid, &newer.sid]);

    // Joining again would throw the newer one out in turn: a client has to know.
    let (session, _socket) = older.split();
    assert_eq!(session.rejected().await.code(), "identity_taken");
}

#[tokio::test]
async fn reject_turns_the_newcomer_away_while_the_older_is_connected() {
    let server = server(DuplicateIdentity::Reject);
    let mut bob = server.person("bob").join().await;
    let mut older = server.person("ada").join().await;
    let rejected = server.person("ada").rejected().await;
    assert_eq!((rejected.code(), rejected.close), ("identity_taken", 4003));
    older.chat("still here").await;
    bob.expect_chat("still here").await;

    let older = older.cut().await;
    bob.expect_state(&older.sid, participant::State::Disconnected).await;
    server.person("ada").join().await;
    assert_eq!(older.rejected().await.code(), "identity_taken");
}

#[tokio::test]
async fn allow_lets_both_stay() {
    let server = server(DuplicateIdentity::Allow);
    let mut one = server.person("ada").join().await;
    let mut two = server.person("ada").join().await;
    one.chat("to myself").await;
    two.expect_chat("to myself").await;
    two.offer(&one.sid, "v=0").await;
    assert_eq!(one.expect(only!(Offer)).await.from, two.sid);
}
