//! Who may not come back.

use serde_json::json;

use crate::{
    application::{admin_token, names},
    support::{GLOBEX, TestServer},
};

const BANS: &str = "/v1/rooms/rehearsal/bans";

#[tokio::test]
async fn a_ban_needs_no_room_and_is_lifted_without_one() {
    let server = TestServer::start();
    assert_eq!(server.get(BANS).await.ok(200), json!({ "bans": [] }));
    let made = server.post(BANS, &json!({ "identity": "ada", "durationMs": 60_000 })).await;
    assert_eq!(made.header("location"), Some("/v1/rooms/rehearsal/bans/ada"));
    let ban = made.ok(201);
    assert_eq!(server.get(&format!("{BANS}/ada")).await.ok(200), ban);
    assert_eq!(server.person("ada").rejected().await.code(), "banned");
    assert_eq!(server.get("/v1/rooms").await.ok(200)["rooms"], json!([]), "a ban makes no room");

    assert_eq!(server.delete(&format!("{BANS}/ada")).await.status, 204);
    assert_eq!(server.delete(&format!("{BANS}/ada")).await.refusal(), (404, "not_found".to_owned()));
    assert_eq!(server.get(&format!("{BANS}/ada")).await.refusal(), (404, "not_found".to_owned()));
    server.person("ada").join().await;
}

#[tokio::test]
async fn a_ban_removes_who_is_there_and_outlives_the_room() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let _bob = server.person("bob").join().await;
    server.post(BANS, &json!({ "identity": "ada", "reason": "house rules" })).await.ok(201);
    assert_eq!(ada.closed().await.0.expect("told").message, "house rules");
    assert_eq!(server.delete("/v1/rooms/rehearsal").await.status, 204);
    assert_eq!(names(&server.get(BANS).await.ok(200)["bans"], "identity"), ["ada"]);
    assert_eq!(server.person("ada").rejected().await.code(), "banned");
}

#[tokio::test]
async fn a_kicked_identity_stands_on_the_list_and_comes_back_when_the_ban_is_lifted() {
    let server = TestServer::start();
    let (mut ada, _bob) = (server.person("ada").join().await, server.person("bob").join().await);
    assert_eq!(server.delete("/v1/rooms/rehearsal/participants/@ada").await.status, 204);
    ada.closed().await;
    assert_eq!(names(&server.get(BANS).await.ok(200)["bans"], "identity"), ["ada"]);
    assert_eq!(server.delete(&format!("{BANS}/ada")).await.status, 204);
    server.person("ada").join().await;
}

#[tokio::test]
async fn bans_are_listed_page_by_page_while_some_are_lifted() {
    let server = TestServer::start();
    for name in ["d", "a", "c", "b", "e"] {
        server.post(BANS, &json!({ "identity": name })).await.ok(201);
    }
    let first = server.get(&format!("{BANS}?limit=2")).await.ok(200);
    assert_eq!(names(&first["bans"], "identity"), ["a", "b"]);
    for name in ["a", "b", "d"] {
        server.delete(&format!("{BANS}/{name}")).await;
    }
    let cursor = first["nextCursor"].as_str().expect("a second page");
    let second = server.get(&format!("{BANS}?limit=2&cursor={cursor}")).await.ok(200);
    assert_eq!(names(&second["bans"], "identity"), ["c", "e"]);
    assert_eq!(second.get("nextCursor"), None);
    let theirs = server.ask("GET", BANS).token(&admin_token(GLOBEX)).send().await.ok(200);
    assert_eq!(theirs, json!({ "bans": [] }));
}

#[tokio::test]
async fn what_is_no_ban_is_refused() {
    let server = TestServer::start();
    for (body, code) in [
        (json!({}), "malformed"),
        (json!({ "identity": "" }), "invalid_argument"),
        (json!({ "identity": "a\u{0}b" }), "invalid_argument"),
        (json!({ "identity": "ada", "durationMs": 999 }), "invalid_argument"),
        (json!({ "identity": "ada", "durationMs": 9_007_199_254_740_991_u64 }), "invalid_argument"),
        (json!({ "identity": "ada", "durationMs": -1 }), "malformed"),
        (json!({ "identity": "ada", "reason": "x".repeat(257) }), "invalid_argument"),
    ] {
        assert_eq!(server.post(BANS, &body).await.refusal(), (400, code.to_owned()), "{body:.60}");
    }
    assert_eq!(server.get(BANS).await.ok(200), json!({ "bans": [] }));
}
