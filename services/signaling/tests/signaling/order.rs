//! One order for everyone, and no directed frame before what its sender had been given.

use std::collections::BTreeSet;

use antiphon_protocol::{
    Format,
    v1::{self, client_frame, server_frame::Kind},
};

use crate::support::{TestServer, only};

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
