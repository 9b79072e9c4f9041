//! A room's events, as Server-Sent Events.

use std::time::Duration;

use antiphon_protocol::v1::{self, client_frame};
use serde_json::{Value, json};
use tokio::{
    io::AsyncReadExt as _,
    net::{TcpSocket, TcpStream},
};

use crate::{
    application::{Asked, admin_token},
    support::{ACME, GLOBEX, TestServer, claims, now_s, signed, until, within},
};

/// One event, as a browser's EventSource would dispatch it.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) id: Option<String>,
    pub(crate) data: Value,
}

/// A stream of events, read from its chunks (RFC 9112 §7.1).
pub(crate) struct Events {
    stream: TcpStream,
    pub(crate) head: String,
    received: Vec<u8>,
    text: String,
    is_over: bool,
}

impl Events {
    pub(crate) async fn open(asked: &Asked) -> Self {
        Self::read_on(asked.clone().begin().await).await
    }

    pub(crate) async fn read_on(stream: TcpStream) -> Self {
        let (received, text) = (Vec::new(), String::new());
        let mut events = Self { stream, head: String::new(), received, text, is_over: false };
        let end = loop {
            if let Some(end) = events.received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break end + 4;
            }
            assert!(events.receive().await, "no answer");
        };
        events.head = String::from_utf8(events.received.drain(..end).collect()).expect("text");
        events
    }

    /// A stream that nobody reads while ada talks in the rehearsal room, until the server has closed it.
    pub(crate) async fn unread(server: &TestServer, path: &str) -> Self {
        let mut ada = server.person("ada").join().await;
        let narrow = TcpSocket::new_v4().expect("a socket");
        narrow.set_recv_buffer_size(4_096).expect("a socket");
        let events = Self::read_on(server.ask("GET", path).begin_on(narrow).await).await;
        let text = "x".repeat(4_000);
        within("a stream that is closed", async {
            for round in 0.. {
                if server.metric("event_streams", &[]) == 0.0 {
                    break;
                }
                for _ in 0..32 {
                    ada.chat(&text).await;
                }
                let marker = format!("round {round}");
                ada.chat(&marker).await;
                ada.expect_chat(&marker).await;
            }
        })
        .await;
        events
    }

    /// Of the rehearsal room, which must be there.
    async fn of_rehearsal(server: &TestServer) -> Self {
        let events = Self::open(&server.ask("GET", PATH)).await;
        assert!(events.head.starts_with("HTTP/1.1 200"), "{}", events.head);
        assert!(events.head.contains("content-type: text/event-stream\r\n"), "{}", events.head);
        events
    }

    async fn receive(&mut self) -> bool {
        let mut bytes = vec![0; 64 << 10];
        let count = within("bytes", self.stream.read(&mut bytes)).await.unwrap_or_default();
        self.received.extend_from_slice(&bytes[..count]);
        count > 0
    }

    /// Takes a chunk off, if one is there whole.
    fn take_chunk(&mut self) -> bool {
        let Some(line) = self.received.windows(2).position(|bytes| bytes == b"\r\n") else { return false };
        let size = str::from_utf8(&self.received[..line]).expect("a size");
        let size = usize::from_str_radix(size, 16).expect("hexadecimal");
        if self.received.len() < line + 2 + size + 2 {
            return false;
        }
        self.text += str::from_utf8(&self.received[line + 2..line + 2 + size]).expect("UTF-8");
        self.received.drain(..line + 2 + size + 2);
        self.is_over |= size == 0;
        true
    }

    /// The next paragraph: an event, or a comment.
    async fn paragraph(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let paragraph = self.text[..end].to_owned();
                self.text.drain(..end + 2);
                return Some(paragraph);
            }
            if self.is_over || (!self.take_chunk() && !self.receive().await) {
                return None;
            }
        }
    }

    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            let paragraph = self.paragraph().await?;
            let field = |name: &str| {
                let lines = paragraph.lines().filter_map(|line| line.split_once(": "));
                lines.into_iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
            };
            let Some(data) = field("data") else { continue };
            let data = serde_json::from_str(&data).expect("JSON");
            return Some(Event { name: field("event").expect("a name"), id: field("id"), data });
        }
    }

    pub(crate) async fn expect(&mut self, name: &str) -> Event {
        let event = self.next().await.unwrap_or_else(|| panic!("the stream ended, not {name}"));
        assert_eq!(event.name, name, "{event:?}");
        event
    }

    pub(crate) async fn expect_end(mut self) {
        let more = self.next().await;
        assert!(more.is_none(), "{more:?}");
    }
}

const PATH: &str = "/v1/rooms/rehearsal/events";

fn identities(people: &Value) -> Vec<&str> {
    people.as_array().into_iter().flatten().map(|person| person["identity"].as_str().expect("a name")).collect()
}

#[tokio::test]
async fn a_stream_begins_with_the_room_and_goes_on_with_what_happens_in_its_order() {
    let server = TestServer::start();
    let mut ada = server.person("ada").moderator().join().await;
    ada.chat("before").await;
    ada.expect_chat("before").await;
    let mut events = Events::of_rehearsal(&server).await;
    let snapshot = events.expect("snapshot").await;
    let room = &snapshot.data["snapshot"]["snapshot"];
    assert_eq!(room["room"]["name"], "rehearsal");
    assert_eq!(identities(&room["participants"]), ["ada"]);
    assert_eq!(room["chat"][0]["text"], "before");
    assert!(snapshot.id.is_some());

    let bob = server.person("bob").join().await;
    let joined = events.expect("participantJoined").await;
    assert_eq!(joined.data["participantJoined"]["participant"]["identity"], "bob");
    ada.send(client_frame::Kind::Data(v1::Data { payload: b"bytes"[..].into(), ..v1::Data::default() })).await;
    ada.chat("after").await;
    let chat = events.expect("chat").await;
    assert_eq!(chat.data["chat"]["text"], "after", "data is left out");
    ada.update_room(v1::UpdateRoom { lobby: Some(true), ..v1::UpdateRoom::default() }).await;
    assert_eq!(events.expect("roomUpdated").await.data["roomUpdated"]["room"]["lobby"], true);
    let _cyd = server.person("cyd").join().await;
    let waiting = events.expect("participantWaiting").await;
    assert_eq!(waiting.data["participantWaiting"]["participant"]["identity"], "cyd");
    drop(bob);
    let broken = events.expect("participantUpdated").await;
    assert_eq!(broken.data["participantUpdated"]["participant"]["state"], "DISCONNECTED");
    let again = Events::of_rehearsal(&server).await.expect("snapshot").await;
    let room = &again.data["snapshot"]["snapshot"];
    assert_eq!((identities(&room["participants"]), identities(&room["waiting"])), (vec!["ada", "bob"], vec!["cyd"]));
}

#[tokio::test]
async fn who_asks_with_the_last_id_misses_nothing_and_sees_nothing_twice() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let mut events = Events::of_rehearsal(&server).await;
    events.expect("snapshot").await;
    ada.chat("one").await;
    let seen = events.expect("chat").await.id.expect("an id");
    drop(events);
    for text in ["two", "three"] {
        ada.chat(text).await;
        ada.expect_chat(text).await;
    }
    let mut again = Events::open(&server.ask("GET", PATH).header("last-event-id", &seen)).await;
    for text in ["two", "three"] {
        assert_eq!(again.expect("chat").await.data["chat"]["text"], text);
    }
    for unknown in ["rubbish", "77.1", &format!("{seen}000"), ""] {
        let mut events = Events::open(&server.ask("GET", PATH).header("last-event-id", unknown)).await;
        let snapshot = events.expect("snapshot").await;
        assert_eq!(snapshot.data["snapshot"]["snapshot"]["chat"][2]["text"], "three", "{unknown:?}");
    }
}

#[tokio::test]
async fn the_end_of_the_room_is_the_last_event_on_every_replica() {
    let server = TestServer::start();
    let replica = server.replica();
    let _ada = server.person("ada").join().await;
    let mut streams = [Events::of_rehearsal(&server).await, Events::of_rehearsal(&replica).await];
    for events in &mut streams {
        events.expect("snapshot").await;
    }
    assert_eq!(server.delete("/v1/rooms/rehearsal?reason=curtain").await.status, 204);
    let [mut here, mut there] = streams;
    here.expect("participantLeft").await;
    assert_eq!(here.expect("room.finished").await.data, json!({ "room": "rehearsal", "reason": "curtain" }));
    here.expect_end().await;
    loop {
        let event = there.next().await.expect("the end is told");
        if event.name == "room.finished" {
            break;
        }
        assert_eq!(event.name, "participantLeft");
    }
    there.expect_end().await;
    assert_eq!(server.get(PATH).await.refusal(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn streams_count_among_the_connections_of_their_tenant() {
    let server = TestServer::start_with(|setup| setup.signaling.tenant_connections = 2);
    let _ada = server.person("ada").join().await;
    let mut events = Events::of_rehearsal(&server).await;
    events.expect("snapshot").await;
    assert_eq!(server.metric("event_streams", &[]), 1.0);
    assert_eq!(server.get(PATH).await.refusal(), (429, "rate_limited".to_owned()));
    let theirs = server.ask("GET", PATH).token(&admin_token(GLOBEX)).send().await;
    assert_eq!(theirs.refusal(), (404, "not_found".to_owned()), "rooms of another tenant");
    drop(events);
    server.until_metric("event_streams", &[], 0.0).await;
    Events::of_rehearsal(&server).await.expect("snapshot").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_read_is_told_so_at_last_and_the_room_goes_on() {
    let server = TestServer::start_with(|setup| setup.signaling.write_timeout.0 = Duration::from_millis(200));
    let mut events = Events::unread(&server, PATH).await;
    events.expect("snapshot").await;
    let mut last = events.expect("chat").await;
    while let Some(event) = events.next().await {
        last = event;
    }
    assert_eq!((last.name.as_str(), &last.data["error"]["code"]), ("error", &json!("slow_consumer")));
}

#[tokio::test]
async fn a_silent_stream_is_kept_alive_by_comments() {
    let server = TestServer::start_with(|setup| setup.signaling.ping_interval.0 = Duration::from_millis(50));
    let _ada = server.person("ada").join().await;
    let mut events = Events::of_rehearsal(&server).await;
    events.expect("snapshot").await;
    assert_eq!(events.paragraph().await.as_deref(), Some(": keep-alive"));
}

#[tokio::test]
async fn a_server_that_stops_asks_its_readers_to_come_back() {
    let server = TestServer::start_with(|setup| setup.signaling.drain_window.0 = Duration::from_millis(100));
    let ada = server.person("ada").join().await;
    let mut events = Events::of_rehearsal(&server).await;
    events.expect("snapshot").await;
    drop(ada);
    events.expect("participantUpdated").await;
    let left = within("the drain", server.signaling.drain(Duration::from_secs(8))).await;
    assert_eq!(left, 0);
    assert!(events.expect("goAway").await.data["goAway"]["retryAfterMs"].as_u64() > Some(0));
    events.expect_end().await;
}

#[tokio::test]
async fn a_stream_ends_with_its_token() {
    let server = TestServer::start();
    let _ada = server.person("ada").join().await;
    // Valid for two seconds more: the leeway is ten.
    let mut ending = claims(ACME, "backend", "any", &json!({ "admin": true }));
    ending["exp"] = (now_s() - 8).into();
    ending["iat"] = (now_s() - 60).into();
    let mut events = Events::open(&server.ask("GET", PATH).token(&signed(ACME, &ending))).await;
    events.expect("snapshot").await;
    assert_eq!(events.expect("error").await.data["error"]["code"], "token_expired");
    events.expect_end().await;
    until("the end of the stream", || server.metric("event_streams", &[]) == 0.0).await;
}
