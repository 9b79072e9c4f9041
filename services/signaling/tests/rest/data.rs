//! Bytes of the application.

use antiphon_protocol::v1::server_frame::Kind;
use serde_json::{Value, json};

use crate::support::{Client, TestServer, only};

const DATA: &str = "/v1/rooms/rehearsal/data";

async fn send(server: &TestServer, body: Value) {
    let answer = server.post(DATA, &body).await;
    assert_eq!(answer.status, 204, "{answer:?}");
}

fn data_of(kinds: &[Kind]) -> Vec<String> {
    let topic = |kind: &Kind| if let Kind::Data(data) = kind { Some(data.topic.clone()) } else { None };
    kinds.iter().filter_map(topic).collect()
}

#[tokio::test]
async fn reliable_data_stands_in_the_rooms_order() {
    let server = TestServer::start();
    let (mut ada, mut bob) = (server.person("ada").join().await, server.person("bob").join().await);
    for number in 0..20 {
        send(&server, json!({ "topic": format!("{number}"), "payload": "aGk=" })).await;
        server.post("/v1/rooms/rehearsal/chat", &json!({ "text": format!("{number}") })).await.ok(201);
    }
    for client in [&mut ada, &mut bob] {
        client.expect_chat("19").await;
        let order: Vec<_> = client
            .kinds()
            .filter_map(|kind| {
                let data = only!(Data)(kind).map(|data| format!("data {}", data.topic));
                data.or_else(|| only!(Chat)(kind).map(|chat| format!("chat {}", chat.text)))
            })
            .collect();
        let expected: Vec<_> = (0..20).flat_map(|n| [format!("data {n}"), format!("chat {n}")]).collect();
        assert_eq!(order, expected);
    }
    let data = ada.kinds().find_map(only!(Data)).expect("data");
    assert_eq!((data.payload.as_ref(), data.from.as_str()), (&b"hi"[..], ""));
}

#[tokio::test]
async fn data_goes_only_to_those_who_are_named() {
    let server = TestServer::start();
    let (mut ada, mut bob) = (server.person("ada").join().await, server.person("bob").join().await);
    let mut cyd = server.person("cyd").join().await;
    let to = json!([ada.sid, "@bob", "@bob"]);
    for lossy in [false, true] {
        let topic = if lossy { "lossy" } else { "reliable" };
        send(&server, json!({ "topic": topic, "payload": "", "to": to, "lossy": lossy })).await;
    }
    let named = async |client: &mut Client| {
        for topic in ["reliable", "lossy"] {
            client
                .expect(|kind| if let Kind::Data(data) = kind { (data.topic == topic).then_some(()) } else { None })
                .await;
        }
        data_of(&client.flush().await)
    };
    assert_eq!((named(&mut ada).await.len(), named(&mut bob).await.len()), (0, 0), "each once");
    assert_eq!(data_of(&cyd.flush().await), [""; 0]);
    send(&server, json!({ "topic": "all", "payload": "", "lossy": true })).await;
    for client in [&mut ada, &mut bob, &mut cyd] {
        assert_eq!(client.expect(only!(Data)).await.topic, "all");
    }
}

#[tokio::test]
async fn data_that_cannot_be_sent_is_refused() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    for lossy in [false, true] {
        for (body, status, code) in [
            (json!({}), 400, "malformed"),
            (json!({ "payload": "not base64" }), 400, "invalid_argument"),
            (json!({ "payload": "", "topic": "x".repeat(257) }), 400, "invalid_argument"),
            (json!({ "payload": "", "to": [] }), 400, "invalid_argument"),
            (json!({ "payload": "", "to": ["ada"] }), 400, "invalid_argument"),
            (json!({ "payload": "", "to": vec!["@ada"; 101] }), 400, "invalid_argument"),
            (json!({ "payload": "", "to": ["@ada", "@bob"] }), 404, "not_found"),
        ] {
            let mut body = body;
            body["lossy"] = lossy.into();
            assert_eq!(server.post(DATA, &body).await.refusal(), (status, code.to_owned()), "{body:.60}");
            let nowhere = server.post("/v1/rooms/empty/data", &json!({ "payload": "", "lossy": lossy })).await;
            assert_eq!(nowhere.refusal(), (404, "not_found".to_owned()));
        }
    }
    assert_eq!(data_of(&ada.flush().await), [""; 0]);
}
