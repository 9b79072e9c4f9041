//! Coming and going: what a newcomer is given, and what the others see of it.

use std::{collections::BTreeMap, time::Duration};

use antiphon_protocol::v1::{self, client_frame, left, participant, server_frame::Kind};
use antiphon_service_kit::config::ByteSize;
use serde_json::json;

use crate::support::{ACME, Person, TestServer, claims, only, signed};

fn identities(snapshot: &v1::RoomSnapshot) -> Vec<&str> {
    snapshot.participants.iter().map(|participant| participant.identity.as_str()).collect()
}

#[tokio::test]
async fn a_newcomer_is_given_the_room_as_it_is_and_then_what_comes_later() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    ada.chat("before").await;
    ada.expect_chat("before").await;

    let mut bob = server.person("bob").join().await;
    let snapshot = bob.joined.snapshot.clone().expect("a snapshot");
    assert_eq!(identities(&snapshot), ["ada", "bob"], "in the order in which they came");
    assert_eq!(snapshot.participants[1].sid, bob.sid);
    assert_eq!(snapshot.participants[1].state(), participant::State::Connected);
    assert_eq!(snapshot.chat.iter().map(|chat| chat.text.as_str()).collect::<Vec<_>>(), ["before"]);
    assert_eq!(snapshot.room.expect("the room").name, "rehearsal");
    assert!(!bob.joined.waiting);

    let newcomer = ada.expect(only!(ParticipantJoined)).await.participant.expect("a participant");
    assert_eq!((newcomer.sid.as_str(), newcomer.identity.as_str()), (bob.sid.as_str(), "bob"));

    ada.chat("after").await;
    bob.expect_chat("after").await;
    assert_eq!(bob.flush().await, []);
    assert_eq!(bob.seen.len(), 1 + 1 + 2, "joined, one message, two pongs: {:?}", bob.seen);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn snapshot_and_what_follows_fit_together_whenever_one_joins() {
    const MESSAGES: usize = 300;
    let server = TestServer::start_with(|setup| setup.rooms.chat_history = 1_000);
    let mut speaker = server.person("speaker").join().await;
    let newcomers: Vec<_> = (0..20)
        .map(|number| {
            let person = server.person(&format!("newcomer-{number}"));
            tokio::spawn(async move {
                let mut client = person.join().await;
                let last = format!("message {}", MESSAGES - 1);
                let snapshot = client.joined.snapshot.clone().expect("a snapshot");
                let mut texts: Vec<String> = snapshot.chat.into_iter().map(|chat| chat.text).collect();
                if texts.last() != Some(&last) {
                    client.expect_chat(&last).await;
                }
                texts.extend(client.chats().into_iter().map(str::to_owned));
                texts
            })
        })
        .collect();
    for number in 0..MESSAGES {
        speaker.chat(&format!("message {number}")).await;
        if number % 10 == 0 {
            speaker.expect_chat(&format!("message {number}")).await;
        }
    }
    let all: Vec<String> = (0..MESSAGES).map(|number| format!("message {number}")).collect();
    for newcomer in newcomers {
        assert_eq!(newcomer.await.expect("a client"), all);
    }
}

#[tokio::test]
async fn who_one_is_comes_from_the_token_and_join_overrides_how_one_is_shown() {
    let server = TestServer::start();
    let mut claims = claims(ACME, "ada", "rehearsal", &json!({}));
    claims["name"] = json!("Ada");
    claims["metadata"] = json!("from the token");
    claims["attributes"] = json!({ "instrument": "viola" });
    let person = server.person("ada").with_token(signed(ACME, &claims));

    let shown = |client: &crate::support::Client| {
        let snapshot = client.joined.snapshot.clone().expect("a snapshot");
        let me = snapshot.participants.into_iter().find(|other| other.sid == client.sid).expect("the reader");
        (me.identity, me.name, me.metadata, me.attributes)
    };
    let viola = BTreeMap::from([("instrument".to_owned(), "viola".to_owned())]);
    let ada = person.join().await;
    assert_eq!(shown(&ada), ("ada".to_owned(), "Ada".to_owned(), "from the token".to_owned(), viola));

    let violin = BTreeMap::from([("instrument".to_owned(), "violin".to_owned())]);
    let join = v1::Join { name: Some("Countess".to_owned()), attributes: violin.clone(), ..v1::Join::default() };
    let ada = person.joining_as(join).join().await;
    assert_eq!(shown(&ada), ("ada".to_owned(), "Countess".to_owned(), "from the token".to_owned(), violin));
}

#[tokio::test]
async fn a_token_without_a_room_lets_the_join_frame_name_it() {
    let server = TestServer::start();
    let mut claims = claims(ACME, "ada", "x", &json!({}));
    claims["grants"] = json!({ "join": true });
    let person = server.person("ada").with_token(signed(ACME, &claims));
    let in_room = |room: &str| v1::Join { room: room.to_owned(), ..v1::Join::default() };

    let ada = person.clone().joining_as(in_room("stage")).join().await;
    assert_eq!(ada.joined.snapshot.clone().and_then(|snapshot| snapshot.room).expect("a room").name, "stage");

    let rejected = person.rejected().await;
    assert_eq!((rejected.code(), rejected.close), ("invalid_argument", 4003));
    let rejected = person.joining_as(in_room("a\u{7}b")).rejected().await;
    assert_eq!((rejected.code(), rejected.error.field.as_str()), ("invalid_argument", "room"));
}

#[tokio::test]
async fn joined_tells_the_limits_that_are_configured() {
    let server = TestServer::start_with(|setup| {
        setup.signaling.max_message_bytes = ByteSize(20_000);
        setup.rooms.max_chat_bytes = 77;
        setup.rooms.resume_window_ms = 12_345;
        setup.signaling.ping_interval.0 = Duration::from_secs(7);
    });
    let limits = server.person("ada").join().await.joined.limits.expect("limits");
    assert_eq!(limits.max_message_bytes, 20_000);
    assert_eq!(limits.max_sdp_bytes, 256 * 1024);
    assert_eq!(limits.max_chat_bytes, 77);
    assert_eq!(limits.resume_window_ms, 12_345);
    assert_eq!(limits.ping_interval_ms, 7_000);
    assert_eq!((limits.messages_per_second, limits.burst), (1_000_000, 1_000_000));
}

#[tokio::test]
async fn who_leaves_is_told_so_and_the_others_see_it_go() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let mut bob = server.person("bob").join().await;
    let seq = bob.send(client_frame::Kind::Leave(v1::Leave {})).await;
    let (left, code) = bob.closed().await;
    assert_eq!(left.expect("left").reason(), left::Reason::ClientLeft);
    assert_eq!((code, bob.acked), (1000, seq));

    let gone = ada.expect(only!(ParticipantLeft)).await;
    assert_eq!((&gone.sid, gone.identity.as_str()), (&bob.sid, "bob"));
    assert_eq!(gone.reason(), left::Reason::ClientLeft);
    let carol = server.person("carol").join().await;
    assert_eq!(identities(&carol.joined.snapshot.clone().expect("a snapshot")), ["ada", "carol"]);
}

#[tokio::test]
async fn a_room_that_has_been_empty_for_long_enough_is_forgotten() {
    let server = TestServer::start_with(|setup| setup.rooms.empty_timeout_ms = 50);
    let history = |client: &crate::support::Client| client.joined.snapshot.clone().expect("a snapshot").chat.len();
    let mut ada = server.person("ada").join().await;
    ada.chat("remember me").await;
    ada.expect_chat("remember me").await;
    assert_eq!(history(&server.person("bob").join().await), 1);
    ada.send(client_frame::Kind::Leave(v1::Leave {})).await;
    ada.closed().await;
    // Bob's connection was dropped: his session would hold the room until its resume window is over.
    let mut bob = server.person("bob").join().await;
    bob.send(client_frame::Kind::Leave(v1::Leave {})).await;
    bob.closed().await;

    server.until_room_is_gone("rehearsal").await;
    assert_eq!(history(&server.person("carol").join().await), 0);
}

#[tokio::test]
async fn everyone_has_another_sid_also_the_same_person_twice() {
    let server = TestServer::start();
    let person: Person = server.person("ada");
    let (one, two) = (person.join().await, person.clone().in_room("other").join().await);
    let three = person.join().await;
    assert!(one.sid != two.sid && two.sid != three.sid && one.sid != three.sid);
    assert!(one.resume_token != three.resume_token);
    let Some(Kind::Joined(_)) = &one.seen[0].kind else { panic!("joined comes first") };
}
