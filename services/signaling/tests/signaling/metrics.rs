//! What `/metrics` tells.

use antiphon_protocol::v1::{self, client_frame};

use crate::support::{TestServer, only};

#[tokio::test]
async fn the_figures_move_with_what_happens() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let bob = server.person("bob").join().await;
    let eve = server.person("eve").in_room("other").join().await;
    assert_eq!(server.metric("connections", &[]), 3.0);
    server.until_metric("sessions", &[], 3.0).await;
    assert_eq!(server.metric("rooms", &[]), 2.0);
    assert_eq!(server.metric("joins_total", &[("outcome", "ok")]), 3.0);

    ada.chat("hello").await;
    ada.expect_chat("hello").await;
    let seq = ada.offer("aaaaaaaaaaaaaaaa", "v=0").await;
    ada.expect_error(seq).await;
    assert_eq!(server.metric("frames_received_total", &[("kind", "chat")]), 1.0);
    assert_eq!(server.metric("frames_received_total", &[("kind", "offer")]), 1.0);
    assert_eq!(server.metric("errors_total", &[("code", "not_found")]), 1.0);
    let sent = server.metric("frames_sent_total", &[]);
    ada.flush().await;
    assert!(server.metric("frames_sent_total", &[]) >= sent + 2.0);

    let (mut bob, _) = bob.cut().await.resume().await;
    assert_eq!(server.metric("resumes_total", &[("outcome", "recovered")]), 1.0);
    server.until_metric("connections", &[], 3.0).await;
    server.until_metric("closes_total", &[("code", "1006")], 1.0).await;
    bob.send(client_frame::Kind::Leave(v1::Leave {})).await;
    bob.closed().await;
    ada.expect(only!(ParticipantLeft)).await;
    server.until_metric("connections", &[], 2.0).await;
    server.until_metric("closes_total", &[("code", "1000")], 1.0).await;
    drop(eve);
    server.until_metric("rooms", &[], 1.0).await;

    let mut socket = server.person("x").with_token("garbage".to_owned()).connect().await;
    socket.refusal().await;
    server.until_metric("connections", &[], 1.0).await;
    server.until_metric("closes_total", &[("code", "4001")], 1.0).await;
    server.person("x").joining_as(v1::Join { room: "y".to_owned(), ..v1::Join::default() }).rejected().await;
    assert_eq!(server.metric("joins_total", &[("outcome", "permission_denied")]), 1.0);
}

#[tokio::test]
async fn they_are_served_as_text_without_names_of_people_or_rooms() {
    let server = TestServer::start();
    let mut ada = server.person("ada-lovelace").in_room("secret-room").join().await;
    ada.chat("hello").await;
    ada.expect_chat("hello").await;
    let text = server.http("GET /metrics HTTP/1.1").await;
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
    for line in ["antiphon_signaling_connections 1", "antiphon_signaling_append_seconds_count"] {
        assert!(text.contains(line), "{line} in {text}");
    }
    for name in ["ada-lovelace", "secret-room", ada.sid.as_str()] {
        assert!(!text.contains(name), "{name}");
    }
}
