//! Rooms of tenants never meet, whatever they are called.

use antiphon_protocol::v1::{self, client_frame, server_frame::Kind};
use serde_json::json;

use crate::support::{ACME, GLOBEX, Session, TestServer, token};

#[tokio::test]
async fn the_same_names_in_two_tenants_are_two_rooms() {
    let server = TestServer::start();
    let mut ours = server.person("ada").of(ACME).join().await;
    let mut theirs = server.person("ada").of(GLOBEX).join().await;
    let mut their_bob = server.person("bob").of(GLOBEX).moderator().join().await;
    ours.chat("ours").await;
    ours.expect_chat("ours").await;
    theirs.chat("theirs").await;
    their_bob.expect_chat("theirs").await;

    assert_eq!(theirs.joined.snapshot.clone().expect("a snapshot").participants.len(), 1);
    assert_eq!(their_bob.joined.snapshot.clone().expect("a snapshot").participants.len(), 2);
    ours.flush().await;
    theirs.flush().await;
    assert_eq!((ours.chats(), theirs.chats()), (vec!["ours"], vec!["theirs"]));
    assert!(!ours.kinds().any(|kind| matches!(kind, Kind::ParticipantJoined(_))));

    for kind in [
        client_frame::Kind::Offer(v1::Offer { to: ours.sid.clone(), ..v1::Offer::default() }),
        client_frame::Kind::Candidate(v1::Candidate { to: ours.sid.clone(), ..v1::Candidate::default() }),
        client_frame::Kind::Chat(v1::SendChat { to: ours.sid.clone(), text: "psst".to_owned() }),
        client_frame::Kind::Data(v1::Data { to: vec![ours.sid.clone()], ..v1::Data::default() }),
        client_frame::Kind::Kick(v1::Kick { sid: ours.sid.clone(), ..v1::Kick::default() }),
    ] {
        let seq = their_bob.send(kind).await;
        assert_eq!(their_bob.expect_error(seq).await.code, "not_found");
    }
    let lossy = v1::Data { to: vec![ours.sid.clone()], lossy: true, ..v1::Data::default() };
    their_bob.send_numbered(0, client_frame::Kind::Data(lossy)).await;
    their_bob.flush().await;
    assert_eq!(ours.flush().await, []);

    their_bob.send(client_frame::Kind::EndRoom(v1::EndRoom::default())).await;
    their_bob.closed().await;
    ours.chat("still ours").await;
    ours.expect_chat("still ours").await;
}

#[tokio::test]
async fn a_kick_and_a_resume_token_stay_in_their_tenant() {
    let server = TestServer::start();
    let ours = server.person("ada").of(ACME).join().await;
    let mut moderator = server.person("mo").of(GLOBEX).moderator().join().await;
    let theirs = server.person("ada").of(GLOBEX).join().await;
    let kick = v1::Kick { sid: theirs.sid.clone(), ..v1::Kick::default() };
    moderator.send(client_frame::Kind::Kick(kick)).await;
    moderator.expect_ack(1).await;
    assert_eq!(server.person("ada").of(GLOBEX).rejected().await.code(), "banned");

    let session = ours.cut().await;
    let foreign = token(GLOBEX, "ada", "rehearsal", &json!({ "admin": true }));
    let stolen = Session { person: session.person.clone().with_token(foreign), ..session.clone() };
    assert_eq!(stolen.rejected().await.code(), "resume_failed");
    session.resume().await;
}
