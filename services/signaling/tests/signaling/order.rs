//! One order for everyone, and no directed frame before what its sender had been given.

use std::collections::BTreeSet;

use antiphon_protocol::{
    Format,
    v1::{self, client_frame, server_frame::Kind},
};

use crate::support::{Client, Person, TestServer, only};

/// Camera of the sender.
fn camera(track_id: &str) -> client_frame::Kind {
    let track = v1::Track {
        track_id: track_id.to_owned(),
        kind: v1::track::Kind::Video as i32,
        source: v1::track::Source::Camera as i32,
        ..v1::Track::default()
    };
    client_frame::Kind::Publish(v1::Publish { track: Some(track) })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everyone_sees_the_same_chat_in_the_same_order() {
    const CLIENTS: usize = 6;
    const MESSAGES: usize = 60;
    let server = TestServer::start();
    let mut clients = Vec::new();
    for number in 0..CLIENTS {
        let format = if number % 2 == 0 { Format::Json } else { Format::Proto };
        clients.push(server.person(&format!("client-{number}")).speaking(format).join().await);
    }
    let talking: Vec<_> = clients
        .into_iter()
        .map(|mut client| {
            tokio::spawn(async move {
                let sid = client.sid.clone();
                for number in 0..MESSAGES {
                    client.chat(&format!("{sid} {number}")).await;
                }
                let mut heard = Vec::new();
                while heard.len() < CLIENTS * MESSAGES {
                    let chat = client.expect(only!(Chat)).await;
                    heard.push((chat.sid, chat.seq, chat.text));
                }
                let cursors: Vec<_> =
                    client.seen.iter().map(|frame| frame.cursor.clone()).filter(|cursor| !cursor.is_empty()).collect();
                (heard, cursors)
            })
        })
        .collect();
    let mut orders = Vec::new();
    for task in talking {
        let (heard, cursors) = task.await.expect("a client");
        assert_eq!(cursors.iter().collect::<BTreeSet<_>>().len(), cursors.len(), "every event has its own cursor");
        orders.push(heard);
    }
    for order in &orders {
        assert_eq!(*order, orders[0]);
    }
    let senders: BTreeSet<_> = orders[0].iter().map(|(sid, _, _)| sid).collect();
    for sender in senders {
        let of_sender = orders[0].iter().filter(|(sid, _, _)| sid == sender);
        let numbers: Vec<u32> = of_sender.map(|(_, seq, _)| *seq).collect();
        assert_eq!(numbers, (1..=MESSAGES as u32).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_offer_comes_before_its_sender_has_joined() {
    const NEWCOMERS: usize = 150;
    let server = TestServer::start();
    let mut residents = Vec::new();
    for number in 0..4 {
        residents.push(server.person(&format!("resident-{number}")).join().await);
    }
    let listening: Vec<_> = residents
        .into_iter()
        .map(|mut resident| {
            tokio::spawn(async move {
                let snapshot = resident.joined.snapshot.clone().expect("a snapshot");
                let mut known: BTreeSet<String> =
                    snapshot.participants.into_iter().map(|participant| participant.sid).collect();
                let mut offers = 0;
                while offers < NEWCOMERS {
                    let kind = resident.next().await;
                    if let Kind::ParticipantJoined(joined) = kind {
                        known.insert(joined.participant.expect("a participant").sid);
                    } else if let Kind::Offer(offer) = kind {
                        assert!(known.contains(&offer.from), "an offer of a stranger");
                        offers += 1;
                    }
                }
            })
        })
        .collect();
    let joining = (0..NEWCOMERS).map(|number| {
        let person = server.person(&format!("newcomer-{number}"));
        tokio::spawn(async move {
            let mut newcomer = person.join().await;
            let snapshot = newcomer.joined.snapshot.clone().expect("a snapshot");
            for present in snapshot.participants {
                if present.identity.starts_with("resident") {
                    newcomer.offer(&present.sid, "v=0").await;
                }
            }
            newcomer.expect_ack(4).await;
        })
    });
    for newcomer in joining.collect::<Vec<_>>() {
        newcomer.await.expect("a newcomer");
    }
    for resident in listening {
        resident.await.expect("a resident");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_offer_comes_before_the_track_that_its_sender_had_announced() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let mut bob = server.person("bob").join().await;
    let ada_sid = ada.sid.clone();
    let sending = tokio::spawn(async move {
        for number in 0..300 {
            bob.send(camera(&format!("track {number}"))).await;
            bob.offer(&ada_sid, &number.to_string()).await;
            let unpublish = v1::Unpublish { track_id: format!("track {number}") };
            bob.send(client_frame::Kind::Unpublish(unpublish)).await;
        }
        bob.expect_ack(900).await;
    });
    let mut published = 0;
    loop {
        let kind = ada.next().await;
        if let Kind::TrackPublished(_) = kind {
            published += 1;
        } else if let Kind::Offer(offer) = kind {
            let number: i32 = offer.sdp.parse().expect("a number");
            assert!(published > number, "offer {number} came before its track");
            if number == 299 {
                break;
            }
        }
    }
    sending.await.expect("a client");
}

#[tokio::test]
async fn directed_frames_keep_their_senders_order() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let mut bob = server.person("bob").join().await;
    for number in 0..200 {
        bob.candidate(&ada.sid, &number.to_string()).await;
    }
    for number in 0..200 {
        let candidate = ada.expect(only!(Candidate)).await;
        assert_eq!((candidate.candidate, candidate.seq), (Some(number.to_string()), number + 1));
    }
}

/// Folds what a client is shown into the roster, in the order in which people came.
fn fold(roster: &mut Vec<v1::Participant>, kind: &Kind) {
    let known =
        |roster: &[v1::Participant], sid: &str| roster.iter().position(|known| known.sid == sid).expect("known");
    let set_track = |roster: &mut Vec<v1::Participant>, sid: &str, track: &v1::Track| {
        let publisher = known(roster, sid);
        let tracks = &mut roster[publisher].tracks;
        match tracks.iter_mut().find(|present| present.track_id == track.track_id) {
            Some(present) => present.clone_from(track),
            None => tracks.push(track.clone()),
        }
    };
    if let Kind::ParticipantJoined(v1::ParticipantJoined { participant: Some(participant) }) = kind {
        assert!(roster.iter().all(|known| known.sid != participant.sid), "nobody comes twice");
        roster.push(participant.clone());
    } else if let Kind::ParticipantUpdated(v1::ParticipantUpdated { participant: Some(participant) }) = kind {
        let at = known(roster, &participant.sid);
        roster[at].clone_from(participant);
    } else if let Kind::ParticipantLeft(left) = kind {
        let at = known(roster, &left.sid);
        roster.remove(at);
    } else if let Kind::TrackPublished(v1::TrackPublished { sid, track: Some(track) })
    | Kind::TrackUpdated(v1::TrackUpdated { sid, track: Some(track) }) = kind
    {
        set_track(roster, sid, track);
    } else if let Kind::TrackUnpublished(v1::TrackUnpublished { sid, track_id }) = kind {
        let publisher = known(roster, sid);
        roster[publisher].tracks.retain(|track| track.track_id != *track_id);
    }
}

/// Comes, announces, breaks, comes back, changes its name, and goes or stays.
async fn live(person: Person, stays: bool) -> Option<Client> {
    let mut client = person.join().await;
    let seq = client.send(camera("camera")).await;
    client.expect_ack(seq).await;
    let (mut client, _) = client.cut().await.resume().await;
    let update = v1::Update {
        name: Some("again".to_owned()),
        tracks: vec![v1::TrackMute { track_id: "camera".to_owned(), muted: true }],
        ..v1::Update::default()
    };
    let seq = client.send(client_frame::Kind::Update(update)).await;
    client.expect_ack(seq).await;
    if stays {
        return Some(client);
    }
    client.send(client_frame::Kind::Leave(v1::Leave {})).await;
    client.closed().await;
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everyone_sees_the_same_people_come_change_and_go_in_the_same_order() {
    let server = TestServer::start();
    let mut observers = Vec::new();
    for number in 0..3 {
        observers.push(server.person(&format!("observer {number}")).join().await);
    }
    let roster = observers[2].joined.snapshot.clone().expect("a snapshot").participants;
    let lives: Vec<_> =
        (0..24).map(|number| tokio::spawn(live(server.person(&format!("guest {number}")), number % 3 == 0))).collect();
    let mut staying = Vec::new();
    for life in lives {
        staying.extend(life.await.expect("a life"));
    }
    observers[0].chat("that was it").await;

    let mut histories = Vec::new();
    for observer in &mut observers {
        observer.expect_chat("that was it").await;
        let kinds =
            observer.seen.iter().filter(|frame| !frame.cursor.is_empty()).filter_map(|frame| frame.kind.clone());
        let of_observers = |kind: &Kind| {
            let Kind::ParticipantJoined(v1::ParticipantJoined { participant: Some(participant) }) = kind else {
                return matches!(kind, Kind::Joined(_));
            };
            participant.identity.starts_with("observer")
        };
        let about_guests = kinds.skip_while(of_observers);
        histories.push(about_guests.collect::<Vec<_>>());
    }
    assert_eq!(histories[0], histories[1]);
    assert_eq!(histories[0], histories[2]);
    let mut folded = roster;
    for kind in &histories[0] {
        fold(&mut folded, kind);
    }
    let late = server.person("late").join().await;
    let mut shown = late.joined.snapshot.clone().expect("a snapshot").participants;
    assert_eq!(shown.pop().expect("the reader").sid, late.sid);
    assert_eq!(folded, shown);
    assert_eq!(shown.len(), 3 + staying.len());
}
