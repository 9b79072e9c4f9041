//! Error codes, by the sections of RFC 8489 and RFC 8656 that ask for them.

use antiphon_turn_core::{
    ErrorCode, Quotas,
    stun::{Method, Writer, attribute},
};

use crate::support::{Bed, PEER, PEER_V6, User, config, over_udp, udp};

/// A request to an allocation that lives, or to none, and what it is answered.
struct Case {
    section: &'static str,
    code: u16,
    method: Method,
    has_allocation: bool,
    add: fn(Writer) -> Writer,
}

const fn case(
    section: &'static str,
    code: u16,
    method: Method,
    has_allocation: bool,
    add: fn(Writer) -> Writer,
) -> Case {
    Case { section, code, method, has_allocation, add }
}

fn peer(request: Writer, peer: &str) -> Writer {
    request.xor_address(attribute::XOR_PEER_ADDRESS, peer.parse().expect(peer))
}

fn family(request: Writer, kind: u16, family: u8) -> Writer {
    request.attribute(kind, &[family, 0, 0, 0])
}

fn channel(request: Writer, number: u16) -> Writer {
    request.number(attribute::CHANNEL_NUMBER, u32::from(number) << 16)
}

use attribute::{
    ADDITIONAL_ADDRESS_FAMILY as ADDITIONAL, CHANNEL_NUMBER, DONT_FRAGMENT, EVEN_PORT, LIFETIME,
    REQUESTED_ADDRESS_FAMILY as REQUESTED, REQUESTED_TRANSPORT, RESERVATION_TOKEN, XOR_PEER_ADDRESS,
};

/// Allocations are of IPv4 here, and the relay has both families.
const CASES: &[Case] = &[
    case("8489 6.3.1: an attribute that must be understood", 420, Method::Allocate, false, |r| {
        over_udp(r).attribute(0x7f01, b"x")
    }),
    case("8489 6.3.1: in a Refresh", 420, Method::Refresh, true, |r| r.attribute(0x0003, &[0; 4])),
    case("8489 6.3: a method that is none", 400, Method::Other(0x0ff), true, |r| r),
    case("8656 7.2 (2): there is an allocation", 437, Method::Allocate, true, over_udp),
    case("8656 7.2 (3): no REQUESTED-TRANSPORT", 400, Method::Allocate, false, |r| r),
    case("8656 7.2 (3): REQUESTED-TRANSPORT of two bytes", 400, Method::Allocate, false, |r| {
        r.attribute(REQUESTED_TRANSPORT, &[17, 0])
    }),
    case("8656 7.2 (3): TCP", 442, Method::Allocate, false, |r| r.attribute(REQUESTED_TRANSPORT, &[6, 0, 0, 0])),
    case("8656 7.2 (4): DONT-FRAGMENT, not supported", 420, Method::Allocate, false, |r| {
        over_udp(r).attribute(DONT_FRAGMENT, &[])
    }),
    case("8656 7.2 (5): a token with EVEN-PORT", 400, Method::Allocate, false, |r| {
        over_udp(r).attribute(EVEN_PORT, &[0x80]).attribute(RESERVATION_TOKEN, &[0; 8])
    }),
    case("8656 7.2 (5): a token with a family", 400, Method::Allocate, false, |r| {
        family(over_udp(r), REQUESTED, 1).attribute(RESERVATION_TOKEN, &[0; 8])
    }),
    case("8656 7.2 (5): a token that is not ours", 508, Method::Allocate, false, |r| {
        over_udp(r).attribute(RESERVATION_TOKEN, &[0; 8])
    }),
    case("8656 7.2 (6): both families' attributes", 400, Method::Allocate, false, |r| {
        family(family(over_udp(r), REQUESTED, 1), ADDITIONAL, 2)
    }),
    case("8656 7.2 (7): a family that is none", 440, Method::Allocate, false, |r| family(over_udp(r), REQUESTED, 3)),
    case("8656 7.2 (7): a family of one byte", 400, Method::Allocate, false, |r| {
        over_udp(r).attribute(REQUESTED, &[1])
    }),
    case("8656 7.2 (8): an additional IPv4 address", 400, Method::Allocate, false, |r| {
        family(over_udp(r), ADDITIONAL, 1)
    }),
    case("8656 7.2 (9): a reserved pair beside an additional family", 400, Method::Allocate, false, |r| {
        family(over_udp(r), ADDITIONAL, 2).attribute(EVEN_PORT, &[0x80])
    }),
    case("8656 18.7: EVEN-PORT of two bytes", 400, Method::Allocate, false, |r| {
        over_udp(r).attribute(EVEN_PORT, &[0, 0])
    }),
    case("8656 18.10: a token of seven bytes", 400, Method::Allocate, false, |r| {
        over_udp(r).attribute(RESERVATION_TOKEN, &[0; 7])
    }),
    case("8656 7.2: LIFETIME of two bytes", 400, Method::Allocate, false, |r| over_udp(r).attribute(LIFETIME, &[0, 1])),
    case("8656 8.2: no allocation", 437, Method::Refresh, false, |r| r),
    case("8656 8.2: a family that it has not", 443, Method::Refresh, true, |r| family(r, REQUESTED, 2)),
    case("8656 8.2: a LIFETIME of two bytes", 400, Method::Refresh, true, |r| r.attribute(LIFETIME, &[0, 1])),
    case("8656 10.2: no allocation", 437, Method::CreatePermission, false, |r| peer(r, PEER)),
    case("8656 10.2: no peer", 400, Method::CreatePermission, true, |r| r),
    case("8656 10.2: a peer that is none", 400, Method::CreatePermission, true, |r| {
        peer(r, PEER).attribute(XOR_PEER_ADDRESS, &[0, 1, 0])
    }),
    case("8656 10.2: a peer of the other family", 443, Method::CreatePermission, true, |r| peer(r, PEER_V6)),
    case("8656 10.2: a peer that is not allowed", 403, Method::CreatePermission, true, |r| {
        peer(peer(r, PEER), "10.0.0.1:5000")
    }),
    case("8656 12.2: no allocation", 437, Method::ChannelBind, false, |r| peer(channel(r, 0x4000), PEER)),
    case("8656 12.2: no peer", 400, Method::ChannelBind, true, |r| channel(r, 0x4000)),
    case("8656 12.2: no channel", 400, Method::ChannelBind, true, |r| peer(r, PEER)),
    case("8656 12.2: a channel of two bytes", 400, Method::ChannelBind, true, |r| {
        peer(r.attribute(CHANNEL_NUMBER, &[0x40, 0]), PEER)
    }),
    case("8656 12.2: below 0x4000", 400, Method::ChannelBind, true, |r| peer(channel(r, 0x3fff), PEER)),
    case("5766 11: above 0x7FFF", 400, Method::ChannelBind, true, |r| peer(channel(r, 0x8000), PEER)),
    case("8656 12.2: a peer of the other family", 443, Method::ChannelBind, true, |r| {
        peer(channel(r, 0x4000), PEER_V6)
    }),
    case("8656 12.2: a peer that is not allowed", 403, Method::ChannelBind, true, |r| {
        peer(channel(r, 0x4000), "10.0.0.1:5000")
    }),
];

#[test]
fn each_section_has_its_error() {
    for Case { section, code, method, has_allocation, add } in CASES {
        let mut bed = Bed::new();
        let client = udp("203.0.113.1:1000");
        let user = if *has_allocation { bed.allocated("acme/ada", client).0 } else { bed.user("acme/ada", client) };
        let allocations = bed.count();
        let answer = bed.ask_as(&user, *method, *add);
        assert_eq!(answer.code(), Some(*code), "{section}");
        assert!(user.key.verifies(&answer.message()), "{section}: the error is not signed");
        assert_eq!(bed.count(), allocations, "{section}");
        assert_eq!(bed.bound.len(), allocations, "{section}: a socket is left");
        if *has_allocation {
            assert!(bed.send_indication(&user, PEER, b"x").is_none(), "{section}: left a permission");
        }
    }
}

#[test]
fn what_is_not_understood_is_named() {
    let mut bed = Bed::new();
    let user = bed.user("acme/ada", udp("203.0.113.1:1000"));
    let answer = bed.ask_as(&user, Method::Allocate, |request| {
        over_udp(request).attribute(DONT_FRAGMENT, &[]).attribute(0x8123, b"may be").attribute(0x7f01, b"must be")
    });
    assert_eq!(answer.message().attribute(attribute::UNKNOWN_ATTRIBUTES), Some(&[0, 0x1a, 0x7f, 1][..]));
}

#[test]
fn a_binding_request_with_an_unknown_attribute_is_refused() {
    let mut bed = Bed::new();
    let request = bed.request(Method::Binding).attribute(0x7f01, b"").finish();
    assert_eq!(bed.ask(udp("203.0.113.1:1000"), &request).expect("an answer").code(), Some(420));
}

/// RFC 8656 §5
#[test]
fn another_user_of_the_same_address_is_441() {
    let mut bed = Bed::new();
    let (ada, _) = bed.allocated("acme/ada", udp("203.0.113.1:1000"));
    let bob = bed.user("acme/bob", ada.client);
    for method in [Method::Allocate, Method::Refresh, Method::CreatePermission, Method::ChannelBind] {
        let answer = bed.ask_as(&bob, method, over_udp);
        assert_eq!(answer.code(), Some(441), "{method:?}");
        assert!(bob.key.verifies(&answer.message()));
    }
    let nobody = User { username: "1900000000:acme/eve".to_owned(), ..ada };
    assert_eq!(bed.refresh(&nobody, 0).code(), Some(401), "who is nobody learns nothing");
    assert_eq!(bed.count(), 1);
}

/// RFC 8656 §7.2 (11)
#[test]
fn an_allocation_above_the_quota_is_486() {
    let quotas = Quotas { per_user: Some(2), per_tenant: Some(3), total: Some(4) };
    let mut bed = Bed::with(config(), quotas);
    let expected = [("a/ada", None), ("a/ada", None), ("a/ada", Some(486)), ("a/bob", None), ("a/cyd", Some(486))]
        .into_iter()
        .chain([("b/dan", None), ("c/eve", Some(486))]);
    for (port, (id, code)) in (1000..).zip(expected) {
        let user = bed.user(id, udp(&format!("203.0.113.1:{port}")));
        assert_eq!(bed.allocate(&user).code(), code, "{id} from {port}");
    }
    assert_eq!((bed.count(), bed.bound.len()), (4, 4));
    assert_eq!(bed.answered(ErrorCode::AllocationQuotaReached), 3);
    let refused: u64 = bed.ledger.tenants().iter().map(|(_, used)| used.refusals).sum();
    assert_eq!(refused, 3);
}

/// RFC 8656 §7.2 (12)
#[test]
fn an_allocation_without_a_free_port_is_508_and_leaves_nothing() {
    let mut bed = Bed::with(config(), Quotas { total: Some(1), ..Quotas::default() });
    bed.is_full = true;
    let user = bed.user("acme/ada", udp("203.0.113.1:1000"));
    let answer = bed.allocate(&user);
    assert_eq!(answer.code(), Some(508));
    assert!(user.key.verifies(&answer.message()));
    bed.is_full = false;
    assert!(bed.allocate(&user).is_success(), "the quota's place is free again");
}

/// As coturn does while it drains, so that clients try another server.
#[test]
fn a_relay_that_drains_allocates_nothing_and_goes_on_with_what_lives() {
    let mut bed = Bed::new();
    let (ada, relayed) = bed.allocated("acme/ada", udp("203.0.113.1:1000"));
    bed.relay.drain();
    let bob = bed.user("acme/bob", udp("203.0.113.1:1001"));
    assert_eq!(bed.allocate(&bob).code(), Some(403));
    assert!(bed.refresh(&ada, 600).is_success());
    assert!(bed.permit(&ada, PEER).is_success());
    assert!(bed.send_indication(&ada, PEER, b"x").is_some() && bed.peer_sends(relayed, PEER, b"x").is_some());
}
