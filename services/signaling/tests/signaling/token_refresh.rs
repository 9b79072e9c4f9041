//! A token that ends while its session goes on, where only the application can sign another.

use std::sync::Arc;

use antiphon_protocol::v1::{self, client_frame, left, participant, server_frame::Kind};
use serde_json::json;
use tokio::sync::Semaphore;

use crate::support::{ACME, Client, GLOBEX, Issuer, TestServer, claims, now_s, only, signed, token, until};

fn refresh(token: String) -> client_frame::Kind {
    client_frame::Kind::RefreshToken(v1::RefreshToken { token })
}

/// What is said of a token that was handed over and not taken.
fn refused(kind: &Kind) -> Option<v1::Error> {
    if let Kind::Error(error) = kind { Some(error.clone()).filter(|error| error.field == "token") } else { None }
}

fn server_of(issuer: &Issuer) -> TestServer {
    TestServer::start_with(|setup| setup.keys = Some(issuer.keys.clone()))
}

fn open() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(Semaphore::MAX_PERMITS))
}

/// Hands a token over that is to be taken.
async fn renew(client: &mut Client, token: String) -> v1::TokenRefreshed {
    client.send_numbered(0, refresh(token)).await;
    client.expect(only!(TokenRefreshed)).await
}

#[tokio::test]
async fn a_session_under_an_issuers_token_is_asked_for_another_and_outlives_the_first() {
    let issuer = Issuer::start(open());
    let server = server_of(&issuer);
    // Both have three seconds left, the leeway included.
    let ending = |identity| issuer.token(identity, &json!({}), &json!({ "iat": now_s() - 100, "exp": now_s() - 7 }));
    let mut bob = server.person("bob").with_token(ending("bob")).join().await;
    let mut ada = server.person("ada").with_token(ending("ada")).join().await;
    let expiring = ada.expect(only!(TokenExpiring)).await;
    assert_eq!(expiring.expires_in, 0, "it is in its leeway");
    let renewed = renew(&mut ada, issuer.token("ada", &json!({}), &json!({}))).await;
    assert!((3_598..=3_600).contains(&renewed.expires_in), "{renewed:?}");

    let (left, code) = bob.closed().await;
    assert_eq!((left.expect("left").reason(), code), (left::Reason::TokenExpired, 4010));
    let asked = bob.kinds().filter_map(only!(TokenExpiring)).count();
    assert!((2..=3).contains(&asked), "asked {asked} times in three seconds");
    // The first token of the other one ended in the same second.
    ada.chat("still here").await;
    ada.expect_chat("still here").await;
    assert_eq!(ada.kinds().filter_map(only!(TokenExpiring)).count(), 1);
    assert_eq!(server.metric("token_refreshes_total", &[("outcome", "brought")]), 1.0);
    assert!(server.metric("token_refreshes_total", &[("outcome", "issuer")]) >= 3.0);
}

#[tokio::test]
async fn the_question_comes_before_the_token_ends() {
    let issuer = Issuer::start(open());
    let server = server_of(&issuer);
    let expires = now_s() + 4;
    let short = issuer.token("ada", &json!({}), &json!({ "iat": expires - 36, "exp": expires }));
    let mut ada = server.person("ada").with_token(short).join().await;
    let expiring = ada.expect(only!(TokenExpiring)).await;
    assert!(now_s() < expires && (1..=4).contains(&expiring.expires_in), "{expiring:?}");
}

#[tokio::test]
async fn who_joined_with_a_key_that_is_gone_is_asked_too_and_may_bring_a_token_of_another() {
    let server = TestServer::start();
    let expires = now_s() + 4;
    let mut short = claims(ACME, "ada", "rehearsal", &json!({}));
    (short["iat"], short["exp"]) = (json!(expires - 36), json!(expires));
    let mut ada = server.person("ada").with_token(signed(ACME, &short)).join().await;
    let successor = crate::support::Key { id: "acme-2", ..ACME };
    server.keep_keys(&[successor]);
    ada.expect(only!(TokenExpiring)).await;
    renew(&mut ada, token(successor, "ada", "rehearsal", &json!({}))).await;
}

#[tokio::test]
async fn what_the_new_token_withholds_is_refused_at_once_and_what_it_grants_is_there() {
    let server = TestServer::start();
    let (mut ada, mut bob) = (server.person("ada").join().await, server.person("bob").join().await);
    let microphone = v1::Track {
        track_id: "mic".to_owned(),
        kind: v1::track::Kind::Audio as i32,
        source: v1::track::Source::Microphone as i32,
        ..v1::Track::default()
    };
    ada.send(client_frame::Kind::Publish(v1::Publish { track: Some(microphone) })).await;
    bob.expect(only!(TrackPublished)).await;

    // Neither the role nor a track changes: the connection itself goes by the new grants.
    renew(&mut ada, token(ACME, "ada", "rehearsal", &json!({ "chat": false }))).await;
    let whispered = ada.whisper(&bob.sid.clone(), "psst").await;
    assert_eq!(ada.expect_error(whispered).await.code, "permission_denied");

    let nothing = json!({ "publish": false, "subscribe": false, "chat": false });
    renew(&mut ada, token(ACME, "ada", "rehearsal", &nothing)).await;
    for seq in [ada.chat("hush").await, ada.offer(&bob.sid.clone(), "v=0").await] {
        assert_eq!(ada.expect_error(seq).await.code, "permission_denied");
    }
    bob.expect(only!(TrackUnpublished)).await;
    let viewer = bob.expect(only!(ParticipantUpdated)).await.participant.expect("ada");
    assert_eq!((viewer.sid.as_str(), viewer.role()), (ada.sid.as_str(), participant::Role::Viewer));

    renew(&mut ada, token(ACME, "ada", "rehearsal", &json!({ "moderate": true }))).await;
    ada.chat("order").await;
    bob.expect_chat("order").await;
    ada.update_room(v1::UpdateRoom { locked: Some(true), ..v1::UpdateRoom::default() }).await;
    assert!(bob.expect(only!(RoomUpdated)).await.room.expect("a room").locked);
}

#[tokio::test]
async fn a_token_that_is_not_for_this_session_is_refused_and_the_session_goes_on() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let expired = |mut claims: serde_json::Value| {
        (claims["iat"], claims["exp"]) = (json!(now_s() - 100), json!(now_s() - 11));
        claims
    };
    for (name, token, code) in [
        ("another identity", token(ACME, "eve", "rehearsal", &json!({})), "permission_denied"),
        ("another tenant", token(GLOBEX, "ada", "rehearsal", &json!({})), "permission_denied"),
        ("another room", token(ACME, "ada", "other", &json!({})), "permission_denied"),
        ("no grant to join", token(ACME, "ada", "rehearsal", &json!({ "join": false })), "permission_denied"),
        ("expired", signed(ACME, &expired(claims(ACME, "ada", "rehearsal", &json!({})))), "token_expired"),
        ("nonsense", "nonsense".to_owned(), "unauthenticated"),
        ("huge", "x".repeat(9_000), "unauthenticated"),
        ("nothing", String::new(), "unauthenticated"),
    ] {
        ada.send_numbered(0, refresh(token)).await;
        let error = ada.expect(refused).await;
        assert_eq!((error.code.as_str(), error.seq), (code, 0), "{name}: {}", error.message);
    }
    ada.chat("unmoved").await;
    ada.expect_chat("unmoved").await;
    assert_eq!(server.metric("token_refreshes_total", &[("outcome", "refused")]), 8.0);
}

#[tokio::test]
async fn an_issuer_that_is_slow_holds_up_nothing_else() {
    let may_answer = Arc::new(Semaphore::new(0));
    let issuer = Issuer::start(Arc::clone(&may_answer));
    let server = server_of(&issuer);
    let mut ada = server.person("ada").join().await;
    let fresh = issuer.token("ada", &json!({}), &json!({}));
    ada.send_numbered(0, refresh(fresh.clone())).await;
    ada.chat("meanwhile").await;
    ada.expect_chat("meanwhile").await;
    ada.send_numbered(0, refresh(fresh)).await;
    let busy = ada.expect(refused).await;
    assert_eq!((busy.code.as_str(), busy.retry_after_ms), ("rate_limited", Some(1_000)));
    may_answer.add_permits(1);
    ada.expect(only!(TokenRefreshed)).await;
    until("the count", || server.metric("token_refreshes_total", &[("outcome", "brought")]) == 1.0).await;
}
