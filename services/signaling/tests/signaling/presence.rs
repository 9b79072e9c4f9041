//! What participants say about themselves and their tracks.

use std::collections::BTreeMap;

use antiphon_protocol::v1::{self, client_frame, server_frame::Kind};
use serde_json::json;

use crate::support::{TestServer, only};

fn microphone(muted: bool) -> v1::Track {
    v1::Track {
        track_id: "mic".to_owned(),
        kind: v1::track::Kind::Audio as i32,
        source: v1::track::Source::Microphone as i32,
        muted,
        ..v1::Track::default()
    }
}

fn publish(track: v1::Track) -> client_frame::Kind {
    client_frame::Kind::Publish(v1::Publish { track: Some(track) })
}

#[tokio::test]
async fn a_change_of_name_and_attributes_is_seen_by_all() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let mut bob = server.person("bob").join().await;
    let attributes = BTreeMap::from([("hand".to_owned(), "up".to_owned())]);
    let update = v1::Update { name: Some("Ada".to_owned()), attributes: attributes.clone(), ..v1::Update::default() };
    ada.send(client_frame::Kind::Update(update)).await;
    for client in [&mut ada, &mut bob] {
        let participant = client.expect(only!(ParticipantUpdated)).await.participant.expect("a participant");
        assert_eq!((participant.name.as_str(), &participant.attributes), ("Ada", &attributes));
    }
    ada.chat("under the new name").await;
    assert_eq!(bob.expect_chat("under the new name").await.name, "Ada");
    ada.whisper(&bob.sid.clone(), "here too").await;
    assert_eq!(bob.expect_chat("here too").await.name, "Ada");
}

#[tokio::test]
async fn a_track_is_announced_muted_and_withdrawn() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let mut bob = server.person("bob").join().await;
    ada.send(publish(microphone(false))).await;
    let published = bob.expect(only!(TrackPublished)).await;
    assert_eq!((&published.sid, published.track), (&ada.sid, Some(microphone(false))));

    let mute = v1::TrackMute { track_id: "mic".to_owned(), muted: true };
    ada.send(client_frame::Kind::Update(v1::Update { tracks: vec![mute], ..v1::Update::default() })).await;
    assert_eq!(bob.expect(only!(TrackUpdated)).await.track, Some(microphone(true)));
    let carol = server.person("carol").join().await;
    let snapshot = carol.joined.snapshot.clone().expect("a snapshot");
    assert_eq!(snapshot.participants[0].tracks, [microphone(true)]);

    ada.send(publish(v1::Track { name: "renamed".to_owned(), ..microphone(true) })).await;
    assert_eq!(bob.expect(only!(TrackUpdated)).await.track.expect("a track").name, "renamed");
    ada.send(client_frame::Kind::Unpublish(v1::Unpublish { track_id: "mic".to_owned() })).await;
    let gone = bob.expect(only!(TrackUnpublished)).await;
    assert_eq!((&gone.sid, gone.track_id.as_str()), (&ada.sid, "mic"));
}

#[tokio::test]
async fn announcing_needs_the_grant_and_a_whole_track() {
    let server = TestServer::start();
    let mut viewer = server.person("viewer").granted(json!({ "publish": false })).join().await;
    let seq = viewer.send(publish(microphone(false))).await;
    assert_eq!(viewer.expect_error(seq).await.code, "permission_denied");

    let mut ada = server.person("ada").join().await;
    let wrong = v1::Track { source: v1::track::Source::Camera as i32, ..microphone(false) };
    let unknown = v1::Track { kind: 99, ..microphone(false) };
    let unnamed = v1::Track { track_id: String::new(), ..microphone(false) };
    for (track, field) in [
        (wrong, "track.source"),
        (unknown, "track.kind"),
        (unnamed, "track.trackId"),
        (v1::Track::default(), "track.kind"),
    ] {
        let seq = ada.send(publish(track)).await;
        let error = ada.expect_error(seq).await;
        assert_eq!((error.code.as_str(), error.field.as_str()), ("invalid_argument", field));
    }
    let seq = ada.send(client_frame::Kind::Publish(v1::Publish { track: None })).await;
    assert_eq!(ada.expect_error(seq).await.code, "invalid_argument");
}

#[tokio::test]
async fn a_cut_between_the_frames_of_one_change_loses_none_of_them() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let mut bob = server.person("bob").join().await;
    let camera = v1::Track {
        track_id: "cam".to_owned(),
        kind: v1::track::Kind::Video as i32,
        source: v1::track::Source::Camera as i32,
        ..v1::Track::default()
    };
    ada.send(publish(microphone(false))).await;
    ada.send(publish(camera)).await;
    let muted = |id: &str| v1::TrackMute { track_id: id.to_owned(), muted: true };
    let update =
        v1::Update { name: Some("Ada".to_owned()), tracks: vec![muted("mic"), muted("cam")], ..v1::Update::default() };
    ada.send(client_frame::Kind::Update(update)).await;

    bob.expect(only!(TrackUpdated)).await;
    let mut session = bob.cut().await;
    let cut_at = session.seen.len();
    let cursor = session.seen.last().expect("the first change").cursor.clone();
    session.cursor = cursor;
    let (mut bob, resumed) = session.resume().await;
    assert_eq!(resumed.recovered, Some(true));
    bob.flush().await;
    let updated: Vec<_> = bob.seen[cut_at..]
        .iter()
        .filter_map(
            |frame| if let Some(Kind::TrackUpdated(updated)) = &frame.kind { updated.track.clone() } else { None },
        )
        .map(|track| track.track_id)
        .collect();
    assert_eq!(updated.last().map(String::as_str), Some("cam"), "the second change comes: {updated:?}");
}
