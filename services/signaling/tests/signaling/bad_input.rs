//! Whatever comes off the network is answered by a documented code, and harms nobody else.

use std::time::Duration;

use antiphon_protocol::{
    Format,
    v1::{self, client_frame},
};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Client, Socket, TestServer};

fn text(text: &str) -> Message {
    Message::Text(text.into())
}

fn binary(bytes: &[u8]) -> Message {
    Message::Binary(bytes.to_vec().into())
}

/// The connection is as good as before.
async fn unharmed(client: &mut Client) {
    client.chat("unharmed").await;
    client.expect_chat("unharmed").await;
}

#[tokio::test]
async fn what_is_no_frame_is_malformed_and_the_connection_goes_on() {
    let server = TestServer::start();
    let mut json_client = server.person("ada").join().await;
    for bad in
        ["", "{", "[]", "7", "\"chat\"", "{\"seq\":\"x\"}", "{\"chat\":7}", "{\"seq\":-1,\"chat\":{}}", "{\"seq\":1}}"]
    {
        json_client.socket().send_message(text(bad)).await;
        let error = json_client.expect_error(0).await;
        assert_eq!(error.code, "malformed", "{bad}");
        assert!(!error.message.is_empty());
    }
    unharmed(&mut json_client).await;

    let mut proto_client = server.person("bob").speaking(Format::Proto).join().await;
    for bad in [&[0xff_u8][..], &[0x08], &[0x62, 0x05, 0x0a], &[0xf2, 0x01, 0x02, 0x0a, 0xff]] {
        proto_client.socket().send_message(binary(bad)).await;
        assert_eq!(proto_client.expect_error(0).await.code, "malformed", "{bad:?}");
    }
    unharmed(&mut proto_client).await;
}

#[tokio::test]
async fn an_unknown_kind_is_unsupported_and_settled() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    ada.socket().send_message(text(r#"{"seq":1,"teleport":{"to":"moon"}}"#)).await;
    assert_eq!(ada.expect_error(1).await.code, "unsupported");
    ada.socket().send_message(text(r#"{"seq":2}"#)).await;
    assert_eq!(ada.expect_error(2).await.code, "unsupported");
    ada.sent = 2;
    unharmed(&mut ada).await;
    ada.socket().send_message(text(r#"{"seq":4,"chat":{"text":"unknown fields are ignored","colour":"red"}}"#)).await;
    ada.expect_chat("unknown fields are ignored").await;

    let mut bob = server.person("bob").speaking(Format::Proto).join().await;
    // seq 1, field 1000 of an empty message.
    bob.socket().send_message(binary(&[0x08, 0x01, 0xc2, 0x3e, 0x00])).await;
    assert_eq!(bob.expect_error(1).await.code, "unsupported");
}

#[tokio::test]
async fn the_wrong_kind_of_message_is_malformed() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    ada.socket().send_message(binary(b"{}")).await;
    let error = ada.expect_error(0).await;
    assert_eq!(error.code, "malformed");
    assert!(error.message.contains("text"), "{}", error.message);
    unharmed(&mut ada).await;
    let mut bob = server.person("bob").speaking(Format::Proto).join().await;
    bob.socket().send_message(text("{}")).await;
    let error = bob.expect_error(0).await;
    assert_eq!(error.code, "malformed");
    assert!(error.message.contains("binary"), "{}", error.message);
    unharmed(&mut bob).await;
}

#[tokio::test]
async fn many_bad_frames_are_enough() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    for _ in 0..100 {
        ada.socket().send_message(text("nonsense")).await;
    }
    assert_eq!(ada.closed().await.1, 1008);
    let mut bob = server.person("bob").join().await;
    for _ in 0..100 {
        bob.socket().send_message(binary(b"of the other format")).await;
    }
    assert_eq!(bob.closed().await.1, 1008);
    server.until_metric("closes_total", &[("code", "1008")], 2.0).await;
}

#[tokio::test]
async fn a_frame_over_its_limit_is_too_large() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let bob = server.person("bob").join().await;
    let seq = ada.chat(&"x".repeat(65 * 1024)).await;
    assert_eq!(ada.expect_error(seq).await.code, "too_large");
    let sdp = "x".repeat(200 * 1024);
    ada.offer(&bob.sid, &sdp).await;
    let seq = ada.offer(&bob.sid, &"x".repeat(257 * 1024)).await;
    assert_eq!(ada.expect_error(seq).await.code, "too_large");
    unharmed(&mut ada).await;

    let mut bob = bob;
    let offer = bob.expect(crate::support::only!(Offer)).await;
    assert_eq!(offer.sdp, sdp);

    ada.socket().send_message(text(&"x".repeat(1 << 20))).await;
    let error = ada.expect_error(0).await;
    assert_eq!(error.code, "too_large");
    assert_eq!(ada.closed().await.1, 1009);
}

#[tokio::test]
async fn a_first_frame_that_is_too_large_is_told_so() {
    let server = TestServer::start();
    let mut socket = server.person("ada").connect().await;
    socket.send_message(text(&"x".repeat(1 << 20))).await;
    let (error, close) = socket.refusal().await;
    assert_eq!((error.code.as_str(), close), ("too_large", 1009));
}

#[tokio::test]
async fn text_that_is_no_utf8_is_malformed() {
    let server = TestServer::start();
    // A masked text frame (RFC 6455 §5.2) of the bytes ff fe.
    const NOT_UTF8: [u8; 8] = [0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe];
    let mut ada = server.person("ada").join().await;
    ada.socket().send_bytes(&NOT_UTF8).await;
    assert_eq!(ada.expect_error(0).await.code, "malformed");
    assert_eq!(ada.closed().await.1, 1007);
    let mut socket = server.person("bob").connect().await;
    socket.send_bytes(&NOT_UTF8).await;
    let (error, close) = socket.refusal().await;
    assert_eq!((error.code.as_str(), close), ("malformed", 1007));
}

#[tokio::test]
async fn the_first_frame_must_be_join_or_resume() {
    let server = TestServer::start();
    let chat = client_frame::Kind::Chat(v1::SendChat { text: "hi".to_owned(), to: String::new() });
    let refusal = async |mut socket: Socket, message: Message| {
        socket.send_message(message).await;
        let (error, close) = socket.refusal().await;
        (error.code, close)
    };
    let mut socket = server.person("ada").connect().await;
    socket.send(1, "", chat).await;
    assert_eq!(socket.refusal().await.1, 4003);
    for (first, code, close) in [
        (text(r#"{"seq":1,"chat":{"text":"hi"}}"#), "not_joined", 4003),
        (text(r#"{"ping":{"id":1}}"#), "not_joined", 4003),
        (text("{}"), "not_joined", 4003),
        (text("nonsense"), "malformed", 1008),
        (binary(b"{}"), "malformed", 1008),
    ] {
        let socket = server.person("ada").connect().await;
        assert_eq!(refusal(socket, first.clone()).await, (code.to_owned(), close), "{first:?}");
    }
}

#[tokio::test]
async fn a_second_join_on_one_connection_is_refused() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    ada.send_numbered(0, client_frame::Kind::Join(v1::Join::default())).await;
    assert_eq!(ada.expect_error(0).await.code, "already_joined");
    ada.send_numbered(0, client_frame::Kind::Resume(v1::Resume::default())).await;
    assert_eq!(ada.expect_error(0).await.code, "already_joined");
    unharmed(&mut ada).await;
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed() {
    let server = TestServer::start_with(|setup| setup.signaling.join_timeout.0 = Duration::from_millis(50));
    let mut silent = server.person("ada").connect().await;
    let (error, close) = silent.refusal().await;
    assert_eq!((error.code.as_str(), close), ("timed_out", 4008));
    let mut pinging = server.person("ada").connect().await;
    pinging.send_message(Message::Ping(Vec::new().into())).await;
    assert_eq!(pinging.refusal().await.1, 4008, "a ping is no join");
    server.until_metric("closes_total", &[("code", "4008")], 2.0).await;
}

#[tokio::test]
async fn a_cursor_that_is_none_is_refused() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    ada.socket().send(0, "nonsense", client_frame::Kind::Ack(v1::Ack {})).await;
    let error = ada.expect_error(0).await;
    assert_eq!((error.code.as_str(), error.field.as_str()), ("invalid_argument", "ackCursor"));
    // One that lies ahead is of no effect.
    ada.socket().send(0, "1.999999.999999", client_frame::Kind::Ack(v1::Ack {})).await;
    unharmed(&mut ada).await;
}

#[tokio::test]
async fn values_over_their_limits_are_refused_by_name() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let long = |bytes: usize| "x".repeat(bytes);
    let update = |update: serde_json::Value, seq: u32| text(&json!({ "seq": seq, "update": update }).to_string());
    for (change, code, field) in [
        (json!({ "name": long(257) }), "invalid_argument", "name"),
        (json!({ "metadata": long(8_193) }), "too_large", "metadata"),
        (json!({ "attributes": { "a": long(8_192) } }), "too_large", "attributes"),
        (json!({ "tracks": [{ "trackId": "none", "muted": true }] }), "not_found", "tracks"),
    ] {
        ada.sent += 1;
        let seq = ada.sent;
        ada.socket().send_message(update(change, seq)).await;
        let error = ada.expect_error(seq).await;
        assert_eq!((error.code.as_str(), error.field.as_str()), (code, field));
    }
    let bob = server.person("bob").joining_as(v1::Join { name: Some(long(300)), ..v1::Join::default() });
    assert_eq!(bob.rejected().await.error.field, "name");
}

#[tokio::test]
async fn what_is_passed_on_unread_is_whole_and_bears_its_true_sender() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let mut bob = server.person("bob").join().await;
    let (to, own, eve) = (bob.sid.clone(), ada.sid.clone(), "aaaaaaaaaaaaaaaa");
    for (frame, code) in [
        (format!(r#"{{"seq":1,"offer":{{"to":"{to}","sdp":"\q"}}}}"#), "malformed"),
        (format!(r#"{{"seq":1,"offer":{{"to":"{to}","sdp":"\ud800"}}}}"#), "malformed"),
        (format!("{{\"seq\":1,\"offer\":{{\"to\":\"{to}\",\"sdp\":\"a\nb\"}}}}"), "malformed"),
        (format!(r#"{{"seq":1,"offer":{{"to":"{to}","sdp":{{}}}}}}"#), "malformed"),
        (format!(r#"{{"seq":1,"candidate":{{"to":"{to}","sdpMLineIndex":-1}}}}"#), "malformed"),
        (format!(r#"{{"seq":1,"offer":{{"to":"{to}","sdp":"a","from":"{eve}"}}}}"#), "forged_sender"),
        (format!(r#"{{"seq":2,"offer":{{"to":"{to}","sdp":"a","\u0066rom":"{eve}"}}}}"#), "forged_sender"),
        (format!(r#"{{"seq":3,"offer":{{"to":"{to}"}},"answer":{{"to":"{to}"}}}}"#), "malformed"),
        (format!(r#"{{"seq":3,"offer":{{"to":"{to}","from":"{own}","from":"{eve}"}}}}"#), "malformed"),
    ] {
        ada.socket().send_message(text(&frame)).await;
        let error = ada.expect(crate::support::only!(Error)).await;
        assert_eq!(error.code, code, "{frame}: {}", error.message);
    }
    let odd = format!(r#"{{"offer":{{"seq":99,"sdp":"\u00e9 \/ \" é","\u0074o":"{to}","unknown":[1]}},"seq":3}}"#);
    ada.socket().send_message(text(&odd)).await;
    let offer = bob.expect(crate::support::only!(Offer)).await;
    assert_eq!((offer.sdp.as_str(), &offer.from, offer.seq, offer.to.as_str()), ("é / \" é", &own, 3, ""));
}
