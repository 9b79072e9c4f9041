//! Rooms.

use serde_json::json;

use crate::{
    application::admin_token,
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
    let names = |page: &serde_json::Value| -> Vec<String> {
        let rooms = page["rooms"].as_array().expect("rooms").iter();
        rooms.map(|room| room["name"].as_str().expect("a name").to_owned()).collect()
    };
    assert_eq!(names(&first), ["a", "b b", "c"]);
    assert_eq!(first["rooms"][0]["participantCount"], 1);
    let cursor = first["nextCursor"].as_str().expect("a second page");
    let second = server.get(&format!("/v1/rooms?cursor={cursor}")).await.ok(200);
    assert_eq!(names(&second), ["d"]);
    assert_eq!(second.get("nextCursor"), None);

    let theirs = server.ask("GET", "/v1/rooms").token(&admin_token(GLOBEX)).send().await.ok(200);
    assert_eq!(names(&theirs), Vec::<String>::new());
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
