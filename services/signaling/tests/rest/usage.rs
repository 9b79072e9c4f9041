//! What the tenant uses.

use serde_json::{Value, json};

use crate::{
    application::admin_token,
    support::{GLOBEX, TestServer},
};

fn sum(usage: &Value, figure: &str) -> f64 {
    let hours = usage["hours"].as_array().expect("hours").iter();
    hours.map(|hour| hour[figure].as_f64().expect("a number")).sum()
}

#[tokio::test]
async fn a_tenant_sees_what_it_used_and_nothing_of_anothers() {
    let server = TestServer::start();
    let empty = server.get("/v1/usage").await.ok(200);
    assert_eq!((&empty["rooms"], &empty["participants"], &empty["hours"]), (&json!(0), &json!(0), &json!([])));

    let mut ada = server.person("ada").join().await;
    let bob = server.person("bob").join().await;
    ada.chat("hello").await;
    ada.expect_chat("hello").await;
    let used = server.get("/v1/usage?hours=2").await.ok(200);
    assert_eq!((&used["rooms"], &used["participants"]), (&json!(1), &json!(2)));
    assert_eq!((sum(&used, "roomsStarted"), sum(&used, "messages")), (1.0, 1.0));
    assert_eq!(used["hours"].as_array().and_then(|hours| hours.last()).expect("this hour")["peakParticipants"], 2);
    assert!(sum(&used, "bytesRelayed") > 500.0, "three snapshots and a chat message: {used}");
    let minutes = sum(&used, "participantMinutes");
    let later = server.get("/v1/usage").await.ok(200);
    assert!(sum(&later, "participantMinutes") >= minutes);
    let last = later["hours"].as_array().and_then(|hours| hours.last()).expect("this hour").clone();
    assert_eq!((&last["complete"], last["startsAtMs"].as_u64().expect("a time") % 3_600_000), (&json!(false), 0));

    let theirs = server.ask("GET", "/v1/usage").token(&admin_token(GLOBEX)).send().await.ok(200);
    assert_eq!((&theirs["rooms"], &theirs["hours"]), (&json!(0), &json!([])));
    drop(bob);
    for query in ["hours=0", "hours=49", "hours=x", "day=1"] {
        let refused = server.get(&format!("/v1/usage?{query}")).await;
        assert_eq!(refused.refusal(), (400, "invalid_argument".to_owned()), "{query}");
    }
}

#[tokio::test]
async fn a_room_beyond_the_tenants_quota_is_refused_with_the_field_and_a_cure() {
    let server = TestServer::start_with(|setup| setup.quotas.tenant_rooms = 1);
    assert_eq!(server.post("/v1/rooms", &json!({ "name": "one" })).await.status, 201);
    let refused = server.post("/v1/rooms", &json!({ "name": "two" })).await;
    assert_eq!(refused.refusal(), (429, "quota_exceeded".to_owned()));
    let problem = refused.json();
    assert_eq!(problem["field"], "tenant-rooms");
    assert!(
        problem["detail"].as_str().expect("a text").ends_with("end a room, or have tenant-rooms raised"),
        "{problem}"
    );
    assert_eq!(server.delete("/v1/rooms/one").await.status, 204);
    assert_eq!(server.post("/v1/rooms", &json!({ "name": "two" })).await.status, 201);
    let used = server.get("/v1/usage").await.ok(200);
    assert_eq!((sum(&used, "roomsStarted"), &used["rooms"]), (2.0, &json!(1)));
}
