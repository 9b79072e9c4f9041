//! Order, retries, and who is harmed by whom.

use std::collections::HashSet;

use antiphon_protocol::v1::{self, client_frame};

use crate::{
    endpoint,
    receiver::{Got, Receiver, Reply},
    server, server_for,
    support::{GLOBEX, only, until},
};

fn kinds(got: &[Got]) -> Vec<&str> {
    got.iter().map(Got::kind).collect()
}

/// What came, each event once, in the order in which it first came.
fn once(got: &[Got]) -> Vec<&Got> {
    let mut seen = HashSet::new();
    got.iter().filter(|got| seen.insert(got.header("webhook-id"))).collect()
}

fn texts<'a>(got: impl IntoIterator<Item = &'a Got>) -> Vec<&'a str> {
    got.into_iter().filter(|got| got.kind() == "chat.sent").map(Got::text).collect()
}

fn numbered(count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("message {number}")).collect()
}

#[tokio::test]
async fn the_life_of_a_room_is_told_in_order() {
    let receiver = Receiver::start().await;
    let server = server_for(&receiver);
    let mut ada = server.person("ada").moderator().join().await;
    let track = v1::Track {
        track_id: "cam".to_owned(),
        kind: v1::track::Kind::Video.into(),
        source: v1::track::Source::Camera.into(),
        ..v1::Track::default()
    };
    ada.send(client_frame::Kind::Publish(v1::Publish { track: Some(track) })).await;
    ada.chat("hello").await;
    let grace = server.person("grace").join().await;
    let session = grace.cut().await;
    receiver.until("an absence", |got| got.iter().any(|got| got.kind() == "participant.reconnecting")).await;
    let _grace = session.resume().await;
    receiver.until("a return", |got| got.iter().any(|got| got.kind() == "participant.reconnected")).await;
    ada.send(client_frame::Kind::EndRoom(v1::EndRoom { reason: "curtain".to_owned() })).await;

    let got = receiver.until("the end", |got| got.iter().any(|got| got.kind() == "room.finished")).await;
    let expected = [
        "room.started",
        "participant.joined",
        "track.published",
        "chat.sent",
        "participant.joined",
        "participant.reconnecting",
        "participant.reconnected",
        "participant.left",
        "participant.left",
        "room.finished",
    ];
    assert_eq!(kinds(&got), expected);
    let positions: Vec<_> = got.iter().map(|got| got.event["position"].as_f64().expect("a position")).collect();
    assert!(positions.is_sorted() && positions[0] == 1.0, "{positions:?}");
    for got in &got {
        assert_eq!((got.event["tenant"].as_str(), got.room()), (Some("acme"), "rehearsal"));
        assert_eq!(got.event["id"], got.header("webhook-id"));
        assert_eq!(got.header("content-type"), "application/json");
    }
    let [.., last] = &got[..] else { panic!("ten") };
    assert_eq!(last.event["reason"], "curtain");
    assert_eq!(got[7].event["leftReason"], "ROOM_ENDED");
    assert_eq!(got[1].event["participant"]["identity"], "ada");
}

#[tokio::test]
async fn an_endpoint_is_told_of_what_it_asked_for_in_its_tenant_s_rooms_only() {
    let (some, all) = (Receiver::start().await, Receiver::start().await);
    let server =
        server(&[endpoint("some", &some, ", events = [\"room.*\", \"participant.left\"]"), endpoint("all", &all, "")]);
    let _theirs = server.person("eve").of(GLOBEX).join().await;
    let mut ada = server.person("ada").join().await;
    ada.send(client_frame::Kind::Leave(v1::Leave::default())).await;
    ada.closed().await;
    assert_eq!(kinds(&all.until_count(3).await), ["room.started", "participant.joined", "participant.left"]);
    assert_eq!(kinds(&some.until_count(2).await), ["room.started", "participant.left"]);
    assert_eq!(all.got().len(), 3, "nothing of another tenant's");
}

#[tokio::test]
async fn order_is_kept_while_the_receiver_fails_and_restarts_and_duplicates_have_the_same_id() {
    // Each third one is taken, and then the answer is a failure: the sender cannot know.
    let mut receiver = Receiver::with(|got| Reply::Status(if got.number % 3 == 2 { 500 } else { 200 })).await;
    let server = server_for(&receiver);
    let mut ada = server.person("ada").join().await;
    let messages = numbered(30);
    for (index, message) in messages.iter().enumerate() {
        match index {
            10 | 20 => receiver.stop().await,
            15 | 25 => receiver.restart().await,
            _ => {}
        }
        ada.chat(message).await;
        ada.expect_chat(message).await;
    }
    let got = receiver.until("the last message", |got| texts(got).contains(&"message 30")).await;
    server.until_metric("webhook_waiting", &[], 0.0).await;
    assert!(once(&got).len() < got.len(), "there were duplicates");
    assert_eq!(texts(once(&got)), messages);
    for got in &got {
        let first = once(&got_of(&receiver)).into_iter().find(|first| first.event["id"] == got.event["id"]).cloned();
        assert_eq!(first.expect("the first").body, got.body, "byte for byte the same");
    }
    assert!(server.metric("webhook_deliveries_total", &[("outcome", "failed")]) >= 10.0);
    assert_eq!(server.metric("webhook_lost_total", &[]), 0.0);
}

fn got_of(receiver: &Receiver) -> Vec<Got> {
    receiver.got()
}

#[tokio::test]
async fn a_room_that_fails_holds_back_itself_only() {
    let receiver = Receiver::with(|got| Reply::Status(if got.room() == "bad" { 500 } else { 200 })).await;
    let server = server_for(&receiver);
    let _bad = server.person("eve").in_room("bad").join().await;
    receiver.until_count(3).await;
    let mut good = server.person("ada").in_room("good").join().await;
    for message in numbered(20) {
        good.chat(&message).await;
    }
    let got = receiver.until("the last message", |got| texts(got).contains(&"message 20")).await;
    assert_eq!(texts(&got), numbered(20));
    let bad: Vec<_> = got.iter().filter(|got| got.room() == "bad").map(Got::kind).collect();
    assert!(bad.len() > 2 && bad.iter().all(|kind| *kind == "room.started"), "nothing overtakes: {bad:?}");
    receiver.answer(|_| Reply::Status(200));
    let got = receiver.until("the other room", |got| kinds(got).contains(&"participant.joined")).await;
    let all_told = |got: &[Got]| got.iter().any(|got| got.room() == "bad" && got.kind() == "participant.joined");
    assert!(all_told(&got) || all_told(&receiver.until("eve", all_told).await));
}

#[tokio::test]
async fn a_slow_receiver_harms_neither_another_endpoint_nor_the_rooms() {
    let slow = Receiver::with(|_| Reply::Never).await;
    let quick = Receiver::start().await;
    let one_at_a_time = ", concurrency = 1, timeout = \"1m\"";
    let server = server(&[endpoint("slow", &slow, one_at_a_time), endpoint("quick", &quick, "")]);
    let mut rooms = Vec::new();
    for room in 0..20 {
        rooms.push(server.person("ada").in_room(&format!("room {room}")).join().await);
    }
    slow.until_count(1).await;
    for message in numbered(10) {
        for ada in &mut rooms {
            ada.chat(&message).await;
        }
        for ada in &mut rooms {
            ada.expect_chat(&message).await;
        }
    }
    let got = quick.until_count(20 * 12).await;
    for room in 0..20 {
        let of_room = got.iter().filter(|got| got.room() == format!("room {room}"));
        assert_eq!(texts(of_room), numbered(10));
    }
    assert_eq!(slow.got().len(), 1, "it still thinks about the first one");
    server.until_metric("webhook_waiting", &[("endpoint", "acme/slow")], f64::from(20 * 12)).await;
    server.until_metric("webhook_waiting", &[("endpoint", "acme/quick")], 0.0).await;
    let oldest = || server.metric("webhook_oldest_timestamp_seconds", &[("endpoint", "acme/slow")]);
    until("the age of what waits", || oldest() > 1e9).await;
}

#[tokio::test]
async fn a_receiver_that_says_later_is_left_alone_so_long() {
    let receiver = Receiver::with(|got| match got.number {
        0 => Reply::RetryAfter(429, "1"),
        _ => Reply::Status(200),
    })
    .await;
    let server = server_for(&receiver);
    let begun = std::time::Instant::now();
    let _ada = server.person("ada").join().await;
    let _grace = server.person("grace").in_room("other").join().await;
    let got = receiver.until_count(5).await;
    assert!(begun.elapsed() >= std::time::Duration::from_secs(1), "the wait is for the endpoint");
    assert_eq!(once(&got).len(), 4);
}

#[tokio::test]
async fn a_server_that_stops_delivers_what_can_be_delivered_first() {
    let receiver = Receiver::start().await;
    let server = server_for(&receiver);
    let mut ada = server.person("ada").join().await;
    for message in numbered(100) {
        ada.chat(&message).await;
    }
    ada.expect_chat("message 100").await;
    ada.send(client_frame::Kind::Leave(v1::Leave::default())).await;
    ada.expect(only!(Left)).await;
    ada.closed().await;
    assert_eq!(server.signaling.drain(crate::support::PATIENCE).await, 0);
    assert_eq!(texts(&receiver.got()), numbered(100));
}
