//! Clients by UDP, TCP and TLS, IPv4 and IPv6, and what they may not do.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream, UdpSocket},
    time::Duration,
};

use antiphon_turn_core::{Transport, stun::attribute};
use antiphon_turn_relay::TurnConfig;
use tokio::task::block_in_place;

use crate::{
    client::TurnClient,
    server::{RelayServer, config, eventually},
};

const TRANSPORTS: [Transport; 3] = [Transport::Udp, Transport::Tcp, Transport::Tls];

fn everywhere() -> TurnConfig {
    TurnConfig { turn_tls_listen: vec!["127.0.0.1:0".parse().expect("an address")], ..config() }
}

fn peer(address: &str) -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind(address).expect("a port");
    socket.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
    let address = socket.local_addr().expect("bound");
    (socket, address)
}

fn received(peer: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut buffer = [0; 65_536];
    let (length, from) = peer.recv_from(&mut buffer).expect("something comes");
    (buffer[..length].to_vec(), from)
}

#[tokio::test(flavor = "multi_thread")]
async fn channels_and_indications_go_both_ways_by_each_transport() {
    let server = RelayServer::start(everywhere());
    for transport in TRANSPORTS {
        block_in_place(|| {
            let mut client = TurnClient::connect(&server, transport, "acme/ada");
            let relayed = client.allocate().expect("allocated");
            let ((one, one_at), (other, other_at)) = (peer("127.0.0.1:0"), peer("127.0.0.1:0"));
            client.bind_channel(0x4001, one_at).expect("bound");
            client.permit(other_at).expect("permitted");
            for length in [0, 1, 2, 3, 160, 1_200, 9_000] {
                let payload = vec![7; length];
                client.send_on(0x4001, &payload);
                assert_eq!(received(&one), (payload.clone(), relayed), "{transport:?}, {length} bytes");
                client.send_indication(other_at, &payload);
                assert_eq!(received(&other), (payload.clone(), relayed), "{transport:?}, {length} bytes");
                one.send_to(&payload, relayed).expect("sent");
                assert_eq!(client.receive_data(), Some((Ok(0x4001), payload.clone())), "{transport:?}");
                other.send_to(&payload, relayed).expect("sent");
                assert_eq!(client.receive_data(), Some((Err(other_at), payload)), "{transport:?}");
            }
            client.refresh(0).expect("deleted");
        });
    }
    eventually("every port is closed", async || server.allocations("acme").await.is_empty()).await;
    assert!(server.metric("antiphon_turn_bytes_total", "to_peers").await > 60_000.0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clients_meet_at_their_relayed_addresses() {
    let mut alone = everywhere();
    // Nothing of this machine is allowed but what relays.
    alone.turn_allow_peers.clear();
    let server = RelayServer::start(alone);
    block_in_place(|| {
        let mut ada = TurnClient::connect(&server, Transport::Udp, "acme/ada");
        let mut bob = TurnClient::connect(&server, Transport::Tls, "acme/bob");
        let (at_ada, at_bob) = (ada.allocate().expect("allocated"), bob.allocate().expect("allocated"));
        ada.bind_channel(0x4000, at_bob).expect("bound");
        bob.permit(at_ada).expect("permitted");
        ada.send_on(0x4000, b"hello");
        assert_eq!(bob.receive_data(), Some((Err(at_ada), b"hello".to_vec())));
        bob.send_indication(at_ada, b"hello too");
        assert_eq!(ada.receive_data(), Some((Ok(0x4000), b"hello too".to_vec())));
    });
    server.stop().await;
}

/// The peers listen: what leaves a socket against the rules, they hear.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_reaches_a_peer_that_is_refused() {
    let mut alone = config();
    alone.turn_allow_peers = vec!["127.0.0.2/32".parse().expect("a network")];
    let server = RelayServer::start(alone);
    block_in_place(|| {
        let mut client = TurnClient::connect(&server, Transport::Udp, "acme/ada");
        client.allocate().expect("allocated");
        let (refused, refused_at) = peer("127.0.0.1:0");
        let (allowed, allowed_at) = peer("127.0.0.2:0");
        assert_eq!(client.permit(refused_at), Err(403));
        assert_eq!(client.bind_channel(0x4000, refused_at), Err(403));
        client.permit(allowed_at).expect("permitted");
        client.send_indication(refused_at, b"never");
        client.send_on(0x4000, b"never");
        // Behind the other two on the same way: once this has come, they would have.
        client.send_indication(allowed_at, b"last");
        assert_eq!(received(&allowed).0, b"last");
        refused.set_nonblocking(true).expect("set");
        assert!(refused.recv_from(&mut [0; 16]).is_err(), "something came");
    });
    eventually("the refused ones are counted", async || {
        server.metric("antiphon_turn_discarded_total", "refused_peer").await == 1.0
            && server.metric("antiphon_turn_discarded_total", "unbound_channel").await == 1.0
    })
    .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_was_captured_is_of_no_use_to_somebody_else() {
    let server = RelayServer::start(everywhere());
    block_in_place(|| {
        let mut ada = TurnClient::connect(&server, Transport::Udp, "acme/ada");
        ada.allocate().expect("allocated");
        let captured = ada.captured_allocate();
        for transport in TRANSPORTS {
            let mut eve = TurnClient::connect(&server, transport, "acme/eve");
            assert_eq!(eve.replay(&captured), Some(438), "{transport:?}");
        }
        assert_eq!(ada.replay(&captured), Some(437), "from her own address it is a second allocation");
    });
    assert_eq!(server.allocations("acme").await.len(), 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ipv6_is_relayed_beside_ipv4() {
    let config = TurnConfig {
        turn_listen: ["127.0.0.1:0", "[::1]:0"].map(|address| address.parse().expect("an address")).into(),
        ..config()
    };
    let server = RelayServer::start(config);
    block_in_place(|| {
        let mut client = TurnClient::connect(&server, Transport::Udp, "acme/ada");
        let both = |request: antiphon_turn_core::stun::Writer| {
            request.attribute(attribute::ADDITIONAL_ADDRESS_FAMILY, &[2, 0, 0, 0])
        };
        let relayed = client.allocate_with(both).expect("allocated");
        assert!(relayed.is_ipv4());
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let (peer, at) = peer(address);
            client.permit(at).expect("permitted");
            client.send_indication(at, b"hello");
            let (payload, from) = received(&peer);
            assert_eq!((&payload[..], from.is_ipv4()), (&b"hello"[..], at.is_ipv4()));
            peer.send_to(b"hello too", from).expect("sent");
            assert_eq!(client.receive_data(), Some((Err(at), b"hello too".to_vec())));
        }
    });
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_allocation_ends_with_its_connection() {
    let server = RelayServer::start(everywhere());
    for transport in [Transport::Tcp, Transport::Tls] {
        let client = block_in_place(|| {
            let mut client = TurnClient::connect(&server, transport, "acme/ada");
            client.allocate().expect("allocated");
            client
        });
        assert_eq!(server.allocations("acme").await.len(), 1);
        drop(client);
        eventually("it ended", async || server.allocations("acme").await.is_empty()).await;
    }
    eventually("it is counted", async || {
        server.metric("antiphon_turn_allocations_ended_total", "disconnected").await == 2.0
    })
    .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_turn_is_hung_up_on() {
    let server = RelayServer::start(everywhere());
    let address = server.address(Transport::Tcp);
    for nonsense in [&b"\x80\0\0\0garbage"[..], b"\x00\x01\x00\x03"] {
        block_in_place(|| {
            let mut stream = TcpStream::connect(address).expect("connected");
            stream.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
            stream.write_all(nonsense).expect("sent");
            assert_eq!(stream.read(&mut [0; 16]).unwrap_or_default(), 0, "hung up");
        });
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_and_the_next_one_are_given_on_two_sockets() {
    let server = RelayServer::start(config());
    block_in_place(|| {
        let mut rtp = TurnClient::connect(&server, Transport::Udp, "acme/ada");
        let answer = rtp.ask(antiphon_turn_core::stun::Method::Allocate, |request| {
            request.attribute(attribute::REQUESTED_TRANSPORT, &[17, 0, 0, 0]).attribute(attribute::EVEN_PORT, &[0x80])
        });
        let answer = answer.expect("allocated");
        let message = antiphon_turn_core::stun::Message::read(&answer).expect("a message");
        let relayed = message.attribute(attribute::XOR_RELAYED_ADDRESS).expect("an address");
        let even = antiphon_turn_core::stun::read_xor_address(relayed, message.transaction_id()).expect("an address");
        let token = message.attribute(attribute::RESERVATION_TOKEN).expect("a token").to_vec();
        // Another socket, and maybe another thread of the relay.
        let mut rtcp = TurnClient::connect(&server, Transport::Udp, "acme/ada");
        let odd = rtcp.allocate_with(|request| request.attribute(attribute::RESERVATION_TOKEN, &token));
        assert_eq!(odd.map(|odd| odd.port()), Ok(even.port() + 1));
        assert!(even.port().is_multiple_of(2));
    });
    server.stop().await;
}
