//! Quotas, rates, drain, and who reads too slowly.

use std::net::UdpSocket;

use antiphon_turn_core::Transport;
use antiphon_turn_relay::TurnConfig;
use tokio::task::block_in_place;

use crate::{
    client::TurnClient,
    server::{RelayServer, config, eventually},
};

#[tokio::test(flavor = "multi_thread")]
async fn quotas_hold_over_all_threads_and_transports() {
    let server = RelayServer::start(TurnConfig { turn_user_allocations: 3, turn_threads: 3, ..config() });
    let mut held = Vec::new();
    for transport in [Transport::Udp, Transport::Tcp, Transport::Udp] {
        let mut client = TurnClient::connect(&server, transport, "acme/ada");
        block_in_place(|| client.allocate()).expect("within the quota");
        held.push(client);
    }
    for transport in [Transport::Udp, Transport::Tcp] {
        let mut client = TurnClient::connect(&server, transport, "acme/ada");
        assert_eq!(block_in_place(|| client.allocate()), Err(486));
    }
    let mut bob = TurnClient::connect(&server, Transport::Udp, "acme/bob");
    assert!(block_in_place(|| bob.allocate()).is_ok(), "another user");
    assert_eq!(server.metric("antiphon_turn_quota_refusals_total", "acme").await, 2.0);
    drop(held.remove(1));
    eventually("the place is free", async || server.allocations("acme").await.len() == 3).await;
    let mut client = TurnClient::connect(&server, Transport::Udp, "acme/ada");
    assert!(block_in_place(|| client.allocate()).is_ok());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_drains_goes_on_with_what_it_has() {
    let server = RelayServer::start(config());
    let mut client = TurnClient::connect(&server, Transport::Udp, "acme/ada");
    block_in_place(|| client.allocate()).expect("allocated");
    server.trigger.drain();
    eventually("nothing new is allocated", async || {
        let mut other = TurnClient::connect(&server, Transport::Udp, "acme/bob");
        block_in_place(|| match other.allocate() {
            Err(403) => true,
            Ok(_) => other.refresh(0).is_err(),
            Err(_) => false,
        })
    })
    .await;
    assert_eq!(block_in_place(|| client.refresh(600)), Ok(()));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_of_one_address_have_their_number() {
    let server = RelayServer::start(TurnConfig { turn_address_connections: 2, ..config() });
    let connect = || {
        let mut client = TurnClient::connect(&server, Transport::Tcp, "acme/ada");
        client.send(&[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        client
    };
    let (mut one, mut other, mut third) = block_in_place(|| (connect(), connect(), connect()));
    let answered =
        block_in_place(|| [&mut one, &mut other, &mut third].map(|client| client.receive().is_some())).into_iter();
    assert_eq!(answered.filter(|answered| *answered).count(), 2);
    eventually("the third is counted", async || {
        server.metric("antiphon_turn_refused_connections_total", "").await == 1.0
    })
    .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_without_an_allocation_is_closed() {
    let idle = "1s".parse().expect("a duration");
    let server = RelayServer::start(TurnConfig { turn_idle_timeout: idle, ..config() });
    let mut busy = TurnClient::connect(&server, Transport::Tcp, "acme/ada");
    let mut silent = TurnClient::connect(&server, Transport::Tcp, "acme/ada");
    block_in_place(|| {
        busy.allocate().expect("allocated");
        assert_eq!(silent.receive(), None, "closed");
        busy.refresh(600).expect("it lives as long as its allocation");
    });
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_leave_nothing_behind() {
    let server = RelayServer::start(config());
    block_in_place(|| {
        let request = antiphon_turn_core::stun::Writer::new(
            antiphon_turn_core::stun::Method::Allocate,
            antiphon_turn_core::stun::Class::Request,
            &[1; 12],
        );
        let request = request.finish();
        for _ in 0..2_000 {
            let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
            socket.send_to(&request, server.address(Transport::Udp)).expect("sent");
        }
    });
    eventually("they are answered", async || server.metric("antiphon_turn_errors_total", "401").await >= 1_000.0).await;
    assert!(server.allocations("acme").await.is_empty());
    assert_eq!(server.metric("antiphon_turn_allocations", "tenant").await, 0.0);
    server.stop().await;
}

/// What waits for a client by TCP is bounded; the stream stays whole.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reads_too_slowly_loses_data_and_no_more() {
    let bandwidth = "0".parse().expect("a size");
    let server = RelayServer::start(TurnConfig { turn_bandwidth: bandwidth, ..config() });
    let mut client = TurnClient::connect(&server, Transport::Tcp, "acme/ada");
    let peer = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let peer_at = peer.local_addr().expect("bound");
    let relayed = block_in_place(|| {
        let relayed = client.allocate().expect("allocated");
        client.bind_channel(0x4000, peer_at).expect("bound");
        relayed
    });
    // As much as the system holds for a connection, and then what the relay does.
    eventually("something is lost", async || {
        block_in_place(|| {
            for _ in 0..500 {
                peer.send_to(&[7; 1_200], relayed).expect("sent");
            }
        });
        server.metric("antiphon_turn_discarded_total", "slow_client").await > 0.0
    })
    .await;
    block_in_place(|| {
        peer.set_nonblocking(true).expect("set");
        let mut has_come = 0;
        loop {
            // Again and again, because as long as it is behind, this is lost too.
            peer.send_to(b"last", relayed).expect("sent");
            let (channel, payload) = client.receive_data().expect("it goes on");
            assert_eq!(channel, Ok(0x4000));
            if payload == b"last" {
                break;
            }
            assert_eq!(payload, [7; 1_200], "whole, after {has_come}");
            has_come += 1;
        }
        assert!(has_come > 100, "{has_come}");
    });
    server.stop().await;
}
