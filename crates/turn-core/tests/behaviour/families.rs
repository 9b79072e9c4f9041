//! IPv4 and IPv6 (RFC 8656 §7.2).

use std::time::Duration;

use antiphon_turn_core::{
    Config, Families, Quotas,
    stun::{Family, Method, Writer, attribute},
};

use crate::support::{Bed, PEER, PEER_V6, RELAY_V4, RELAY_V6, config, over_udp, udp};

fn v6_only(request: Writer) -> Writer {
    over_udp(request).attribute(attribute::REQUESTED_ADDRESS_FAMILY, &[2, 0, 0, 0])
}

fn both(request: Writer) -> Writer {
    over_udp(request).attribute(attribute::ADDITIONAL_ADDRESS_FAMILY, &[2, 0, 0, 0])
}

fn of_family(request: Writer, family: Family) -> Writer {
    request.attribute(attribute::REQUESTED_ADDRESS_FAMILY, &[family.code(), 0, 0, 0])
}

#[test]
fn an_ipv6_allocation_relays_ipv6() {
    let mut bed = Bed::new();
    let user = bed.user("acme/ada", udp("203.0.113.1:1000"));
    let relayed = bed.ask_as(&user, Method::Allocate, v6_only).addresses(attribute::XOR_RELAYED_ADDRESS);
    assert_eq!(relayed.iter().map(|address| address.ip()).collect::<Vec<_>>(), [RELAY_V6]);
    assert!(bed.permit(&user, PEER_V6).is_success());
    assert!(bed.send_indication(&user, PEER_V6, b"x").is_some());
    let (_, bytes) = bed.peer_sends(relayed[0], PEER_V6, b"xyz").expect("permitted");
    assert_eq!(bytes.len(), 20 + 24 + 8);
    assert_eq!(bed.permit(&user, PEER).code(), Some(443));
}

#[test]
fn an_additional_family_gives_two_addresses_that_end_one_by_one() {
    let mut bed = Bed::new();
    let user = bed.user("acme/ada", udp("203.0.113.1:1000"));
    let answer = bed.ask_as(&user, Method::Allocate, both);
    let relayed = answer.addresses(attribute::XOR_RELAYED_ADDRESS);
    assert_eq!(relayed.iter().map(|address| address.ip()).collect::<Vec<_>>(), [RELAY_V4, RELAY_V6]);
    assert!(bed.permit(&user, PEER).is_success() && bed.permit(&user, PEER_V6).is_success());
    bed.pass(Duration::from_secs(200));
    let only_v4 =
        bed.ask_as(&user, Method::Refresh, |request| of_family(request, Family::V4).number(attribute::LIFETIME, 900));
    assert_eq!(only_v4.lifetime(), Some(900));
    bed.pass(Duration::from_secs(400));
    assert_eq!((bed.count(), bed.bound.len()), (1, 1), "IPv6 was not refreshed");
    bed.permit(&user, PEER);
    assert!(bed.peer_sends(relayed[0], PEER, b"x").is_some());
    assert_eq!(bed.permit(&user, PEER_V6).code(), Some(443));
    let again =
        bed.ask_as(&user, Method::Refresh, |request| of_family(request, Family::V4).number(attribute::LIFETIME, 0));
    assert!(again.is_success());
    assert_eq!((bed.count(), bed.bound.len()), (0, 0));
}

#[test]
fn a_family_that_cannot_be_had_is_named_beside_the_one_that_can() {
    for (families, is_full_v6, error) in
        [(Families { v4: true, v6: true }, true, 508), (Families { v4: true, v6: false }, false, 440)]
    {
        let mut bed = Bed::with(Config { families, ..config() }, Quotas::default());
        bed.is_full_v6 = is_full_v6;
        let user = bed.user("acme/ada", udp("203.0.113.1:1000"));
        let answer = bed.ask_as(&user, Method::Allocate, both);
        assert_eq!(answer.addresses(attribute::XOR_RELAYED_ADDRESS).len(), 1);
        let message = answer.message();
        let value = message.attribute(attribute::ADDRESS_ERROR_CODE).expect("it is named");
        assert_eq!((value[0], u16::from(value[2]) * 100 + u16::from(value[3])), (2, error));
    }
}

#[test]
fn a_family_that_is_not_relayed_is_440() {
    let mut bed = Bed::with(Config { families: Families { v4: true, v6: false }, ..config() }, Quotas::default());
    let user = bed.user("acme/ada", udp("203.0.113.1:1000"));
    assert_eq!(bed.ask_as(&user, Method::Allocate, v6_only).code(), Some(440));
    assert!(bed.allocate(&user).is_success());
}
