//! Who waits to be let in.

use antiphon_protocol::v1;
use serde_json::json;

use crate::{
    application::names,
    support::{Client, TestServer, only},
};

const LOBBY: &str = "/v1/rooms/rehearsal/lobby";

/// A server whose room has a lobby, with these people in it.
async fn waiting<const N: usize>(names: [&str; N]) -> (TestServer, Vec<Client>) {
    let server = TestServer::start_with(|setup| setup.rooms.lobby = true);
    let mut people = Vec::new();
    for name in names {
        let client = server.person(name).join().await;
        assert!(client.joined.waiting);
        people.push(client);
    }
    (server, people)
}

#[tokio::test]
async fn the_lobby_is_listed_apart_from_the_roster() {
    let (server, mut people) = waiting(["ada", "bob", "cyd"]).await;
    people.sort_by(|one, other| one.sid.cmp(&other.sid));
    let first = server.get(&format!("{LOBBY}?limit=2")).await.ok(200);
    assert_eq!(names(&first["participants"], "sid"), [people[0].sid.clone(), people[1].sid.clone()]);
    assert_eq!(first["participants"][0]["state"], "WAITING");
    let cursor = first["nextCursor"].as_str().expect("a second page");
    let second = server.get(&format!("{LOBBY}?cursor={cursor}")).await.ok(200);
    assert_eq!(names(&second["participants"], "sid"), [people[2].sid.clone()]);
    let roster = server.get("/v1/rooms/rehearsal/participants").await.ok(200);
    assert_eq!(roster["participants"], json!([]));
    assert_eq!(server.get("/v1/rooms/rehearsal").await.ok(200)["waitingCount"], 3);
}

#[tokio::test]
async fn one_is_admitted_one_is_refused_and_the_rest_come_in_together() {
    let (server, mut people) = waiting(["ada", "bob", "cyd", "dan"]).await;
    let admitted = server.ask("POST", &format!("{LOBBY}/@ada/admit")).send().await.ok(200);
    assert_eq!(admitted["state"], "CONNECTED");
    let snapshot = people[0].expect(only!(Snapshot)).await;
    assert_eq!(snapshot.reason(), v1::snapshot::Reason::Admitted);

    let refused = server.delete(&format!("{LOBBY}/@bob?reason=full%20house")).await;
    assert_eq!(refused.status, 204);
    let left = people[1].closed().await.0.expect("told");
    assert_eq!((left.reason(), left.message.as_str()), (v1::left::Reason::Refused, "full house"));

    assert_eq!(server.ask("POST", &format!("{LOBBY}/admit")).send().await.status, 204);
    for name in ["cyd", "dan"] {
        let joined = people[0].expect(only!(ParticipantJoined)).await.participant.expect("somebody");
        assert_eq!(joined.identity, name);
    }
    let gone = server.delete(&format!("{LOBBY}/@cyd")).await;
    assert_eq!(gone.refusal(), (404, "not_found".to_owned()), "who is in waits no longer");
    assert_eq!(server.ask("POST", &format!("{LOBBY}/admit")).send().await.status, 204, "nobody waits: nothing happens");
    let nowhere = server.ask("POST", "/v1/rooms/empty/lobby/admit").send().await;
    assert_eq!(nowhere.refusal(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn who_waits_is_found_and_not_changed() {
    let (server, _people) = waiting(["ada"]).await;
    let one = "/v1/rooms/rehearsal/participants/@ada";
    assert_eq!(server.get(one).await.ok(200)["state"], "WAITING");
    let refused = server.patch(one, &json!({ "name": "Ada" })).await;
    assert_eq!(refused.refusal(), (409, "waiting".to_owned()));
    assert_eq!(refused.json()["field"], "participant");
    assert_eq!(server.post(&format!("{one}/mute"), &json!({})).await.refusal(), (409, "waiting".to_owned()));
}
