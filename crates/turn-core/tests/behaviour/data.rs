//! Permissions, Send and Data indications (RFC 8656 §9, §11), and bandwidth.

use std::{num::NonZeroU64, time::Duration};

use antiphon_turn_core::{
    Config, Discard, Quotas,
    stun::{Class, Message, Method, Writer, attribute, read_xor_address},
};

use crate::support::{Bed, PEER, config, udp};

#[test]
fn indications_go_both_ways() {
    let mut bed = Bed::new();
    let (user, relayed) = bed.allocated("acme/ada", udp("203.0.113.1:1000"));
    assert!(bed.permit(&user, PEER).is_success());
    assert_eq!(
        bed.send_indication(&user, PEER, b"hello"),
        Some((PEER.parse().expect("an address"), b"hello".to_vec()))
    );
    for payload in [&b""[..], b"1", b"12", b"123", b"1234"] {
        let (client, bytes) = bed.peer_sends(relayed, PEER, payload).expect("permitted");
        assert_eq!(client, user.client);
        let message = Message::read(&bytes).expect("a message");
        assert_eq!((message.method(), message.class()), (Method::Data, Class::Indication));
        let peer = message.attribute(attribute::XOR_PEER_ADDRESS).expect("a peer");
        assert_eq!(read_xor_address(peer, message.transaction_id()), PEER.parse().ok());
        assert_eq!(message.attribute(attribute::DATA), Some(payload));
    }
    let view = bed.relay.allocations(&Default::default()).next().expect("one");
    assert_eq!((view.bytes_to_peers, view.bytes_to_client), (5, 10));
}

#[test]
fn a_permission_is_for_an_address_whatever_its_port_and_lasts_five_minutes() {
    let mut bed = Bed::new();
    let (user, relayed) = bed.allocated("acme/ada", udp("203.0.113.1:1000"));
    bed.permit(&user, PEER);
    assert!(bed.send_indication(&user, "8.8.8.8:1", b"x").is_some());
    assert!(bed.peer_sends(relayed, "8.8.8.8:2", b"x").is_some());
    assert!(bed.send_indication(&user, "8.8.4.4:5000", b"x").is_none());
    assert!(bed.peer_sends(relayed, "8.8.4.4:5000", b"x").is_none());
    bed.pass(Duration::from_secs(299));
    assert!(bed.send_indication(&user, PEER, b"x").is_some(), "data does not refresh it");
    bed.pass(Duration::from_secs(1));
    assert!(bed.send_indication(&user, PEER, b"x").is_none() && bed.peer_sends(relayed, PEER, b"x").is_none());
    let counters = bed.relay.counters();
    assert_eq!((counters.discarded(Discard::NoPermission), counters.discarded(Discard::StrangePeer)), (2, 2));
}

#[test]
fn several_permissions_come_in_one_request() {
    let mut bed = Bed::new();
    let (user, _) = bed.allocated("acme/ada", udp("203.0.113.1:1000"));
    let answer = bed.ask_as(&user, Method::CreatePermission, |request| {
        let peers = ["8.8.8.8:1", "8.8.4.4:1", "1.1.1.1:1"].map(|peer| peer.parse().expect("an address"));
        peers.into_iter().fold(request, |request, peer| request.xor_address(attribute::XOR_PEER_ADDRESS, peer))
    });
    assert!(answer.is_success());
    for peer in ["8.8.8.8:9", "8.8.4.4:9", "1.1.1.1:9"] {
        assert!(bed.send_indication(&user, peer, b"x").is_some(), "{peer}");
    }
}

#[test]
fn indications_that_make_no_sense_are_counted_and_no_more() {
    let mut bed = Bed::new();
    let (user, _) = bed.allocated("acme/ada", udp("203.0.113.1:1000"));
    bed.permit(&user, PEER);
    let peer = PEER.parse().expect("an address");
    let send = || Writer::new(Method::Send, Class::Indication, &[9; 12]);
    let nonsense = [
        send().xor_address(attribute::XOR_PEER_ADDRESS, peer),
        send().attribute(attribute::DATA, b"x"),
        send().attribute(attribute::XOR_PEER_ADDRESS, &[0; 3]).attribute(attribute::DATA, b"x"),
        send().xor_address(attribute::XOR_PEER_ADDRESS, peer).attribute(attribute::DATA, b"x").attribute(0x7f01, b""),
        send()
            .xor_address(attribute::XOR_PEER_ADDRESS, peer)
            .attribute(attribute::DONT_FRAGMENT, b"")
            .attribute(attribute::DATA, b"x"),
    ];
    let answers = bed.answers.len();
    for indication in nonsense {
        assert_eq!(bed.send(user.client, &indication.finish()), None);
    }
    assert_eq!(bed.relay.counters().discarded(Discard::BadIndication), 5);
    let response = Writer::new(Method::Refresh, Class::Success, &[9; 12]).finish();
    assert_eq!(bed.send(user.client, &response), None);
    assert_eq!(bed.relay.counters().discarded(Discard::Response), 1);
    assert_eq!(bed.answers.len(), answers);
    let optional =
        send().xor_address(attribute::XOR_PEER_ADDRESS, peer).attribute(attribute::DATA, b"x").attribute(0x8022, b"y");
    assert!(bed.send(user.client, &optional.finish()).is_some());
}

#[test]
fn above_its_bandwidth_an_allocation_loses_what_is_too_much_and_it_is_counted() {
    let mut bed = Bed::with(Config { bandwidth: NonZeroU64::new(1_000), ..config() }, Quotas::default());
    let (user, relayed) = bed.allocated("acme/ada", udp("203.0.113.1:1000"));
    let (other, _) = bed.allocated("acme/bob", udp("203.0.113.1:1001"));
    bed.permit(&user, PEER);
    bed.permit(&other, PEER);
    let sent = (0..8).filter(|_| bed.send_indication(&user, PEER, &[0; 100]).is_some()).count();
    let received = (0..8).filter(|_| bed.peer_sends(relayed, PEER, &[0; 100]).is_some()).count();
    assert_eq!((sent, received), (8, 2), "both directions share it");
    assert_eq!(bed.relay.counters().discarded(Discard::Bandwidth), 6);
    assert!(bed.send_indication(&other, PEER, &[0; 100]).is_some(), "each has its own");
    bed.pass(Duration::from_millis(100));
    assert!(bed.send_indication(&user, PEER, &[0; 100]).is_some());
    assert!(bed.send_indication(&user, PEER, &[0; 100]).is_none());
}

#[test]
fn what_a_tenant_relays_is_counted() {
    let mut bed = Bed::new();
    for (client, id) in [("203.0.113.1:1", "acme/ada"), ("203.0.113.1:2", "acme/bob"), ("203.0.113.1:3", "other/ada")] {
        let (user, relayed) = bed.allocated(id, udp(client));
        bed.permit(&user, PEER);
        bed.send_indication(&user, PEER, &[0; 10]);
        bed.peer_sends(relayed, PEER, &[0; 100]);
    }
    let used: Vec<_> =
        bed.ledger.tenants().into_iter().map(|(tenant, used)| (tenant.map(String::from), used)).collect();
    let shown: Vec<_> = used
        .iter()
        .map(|(tenant, used)| (tenant.as_deref(), used.allocations, used.bytes_to_peers, used.bytes_to_clients))
        .collect();
    assert_eq!(shown, [(Some("acme"), 2, 20, 200), (Some("other"), 1, 10, 100), (None, 0, 0, 0)]);
}
