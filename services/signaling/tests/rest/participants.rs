//! Who is in a room.

use antiphon_protocol::v1::{self, client_frame};
use serde_json::{Value, json};

use crate::{
    application::{admin_token, names},
    support::{Client, GLOBEX, TestServer, only},
};

const PARTICIPANTS: &str = "/v1/rooms/rehearsal/participants";

fn track(track_id: &str, source: v1::track::Source) -> client_frame::Kind {
    let is_video = source == v1::track::Source::Camera;
    let kind = if is_video { v1::track::Kind::Video } else { v1::track::Kind::Audio };
    let (kind, source) = (kind.into(), source.into());
    let track = Some(v1::Track { track_id: track_id.to_owned(), kind, source, ..v1::Track::default() });
    client_frame::Kind::Publish(v1::Publish { track })
}

async fn publish_both(client: &mut Client) {
    client.send(track("mic", v1::track::Source::Microphone)).await;
    let seq = client.send(track("cam", v1::track::Source::Camera)).await;
    client.expect_ack(seq).await;
}

#[tokio::test]
async fn the_roster_is_listed_page_by_page_while_people_come_and_go() {
    let server = TestServer::start();
    let mut here = Vec::new();
    for number in 0..5 {
        here.push(server.person(&format!("p{number}")).join().await);
    }
    here.sort_by(|one, other| one.sid.cmp(&other.sid));
    let sids: Vec<_> = here.iter().map(|client| client.sid.clone()).collect();
    let first = server.get(&format!("{PARTICIPANTS}?limit=2")).await.ok(200);
    assert_eq!(names(&first["participants"], "sid"), sids[..2]);

    // The page ended with somebody who is gone by now.
    let mut gone = here.remove(1);
    gone.send(client_frame::Kind::Leave(v1::Leave {})).await;
    gone.closed().await;
    let cursor = first["nextCursor"].as_str().expect("a second page");
    let second = server.get(&format!("{PARTICIPANTS}?limit=100&cursor={cursor}")).await.ok(200);
    assert_eq!(names(&second["participants"], "sid"), sids[2..]);
    assert_eq!(second.get("nextCursor"), None);

    let one = names(&second["participants"], "identity").remove(0);
    let its = server.get(&format!("{PARTICIPANTS}?identity={one}")).await.ok(200);
    assert_eq!(names(&its["participants"], "identity"), [one]);
    for query in ["limit=0", "cursor=!", "cursor=YWRh", "identity=", "state=IN"] {
        let refused = server.get(&format!("{PARTICIPANTS}?{query}")).await;
        assert_eq!(refused.refusal(), (400, "invalid_argument".to_owned()), "{query}");
    }
    let nowhere = server.get("/v1/rooms/empty/participants").await;
    assert_eq!(nowhere.refusal(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn somebody_is_found_by_sid_and_by_identity() {
    let server = TestServer::start();
    let mut ada = server.person("ada/1 @home").join().await;
    publish_both(&mut ada).await;
    let by_sid = server.get(&format!("{PARTICIPANTS}/{}", ada.sid)).await.ok(200);
    assert_eq!(by_sid, server.get(&format!("{PARTICIPANTS}/@ada%2F1%20%40home")).await.ok(200));
    let shape = (&by_sid["identity"], &by_sid["state"], &by_sid["role"]);
    assert_eq!(shape, (&json!("ada/1 @home"), &json!("CONNECTED"), &json!("SPEAKER")));
    assert_eq!(names(&by_sid["tracks"], "trackId"), ["mic", "cam"]);
    assert!(!by_sid.to_string().contains(&ada.resume_token), "no secret of the session's");

    for stranger in ["@bob", "gaytemzugu3doobz"] {
        let refused = server.get(&format!("{PARTICIPANTS}/{stranger}")).await;
        assert_eq!(refused.refusal(), (404, "not_found".to_owned()), "{stranger}");
    }
    assert_eq!(server.get(&format!("{PARTICIPANTS}/bob")).await.refusal(), (400, "invalid_argument".to_owned()));
}

#[tokio::test]
async fn a_change_of_somebody_is_shown_to_everyone_in_order() {
    let server = TestServer::start();
    let (mut ada, mut bob) = (server.person("ada").join().await, server.person("bob").join().await);
    publish_both(&mut ada).await;
    let change =
        json!({ "name": "Ada L.", "metadata": "first violin", "attributes": { "seat": "1" }, "role": "VIEWER" });
    let changed = server.patch(&format!("{PARTICIPANTS}/@ada"), &change).await.ok(200);
    assert_eq!(
        (&changed["name"], &changed["role"], &changed["tracks"]),
        (&json!("Ada L."), &json!("VIEWER"), &json!([]))
    );

    let renamed = bob.expect(only!(ParticipantUpdated)).await.participant.expect("somebody");
    assert_eq!((renamed.name.as_str(), renamed.metadata.as_str()), ("Ada L.", "first violin"));
    assert_eq!(renamed.tracks.len(), 2, "the name first, then the role and what it brings");
    let gone = bob.expect(only!(TrackUnpublished)).await;
    assert_eq!((gone.sid, gone.track_id.as_str()), (ada.sid.clone(), "mic"));
    let demoted =
        bob.expect(|kind| only!(ParticipantUpdated)(kind)?.participant.filter(|it| it.tracks.is_empty())).await;
    assert_eq!(demoted.role(), v1::participant::Role::Viewer);

    // She hears of it too, and her own frames are bound by it.
    let seq = ada.send(track("mic", v1::track::Source::Microphone)).await;
    assert_eq!(ada.expect_error(seq).await.code, "permission_denied");

    let nothing = server.patch(&format!("{PARTICIPANTS}/@ada"), &json!({})).await.ok(200);
    assert_eq!(nothing, changed);
    let removed = server.patch(&format!("{PARTICIPANTS}/@ada"), &json!({ "attributes": { "seat": "" } })).await.ok(200);
    assert_eq!(removed["attributes"], json!({}));
}

#[tokio::test]
async fn a_change_that_cannot_be_changes_nothing() {
    let server = TestServer::start();
    let _ada = server.person("ada").join().await;
    let path = format!("{PARTICIPANTS}/@ada");
    let before = server.get(&path).await.ok(200);
    let cases = [
        (json!({ "name": "x".repeat(257), "role": "MODERATOR" }), 400, "invalid_argument"),
        (json!({ "metadata": "x".repeat(8_193), "name": "A" }), 413, "too_large"),
        (json!({ "attributes": { "k": "x".repeat(8_192) } }), 413, "too_large"),
        (json!({ "role": "KING" }), 400, "malformed"),
        (json!({ "role": null }), 400, "malformed"),
        (json!({ "sid": "x" }), 400, "malformed"),
        (json!(["Ada"]), 400, "malformed"),
        (json!("Ada"), 400, "malformed"),
    ];
    for (body, status, code) in cases {
        assert_eq!(server.patch(&path, &body).await.refusal(), (status, code.to_owned()), "{body:.40}");
    }
    let no_json = server.ask("PATCH", &path).text("text/plain", "{}").send().await;
    assert_eq!(no_json.refusal(), (415, "unsupported".to_owned()));
    let broken = server.ask("PATCH", &path).text("application/json", "{\"name\":").send().await;
    assert_eq!(broken.refusal(), (400, "malformed".to_owned()));
    let huge = server.ask("PATCH", &path).text("application/json", &" ".repeat(65_537)).send().await;
    assert_eq!(huge.refusal(), (413, "too_large".to_owned()));
    assert_eq!(server.get(&path).await.ok(200), before);
}

#[tokio::test]
async fn who_is_kicked_hears_why_and_stays_out_unless_it_may_rejoin() {
    let server = TestServer::start();
    let (mut ada, mut bob) = (server.person("ada").join().await, server.person("bob").join().await);
    let kick = server.delete(&format!("{PARTICIPANTS}/@ada?reason=too%20loud&allowRejoin=true")).await;
    assert_eq!(kick.status, 204);
    let (left, close) = ada.closed().await;
    let left = left.expect("told");
    assert_eq!((left.reason(), left.message.as_str(), close), (v1::left::Reason::Kicked, "too loud", 4010));
    assert_eq!(bob.expect(only!(ParticipantLeft)).await.identity, "ada");

    let mut ada = server.person("ada").join().await;
    assert_eq!(server.delete(&format!("{PARTICIPANTS}/{}", ada.sid)).await.status, 204);
    ada.closed().await;
    assert_eq!(server.person("ada").rejected().await.code(), "banned");
    let again = server.delete(&format!("{PARTICIPANTS}/{}", ada.sid)).await;
    assert_eq!(again.refusal(), (404, "not_found".to_owned()));
    let too_long = server.delete(&format!("{PARTICIPANTS}/@bob?reason={}", "x".repeat(257))).await;
    assert_eq!(too_long.refusal(), (400, "invalid_argument".to_owned()));
}

#[tokio::test]
async fn an_admin_in_the_room_is_not_out_of_reach() {
    let server = TestServer::start();
    let mut root = server.person("root").granted(json!({ "admin": true })).join().await;
    assert_eq!(server.delete(&format!("{PARTICIPANTS}/@root")).await.status, 204);
    root.closed().await;
}

#[tokio::test]
async fn one_track_all_of_a_kind_or_all_are_muted() {
    let server = TestServer::start();
    let (mut ada, mut bob) = (server.person("ada").join().await, server.person("bob").join().await);
    publish_both(&mut ada).await;
    let path = format!("{PARTICIPANTS}/@ada/mute");
    let muted = |participant: &Value| -> Vec<bool> {
        let tracks = participant["tracks"].as_array().expect("tracks").iter();
        tracks.map(|track| track["muted"].as_bool().expect("a flag")).collect()
    };
    assert_eq!(muted(&server.post(&path, &json!({ "trackId": "mic" })).await.ok(200)), [true, false]);
    let shown = bob.expect(only!(TrackUpdated)).await.track.expect("a track");
    assert_eq!((shown.track_id.as_str(), shown.muted), ("mic", true));
    let unmute = v1::TrackMute { track_id: "mic".to_owned(), muted: false };
    let seq = ada.send(client_frame::Kind::Update(v1::Update { tracks: vec![unmute], ..v1::Update::default() })).await;
    ada.expect_ack(seq).await;
    assert_eq!(muted(&server.post(&path, &json!({ "kind": "VIDEO" })).await.ok(200)), [false, true]);
    assert_eq!(muted(&server.post(&path, &json!({})).await.ok(200)), [true, true]);

    let unknown = server.post(&path, &json!({ "trackId": "screen" })).await;
    assert_eq!(unknown.refusal(), (404, "not_found".to_owned()));
    assert_eq!(unknown.json()["field"], "trackId");
    server.post(&path, &json!({ "trackId": "mic", "kind": "AUDIO" })).await.ok(200);
    let neither = server.post(&path, &json!({ "trackId": "mic", "kind": "VIDEO" })).await;
    assert_eq!(neither.refusal(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn another_tenant_finds_nobody() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let theirs = admin_token(GLOBEX);
    let one = format!("{PARTICIPANTS}/{}", ada.sid);
    for (method, path) in [("GET", PARTICIPANTS), ("GET", &one), ("DELETE", &one), ("DELETE", "/v1/rooms/rehearsal")] {
        let refused = server.ask(method, path).token(&theirs).send().await;
        assert_eq!(refused.refusal(), (404, "not_found".to_owned()), "{method} {path}");
    }
    for (method, path, body) in [
        ("PATCH", one.clone(), json!({ "name": "Mallory" })),
        ("POST", format!("{one}/mute"), json!({})),
        ("POST", "/v1/rooms/rehearsal/chat".to_owned(), json!({ "text": "hi" })),
        ("POST", "/v1/rooms/rehearsal/data".to_owned(), json!({ "payload": "" })),
    ] {
        let refused = server.ask(method, &path).token(&theirs).json(&body).send().await;
        assert_eq!(refused.refusal(), (404, "not_found".to_owned()), "{method} {path}");
    }
    assert_eq!(ada.flush().await, []);
}
