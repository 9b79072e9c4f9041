//! A client that stops reading harms itself only.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use antiphon_protocol::{Format, v1::participant};
use tokio::net::TcpSocket;

use crate::support::{Came, Client, Person, Socket, TestServer, only};

/// Joins over a socket whose receive buffer is small.
async fn join_narrowly(server: &TestServer, person: &Person) -> Client {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4_096).expect("a socket");
    let stream = socket.connect(server.address).await.expect("connected");
    let socket = Socket::open_on(stream, &person.token(), Format::Json).await.expect("upgraded");
    person.join_on(socket).await.expect("let in")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_read_is_closed_and_the_rest_of_the_room_goes_on() {
    let server = TestServer::start_with(|setup| setup.signaling.write_timeout.0 = Duration::from_millis(500));
    let mut ada = server.person("ada").join().await;
    let mut bob = server.person("bob").join().await;
    let mut slow = join_narrowly(&server, &server.person("slow")).await;
    let sdp = "x".repeat(60_000);
    let mut slowest = Duration::ZERO;
    let mut taken = 0;
    let mut outcome = None;
    // Until its mailbox is full or it is gone; what was taken meanwhile is bounded by that.
    for round in 0..500 {
        let seq = ada.offer(&slow.sid, &sdp).await;
        let asked = Instant::now();
        ada.chat(&round.to_string()).await;
        bob.expect_chat(&round.to_string()).await;
        slowest = slowest.max(asked.elapsed());
        ada.flush().await;
        let error = ada.kinds().filter_map(only!(Error)).find(|error| error.seq == seq);
        taken += usize::from(error.is_none());
        outcome = error.map(|error| (error.code, error.retry_after_ms.is_some()));
        if outcome.is_some() {
            break;
        }
    }
    assert_eq!(outcome, Some(("recipient_busy".to_owned(), true)), "after {taken} offers");
    assert!(
        taken * sdp.len() < 16 << 20,
        "{taken} offers were taken: the mailbox and the socket's buffers are bounded"
    );
    assert!(slowest < Duration::from_secs(2), "the room was delayed by {slowest:?}");

    bob.expect_state(&slow.sid, participant::State::Disconnected).await;
    // What the network had taken comes first, then the connection is over.
    let code = loop {
        if let Came::Closed(code) = slow.came().await {
            break code;
        }
    };
    assert!(code == 4013 || code == 1006, "{code}");
    // It comes back and has lost nothing: what was not written was kept.
    let (mut slow, resumed) = slow.cut().await.resume().await;
    assert_eq!(resumed.recovered, Some(true));
    slow.expect_chat(ada.chats().last().expect("the last one")).await;
    slow.flush().await;
    let offers: BTreeSet<u32> = slow.kinds().filter_map(only!(Offer)).map(|offer| offer.seq).collect();
    assert_eq!(offers.len(), taken, "every offer that was taken");
}

#[tokio::test]
async fn who_does_not_read_the_room_is_closed_too() {
    let server = TestServer::start_with(|setup| setup.signaling.write_timeout.0 = Duration::from_millis(300));
    let mut ada = server.person("ada").join().await;
    let slow = join_narrowly(&server, &server.person("slow")).await;
    let text = "x".repeat(4_000);
    let sid = slow.sid.clone();
    let mut gone = false;
    for _ in 0..200 {
        for _ in 0..20 {
            ada.chat(&text).await;
        }
        ada.flush().await;
        gone = ada
            .kinds()
            .filter_map(only!(ParticipantUpdated))
            .filter_map(|updated| updated.participant)
            .any(|who| who.sid == sid && who.state() == participant::State::Disconnected);
        ada.seen.clear();
        if gone {
            break;
        }
    }
    if !gone {
        ada.expect_state(&sid, participant::State::Disconnected).await;
    }
    drop(slow);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_follows_a_frame_that_a_busy_recipient_could_not_take_does_not_overtake_it() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let mut slow = join_narrowly(&server, &server.person("slow")).await;
    let sdp = "x".repeat(60_000);
    // Repeated where this machine was too slow to look in time.
    for _ in 0..20 {
        let asked = loop {
            let asked = Instant::now();
            if is_busy(&mut ada, &slow.sid, &sdp).await {
                break asked;
            }
        };
        // There is room again.
        slow.flush().await;
        let held = is_busy(&mut ada, &slow.sid, "v=0").await;
        if asked.elapsed() < Duration::from_secs(1) {
            assert!(held, "it was taken before the one that was refused");
            while is_busy(&mut ada, &slow.sid, "v=0").await {}
            return;
        }
    }
    panic!("never in time");
}

/// Whether an offer is refused because its recipient is busy.
async fn is_busy(sender: &mut Client, recipient: &str, sdp: &str) -> bool {
    let seq = sender.offer(recipient, sdp).await;
    sender.flush().await;
    sender.kinds().filter_map(only!(Error)).any(|error| error.seq == seq && error.code == "recipient_busy")
}
