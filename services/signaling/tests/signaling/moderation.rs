//! What moderators do to others and to the room.

use antiphon_protocol::v1::{self, client_frame, left, participant, server_frame::Kind};
use serde_json::json;

use crate::support::{Client, TestServer, only};

fn kick(sid: &str, allow_rejoin: bool) -> client_frame::Kind {
    client_frame::Kind::Kick(v1::Kick { sid: sid.to_owned(), reason: "too loud".to_owned(), allow_rejoin })
}

fn publish(id: &str, kind: v1::track::Kind, source: v1::track::Source) -> client_frame::Kind {
    let track = v1::Track { track_id: id.to_owned(), kind: kind.into(), source: source.into(), ..v1::Track::default() };
    client_frame::Kind::Publish(v1::Publish { track: Some(track) })
}

async fn publish_both(client: &mut Client) {
    client.send(publish("mic", v1::track::Kind::Audio, v1::track::Source::Microphone)).await;
    client.send(publish("cam", v1::track::Kind::Video, v1::track::Source::Camera)).await;
    client.expect_ack(2).await;
}

#[tokio::test]
async fn a_kick_ends_the_session_and_keeps_the_identity_out() {
    let server = TestServer::start();
    let mut moderator = server.person("mo").moderator().join().await;
    let mut eve = server.person("eve").join().await;
    moderator.send(kick(&eve.sid, false)).await;
    let (left, code) = eve.closed().await;
    let left = left.expect("left");
    assert_eq!((left.reason(), left.message.as_str(), code), (left::Reason::Kicked, "too loud", 4010));
    let gone = moderator.expect(only!(ParticipantLeft)).await;
    assert_eq!((&gone.sid, gone.reason()), (&eve.sid, left::Reason::Kicked));

    let rejected = server.person("eve").rejected().await;
    assert_eq!((rejected.code(), rejected.close), ("banned", 4003));
    assert_eq!(eve.split().0.rejected().await.code(), "resume_failed");
    server.person("eve").in_room("other").join().await;
    server.person("adam").join().await;
}

#[tokio::test]
async fn a_kick_sticks_also_when_the_room_ended_and_began_again() {
    let server = TestServer::start();
    let mut moderator = server.person("mo").moderator().join().await;
    let eve = server.person("eve").join().await;
    moderator.send(kick(&eve.sid, false)).await;
    moderator.send(client_frame::Kind::EndRoom(v1::EndRoom::default())).await;
    moderator.closed().await;
    assert_eq!(server.person("eve").rejected().await.code(), "banned");
    let again = server.person("mo").moderator().join().await;
    assert_eq!(again.joined.snapshot.clone().expect("a snapshot").participants.len(), 1, "a new room");
    assert_eq!(server.person("eve").rejected().await.code(), "banned");
}

#[tokio::test]
async fn a_kick_may_allow_to_come_back() {
    let server = TestServer::start();
    let mut moderator = server.person("mo").moderator().join().await;
    let mut eve = server.person("eve").join().await;
    moderator.send(kick(&eve.sid, true)).await;
    eve.closed().await;
    server.person("eve").join().await;
}

#[tokio::test]
async fn a_kick_reaches_a_connection_that_is_being_resumed_too() {
    let server = TestServer::start();
    let mut moderator = server.person("mo").moderator().join().await;
    let eve = server.person("eve").join().await;
    let (eve, old) = eve.split();
    let (mut eve, _) = eve.resume().await;
    moderator.send(kick(&eve.sid, false)).await;
    assert_eq!(eve.closed().await.1, 4010);
    drop(old);
}

#[tokio::test]
async fn who_is_no_moderator_moderates_nothing() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let mut bob = server.person("bob").join().await;
    let sid = bob.sid.clone();
    let kinds = [
        kick(&sid, false),
        client_frame::Kind::Mute(v1::Mute { sid: sid.clone(), track_id: String::new() }),
        client_frame::Kind::Admit(v1::Admit { sid: sid.clone() }),
        client_frame::Kind::Refuse(v1::Refuse { sid: sid.clone(), reason: String::new() }),
        client_frame::Kind::SetRole(v1::SetRole { sid, role: participant::Role::Viewer.into() }),
        client_frame::Kind::UpdateRoom(v1::UpdateRoom { locked: Some(true), ..v1::UpdateRoom::default() }),
        client_frame::Kind::EndRoom(v1::EndRoom::default()),
    ];
    for kind in kinds {
        let seq = ada.send(kind).await;
        assert_eq!(ada.expect_error(seq).await.code, "permission_denied");
    }
    assert_eq!(bob.flush().await, []);
}

#[tokio::test]
async fn a_moderator_mutes_one_track_or_every_microphone() {
    let server = TestServer::start();
    let mut moderator = server.person("mo").moderator().join().await;
    let mut ada = server.person("ada").join().await;
    publish_both(&mut ada).await;
    let mute =
        |sid: &str, id: &str| client_frame::Kind::Mute(v1::Mute { sid: sid.to_owned(), track_id: id.to_owned() });
    moderator.send(mute(&ada.sid, "")).await;
    let muted = ada.expect(only!(TrackUpdated)).await.track.expect("a track");
    assert_eq!((muted.track_id.as_str(), muted.muted), ("mic", true));
    moderator.send(mute(&ada.sid, "cam")).await;
    let muted = ada.expect(only!(TrackUpdated)).await.track.expect("a track");
    assert_eq!((muted.track_id.as_str(), muted.muted), ("cam", true));
    let seq = moderator.send(mute(&ada.sid, "none")).await;
    assert_eq!(moderator.expect_error(seq).await.code, "not_found");
}

#[tokio::test]
async fn a_role_decides_who_publishes_and_who_moderates() {
    let server = TestServer::start();
    let mut moderator = server.person("mo").moderator().join().await;
    let mut ada = server.person("ada").join().await;
    publish_both(&mut ada).await;
    let role = |sid: &str, role: participant::Role| {
        client_frame::Kind::SetRole(v1::SetRole { sid: sid.to_owned(), role: role.into() })
    };
    let ada_sid = ada.sid.clone();
    moderator.send(role(&ada_sid, participant::Role::Viewer)).await;
    for _ in 0..2 {
        moderator.expect(only!(TrackUnpublished)).await;
    }
    let updated = ada.expect(only!(ParticipantUpdated)).await.participant.expect("a participant");
    assert_eq!((updated.role(), updated.tracks.len()), (participant::Role::Viewer, 0));
    let seq = ada.send(publish("mic", v1::track::Kind::Audio, v1::track::Source::Microphone)).await;
    assert_eq!(ada.expect_error(seq).await.code, "permission_denied");

    moderator.send(role(&ada_sid, participant::Role::Moderator)).await;
    ada.expect(only!(ParticipantUpdated)).await;
    let sid = moderator.sid.clone();
    ada.send(role(&sid, participant::Role::Speaker)).await;
    let updated = moderator.expect(|kind| {
        let Kind::ParticipantUpdated(updated) = kind else { return None };
        updated.participant.clone().filter(|participant| participant.sid == sid)
    });
    assert_eq!(updated.await.role(), participant::Role::Speaker);
    let seq = moderator.send(kick(&ada_sid, false)).await;
    assert_eq!(moderator.expect_error(seq).await.code, "permission_denied", "it is no moderator any more");
    let seq = ada.send(role(&sid, participant::Role::Unspecified)).await;
    assert_eq!(ada.expect_error(seq).await.code, "invalid_argument");
}

#[tokio::test]
async fn a_locked_room_lets_moderators_in_only() {
    let server = TestServer::start();
    let mut moderator = server.person("mo").moderator().join().await;
    let mut ada = server.person("ada").join().await;
    let lock = |locked| v1::UpdateRoom { locked: Some(locked), ..v1::UpdateRoom::default() };
    moderator.update_room(lock(true)).await;
    let room = ada.expect(only!(RoomUpdated)).await.room.expect("a room");
    assert_eq!((room.locked, room.name.as_str()), (true, "rehearsal"));
    let rejected = server.person("bob").rejected().await;
    assert_eq!((rejected.code(), rejected.close), ("room_locked", 4003));
    server.person("other mo").moderator().join().await;
    let (mut ada, _) = ada.cut().await.resume().await;
    moderator.update_room(lock(false)).await;
    assert!(!ada.expect(only!(RoomUpdated)).await.room.expect("a room").locked);
    server.person("bob").join().await;
}

#[tokio::test]
async fn a_full_room_takes_no_more() {
    let server = TestServer::start_with(|setup| setup.rooms.max_participants = 3);
    let mut moderator = server.person("mo").moderator().join().await;
    let _ada = server.person("ada").join().await;
    moderator.update_room(v1::UpdateRoom { max_participants: Some(2), ..v1::UpdateRoom::default() }).await;
    moderator.expect(only!(RoomUpdated)).await;
    let rejected = server.person("bob").rejected().await;
    assert_eq!((rejected.code(), rejected.close), ("room_full", 4003));
    moderator.update_room(v1::UpdateRoom { max_participants: Some(50), ..v1::UpdateRoom::default() }).await;
    moderator.expect(only!(RoomUpdated)).await;
    let mut bob = server.person("bob").join().await;
    assert_eq!(server.person("carol").rejected().await.code(), "room_full", "the deployment's limit stands");
    server.person("root").granted(json!({ "admin": true })).join().await;
    bob.send(client_frame::Kind::Leave(v1::Leave {})).await;
    bob.closed().await;
    assert_eq!(server.person("carol").rejected().await.code(), "room_full", "the admin counts");
}

#[tokio::test]
async fn the_end_of_a_room_ends_every_session() {
    let server = TestServer::start();
    let mut moderator = server.person("mo").moderator().join().await;
    let mut ada = server.person("ada").join().await;
    let away = server.person("away").join().await.cut().await;
    moderator.expect_state(&away.sid, participant::State::Disconnected).await;
    moderator.send(client_frame::Kind::EndRoom(v1::EndRoom { reason: "that was it".to_owned() })).await;
    for client in [&mut moderator, &mut ada] {
        let (left, code) = client.closed().await;
        let left = left.expect("left");
        assert_eq!((left.reason(), left.message.as_str(), code), (left::Reason::RoomEnded, "that was it", 4010));
    }
    assert_eq!(away.rejected().await.code(), "resume_failed");
    let again = server.person("ada").join().await;
    let snapshot = again.joined.snapshot.clone().expect("a snapshot");
    assert_eq!((snapshot.participants.len(), snapshot.chat.len()), (1, 0));
}

#[tokio::test]
async fn an_admin_is_out_of_a_moderators_reach() {
    let server = TestServer::start();
    let mut moderator = server.person("mo").moderator().join().await;
    let admin = server.person("root").granted(json!({ "admin": true })).join().await;
    let seq = moderator.send(kick(&admin.sid, false)).await;
    assert_eq!(moderator.expect_error(seq).await.code, "permission_denied");
    let seq = moderator.send(kick("aaaaaaaaaaaaaaaa", false)).await;
    assert_eq!(moderator.expect_error(seq).await.code, "not_found");
    let seq = moderator.send(kick("nonsense", false)).await;
    assert_eq!(moderator.expect_error(seq).await.code, "invalid_argument");
}
