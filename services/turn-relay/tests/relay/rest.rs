//! Listing and ending allocations.

use antiphon_turn_core::Transport;
use axum::http::StatusCode;
use serde_json::json;
use tokio::task::block_in_place;

use crate::{
    client::TurnClient,
    server::{RelayServer, config, eventually, token},
};

fn allocated(server: &RelayServer, transport: Transport, user: &str) -> TurnClient {
    let mut client = TurnClient::connect(server, transport, user);
    block_in_place(|| client.allocate()).expect("allocated");
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_sees_and_ends_its_own_allocations() {
    let server = RelayServer::start(config());
    let mut ada = allocated(&server, Transport::Udp, "acme/ada");
    let mut bob = allocated(&server, Transport::Tcp, "acme/bob");
    let mut eve = allocated(&server, Transport::Udp, "other/eve");
    let listed = server.allocations("acme").await;
    assert_eq!(listed.len(), 2);
    let of_ada = listed.iter().find(|shown| shown["user"] == "ada").expect("hers");
    assert_eq!((&of_ada["tenant"], &of_ada["transport"]), (&json!("acme"), &json!("udp")));
    assert!(of_ada["expiresInS"].as_u64().is_some_and(|left| (590..=600).contains(&left)), "{of_ada}");
    assert!(
        of_ada["relayedAddresses"][0].as_str().is_some_and(|address| address.starts_with("127.0.0.1:")),
        "{of_ada}"
    );
    assert_eq!(server.ask("acme", "GET", "/v1/turn/allocations?tenant=other").await.0, StatusCode::FORBIDDEN);
    assert_eq!(server.ask("acme", "DELETE", "/v1/turn/allocations?user=eve").await.1, json!({ "ended": 0 }));
    let path = format!("/v1/turn/allocations?id={}", of_ada["id"].as_str().expect("an id"));
    assert_eq!(server.ask("other", "DELETE", &path).await.1, json!({ "ended": 0 }), "another tenant's");
    assert_eq!(server.ask("acme", "DELETE", &path).await.1, json!({ "ended": 1 }));
    assert_eq!(block_in_place(|| ada.refresh(600)), Err(437));
    assert_eq!(server.ask("acme", "DELETE", "/v1/turn/allocations?user=bob").await.1, json!({ "ended": 1 }));
    assert_eq!(block_in_place(|| bob.receive()), None, "his connection is closed");
    assert_eq!(block_in_place(|| eve.refresh(600)), Ok(()));
    assert_eq!(server.ask("other", "DELETE", "/v1/turn/allocations?tenant=other").await.1, json!({ "ended": 1 }));
    eventually("it is counted", async || server.metric("antiphon_turn_allocations_ended_total", "killed").await == 3.0)
        .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_is_told_so() {
    let server = RelayServer::start(config());
    let path = "/v1/turn/allocations";
    assert_eq!(server.ask_with("nonsense", "GET", path).await.0, StatusCode::UNAUTHORIZED);
    let plain = token("acme", &json!({ "room": "standup", "join": true }));
    for method in ["GET", "DELETE"] {
        assert_eq!(server.ask_with(&plain, method, path).await.0, StatusCode::FORBIDDEN, "{method}");
    }
    let (status, body) = server.ask("acme", "DELETE", path).await;
    assert_eq!((status, &body["code"]), (StatusCode::BAD_REQUEST, &json!("invalid_argument")), "everything by mistake");
    for query in ["?id=1", "?id=1-2-3-4", "?id=a-b-c", "?id=0-0-%2B0", "?id=0--0", "?nonsense=1", "?user="] {
        let (status, _) = server.ask("acme", "GET", &format!("{path}{query}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}");
    }
    for method in ["GET", "DELETE"] {
        let (status, _) = server.ask("acme", method, &format!("{path}?id=9999999999-0-0")).await;
        assert_eq!(status, StatusCode::OK, "a number that none can have: {method}");
    }
    let (status, body) = server.ask("acme", "POST", path).await;
    assert_eq!((status, &body["code"]), (StatusCode::METHOD_NOT_ALLOWED, &json!("unsupported")));
    server.stop().await;
}
