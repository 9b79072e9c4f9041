//! Waiting to be admitted.

use antiphon_protocol::v1::{self, client_frame, left, participant, server_frame::Kind, snapshot};

use crate::support::{Client, TestServer, only};

fn server() -> TestServer {
    TestServer::start_with(|setup| setup.rooms.lobby = true)
}

fn admit(sid: &str) -> client_frame::Kind {
    client_frame::Kind::Admit(v1::Admit { sid: sid.to_owned() })
}

async fn knocked(moderator: &mut Client, sid: &str) {
    moderator
        .expect(|kind| {
            let Kind::ParticipantWaiting(waiting) = kind else { return None };
            (!waiting.gone && waiting.participant.as_ref().is_some_and(|who| who.sid == sid)).then_some(())
        })
        .await;
}

#[tokio::test]
async fn who_waits_sees_nothing_and_does_nothing_until_it_is_let_in() {
    let server = server();
    let mut moderator = server.person("mo").moderator().join().await;
    assert!(!moderator.joined.waiting, "moderators do not wait");
    moderator.chat("secret").await;
    let mut eve = server.person("eve").join().await;
    assert!(eve.joined.waiting);
    let snapshot = eve.joined.snapshot.clone().unwrap_or_default();
    assert!(snapshot.participants.is_empty() && snapshot.chat.is_empty() && snapshot.waiting.is_empty());
    knocked(&mut moderator, &eve.sid).await;

    moderator.chat("still secret").await;
    moderator.expect_chat("still secret").await;
    for lossy in [true, false] {
        let data = client_frame::Kind::Data(v1::Data { lossy, ..v1::Data::default() });
        let seq = if lossy { 0 } else { moderator.sent + 1 };
        moderator.sent = moderator.sent.max(seq);
        moderator.send_numbered(seq, data).await;
    }
    let other = server.person("other").join().await;
    knocked(&mut moderator, &other.sid).await;
    assert_eq!(eve.flush().await, []);
    for kind in [
        client_frame::Kind::Chat(v1::SendChat { text: "hi".to_owned(), to: String::new() }),
        client_frame::Kind::Chat(v1::SendChat { text: "hi".to_owned(), to: moderator.sid.clone() }),
        client_frame::Kind::Offer(v1::Offer { to: moderator.sid.clone(), ..v1::Offer::default() }),
        client_frame::Kind::Update(v1::Update::default()),
        client_frame::Kind::Data(v1::Data::default()),
    ] {
        let seq = eve.send(kind).await;
        assert_eq!(eve.expect_error(seq).await.code, "waiting");
    }

    moderator.send(admit(&eve.sid)).await;
    let admitted = eve.expect(only!(Snapshot)).await;
    assert_eq!(admitted.reason(), snapshot::Reason::Admitted);
    let snapshot = admitted.snapshot.expect("a snapshot");
    assert_eq!(snapshot.room.expect("a room").name, "rehearsal");
    assert_eq!(snapshot.participants.iter().map(|who| &who.sid).collect::<Vec<_>>(), [&moderator.sid, &eve.sid]);
    assert_eq!(snapshot.chat.iter().map(|chat| chat.text.as_str()).collect::<Vec<_>>(), ["secret", "still secret"]);
    let joined = moderator.expect(only!(ParticipantJoined)).await.participant.expect("a participant");
    assert_eq!((&joined.sid, joined.state()), (&eve.sid, participant::State::Connected));
    assert!(moderator.expect(only!(ParticipantWaiting)).await.gone);
    eve.chat("thanks").await;
    moderator.expect_chat("thanks").await;
}

#[tokio::test]
async fn only_moderators_hear_of_the_lobby() {
    let server = server();
    let mut moderator = server.person("mo").moderator().join().await;
    let mut ada = server.person("ada").join().await;
    moderator.send(admit(&ada.sid)).await;
    ada.expect(only!(Snapshot)).await;
    let mut eve = server.person("eve").join().await;
    knocked(&mut moderator, &eve.sid).await;
    assert!(!ada.flush().await.iter().any(|kind| matches!(kind, Kind::ParticipantWaiting(_))));
    let late = server.person("late mo").moderator().join().await;
    let snapshot = late.joined.snapshot.clone().expect("a snapshot");
    assert_eq!(snapshot.waiting.iter().map(|who| &who.sid).collect::<Vec<_>>(), [&eve.sid]);
    assert_eq!(snapshot.waiting[0].state(), participant::State::Waiting);

    let role = v1::SetRole { sid: ada.sid.clone(), role: participant::Role::Moderator.into() };
    moderator.send(client_frame::Kind::SetRole(role)).await;
    knocked(&mut ada, &eve.sid).await;
    eve.send(client_frame::Kind::Leave(v1::Leave {})).await;
    assert_eq!(eve.closed().await.1, 1000);
    assert!(ada.expect(only!(ParticipantWaiting)).await.gone);
    assert!(!moderator.kinds().any(|kind| matches!(kind, Kind::ParticipantLeft(_))), "it had not come in");
}

#[tokio::test]
async fn who_is_refused_goes_and_may_knock_again() {
    let server = server();
    let mut moderator = server.person("mo").moderator().join().await;
    let mut eve = server.person("eve").join().await;
    let refuse = v1::Refuse { sid: eve.sid.clone(), reason: "not today".to_owned() };
    moderator.send(client_frame::Kind::Refuse(refuse)).await;
    let (left, code) = eve.closed().await;
    let left = left.expect("left");
    assert_eq!((left.reason(), left.message.as_str(), code), (left::Reason::Refused, "not today", 4010));
    assert!(server.person("eve").join().await.joined.waiting);
}

#[tokio::test]
async fn who_waits_can_resume_and_is_still_waiting() {
    let server = server();
    let mut moderator = server.person("mo").moderator().join().await;
    let eve = server.person("eve").join().await;
    let (mut eve, resumed) = eve.cut().await.resume().await;
    assert!(resumed.waiting);
    assert!(resumed.snapshot.is_none_or(|snapshot| snapshot.participants.is_empty()));
    moderator.send(admit(&eve.sid)).await;
    assert_eq!(eve.expect(only!(Snapshot)).await.reason(), snapshot::Reason::Admitted);
}

#[tokio::test]
async fn who_was_let_in_while_away_finds_the_snapshot_when_it_resumes() {
    let server = server();
    let mut moderator = server.person("mo").moderator().join().await;
    let eve = server.person("eve").join().await.cut().await;
    moderator.send(admit(&eve.sid)).await;
    moderator.expect(only!(ParticipantJoined)).await;
    moderator.chat("before she knows").await;
    moderator.expect_chat("before she knows").await;
    let (mut eve, resumed) = eve.resume().await;
    assert_eq!(resumed.recovered, Some(false), "what was said while she waited is not replayed");
    assert_eq!(resumed.snapshot.expect("a snapshot").participants.len(), 2);
    eve.chat("in").await;
    moderator.expect_chat("in").await;
}

#[tokio::test]
async fn opening_the_doors_lets_everyone_in() {
    let server = server();
    let mut moderator = server.person("mo").moderator().join().await;
    let mut waiting = Vec::new();
    for number in 0..3 {
        waiting.push(server.person(&format!("guest {number}")).join().await);
    }
    moderator.update_room(v1::UpdateRoom { lobby: Some(false), ..v1::UpdateRoom::default() }).await;
    for guest in &mut waiting {
        guest.expect(only!(Snapshot)).await;
    }
    assert!(!server.person("late").join().await.joined.waiting);
}
