//! EVEN-PORT and RESERVATION-TOKEN (RFC 8656 §7.2).

use antiphon_turn_core::{
    ErrorCode,
    stun::{Method, attribute},
};

use crate::support::{Bed, TOKEN, over_udp, udp};

#[test]
fn an_even_port_and_the_next_one_go_to_who_has_the_token() {
    let mut bed = Bed::new();
    bed.allocated("acme/before", udp("203.0.113.1:999"));
    let rtp = bed.user("acme/ada", udp("203.0.113.1:1000"));
    let answer =
        bed.ask_as(&rtp, Method::Allocate, |request| over_udp(request).attribute(attribute::EVEN_PORT, &[0x80]));
    let even = answer.addresses(attribute::XOR_RELAYED_ADDRESS)[0];
    assert!(even.port().is_multiple_of(2));
    assert_eq!(answer.message().attribute(attribute::RESERVATION_TOKEN), Some(&TOKEN[..]));
    let rtcp = bed.user("acme/ada", udp("203.0.113.1:1001"));
    let with_token = |bed: &mut Bed| {
        bed.ask_as(&rtcp, Method::Allocate, |request| over_udp(request).attribute(attribute::RESERVATION_TOKEN, &TOKEN))
    };
    let next = with_token(&mut bed).addresses(attribute::XOR_RELAYED_ADDRESS)[0];
    assert_eq!(next.port(), even.port() + 1);
    bed.refresh(&rtcp, 0);
    assert_eq!(with_token(&mut bed).code(), Some(508), "a token is good once");
    assert_eq!(bed.answered(ErrorCode::InsufficientCapacity), 1);
}

#[test]
fn an_even_port_alone_keeps_nothing() {
    let mut bed = Bed::new();
    bed.allocated("acme/before", udp("203.0.113.1:999"));
    let user = bed.user("acme/ada", udp("203.0.113.1:1000"));
    let answer = bed.ask_as(&user, Method::Allocate, |request| over_udp(request).attribute(attribute::EVEN_PORT, &[0]));
    assert!(answer.addresses(attribute::XOR_RELAYED_ADDRESS)[0].port().is_multiple_of(2));
    assert_eq!(answer.message().attribute(attribute::RESERVATION_TOKEN), None);
}
