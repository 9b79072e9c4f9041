//! Two tenants whose rooms, identities and messages have the same names: by no door is one shown anything of the other.

use antiphon_protocol::v1::{self, client_frame};
use serde_json::{Value, json};

use crate::{
    application::{admin_token, names},
    support::{ACME, Client, GLOBEX, Key, Session, TestServer, token},
};

const ROOM: &str = "/v1/rooms/rehearsal";

/// One tenant's room: Ada moderates it, Bob is in it, Cyd waits, Mallory is banned where it is ours.
struct Side {
    key: Key,
    ada: Client,
    bob: Client,
    cyd: Client,
    message: String,
}

impl Side {
    async fn enter(server: &TestServer, key: Key) -> Self {
        let join = |identity: &str| server.person(identity).of(key);
        let mut ada = join("ada").moderator().join().await;
        let mut bob = join("bob").join().await;
        ada.chat(key.tenant).await;
        let message = ada.expect_chat(key.tenant).await.id;
        bob.expect_chat(key.tenant).await;
        let change = json!({ "lobby": true, "metadata": key.tenant });
        server.ask("PATCH", ROOM).token(&admin_token(key)).json(&change).send().await.ok(200);
        let cyd = join("cyd").join().await;
        assert!(cyd.joined.waiting);
        Self { key, ada, bob, cyd, message }
    }

    fn sids(&self) -> Vec<String> {
        let mut sids = vec![self.ada.sid.clone(), self.bob.sid.clone()];
        sids.sort_unstable();
        sids
    }

    /// What its application is answered.
    async fn ask(&self, server: &TestServer, method: &'static str, path: &str, body: Option<Value>) -> (u16, String) {
        let asked = server.ask(method, path).token(&admin_token(self.key));
        let answer = body.map_or(asked.clone(), |body| asked.json(&body)).send().await;
        (answer.status, answer.text)
    }

    async fn get(&self, server: &TestServer, path: &str) -> Value {
        server.ask("GET", path).token(&admin_token(self.key)).send().await.ok(200)
    }

    /// Everything that it can see of its room is its own.
    async fn sees_its_own_alone(&mut self, server: &TestServer) {
        let tenant = self.key.tenant;
        for client in [&mut self.ada, &mut self.bob, &mut self.cyd] {
            client.flush().await;
        }
        for client in [&self.ada, &self.bob] {
            assert_eq!(client.chats(), [tenant], "on the socket");
        }
        assert_eq!(self.cyd.chats(), [""; 0]);
        let late = server.person("mo").of(self.key).granted(json!({ "moderate": true })).join().await;
        let snapshot = late.joined.snapshot.clone().expect("a snapshot");
        assert_eq!(snapshot.chat.iter().map(|chat| chat.text.as_str()).collect::<Vec<_>>(), [tenant], "the history");
        assert_eq!(snapshot.participants.len(), 3);
        drop(late);

        let rooms = self.get(server, "/v1/rooms").await;
        assert_eq!(names(&rooms["rooms"], "name"), ["rehearsal"]);
        assert_eq!(self.get(server, ROOM).await["metadata"], tenant);
        let listed = names(&self.get(server, &format!("{ROOM}/participants?limit=100")).await["participants"], "sid");
        assert!(self.sids().iter().all(|sid| listed.contains(sid)) && listed.len() == 3, "{listed:?}");
        let lobby = self.get(server, &format!("{ROOM}/lobby")).await;
        assert_eq!(names(&lobby["participants"], "sid"), [self.cyd.sid.as_str()]);
        let chat = self.get(server, &format!("{ROOM}/chat")).await;
        assert_eq!(
            (names(&chat["messages"], "text"), names(&chat["messages"], "id")),
            (vec![tenant.to_owned()], vec![self.message.clone()])
        );
    }
}

#[tokio::test]
async fn tenants_with_the_same_names_never_see_each_other_by_any_door() {
    let server = TestServer::start();
    let mut ours = Side::enter(&server, ACME).await;
    let mut theirs = Side::enter(&server, GLOBEX).await;
    server.post(&format!("{ROOM}/bans"), &json!({ "identity": "mallory" })).await.ok(201);

    frames_find_nobody(&mut theirs.ada, &ours).await;
    requests_find_nothing(&server, &theirs, &ours).await;
    sessions_are_not_taken_over(&server, &mut ours).await;

    // Bans.
    assert_eq!(server.person("mallory").of(ACME).rejected().await.code(), "banned");
    assert!(server.person("mallory").of(GLOBEX).join().await.joined.waiting);
    assert_eq!(names(&theirs.get(&server, &format!("{ROOM}/bans")).await["bans"], "identity"), [""; 0]);
    theirs.ask(&server, "DELETE", &format!("{ROOM}/lobby/@mallory"), None).await;

    ours.sees_its_own_alone(&server).await;
    theirs.sees_its_own_alone(&server).await;
    figures_are_apart(&server, &ours, &theirs).await;

    // The end of one room is not the other's.
    assert_eq!(theirs.ask(&server, "DELETE", ROOM, None).await.0, 204);
    theirs.ada.closed().await;
    assert_eq!(names(&theirs.get(&server, "/v1/rooms").await["rooms"], "name"), [""; 0]);
    ours.ada.chat("still ours").await;
    ours.bob.expect_chat("still ours").await;
}

/// Directed frames, moderation and lossy data, by sids and message ids of the other tenant.
async fn frames_find_nobody(moderator: &mut Client, ours: &Side) {
    let (sid, waiting) = (|| ours.bob.sid.clone(), || ours.cyd.sid.clone());
    for kind in [
        client_frame::Kind::Offer(v1::Offer { to: sid(), ..v1::Offer::default() }),
        client_frame::Kind::Answer(v1::Answer { to: sid(), ..v1::Answer::default() }),
        client_frame::Kind::Candidate(v1::Candidate { to: sid(), ..v1::Candidate::default() }),
        client_frame::Kind::Chat(v1::SendChat { to: sid(), text: "psst".to_owned() }),
        client_frame::Kind::Data(v1::Data { to: vec![sid()], ..v1::Data::default() }),
        client_frame::Kind::Kick(v1::Kick { sid: sid(), ..v1::Kick::default() }),
        client_frame::Kind::Mute(v1::Mute { sid: sid(), ..v1::Mute::default() }),
        client_frame::Kind::SetRole(v1::SetRole { sid: sid(), role: v1::participant::Role::Viewer as i32 }),
        client_frame::Kind::Admit(v1::Admit { sid: waiting() }),
        client_frame::Kind::Refuse(v1::Refuse { sid: waiting(), ..v1::Refuse::default() }),
        client_frame::Kind::DeleteChat(v1::DeleteChat { id: ours.message.clone() }),
    ] {
        let seq = moderator.send(kind.clone()).await;
        assert_eq!(moderator.expect_error(seq).await.code, "not_found", "{kind:?}");
    }
    let lossy = v1::Data { to: vec![sid()], lossy: true, ..v1::Data::default() };
    moderator.send_numbered(0, client_frame::Kind::Data(lossy)).await;
    moderator.flush().await;
}

/// Every resource of the REST API, by sids and message ids of the other tenant.
async fn requests_find_nothing(server: &TestServer, theirs: &Side, ours: &Side) {
    let participant = format!("{ROOM}/participants/{}", ours.bob.sid);
    let waiting = format!("{ROOM}/lobby/{}", ours.cyd.sid);
    let message = format!("{ROOM}/chat/{}", ours.message);
    let requests: [(&'static str, String, Option<Value>); 8] = [
        ("GET", participant.clone(), None),
        ("PATCH", participant.clone(), Some(json!({ "metadata": "theirs" }))),
        ("DELETE", participant.clone(), None),
        ("POST", format!("{participant}/mute"), Some(json!({}))),
        ("DELETE", waiting.clone(), None),
        ("POST", format!("{waiting}/admit"), None),
        ("DELETE", message, None),
        ("GET", format!("{ROOM}/bans/mallory"), None),
    ];
    for (method, path, body) in requests {
        let (status, text) = theirs.ask(server, method, &path, body).await;
        assert!(status == 404 && text.contains("not_found"), "{method} {path}: {status} {text}");
    }
    let to = json!({ "payload": "aGk=", "to": [ours.bob.sid] });
    let (status, text) = theirs.ask(server, "POST", &format!("{ROOM}/data"), Some(to)).await;
    assert!((400..500).contains(&status), "{status} {text}");
}

/// A resume token of ours with a token of theirs, also of the same identity and with every grant.
async fn sessions_are_not_taken_over(server: &TestServer, ours: &mut Side) {
    let placeholder = server.person("placeholder").of(ACME).in_room("elsewhere").join().await;
    let session = std::mem::replace(&mut ours.bob, placeholder).cut().await;
    for grants in [json!({}), json!({ "admin": true }), json!({ "moderate": true })] {
        let foreign = token(GLOBEX, "bob", "rehearsal", &grants);
        let stolen = Session { person: session.person.clone().with_token(foreign), ..session.clone() };
        // Their own bob is in their own room: that is all the second code tells.
        let rejected = stolen.rejected().await;
        assert!(["resume_failed", "identity_taken"].contains(&rejected.code()), "{rejected:?}");
    }
    ours.bob = session.resume().await.0;
    assert_eq!(server.delete("/v1/rooms/elsewhere").await.status, 204);
}

/// Usage and metrics.
async fn figures_are_apart(server: &TestServer, ours: &Side, theirs: &Side) {
    let sum = |usage: &Value, figure: &str| -> u64 {
        usage["hours"].as_array().expect("hours").iter().filter_map(|hour| hour[figure].as_u64()).sum()
    };
    let (our_usage, their_usage) = (ours.get(server, "/v1/usage").await, theirs.get(server, "/v1/usage").await);
    assert_eq!((sum(&our_usage, "roomsStarted"), sum(&their_usage, "roomsStarted")), (2, 1));
    assert!(sum(&our_usage, "messages") < sum(&their_usage, "messages"), "{our_usage} {their_usage}");
    for (side, usage) in [(ours, &our_usage), (theirs, &their_usage)] {
        let label = [("tenant", side.key.tenant)];
        let rooms = server.metric("tenant_rooms_started_total", &label);
        assert_eq!(rooms as u64, sum(usage, "roomsStarted"), "{}", side.key.tenant);
        assert!(server.metric("tenant_bytes_relayed_total", &label) > 0.0);
    }
}
