//! What is bounded, and what happens beyond it.

use std::time::Duration;

use antiphon_turn_core::{
    Config, Discard, Quotas,
    stun::{Class, Method, Writer, attribute},
};

use crate::support::{Bed, PEER, config, over_udp, udp};

#[test]
fn twenty_thousand_strangers_leave_nothing_behind() {
    let mut bed =
        Bed::with(Config { stranger_rate: 1_000_000, stranger_burst: 1_000_000, ..config() }, Quotas::default());
    for number in 0..20_000_u32 {
        let client = udp(&format!("203.0.{}.{}:{}", number >> 8 & 127, number & 255, 1_024 + number));
        let request = over_udp(bed.request(Method::Allocate)).finish();
        assert_eq!(bed.ask(client, &request).expect("a challenge").code(), Some(401));
    }
    assert_eq!((bed.count(), bed.bound.len(), bed.ledger.allocations()), (0, 0, 0));
    assert_eq!((bed.relay.poll_timeout(), bed.relay.poll_output()), (None, None));
    let tenants = bed.ledger.tenants();
    assert_eq!(tenants.len(), 1, "none is known, only the others: {tenants:?}");
    assert!(format!("{:?}", bed.relay).contains("allocations: 0"));
}

#[test]
fn a_source_that_has_not_authenticated_gets_so_many_answers() {
    let mut bed = Bed::with(Config { stranger_rate: 10, stranger_burst: 5, ..config() }, Quotas::default());
    let answered = |bed: &mut Bed, client: &str, method| {
        let request = bed.request(method).finish();
        bed.ask(udp(client), &request).is_some()
    };
    let port = |port: u16| format!("203.0.113.1:{port}");
    let in_time = (0..20).filter(|number| answered(&mut bed, &port(*number), Method::Allocate)).count();
    assert_eq!(in_time, 5, "whatever its ports");
    assert!(!answered(&mut bed, &port(1), Method::Binding));
    assert!(answered(&mut bed, "203.0.113.2:1", Method::Binding), "others are answered");
    assert!((0..20).all(|_| answered(&mut bed, "127.0.0.1:1", Method::Binding)), "nobody forges these");
    assert_eq!(bed.relay.counters().discarded(Discard::RateLimited), 16);
    bed.pass(Duration::from_millis(100));
    assert!(answered(&mut bed, &port(1), Method::Binding));
}

/// A forged source address makes somebody a target: what it is sent is small.
#[test]
fn a_stranger_is_answered_little() {
    let mut bed = Bed::new();
    let binding = bed.request(Method::Binding).finish();
    assert_eq!(bed.ask(udp("203.0.113.1:1"), &binding).expect("an answer").0.len(), 32);
    let allocate = over_udp(bed.request(Method::Allocate)).finish();
    let challenge = bed.ask(udp("203.0.113.1:1"), &allocate).expect("an answer").0.len();
    assert_eq!(challenge, 72);
    let user = bed.user("acme/ada", udp("203.0.113.1:1"));
    let wrong = crate::support::User { username: "1900000000:acme/eve".to_owned(), ..user };
    let request = wrong.sign(over_udp(bed.request(Method::Allocate)));
    assert!(bed.ask(wrong.client, &request).expect("an answer").0.len() <= request.len());
}

#[test]
fn permissions_and_channels_have_their_number() {
    let mut bed = Bed::with(Config { max_permissions: 3, max_channels: 2, ..config() }, Quotas::default());
    let (user, _) = bed.allocated("acme/ada", udp("203.0.113.1:1000"));
    for peer in ["8.8.8.1:1", "8.8.8.2:1", "8.8.8.3:1"] {
        assert!(bed.permit(&user, peer).is_success());
    }
    assert_eq!(bed.permit(&user, "8.8.8.4:1").code(), Some(508));
    assert!(bed.permit(&user, "8.8.8.3:1").is_success(), "a refresh needs no room");
    assert!(bed.bind_channel(&user, 0x4000, "8.8.8.1:1").is_success());
    assert!(bed.bind_channel(&user, 0x4001, "8.8.8.1:2").is_success());
    assert_eq!(bed.bind_channel(&user, 0x4002, "8.8.8.1:3").code(), Some(508));
    assert_eq!(bed.bind_channel(&user, 0x4003, "8.8.8.4:1").code(), Some(508), "no room for its permission");
    bed.pass(Duration::from_secs(300));
    assert!(bed.permit(&user, "8.8.8.4:1").is_success(), "what expired makes room");
}

#[test]
fn bytes_that_are_nothing_are_counted() {
    let mut bed = Bed::new();
    for bytes in [&b""[..], b"\x00", b"GET / HTTP/1.1\r\n\r\n", &[0x16, 3, 1, 2, 0], &[0xff; 1500], &[0; 20]] {
        assert_eq!(bed.send(udp("203.0.113.1:1"), bytes), None);
    }
    assert!(bed.answers.is_empty());
    assert_eq!(bed.relay.counters().discarded(Discard::Malformed), 6);
}

/// Whatever a request says in its attributes, the answer fits.
#[test]
fn long_attributes_are_taken_as_they_come() {
    let mut bed = Bed::new();
    let (user, _) = bed.allocated("acme/ada", udp("203.0.113.1:1000"));
    let mut request = Writer::new(Method::Refresh, Class::Request, &[5; 12]);
    for kind in 0x7000..0x7800 {
        request = request.attribute(kind, b"1234567");
    }
    let answer = bed.ask(user.client, &user.sign(request)).expect("an answer");
    assert_eq!(answer.code(), Some(420));
    let many = |request: Writer| {
        (0..500).fold(request, |request, number| {
            request.xor_address(
                attribute::XOR_PEER_ADDRESS,
                format!("8.8.{}.{}:1", number / 250, number % 250).parse().expect("an address"),
            )
        })
    };
    assert_eq!(bed.ask_as(&user, Method::CreatePermission, many).code(), Some(508));
    assert!(bed.send_indication(&user, PEER, b"x").is_none());
}
