//! What is given up, and what the application does about it over the REST API.

use serde_json::{Value, json};

use crate::{
    application::admin_token,
    endpoint,
    receiver::{Got, Receiver, Reply},
    server,
    support::{GLOBEX, TestServer, within},
};

const LETTERS: &str = "/v1/webhooks/default/dead-letters";

/// A receiver that takes nothing, a server that gives up at once, and a room with messages in it.
async fn given_up(messages: usize) -> (Receiver, TestServer) {
    let receiver = Receiver::with(|_| Reply::Status(500)).await;
    let server = server(&[endpoint("default", &receiver, ", retry-for = \"0\"")]);
    let mut ada = server.person("ada").join().await;
    for number in 1..=messages {
        ada.chat(&format!("message {number}")).await;
    }
    until_count(&server, messages + 2).await;
    // The room stays while nobody is in it.
    drop(ada);
    until_count(&server, messages + 3).await;
    (receiver, server)
}

/// Completes when there are so many dead letters.
async fn until_count(server: &TestServer, count: usize) {
    within("dead letters", async {
        loop {
            let listed = server.get("/v1/webhooks").await.ok(200);
            if listed["webhooks"][0]["deadLetters"] == json!(count) {
                return;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
}

fn texts(got: &[Got]) -> Vec<String> {
    got.iter().filter(|got| got.kind() == "chat.sent").map(|got| got.text().to_owned()).collect()
}

fn types(page: &Value) -> Vec<&str> {
    let letters = page["deadLetters"].as_array().expect("a list");
    letters.iter().map(|letter| letter["type"].as_str().expect("a type")).collect()
}

#[tokio::test]
async fn what_is_given_up_is_listed_page_by_page_in_its_order() {
    let (_receiver, server) = given_up(3).await;
    let first = server.get(&format!("{LETTERS}?limit=4")).await.ok(200);
    assert_eq!(types(&first), ["room.started", "participant.joined", "chat.sent", "chat.sent"]);
    let letter = &first["deadLetters"][2];
    assert_eq!(
        (&letter["room"], &letter["reason"], &letter["attempts"]),
        (&json!("rehearsal"), &json!("answered 500"), &json!(1))
    );
    assert_eq!((&letter["event"]["id"], &letter["event"]["chat"]["text"]), (&letter["id"], &json!("message 1")));
    let cursor = first["nextCursor"].as_str().expect("a second page");
    let second = server.get(&format!("{LETTERS}?cursor={cursor}")).await.ok(200);
    assert_eq!(types(&second), ["chat.sent", "participant.reconnecting"]);
    assert_eq!(second.get("nextCursor"), None);
    assert_eq!(server.metric("webhook_dead_letters", &[("endpoint", "acme/default")]), 6.0);
    assert_eq!(server.metric("webhook_deliveries_total", &[("outcome", "given_up")]), 6.0);
    let listed = server.get("/v1/webhooks").await.ok(200);
    assert_eq!(listed["webhooks"][0]["failure"]["reason"], "answered 500");
    assert_eq!(listed["webhooks"][0]["waiting"], 0);
}

#[tokio::test]
async fn a_dead_letter_is_sent_again_when_asked_and_stays_until_it_is_taken() {
    let (receiver, server) = given_up(1).await;
    let all = server.get(LETTERS).await.ok(200);
    let id = all["deadLetters"][2]["id"].as_str().expect("an id").to_owned();
    let replay = format!("{LETTERS}/{id}/replay");
    let before = receiver.got().len();
    assert_eq!(server.post(&replay, &json!({})).await.ok(202)["count"], 1);
    receiver.until_count(before + 1).await;
    until_count(&server, 4).await;

    receiver.answer(|_| Reply::Status(200));
    server.post(&replay, &json!({})).await.ok(202);
    until_count(&server, 3).await;
    let got = receiver.got();
    assert_eq!(got.last().expect("the replay").header("webhook-id"), id);
    assert_eq!(server.post(&replay, &json!({})).await.refusal(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn all_dead_letters_are_sent_again_in_their_order() {
    let (receiver, server) = given_up(20).await;
    receiver.answer(|_| Reply::Status(200));
    let before = receiver.got().len();
    assert_eq!(server.post(&format!("{LETTERS}/replay"), &json!({})).await.ok(202)["count"], 23);
    until_count(&server, 0).await;
    let expected: Vec<_> = (1..=20).map(|number| format!("message {number}")).collect();
    assert_eq!(texts(&receiver.got()[before..]), expected);
}

#[tokio::test]
async fn dead_letters_are_dropped_one_by_one_or_all() {
    let (_receiver, server) = given_up(2).await;
    let all = server.get(LETTERS).await.ok(200);
    let id = all["deadLetters"][0]["id"].as_str().expect("an id");
    let one = format!("{LETTERS}/{id}");
    assert_eq!(server.delete(&one).await.status, 204);
    assert_eq!(server.delete(&one).await.refusal(), (404, "not_found".to_owned()));
    assert_eq!(server.delete(LETTERS).await.ok(200)["count"], 4);
    assert_eq!(types(&server.get(LETTERS).await.ok(200)), [""; 0]);
    assert_eq!(server.metric("webhook_dead_letters", &[]), 0.0);
}

#[tokio::test]
async fn another_tenant_sees_nothing_of_it() {
    let (_receiver, server) = given_up(1).await;
    let theirs = |method, path: &str| server.ask(method, path).token(&admin_token(GLOBEX));
    assert_eq!(theirs("GET", "/v1/webhooks").send().await.ok(200), json!({ "webhooks": [] }));
    for (method, path) in [("GET", LETTERS), ("DELETE", LETTERS), ("POST", "/v1/webhooks/default/test")] {
        assert_eq!(theirs(method, path).send().await.refusal(), (404, "not_found".to_owned()), "{method} {path}");
    }
    until_count(&server, 4).await;
    for query in ["limit=0", "limit=101", "cursor=!", "cursor=YQ", "order=up"] {
        let refused = server.get(&format!("{LETTERS}?{query}")).await;
        assert_eq!(refused.refusal(), (400, "invalid_argument".to_owned()), "{query}");
    }
}

#[tokio::test]
async fn an_endpoint_that_is_gone_gets_nothing_until_it_takes_a_test_and_nothing_is_lost() {
    let receiver = Receiver::with(|_| Reply::Status(410)).await;
    let server = server(&[endpoint("default", &receiver, "")]);
    let mut ada = server.person("ada").join().await;
    until_count(&server, 2).await;
    ada.chat("to nobody").await;
    until_count(&server, 3).await;
    assert_eq!(receiver.got().len(), 1, "it was asked once");
    assert_eq!(server.get("/v1/webhooks").await.ok(200)["webhooks"][0]["gone"], true);

    receiver.answer(|_| Reply::Status(200));
    assert_eq!(server.post("/v1/webhooks/default/test", &json!({})).await.ok(200)["delivered"], true);
    ada.chat("to somebody").await;
    let got = receiver.until("a message", |got| texts(got) == ["to somebody"]).await;
    assert_eq!(got.len(), 3);
    server.post(&format!("{LETTERS}/replay"), &json!({})).await.ok(202);
    until_count(&server, 0).await;
    assert_eq!(texts(&receiver.got()), ["to somebody", "to nobody"]);
}
