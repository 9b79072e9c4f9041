//! What was written to everyone.

use serde_json::json;

use crate::{
    application::names,
    support::{TestServer, only},
};

const CHAT: &str = "/v1/rooms/rehearsal/chat";

#[tokio::test]
async fn what_the_application_writes_stands_between_what_people_write() {
    let server = TestServer::start();
    let (mut ada, mut bob) = (server.person("ada").join().await, server.person("bob").join().await);
    let seq = ada.chat("one").await;
    ada.expect_ack(seq).await;
    let sent = server.post(CHAT, &json!({ "text": "two", "name": "Stage manager" })).await;
    let location = sent.header("location").expect("where it is").to_owned();
    let sent = sent.ok(201);
    ada.chat("three").await;
    bob.expect_chat("three").await;
    assert_eq!(bob.chats(), ["one", "two", "three"]);
    let shown = ada.expect_chat("two").await;
    let from = (shown.sid.as_str(), shown.identity.as_str(), shown.name.as_str());
    assert_eq!(from, ("", "", "Stage manager"));
    assert_eq!((sent.get("sid"), &sent["id"]), (None, &json!(shown.id)));
    assert_eq!(location, format!("{CHAT}/{}", shown.id));

    let history = server.get(CHAT).await.ok(200);
    assert_eq!(names(&history["messages"], "text"), ["one", "two", "three"]);
    assert_eq!((&history["messages"][0]["identity"], &history["messages"][1]), (&json!("ada"), &sent));
}

#[tokio::test]
async fn the_history_is_read_from_either_end_while_messages_go() {
    let server = TestServer::start();
    let _ada = server.person("ada").join().await;
    let mut ids = Vec::new();
    for text in ["1", "2", "3", "4", "5"] {
        ids.push(server.post(CHAT, &json!({ "text": text })).await.ok(201)["id"].as_str().expect("an id").to_owned());
    }
    let page = async |query: String| {
        let page = server.get(&format!("{CHAT}?limit=2&{query}")).await.ok(200);
        let next = page["nextCursor"].as_str().map(str::to_owned);
        (names(&page["messages"], "text"), next)
    };
    let (up, up_next) = page("order=asc".to_owned()).await;
    let (down, down_next) = page("order=desc".to_owned()).await;
    assert_eq!((up, down), (vec!["1".to_owned(), "2".to_owned()], vec!["5".to_owned(), "4".to_owned()]));
    // The messages that the pages ended with.
    for id in [&ids[1], &ids[3]] {
        assert_eq!(server.delete(&format!("{CHAT}/{id}")).await.status, 204);
    }
    let (up, _) = page(format!("cursor={}", up_next.expect("more"))).await;
    let (down, _) = page(format!("order=desc&cursor={}", down_next.expect("more"))).await;
    assert_eq!((up, down), (vec!["3".to_owned(), "5".to_owned()], vec!["3".to_owned(), "1".to_owned()]));
    for query in ["order=up", "cursor=YWRh", "limit=1000"] {
        let refused = server.get(&format!("{CHAT}?{query}")).await;
        assert_eq!(refused.refusal(), (400, "invalid_argument".to_owned()), "{query}");
    }
}

#[tokio::test]
async fn messages_are_deleted_from_every_screen_one_or_all() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    ada.chat("oops").await;
    let id = ada.expect_chat("oops").await.id;
    assert_eq!(server.delete(&format!("{CHAT}/{id}")).await.status, 204);
    let deleted = ada.expect(only!(ChatDeleted)).await;
    assert_eq!((deleted.id.as_str(), deleted.by.as_str()), (id.as_str(), ""));
    assert_eq!(server.delete(&format!("{CHAT}/{id}")).await.refusal(), (404, "not_found".to_owned()));

    for text in ["a", "b"] {
        server.post(CHAT, &json!({ "text": text })).await.ok(201);
    }
    assert_eq!(server.delete(CHAT).await.status, 204);
    for _ in 0..2 {
        ada.expect(only!(ChatDeleted)).await;
    }
    assert_eq!(server.get(CHAT).await.ok(200), json!({ "messages": [] }));
    assert_eq!(server.delete(CHAT).await.status, 204, "nothing is there: nothing happens");
}

#[tokio::test]
async fn a_room_without_a_history_shows_the_message_all_the_same() {
    let server = TestServer::start_with(|setup| setup.rooms.chat_history = 0);
    let mut ada = server.person("ada").join().await;
    let sent = server.post(CHAT, &json!({ "text": "hello" })).await.ok(201);
    assert_eq!(json!(ada.expect_chat("hello").await.id), sent["id"]);
    assert_eq!(server.get(CHAT).await.ok(200), json!({ "messages": [] }));
}

#[tokio::test]
async fn what_is_no_message_is_refused() {
    let server = TestServer::start();
    let _ada = server.person("ada").join().await;
    for (body, status, code) in [
        (json!({}), 400, "malformed"),
        (json!({ "text": "" }), 400, "invalid_argument"),
        (json!({ "text": "x".repeat(4_097) }), 413, "too_large"),
        (json!({ "text": "x", "name": "x".repeat(257) }), 400, "invalid_argument"),
        (json!({ "text": "x", "to": "ada" }), 400, "malformed"),
    ] {
        assert_eq!(server.post(CHAT, &body).await.refusal(), (status, code.to_owned()), "{body:.60}");
    }
    let nowhere = server.post("/v1/rooms/empty/chat", &json!({ "text": "x" })).await;
    assert_eq!(nowhere.refusal(), (404, "not_found".to_owned()));
}
