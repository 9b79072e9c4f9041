//! Channels (RFC 8656 §12).

use std::time::Duration;

use antiphon_turn_core::{Client, Discard, Transport};

use crate::support::{Bed, PEER, channel_data, udp};

#[test]
fn channel_data_goes_both_ways() {
    let mut bed = Bed::new();
    let (user, relayed) = bed.allocated("acme/ada", udp("203.0.113.1:1000"));
    assert!(bed.bind_channel(&user, 0x4abc, PEER).is_success());
    assert_eq!(bed.send_on(&user, 0x4abc, b"hello"), Some((PEER.parse().expect("an address"), b"hello".to_vec())));
    let back = bed.peer_sends(relayed, PEER, b"hello");
    assert_eq!(back, Some((user.client, channel_data(0x4abc, b"hello"))), "not padded on UDP");
    assert_eq!(bed.send_on(&user, 0x4abd, b"x"), None, "not bound");
    assert_eq!(bed.relay.counters().discarded(Discard::UnboundChannel), 1);
}

#[test]
fn channel_data_is_padded_on_streams() {
    let mut bed = Bed::new();
    let client =
        Client { transport: Transport::Tls, socket: 5, remote: "203.0.113.1:1000".parse().expect("an address") };
    let (user, relayed) = bed.allocated("acme/ada", client);
    bed.bind_channel(&user, 0x4000, PEER);
    for (payload, padding) in [(&b"1"[..], 3), (b"12", 2), (b"123", 1), (b"1234", 0)] {
        let expected = [&channel_data(0x4000, payload)[..], &vec![0; padding]].concat();
        assert_eq!(bed.peer_sends(relayed, PEER, payload), Some((client, expected)));
    }
}

#[test]
fn a_channel_is_one_peers_and_a_peer_has_one_channel() {
    let mut bed = Bed::new();
    let (user, _) = bed.allocated("acme/ada", udp("203.0.113.1:1000"));
    assert!(bed.bind_channel(&user, 0x4000, PEER).is_success());
    assert_eq!(bed.bind_channel(&user, 0x4000, "8.8.8.8:5001").code(), Some(400));
    assert_eq!(bed.bind_channel(&user, 0x4001, PEER).code(), Some(400));
    assert!(bed.bind_channel(&user, 0x4000, PEER).is_success(), "a refresh");
    assert!(bed.bind_channel(&user, 0x4001, "8.8.8.8:5001").is_success());
}

#[test]
fn a_binding_lasts_ten_minutes_and_its_permission_five() {
    let mut bed = Bed::new();
    let (user, relayed) = bed.allocated("acme/ada", udp("203.0.113.1:1000"));
    bed.refresh(&user, 3_600);
    bed.bind_channel(&user, 0x4000, PEER);
    bed.pass(Duration::from_secs(299));
    assert!(bed.send_on(&user, 0x4000, b"x").is_some());
    bed.pass(Duration::from_secs(1));
    assert!(bed.send_on(&user, 0x4000, b"x").is_none() && bed.peer_sends(relayed, PEER, b"x").is_none());
    bed.permit(&user, PEER);
    assert!(bed.send_on(&user, 0x4000, b"x").is_some(), "the binding was still there");
    bed.pass(Duration::from_secs(299));
    bed.permit(&user, PEER);
    bed.pass(Duration::from_secs(1));
    assert!(bed.send_on(&user, 0x4000, b"x").is_none(), "ten minutes");
    let (_, bytes) = bed.peer_sends(relayed, PEER, b"x").expect("permitted");
    assert_eq!(bytes[..2], [0x00, 0x17], "a Data indication");
    assert!(bed.bind_channel(&user, 0x4000, "8.8.8.8:5001").is_success(), "free for another peer");
}

#[test]
fn channel_data_that_is_cut_short_goes_nowhere() {
    let mut bed = Bed::new();
    let (user, _) = bed.allocated("acme/ada", udp("203.0.113.1:1000"));
    bed.bind_channel(&user, 0x4000, PEER);
    let whole = channel_data(0x4000, b"hello");
    for end in 1..whole.len() {
        assert_eq!(bed.send(user.client, &whole[..end]), None);
    }
    let padded = [&whole[..], &[0; 3]].concat();
    assert_eq!(bed.send(user.client, &padded).map(|(_, _, payload)| payload), Some(b"hello".to_vec()));
}
