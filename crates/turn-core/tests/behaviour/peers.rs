//! Which peers can be reached.

use antiphon_ice_core::peer_policy::PeerPolicy;
use antiphon_turn_core::{
    Config, Discard, Quotas,
    stun::{Method, attribute},
};

use crate::support::{Bed, PEER, PEER_V6, RELAY_V4, User, config, over_udp, udp};

/// None of these is on the Internet, and each has been a way around somebody's list.
const REFUSED: [&str; 12] = [
    "127.0.0.1:5000",
    "10.0.0.1:5000",
    "169.254.169.254:80",
    "100.64.0.1:5000",
    "0.0.0.0:5000",
    "224.0.0.1:5000",
    "[::1]:5000",
    "[fc00::1]:5000",
    "[fe80::1]:5000",
    "[::ffff:10.0.0.1]:5000",
    "[64:ff9b::a00:1]:5000",
    "[2002:a00:1::]:5000",
];

/// A user with addresses of both families and a permission in each.
fn user_of_both_families(bed: &mut Bed) -> User {
    let user = bed.user("acme/ada", udp("203.0.113.1:1000"));
    let answer = bed.ask_as(&user, Method::Allocate, |request| {
        over_udp(request).attribute(attribute::ADDITIONAL_ADDRESS_FAMILY, &[2, 0, 0, 0])
    });
    assert!(answer.is_success());
    assert!(bed.permit(&user, PEER).is_success() && bed.permit(&user, PEER_V6).is_success());
    user
}

#[test]
fn private_peers_are_refused_by_permission_channel_and_send_alike() {
    let mut bed = Bed::new();
    let user = user_of_both_families(&mut bed);
    for peer in REFUSED {
        assert_eq!(bed.permit(&user, peer).code(), Some(403), "{peer}");
        assert_eq!(bed.bind_channel(&user, 0x4000, peer).code(), Some(403), "{peer}");
        let answers = bed.answers.len();
        assert_eq!(bed.send_indication(&user, peer, b"x"), None, "{peer}");
        assert_eq!(bed.answers.len(), answers, "an indication is not answered");
        assert_eq!(bed.send_on(&user, 0x4000, b"x"), None, "{peer}");
    }
    assert_eq!(bed.relay.counters().discarded(Discard::RefusedPeer), REFUSED.len() as u64);
    assert!(bed.send_indication(&user, PEER, b"x").is_some() && bed.send_indication(&user, PEER_V6, b"x").is_some());
}

#[test]
fn one_refused_peer_refuses_the_whole_request() {
    let mut bed = Bed::new();
    let (user, _) = bed.allocated("acme/ada", udp("203.0.113.1:1000"));
    let answer = bed.ask_as(&user, Method::CreatePermission, |request| {
        let peers = [PEER, "192.168.0.1:1"].map(|peer| peer.parse().expect("an address"));
        peers.into_iter().fold(request, |request, peer| request.xor_address(attribute::XOR_PEER_ADDRESS, peer))
    });
    assert_eq!(answer.code(), Some(403));
    assert!(bed.send_indication(&user, PEER, b"x").is_none());
}

#[test]
fn what_the_operator_allows_is_reached() {
    let policy = PeerPolicy { allowed: vec!["10.1.0.0/16".parse().expect("a network")], denied: Vec::new() };
    let mut bed = Bed::with(Config { policy, ..config() }, Quotas::default());
    let (user, _) = bed.allocated("acme/ada", udp("203.0.113.1:1000"));
    assert!(bed.permit(&user, "10.1.2.3:1").is_success());
    assert!(bed.send_indication(&user, "10.1.2.3:9", b"x").is_some());
    assert_eq!(bed.permit(&user, "10.2.0.1:1").code(), Some(403));
}

/// Two clients of one relay meet there; the machine's other ports stay shut.
#[test]
fn of_the_relays_own_addresses_only_those_are_reached_that_relay() {
    let policy = PeerPolicy::default();
    let public = config().own_addresses.into_iter().chain(["8.8.8.8".parse().expect("an address")]).collect();
    let mut bed = Bed::with(Config { policy, own_addresses: public, ..config() }, Quotas::default());
    let (ada, at_ada) = bed.allocated("acme/ada", udp("203.0.113.1:1000"));
    let (bob, at_bob) = bed.allocated("acme/bob", udp("203.0.113.1:1001"));
    let (at_ada, at_bob) = (at_ada.to_string(), at_bob.to_string());
    let shut = format!("{RELAY_V4}:22");
    assert_eq!(bed.permit(&ada, &shut).code(), Some(403));
    assert_eq!(bed.permit(&ada, "8.8.8.8:22").code(), Some(403), "the machine's, though the Internet's");
    assert_eq!(bed.bind_channel(&ada, 0x4000, &shut).code(), Some(403));
    assert!(bed.permit(&ada, &at_bob).is_success());
    assert!(bed.bind_channel(&bob, 0x4000, &at_ada).is_success());
    assert!(bed.send_indication(&ada, &at_bob, b"x").is_some());
    assert!(bed.send_on(&bob, 0x4000, b"x").is_some());
    assert!(bed.send_indication(&ada, &shut, b"x").is_none(), "a permission is for an address, and yet");
    bed.refresh(&bob, 0);
    assert!(bed.send_indication(&ada, &at_bob, b"x").is_none(), "nobody lives there any more");
}
