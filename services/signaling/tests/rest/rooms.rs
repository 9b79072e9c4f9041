//! Rooms.

use serde_json::json;

use crate::{
    application::{admin_token, names},
    support::{GLOBEX, TestServer},
};

#[tokio::test]
async fn rooms_are_listed_page_by_page() {
    let server = TestServer::start();
    let mut here = Vec::new();
    for room in ["c", "a", "b b", "d"] {
        here.push(server.person("ada").in_room(room).join().await);
    }
    let first = server.get("/v1/rooms?limit=3").await.ok(200);
    assert_eq!(names(&first["rooms"], "name"), ["a", "b b", "c"]);
    assert_eq!(first["rooms"][0]["participantCount"], 1);
    let cursor = first["nextCursor"].as_str().expect("a second page");
    let second = server.get(&format!("/v1/rooms?cursor={cursor}")).await.ok(200);
    assert_eq!(names(&second["rooms"], "name"), ["d"]);
    assert_eq!(second.get("nextCursor"), None);

    let theirs = server.ask("GET", "/v1/rooms").token(&admin_token(GLOBEX)).send().await.ok(200);
    assert_eq!(theirs["rooms"], json!([]));
    for query in ["limit=0", "limit=101", "limit=x", "cursor=!", "order=up"] {
        let refused = server.get(&format!("/v1/rooms?{query}")).await;
        assert_eq!(refused.refusal(), (400, "invalid_argument".to_owned()), "{query}");
    }
}

#[tokio::test]
async fn a_change_by_the_application_is_shown_to_everyone() {
    let server = TestServer::start();
    assert_eq!(server.get("/v1/rooms/rehearsal").await.refusal(), (404, "not_found".to_owned()));
    let mut ada = server.person("ada").join().await;
    let change = json!({ "metadata": "third act", "locked": true, "maxParticipants": 7, "topology": "MESH" });
    let changed = server.patch("/v1/rooms/rehearsal", &change).await.ok(200);
    assert_eq!((&changed["metadata"], &changed["locked"]), (&json!("third act"), &json!(true)));
    assert_eq!(server.get("/v1/rooms/rehearsal").await.ok(200), changed);
    let shown = ada.expect(crate::support::only!(RoomUpdated)).await.room.expect("a room");
    assert_eq!((shown.metadata.as_str(), shown.locked, shown.max_participants), ("third act", true, 7));

    assert_eq!(server.delete("/v1/rooms/rehearsal?reason=curtain").await.status, 204);
    let left = ada.expect(crate::support::only!(Left)).await;
    assert_eq!(left.message, "curtain");
    assert_eq!(server.delete("/v1/rooms/rehearsal").await.refusal(), (404, "not_found".to_owned()));
    assert_eq!(server.post("/v1/rooms/rehearsal", &json!({})).await.status, 405);
}

#[tokio::test]
async fn a_room_is_created_once_ahead_of_its_first_join() {
    let server = TestServer::start();
    let new = json!({
        "name": "act 1/2", "metadata": "third act", "lobby": true, "maxParticipants": 7, "topology": "MESH",
        "emptyTimeoutMs": 600_000,
    });
    let created = server.post("/v1/rooms", &new).await;
    assert_eq!(created.header("location"), Some("/v1/rooms/act%201%2F2"));
    let created = created.ok(201);
    for (key, value) in new.as_object().expect("an object").iter().filter(|(key, _)| *key != "topology") {
        assert_eq!(created[key], *value, "{key}");
    }
    assert_eq!(created["participantCount"], 0);
    assert_eq!(server.get("/v1/rooms/act%201%2F2").await.ok(200), created);
    let again = server.post("/v1/rooms", &json!({ "name": "act 1/2" })).await;
    assert_eq!(again.refusal(), (409, "room_exists".to_owned()));

    let ada = server.person("ada").in_room("act 1/2").join().await;
    assert!(ada.joined.waiting, "the lobby that the application asked for");
    let theirs = server.ask("POST", "/v1/rooms").token(&admin_token(GLOBEX)).json(&new).send().await;
    assert_eq!(theirs.status, 201, "another tenant's room of this name is another room");
}

#[tokio::test]
async fn a_room_that_nobody_comes_to_ends_when_its_own_time_is_up() {
    let server = TestServer::start_with(|setup| setup.rooms.empty_timeout_ms = 1);
    server.post("/v1/rooms", &json!({ "name": "long", "emptyTimeoutMs": 600_000 })).await.ok(201);
    server.post("/v1/rooms", &json!({ "name": "short" })).await.ok(201);
    server.until_room_is_gone("short").await;
    let long = server.patch("/v1/rooms/long", &json!({ "emptyTimeoutMs": 1_000.0 })).await.ok(200);
    assert_eq!(long["emptyTimeoutMs"], 1_000);
    server.until_room_is_gone("long").await;
    assert_eq!(server.get("/v1/rooms/long").await.refusal(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn a_room_that_cannot_be_is_refused() {
    let server = TestServer::start();
    for (body, status, code) in [
        (json!({}), 400, "malformed"),
        (json!({ "name": "" }), 400, "invalid_argument"),
        (json!({ "name": "x".repeat(129) }), 400, "invalid_argument"),
        (json!({ "name": "a\nb" }), 400, "invalid_argument"),
        (json!({ "name": 7 }), 400, "malformed"),
        (json!({ "name": "a", "metadata": null }), 400, "malformed"),
        (json!({ "name": "a", "emptyTimeoutMs": 1 }), 400, "invalid_argument"),
        (json!({ "name": "a", "emptyTimeoutMs": 1_000.5 }), 400, "malformed"),
        (json!({ "name": "a", "emptyTimeoutMs": -1_000.0 }), 400, "malformed"),
        (json!({ "name": "a", "emptyTimeoutMs": 1e300 }), 400, "malformed"),
        (json!({ "name": "a", "maxParticipants": 4_294_967_296_u64 }), 400, "malformed"),
        (json!({ "name": "a", "topology": "POOL" }), 409, "invalid_argument"),
        (json!({ "name": "a", "owner": "me" }), 400, "malformed"),
        (json!({ "name": "a", "metadata": "x".repeat(8_193) }), 413, "too_large"),
        (json!(["a"]), 400, "malformed"),
    ] {
        assert_eq!(server.post("/v1/rooms", &body).await.refusal(), (status, code.to_owned()), "{body:.60}");
    }
    assert_eq!(server.get("/v1/rooms").await.ok(200)["rooms"], json!([]));
}
