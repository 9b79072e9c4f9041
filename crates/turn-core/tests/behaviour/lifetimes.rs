//! Lifetimes of allocations (RFC 8656 §3.2, §7.2, §8).

use std::time::Duration;

use antiphon_turn_core::{
    Client, EndReason, Transport,
    stun::{Method, attribute},
};

use crate::support::{Bed, PEER, over_udp, udp};

#[test]
fn a_lifetime_is_the_default_at_least_and_an_hour_at_most() {
    for (asked, given) in
        [(None, 600), (Some(0), 600), (Some(60), 600), (Some(777), 777), (Some(3_601), 3_600), (Some(u32::MAX), 3_600)]
    {
        let mut bed = Bed::new();
        let user = bed.user("acme/ada", udp("203.0.113.1:1000"));
        let answer = bed.ask_as(&user, Method::Allocate, |request| match asked {
            Some(asked) => over_udp(request).number(attribute::LIFETIME, asked),
            None => over_udp(request),
        });
        assert_eq!(answer.lifetime(), Some(given), "{asked:?}");
        assert_eq!(bed.relay.poll_timeout(), Some(bed.now + Duration::from_secs(given.into())));
    }
}

#[test]
fn an_allocation_ends_with_its_lifetime_and_not_before() {
    let mut bed = Bed::new();
    let (user, relayed) = bed.allocated("acme/ada", udp("203.0.113.1:1000"));
    bed.pass(Duration::from_secs(599));
    assert!(bed.permit(&user, PEER).is_success());
    assert!(bed.peer_sends(relayed, PEER, b"x").is_some());
    bed.pass(Duration::from_secs(1));
    assert_eq!((bed.count(), bed.bound.len(), bed.ledger.allocations()), (0, 0, 0));
    assert_eq!(bed.ended.last().map(|(view, reason)| (view.relayed[0], *reason)), Some((relayed, EndReason::Expired)));
    assert_eq!(bed.relay.poll_timeout(), None);
    assert!(bed.send_indication(&user, PEER, b"x").is_none());
    assert_eq!(bed.refresh(&user, 600).code(), Some(437));
}

/// A shell's timer is late now and then; nobody gets more for it.
#[test]
fn nothing_is_relayed_beyond_a_lifetime_even_when_the_timer_is_late() {
    let mut bed = Bed::new();
    let (user, relayed) = bed.allocated("acme/ada", udp("203.0.113.1:1000"));
    bed.pass(Duration::from_secs(400));
    assert!(bed.bind_channel(&user, 0x4000, PEER).is_success());
    bed.now += Duration::from_secs(200);
    assert!(bed.send_on(&user, 0x4000, b"x").is_none());
    assert!(bed.send_indication(&user, PEER, b"x").is_none());
    assert!(bed.peer_sends(relayed, PEER, b"x").is_none());
    assert_eq!(bed.refresh(&user, 600).code(), Some(437));
}

#[test]
fn a_refresh_begins_the_lifetime_anew() {
    let mut bed = Bed::new();
    let (user, _) = bed.allocated("acme/ada", udp("203.0.113.1:1000"));
    bed.pass(Duration::from_secs(599));
    assert_eq!(bed.refresh(&user, 1_000).lifetime(), Some(1_000));
    bed.pass(Duration::from_secs(999));
    assert_eq!(bed.count(), 1);
    bed.pass(Duration::from_secs(1));
    assert_eq!(bed.count(), 0);
}

#[test]
fn a_refresh_of_nothing_ends_it_at_once_and_may_be_sent_again() {
    let mut bed = Bed::new();
    let (user, _) = bed.allocated("acme/ada", udp("203.0.113.1:1000"));
    for _ in 0..2 {
        let answer = bed.refresh(&user, 0);
        assert_eq!((answer.code(), answer.lifetime()), (None, Some(0)));
    }
    assert_eq!((bed.count(), bed.bound.len()), (0, 0));
    assert_eq!(bed.ended.last().map(|(_, reason)| *reason), Some(EndReason::Deleted));
    assert!(bed.allocate(&user).is_success(), "the place is free for another one");
}

#[test]
fn an_allocation_ends_with_its_clients_connection() {
    let mut bed = Bed::new();
    let client =
        Client { transport: Transport::Tcp, socket: 5, remote: "203.0.113.1:1000".parse().expect("an address") };
    bed.allocated("acme/ada", client);
    bed.relay.handle_disconnect(client);
    bed.drive();
    assert_eq!((bed.count(), bed.bound.len()), (0, 0));
    assert_eq!(bed.ended.last().map(|(_, reason)| *reason), Some(EndReason::Disconnected));
    bed.relay.handle_disconnect(client);
    assert_eq!(bed.relay.poll_output(), None);
}

#[test]
fn a_thousand_abandoned_allocations_are_freed_at_their_lifetime() {
    let mut bed = Bed::new();
    for port in 1_000..2_000 {
        let (user, _) = bed.allocated(&format!("acme/{port}"), udp(&format!("203.0.113.{}:{port}", port % 250)));
        bed.permit(&user, PEER);
        bed.bind_channel(&user, 0x4000, PEER);
    }
    assert_eq!((bed.count(), bed.bound.len(), bed.ledger.allocations()), (1_000, 1_000, 1_000));
    bed.pass(Duration::from_secs(599));
    assert_eq!(bed.count(), 1_000);
    bed.pass(Duration::from_secs(1));
    assert_eq!((bed.count(), bed.bound.len(), bed.ledger.allocations()), (0, 0, 0));
    assert_eq!((bed.ended.len(), bed.relay.poll_timeout()), (1_000, None));
}
