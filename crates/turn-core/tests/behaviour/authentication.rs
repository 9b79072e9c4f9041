//! Credentials and nonces (RFC 8489 §9.2).

use std::time::Duration;

use antiphon_ice_core::{UnixTime, credentials::mint};
use antiphon_turn_core::{
    Client, ErrorCode, Transport,
    stun::{Method, attribute},
};

use crate::support::{Bed, PEER, SECRET, User, over_udp, secrets, udp};

#[test]
fn a_stranger_is_challenged_and_with_a_credential_let_in() {
    let mut bed = Bed::new();
    let client = udp("203.0.113.1:1000");
    let request = over_udp(bed.request(Method::Allocate)).fingerprint().finish();
    let challenge = bed.ask(client, &request).expect("a challenge");
    assert_eq!(challenge.code(), Some(401));
    let message = challenge.message();
    assert_eq!(message.text(attribute::REALM), Some("antiphon"));
    assert!(message.has_fingerprint() && !message.has_integrity(), "as the request was");
    assert_eq!(message.attribute(attribute::USERNAME), None);
    let (user, relayed) = bed.allocated("acme/ada", client);
    assert_eq!(relayed.port(), 49_152);
    let view = bed.began.first().expect("it began").clone();
    assert_eq!((view.user.as_str(), view.relayed[0], view.client), ("acme/ada", relayed, client));
    drop(user);
}

#[test]
fn a_success_is_signed_and_says_who_asked() {
    let mut bed = Bed::new();
    let user = bed.user("acme/ada", udp("203.0.113.1:1000"));
    let answer = bed.allocate(&user);
    assert!(user.key.verifies(&answer.message()));
    assert_eq!(answer.addresses(attribute::XOR_MAPPED_ADDRESS), [user.client.remote]);
}

#[test]
fn wrong_credentials_are_401() {
    let mut bed = Bed::new();
    let good = bed.user("acme/ada", udp("203.0.113.1:1000"));
    let foreign = mint(&secrets("another secret, of another deployment"), "acme/ada", UnixTime(1_900_000_000));
    let foreign = bed.user_with(&foreign, good.client);
    let with_name = |username: &str| User { username: username.to_owned(), ..good.clone() };
    let of_our_secret = |bed: &mut Bed, id: &str| {
        let credential = mint(&bed.secrets.current(), id, UnixTime(1_900_000_000));
        bed.user_with(&credential, good.client)
    };
    let users = [
        foreign,
        with_name("1900000000:acme/bob"),
        with_name("acme/ada"),
        with_name(""),
        of_our_secret(&mut bed, "ada"),
        of_our_secret(&mut bed, "acme/a/b"),
        of_our_secret(&mut bed, "acme%2f/ada"),
    ];
    for user in users {
        let answer = bed.allocate(&user);
        assert_eq!(answer.code(), Some(401), "{}", user.username);
        assert!(answer.message().text(attribute::NONCE).is_some(), "a challenge");
    }
    assert_eq!(bed.count(), 0);
    assert!(bed.allocate(&good).is_success());
}

#[test]
fn a_signed_request_that_does_not_say_by_whom_is_400() {
    let mut bed = Bed::new();
    let user = bed.user("acme/ada", udp("203.0.113.1:1000"));
    for missing in [attribute::USERNAME, attribute::REALM, attribute::NONCE] {
        let mut request = over_udp(bed.request(Method::Allocate));
        let parts = [
            (attribute::USERNAME, user.username.as_bytes()),
            (attribute::REALM, b"antiphon"),
            (attribute::NONCE, user.nonce.as_bytes()),
        ];
        for (kind, value) in parts.into_iter().filter(|(kind, _)| *kind != missing) {
            request = request.attribute(kind, value);
        }
        let answer = bed.ask(user.client, &request.integrity(&user.key).finish()).expect("an answer");
        assert_eq!(answer.code(), Some(400), "{missing:#06x}");
    }
}

#[test]
fn a_credential_is_good_until_the_second_that_it_names() {
    let mut bed = Bed::new();
    let expires = bed.wall.plus(Duration::from_secs(60));
    let credential = mint(&bed.secrets.current(), "acme/ada", expires);
    bed.pass(Duration::from_secs(59));
    let in_time = bed.user_with(&credential, udp("203.0.113.1:1000"));
    assert!(bed.allocate(&in_time).is_success());
    bed.pass(Duration::from_secs(1));
    let late = bed.user_with(&credential, udp("203.0.113.1:1001"));
    assert_eq!(bed.allocate(&late).code(), Some(401));
}

/// As with coturn: a call does not end with its credential.
#[test]
fn an_allocation_outlives_its_credential_as_long_as_it_is_refreshed() {
    let mut bed = Bed::new();
    let (user, relayed) = bed.allocated("acme/ada", udp("203.0.113.1:1000"));
    for _ in 0..30 {
        bed.pass(Duration::from_secs(500));
        let user = User { nonce: bed.nonce_of(&user), ..user.clone() };
        assert!(bed.refresh(&user, 600).is_success());
        assert!(bed.permit(&user, PEER).is_success());
        assert!(bed.bind_channel(&user, 0x4000, PEER).is_success());
        assert!(bed.peer_sends(relayed, PEER, b"x").is_some());
    }
    let user = User { nonce: bed.nonce_of(&user), ..user };
    assert!(bed.refresh(&user, 0).is_success());
    assert_eq!(bed.allocate(&user).code(), Some(401), "but no other one is made with it");
}

impl Bed {
    /// A fresh nonce for someone who holds an allocation.
    fn nonce_of(&mut self, user: &User) -> String {
        let request = self.request(Method::Refresh).finish();
        let answer = self.ask(user.client, &request).expect("a challenge");
        answer.message().text(attribute::NONCE).expect("a nonce").to_owned()
    }
}

#[test]
fn a_nonce_goes_stale_and_comes_with_a_fresh_one() {
    let mut bed = Bed::new();
    let (user, _) = bed.allocated("acme/ada", udp("203.0.113.1:1000"));
    for _ in 0..7 {
        bed.pass(Duration::from_secs(500));
        assert!(bed.refresh(&user, 3_600).is_success());
    }
    bed.pass(Duration::from_secs(99));
    assert!(bed.refresh(&user, 3_600).is_success(), "one second before");
    bed.pass(Duration::from_secs(1));
    let answer = bed.refresh(&user, 3_600);
    assert_eq!(answer.code(), Some(438));
    assert_eq!(answer.message().text(attribute::REALM), Some("antiphon"));
    let fresh = User { nonce: answer.message().text(attribute::NONCE).expect("a nonce").to_owned(), ..user };
    assert!(bed.refresh(&fresh, 600).is_success());
}

#[test]
fn a_request_that_was_captured_is_of_no_use_from_elsewhere() {
    let mut bed = Bed::new();
    let user = bed.user("acme/ada", udp("203.0.113.1:1000"));
    let request = user.sign(over_udp(bed.request(Method::Allocate)));
    let elsewhere = [
        udp("203.0.113.1:1001"),
        udp("203.0.113.2:1000"),
        Client { transport: Transport::Tcp, socket: 7, ..user.client },
        Client { transport: Transport::Tls, socket: 7, ..user.client },
    ];
    for client in elsewhere {
        assert_eq!(bed.ask(client, &request).expect("an answer").code(), Some(438), "{client:?}");
    }
    assert_eq!(bed.count(), 0);
    assert_eq!(bed.answered(ErrorCode::StaleNonce), 4);
}

#[test]
fn two_secrets_are_good_while_they_rotate() {
    let mut bed = Bed::new();
    let old = bed.user("acme/ada", udp("203.0.113.1:1000"));
    let (other, _) = bed.allocated("acme/old", udp("203.0.113.1:2000"));
    let new_secret = "the secret that comes after it";
    bed.secrets.replace(secrets(&format!("{new_secret}\n{SECRET}")));
    let new = bed.user("acme/bob", udp("203.0.113.1:1001"));
    assert!(bed.allocate(&old).is_success() && bed.allocate(&new).is_success());
    bed.secrets.replace(secrets(new_secret));
    let late = User { client: udp("203.0.113.1:1002"), ..old.clone() };
    let late = User { nonce: bed.nonce(late.client), ..late };
    assert_eq!(bed.allocate(&late).code(), Some(401), "the old one is gone");
    assert!(bed.refresh(&other, 600).is_success(), "what was allocated with it stays");
}

#[test]
fn an_allocate_that_is_sent_again_is_answered_the_same() {
    let mut bed = Bed::new();
    let user = bed.user("acme/ada", udp("203.0.113.1:1000"));
    let request = user.sign(over_udp(bed.request(Method::Allocate)));
    let first = bed.ask(user.client, &request).expect("an answer");
    bed.pass(Duration::from_secs(2));
    let again = bed.ask(user.client, &request).expect("an answer");
    assert_eq!(first.0, again.0);
    assert_eq!((bed.count(), bed.bound.len()), (1, 1));
    assert_eq!(bed.allocate(&user).code(), Some(437), "another one is another one");
}
