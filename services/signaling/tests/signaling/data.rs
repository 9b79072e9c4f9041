//! Bytes of the application.

use antiphon_protocol::{
    Format,
    v1::{self, client_frame, server_frame::Kind},
};

use crate::support::{TestServer, only};

fn data(payload: &[u8], to: &[&str], lossy: bool) -> client_frame::Kind {
    client_frame::Kind::Data(v1::Data {
        payload: payload.to_vec().into(),
        topic: "moves".to_owned(),
        to: to.iter().map(|sid| (*sid).to_owned()).collect(),
        lossy,
        ..v1::Data::default()
    })
}

#[tokio::test]
async fn data_reaches_everyone_else() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let mut bob = server.person("bob").speaking(Format::Proto).join().await;
    let mut carol = server.person("carol").join().await;
    let seq = ada.send(data(&[0, 1, 255], &[], false)).await;
    for client in [&mut bob, &mut carol] {
        let got = client.expect(only!(Data)).await;
        assert_eq!((&got.payload[..], got.topic.as_str()), (&[0, 1, 255][..], "moves"));
        assert_eq!((&got.from, got.seq, got.lossy), (&ada.sid, seq, false));
    }
    ada.expect_ack(seq).await;
    assert!(!ada.kinds().any(|kind| matches!(kind, Kind::Data(_))));
}

#[tokio::test]
async fn data_to_some_reaches_those() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let mut bob = server.person("bob").join().await;
    let mut carol = server.person("carol").join().await;
    let mut dave = server.person("dave").join().await;
    let seq = ada.send(data(b"x", &[&bob.sid, &carol.sid, &bob.sid], false)).await;
    ada.chat("marker").await;
    for client in [&mut bob, &mut carol, &mut dave] {
        client.expect_chat("marker").await;
        client.flush().await;
    }
    let count = |client: &crate::support::Client| client.kinds().filter(|kind| matches!(kind, Kind::Data(_))).count();
    assert_eq!((count(&bob), count(&carol), count(&dave)), (1, 1, 0));
    ada.expect_ack(seq).await;

    let seq = ada.send(data(b"x", &[&bob.sid, "aaaaaaaaaaaaaaaa"], false)).await;
    assert_eq!(ada.expect_error(seq).await.code, "not_found");
    bob.flush().await;
    assert_eq!(count(&bob), 1, "all or none");
}

#[tokio::test]
async fn lossy_data_is_not_numbered_and_not_replayed() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let bob = server.person("bob").join().await;
    let mut carol = server.person("carol").join().await;
    let (mut bob, cursor) = (bob.cut().await.resume().await.0, String::new());
    ada.send_numbered(0, data(b"cursor", &[], true)).await;
    let got = bob.expect(only!(Data)).await;
    assert_eq!((&got.payload[..], &got.from, got.lossy, got.seq), (&b"cursor"[..], &ada.sid, true, 0));
    let frame = bob.seen.last().expect("the data");
    assert_eq!(frame.cursor, cursor, "nothing that a resume would replay");
    carol.expect(only!(Data)).await;

    ada.send_numbered(0, data(b"to bob", &[&bob.sid], true)).await;
    assert_eq!(&bob.expect(only!(Data)).await.payload[..], b"to bob");
    assert_eq!(carol.flush().await, []);
    assert_eq!(ada.flush().await.iter().filter(|kind| matches!(kind, Kind::Data(_))).count(), 0, "not to its sender");
    ada.chat("still number one").await;
    ada.expect_chat("still number one").await;
    assert_eq!(ada.acked, 1);
}

#[tokio::test]
async fn large_data_does_not_make_the_log_large() {
    let server = TestServer::start();
    let mut ada = server.person("ada").speaking(Format::Proto).join().await;
    let payload = vec![7; 60 << 10];
    let mut seq = 0;
    for _ in 0..100 {
        seq = ada.send(data(&payload, &[], false)).await;
    }
    ada.expect_ack(seq).await;
    let bytes = server.uncovered_bytes("rehearsal").await;
    assert!(bytes < 1 << 20, "{bytes}");
}
