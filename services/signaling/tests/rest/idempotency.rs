//! A POST that is sent again.

use std::sync::{Arc, atomic::Ordering};

use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::{
    application::{Answer, admin_token, names},
    support::{Faults, GLOBEX, TestServer, only, within},
};

const CHAT: &str = "/v1/rooms/rehearsal/chat";

async fn write(server: &TestServer, key: &str, text: &str) -> Answer {
    server.ask("POST", CHAT).header("idempotency-key", key).json(&json!({ "text": text })).send().await
}

#[tokio::test]
async fn the_same_request_is_carried_out_once_and_answered_alike() {
    let server = TestServer::start();
    let _ada = server.person("ada").join().await;
    let first = write(&server, "k1", "hello").await;
    let again = write(&server, "\"k1\"", "hello").await;
    assert_eq!((first.status, &first.text), (201, &again.text), "with quotes or without");
    assert_eq!((first.header("location"), first.header("idempotency-replayed")), (again.header("location"), None));
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, Some("true")));
    write(&server, "k2", "hello").await.ok(201);
    server.post(CHAT, &json!({ "text": "hello" })).await.ok(201);
    assert_eq!(names(&server.get(CHAT).await.ok(200)["messages"], "text"), ["hello"; 3]);
}

#[tokio::test]
async fn a_key_is_not_used_for_another_request() {
    let server = TestServer::start();
    let _ada = server.person("ada").join().await;
    write(&server, "k", "hello").await.ok(201);
    assert_eq!(write(&server, "k", "goodbye").await.refusal(), (422, "idempotency_key_reused".to_owned()));
    let elsewhere = server.ask("POST", "/v1/rooms/other/chat").header("idempotency-key", "k");
    let elsewhere = elsewhere.json(&json!({ "text": "hello" })).send().await;
    assert_eq!(elsewhere.refusal(), (422, "idempotency_key_reused".to_owned()));

    let theirs = server.ask("POST", "/v1/rooms").token(&admin_token(GLOBEX)).header("idempotency-key", "k");
    assert_eq!(theirs.json(&json!({ "name": "rehearsal" })).send().await.status, 201, "a tenant's keys are its own");
}

#[tokio::test]
async fn a_refusal_is_an_answer_too() {
    let server = TestServer::start();
    let create = server.ask("POST", "/v1/rooms").header("idempotency-key", "k").json(&json!({ "name": "" }));
    let first = create.send().await;
    assert_eq!(first.refusal(), (400, "invalid_argument".to_owned()));
    let again = create.send().await;
    assert_eq!((again.refusal(), again.header("idempotency-replayed")), (first.refusal(), Some("true")));
}

#[tokio::test]
async fn who_comes_before_the_first_is_answered_is_told_so_and_a_client_that_hung_up_finds_its_answer() {
    let faults = Arc::new(Faults { may_append: Semaphore::new(0), ..Faults::default() });
    let server = TestServer::start_with(|setup| setup.faults = Some(Arc::clone(&faults)));
    let create = server.ask("POST", "/v1/rooms").header("idempotency-key", "k").json(&json!({ "name": "rehearsal" }));
    let hung_up = create.begin().await;
    within("the first request to be under way", async {
        while create.send().await.refusal() != (409, "request_in_progress".to_owned()) {}
    })
    .await;
    drop(hung_up);
    faults.may_append.add_permits(1_000);
    let answer = within("the first request's answer", async {
        loop {
            let answer = create.send().await;
            if answer.status != 409 {
                return answer;
            }
        }
    })
    .await;
    assert_eq!((answer.status, answer.header("idempotency-replayed")), (201, Some("true")));
}

#[tokio::test]
async fn what_could_not_be_done_is_tried_again() {
    let faults = Arc::new(Faults::default());
    let server = TestServer::start_with(|setup| setup.faults = Some(Arc::clone(&faults)));
    faults.no_append.store(true, Ordering::Relaxed);
    let create = server.ask("POST", "/v1/rooms").header("idempotency-key", "k").json(&json!({ "name": "rehearsal" }));
    assert_eq!(create.send().await.refusal(), (503, "unavailable".to_owned()));
    faults.no_append.store(false, Ordering::Relaxed);
    assert_eq!(create.send().await.status, 201);
}

#[tokio::test]
async fn what_was_done_and_not_answered_is_not_done_again() {
    let faults = Arc::new(Faults::default());
    let server = TestServer::start_with(|setup| {
        setup.faults = Some(Arc::clone(&faults));
        setup.rooms.chat_history = 1;
    });
    let lost_then_answered = async |path: &str, body: Value| {
        let asked = server.ask("POST", path).header("idempotency-key", path).json(&body);
        faults.lose_append.store(true, Ordering::Relaxed);
        assert_eq!(asked.send().await.refusal(), (503, "unavailable".to_owned()), "{path}");
        asked.send().await
    };
    lost_then_answered("/v1/rooms", json!({ "name": "rehearsal", "metadata": "act one" })).await.ok(201);
    let mut ada = server.person("ada").join().await;
    let written = lost_then_answered(CHAT, json!({ "text": "once" })).await.ok(201);
    lost_then_answered("/v1/rooms/rehearsal/data", json!({ "payload": "AQ==", "to": ["@ada"] })).await.ok(204);
    server.post(CHAT, &json!({ "text": "that is all" })).await.ok(201);
    let seen = ada.expect_chat("that is all").await;
    assert_eq!(ada.chats(), ["once", "that is all"]);
    assert_eq!(ada.kinds().filter_map(only!(Data)).count(), 1);
    assert_ne!(written["id"], json!(seen.id));

    // It is not in the history any more, and another server knows it all the same.
    let other = server.replica();
    let elsewhere = other.ask("POST", CHAT).header("idempotency-key", CHAT).json(&json!({ "text": "once" }));
    assert_eq!(elsewhere.send().await.ok(201), written);
    other.post(CHAT, &json!({ "text": "good night" })).await.ok(201);
    ada.expect_chat("good night").await;
    assert_eq!(ada.chats(), ["once", "that is all", "good night"]);
}

#[tokio::test]
async fn a_key_that_is_none_is_refused_and_one_on_a_get_is_ignored() {
    let server = TestServer::start();
    for key in ["", "\"\"", "schlüssel", &"x".repeat(256)] {
        let refused = server.ask("POST", "/v1/rooms").header("idempotency-key", key).json(&json!({ "name": "a" }));
        let refused = refused.send().await;
        assert_eq!(refused.refusal(), (400, "invalid_argument".to_owned()), "{key:?}");
        assert_eq!(refused.json()["field"], "Idempotency-Key");
    }
    let huge = server.ask("POST", "/v1/rooms").header("idempotency-key", "k");
    let huge = huge.text("application/json", &" ".repeat(65_537)).send().await;
    assert_eq!(huge.refusal(), (413, "too_large".to_owned()));
    for _ in 0..2 {
        let listed = server.ask("GET", "/v1/rooms").header("idempotency-key", "k").send().await;
        assert_eq!((listed.status, listed.header("idempotency-replayed")), (200, None));
    }
}
