//! How fast and how many.

use std::{
    num::NonZeroU32,
    time::{Duration, Instant},
};

use antiphon_protocol::{
    Format,
    v1::{self, client_frame, participant, server_frame::Kind},
};
use tokio_tungstenite::tungstenite;

use crate::support::{Socket, TestServer, request, tcp};

#[tokio::test]
async fn who_sends_too_fast_is_read_more_slowly_and_told_and_loses_nothing() {
    let server = TestServer::start_with(|setup| {
        setup.signaling.message_rate = NonZeroU32::new(100).expect("not zero");
        setup.signaling.message_burst = NonZeroU32::new(20).expect("not zero");
    });
    let mut ada = server.person("ada").join().await;
    let mut bob = server.person("bob").join().await;
    let began = Instant::now();
    for number in 0..140 {
        ada.chat(&number.to_string()).await;
    }
    bob.expect_chat("139").await;
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(1_150), "120 messages beyond the burst take 1.2 s, not {took:?}");
    assert_eq!(bob.chats(), (0..140).map(|number| number.to_string()).collect::<Vec<_>>());
    ada.expect_chat("139").await;
    let told: Vec<_> =
        ada.kinds().filter_map(|kind| if let Kind::Error(error) = kind { Some(error) } else { None }).collect();
    assert!((1..=3).contains(&told.len()), "now and then: {told:?}");
    assert_eq!((told[0].code.as_str(), told[0].seq), ("rate_limited", 0));
    assert!(told[0].retry_after_ms.is_some_and(|wait| wait > 0));
    assert!(server.metric("throttled_total", &[]) >= 1.0);
}

#[tokio::test]
async fn an_address_has_so_many_connections() {
    let server = TestServer::start_with(|setup| setup.signaling.address_connections = 3);
    let mut kept = Vec::new();
    for number in 0..3 {
        kept.push(server.person(&format!("client {number}")).join().await);
    }
    let refused = || async {
        let request = request(server.address, &format!("?access_token={}", server.person("late").token()));
        Socket::upgrade(tcp(server.address).await, request, Format::Json).await.err()
    };
    let Some(tungstenite::Error::Http(response)) = refused().await else { panic!("refused over HTTP") };
    assert_eq!(response.status(), 429);
    assert!(response.headers().contains_key("retry-after"));
    assert_eq!(server.metric("refused_connections_total", &[("reason", "address_full")]), 1.0);

    let mut gone = kept.pop().expect("a client");
    gone.send(client_frame::Kind::Leave(v1::Leave {})).await;
    gone.closed().await;
    server.until_metric("connections", &[], 2.0).await;
    server.person("late").join().await;
}

#[tokio::test]
async fn a_tenant_has_so_many_connections() {
    let server = TestServer::start_with(|setup| setup.signaling.tenant_connections = 1);
    let _ours = server.person("ada").join().await;
    let mut socket = server.person("bob").connect().await;
    let (error, close) = socket.refusal().await;
    assert_eq!((error.code.as_str(), close), ("rate_limited", 1013));
    server.person("ada").of(crate::support::GLOBEX).join().await;
}

#[tokio::test]
async fn new_connections_of_an_address_are_paced() {
    let server = TestServer::start_with(|setup| {
        setup.signaling.address_connection_rate = NonZeroU32::new(2).expect("not zero");
    });
    let mut refused = 0;
    for _ in 0..12 {
        let request = request(server.address, "");
        if let Err(tungstenite::Error::Http(response)) =
            Socket::upgrade(tcp(server.address).await, request, Format::Json).await
        {
            assert_eq!(response.status(), 429);
            refused += 1;
        }
    }
    assert!((1..=8).contains(&refused), "a burst of four and two a second pass: {refused} refused");
    assert_eq!(server.metric("refused_connections_total", &[("reason", "address_rate")]), f64::from(refused));
}

#[tokio::test]
async fn a_client_that_answers_no_ping_is_given_up() {
    let server = TestServer::start_with(|setup| setup.signaling.ping_interval.0 = Duration::from_millis(150));
    let mut bob = server.person("bob").join().await;
    let ada = server.person("ada").join().await;
    let sid = ada.sid.clone();
    // Nobody reads from Ada's socket, so nobody answers; Bob's is read all the time.
    bob.expect_state(&sid, participant::State::Disconnected).await;
    bob.chat("alive").await;
    bob.expect_chat("alive").await;
    let (_, mut socket) = ada.split();
    let code = loop {
        if let crate::support::Came::Closed(code) = socket.came().await {
            break code;
        }
    };
    assert_eq!(code, 4008);
}
