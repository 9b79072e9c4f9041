//! Every room's events of a tenant, as Server-Sent Events.

use std::time::Duration;

use antiphon_protocol::v1::{self, client_frame};
use serde_json::json;

use crate::{
    application::admin_token,
    events::{Event, Events},
    support::{ACME, GLOBEX, TestServer, claims, now_s, signed, within},
};

const PATH: &str = "/v1/events";

async fn follow(server: &TestServer) -> Events {
    let events = Events::open(&server.ask("GET", PATH)).await;
    assert!(events.head.starts_with("HTTP/1.1 200"), "{}", events.head);
    assert!(events.head.contains("content-type: text/event-stream\r\n"), "{}", events.head);
    events
}

async fn follow_from(server: &TestServer, id: &str) -> (Events, bool) {
    let mut events = Events::open(&server.ask("GET", PATH).header("last-event-id", id)).await;
    let started = events.expect("stream.started").await;
    (events, started.data["resumed"].as_bool().expect("a flag"))
}

fn place(event: &Event) -> String {
    event.id.clone().expect("an id")
}

#[tokio::test]
async fn what_happens_in_every_room_of_the_tenant_is_told_as_webhooks_tell_it() {
    let server = TestServer::start();
    let mut ada = server.person("ada").in_room("one").join().await;
    let mut events = follow(&server).await;
    assert_eq!(events.expect("stream.started").await.data, json!({ "resumed": false }));
    let _eve = server.person("eve").of(GLOBEX).in_room("one").join().await;
    ada.chat("hello").await;
    let chat = events.expect("chat.sent").await.data;
    assert_eq!((&chat["type"], &chat["tenant"]), (&json!("chat.sent"), &json!("acme")));
    assert_eq!((&chat["room"]["name"], &chat["chat"]["text"]), (&json!("one"), &json!("hello")));
    assert!(chat["id"].as_str().is_some_and(|id| id.starts_with("evt_")), "{chat}");

    let _bob = server.person("bob").in_room("two").join().await;
    assert_eq!(events.expect("room.started").await.data["room"]["name"], "two");
    assert_eq!(events.expect("participant.joined").await.data["participant"]["identity"], "bob");
    ada.send(client_frame::Kind::EndRoom(v1::EndRoom::default())).await;
    ada.send(client_frame::Kind::Leave(v1::Leave::default())).await;
    assert_eq!(events.expect("participant.left").await.data["participant"]["identity"], "ada");
    assert_eq!(server.delete("/v1/rooms/two?reason=curtain").await.status, 204);
    events.expect("participant.left").await;
    assert_eq!(events.expect("room.finished").await.data["reason"], "curtain");
}

#[tokio::test]
async fn who_asks_with_the_last_id_misses_nothing_and_who_cannot_go_on_is_told_so() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let mut events = follow(&server).await;
    let begun = place(&events.expect("stream.started").await);
    ada.chat("one").await;
    let seen = place(&events.expect("chat.sent").await);
    drop(events);
    server.until_metric("event_streams", &[], 0.0).await;
    for text in ["two", "three"] {
        ada.chat(text).await;
        ada.expect_chat(text).await;
    }
    for (id, texts) in [(&seen, &["two", "three"][..]), (&begun, &["one", "two", "three"])] {
        let (mut again, resumed) = follow_from(&server, id).await;
        assert!(resumed);
        for text in texts {
            assert_eq!(again.expect("chat.sent").await.data["chat"]["text"], *text);
        }
    }
    let other = TestServer::start();
    for (server, id) in [(&server, "rubbish"), (&server, "1.1"), (&server, &format!("{seen}000")), (&other, &seen)] {
        assert!(!follow_from(server, id).await.1, "{id}");
    }
}

#[tokio::test]
async fn streams_count_among_the_connections_of_their_tenant_and_need_its_admin() {
    let server = TestServer::start_with(|setup| setup.signaling.tenant_connections = 1);
    let mut events = follow(&server).await;
    events.expect("stream.started").await;
    assert_eq!(server.get(PATH).await.refusal(), (429, "rate_limited".to_owned()));
    let mut theirs = Events::open(&server.ask("GET", PATH).token(&admin_token(GLOBEX))).await;
    theirs.expect("stream.started").await;
    let person = server.ask("GET", PATH).token(&server.person("ada").token());
    assert_eq!(person.send().await.refusal(), (403, "permission_denied".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_read_is_told_so_at_last_and_the_rooms_go_on() {
    let server = TestServer::start_with(|setup| setup.signaling.write_timeout.0 = Duration::from_millis(200));
    let mut events = Events::unread(&server, PATH).await;
    let mut last = events.expect("stream.started").await;
    while let Some(event) = events.next().await {
        last = event;
    }
    assert_eq!((last.name.as_str(), &last.data["error"]["code"]), ("error", &json!("slow_consumer")));
}

#[tokio::test]
async fn a_stream_ends_with_its_token_and_with_its_server() {
    let server = TestServer::start_with(|setup| setup.signaling.drain_window.0 = Duration::from_millis(100));
    // Valid for two seconds more: the leeway is ten.
    let mut ending = claims(ACME, "backend", "any", &json!({ "admin": true }));
    (ending["exp"], ending["iat"]) = (json!(now_s() - 8), json!(now_s() - 60));
    let mut short = Events::open(&server.ask("GET", PATH).token(&signed(ACME, &ending))).await;
    short.expect("stream.started").await;
    assert_eq!(short.expect("error").await.data["error"]["code"], "token_expired");
    short.expect_end().await;

    let mut events = follow(&server).await;
    events.expect("stream.started").await;
    let left = within("the drain", server.signaling.drain(Duration::from_secs(8))).await;
    assert_eq!(left, 0);
    assert!(events.expect("goAway").await.data["goAway"]["retryAfterMs"].as_u64() > Some(0));
    events.expect_end().await;
}
