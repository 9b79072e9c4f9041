//! RFC 5769's vectors, and what they do not cover.

use std::net::SocketAddr;

use antiphon_ice_core::credentials::LongTermKey;
use proptest::prelude::*;

use super::*;
use crate::ErrorCode;

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digits: Vec<u8> = hexadecimal.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let pair = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).expect("ASCII"), 16).expect("hexadecimal");
    digits.chunks(2).map(pair).collect()
}

/// RFC 5769 §2.1
const REQUEST: &str = "000100582112a442b7e7a701bc34d686fa87dfae
    802200105354554e207465737420636c69656e74 002400046e0001ff 80290008932ff9b151263b36
    000600096576746a3a68367659202020 000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2 80280004e57a3bcf";
/// RFC 5769 §2.2
const IPV4_RESPONSE: &str = "0101003c2112a442b7e7a701bc34d686fa87dfae 8022000b7465737420766563746f7220
    002000080001a147e112a643 000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7 80280004c07d4c96";
/// RFC 5769 §2.3
const IPV6_RESPONSE: &str = "010100482112a442b7e7a701bc34d686fa87dfae 8022000b7465737420766563746f7220
    002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9 00080014a382954e4be67bf11784c97c8292c275bfe3ed41 80280004c8fb0b4c";
/// RFC 5769 §2.4
const LONG_TERM_REQUEST: &str = "000100602112a44278ad3433c6ad72c029da412e
    00060012e3839ee38388e383aae38383e382afe382b90000 0015001c662f2f3439396b39353464364f4c33346f4c39465354767936347341
    0014000b6578616d706c652e6f726700 00080014f67024656dd64a3e02b8e0712e85c9a28ca89666";

/// The password of the first three.
const PASSWORD: &[u8] = b"VOkJxbRl1RmTxUk/WvJxBt";

#[test]
fn the_sample_request_is_read_and_verified() {
    let bytes = bytes(REQUEST);
    let message = Message::read(&bytes).expect("a vector");
    assert_eq!((message.method(), message.class()), (Method::Binding, Class::Request));
    assert_eq!(message.text(attribute::USERNAME), Some("evtj:h6vY"));
    assert_eq!(message.attribute(0x0024), Some(&[0x6e, 0, 1, 0xff][..]));
    assert!(message.has_fingerprint());
    assert!(IntegrityKey::new(PASSWORD).verifies(&message));
    assert!(!IntegrityKey::new(b"VOkJxbRl1RmTxUk/WvJxBT").verifies(&message));
}

#[test]
fn the_sample_responses_carry_their_addresses() {
    let vectors = [(IPV4_RESPONSE, "192.0.2.1:32853"), (IPV6_RESPONSE, "[2001:db8:1234:5678:11:2233:4455:6677]:32853")];
    for (vector, address) in vectors {
        let bytes = bytes(vector);
        let message = Message::read(&bytes).expect("a vector");
        assert_eq!((message.method(), message.class()), (Method::Binding, Class::Success));
        let value = message.attribute(attribute::XOR_MAPPED_ADDRESS).expect("there is one");
        assert_eq!(read_xor_address(value, message.transaction_id()), address.parse().ok());
        assert!(message.has_fingerprint() && IntegrityKey::new(PASSWORD).verifies(&message), "{address}");
    }
}

#[test]
fn the_sample_request_with_long_term_credentials_is_verified() {
    let bytes = bytes(LONG_TERM_REQUEST);
    let message = Message::read(&bytes).expect("a vector");
    let (username, realm) = ("\u{30DE}\u{30C8}\u{30EA}\u{30C3}\u{30AF}\u{30B9}", "example.org");
    assert_eq!(message.text(attribute::USERNAME), Some(username));
    assert_eq!(message.text(attribute::REALM), Some(realm));
    assert_eq!(message.text(attribute::NONCE), Some("f//499k954d6OL34oL9FSTvy64sA"));
    // "The<U+00AD>M<U+00AA>tr<U+2168>", prepared.
    let key = LongTermKey::new(username, realm, &"TheMatrIX".to_owned().into());
    assert!(IntegrityKey::from(&key).verifies(&message));
}

/// The vectors pad with spaces, so what is written can be like them only where nothing is padded.
#[test]
fn the_ipv6_response_is_written_as_in_the_vector_but_for_its_padding() {
    let address: SocketAddr = "[2001:db8:1234:5678:11:2233:4455:6677]:32853".parse().expect("an address");
    let vector = bytes(IPV6_RESPONSE);
    let transaction_id = *Message::read(&vector).expect("a vector").transaction_id();
    let written = Writer::new(Method::Binding, Class::Success, &transaction_id)
        .attribute(0x8022, b"test vector")
        .xor_address(attribute::XOR_MAPPED_ADDRESS, address)
        .integrity(&IntegrityKey::new(PASSWORD))
        .fingerprint()
        .finish();
    assert_eq!(written.len(), vector.len());
    let same = |range: std::ops::Range<usize>| assert_eq!(written[range.clone()], vector[range]);
    same(0..35);
    same(36..64);
    let message = Message::read(&written).expect("its own");
    assert!(IntegrityKey::new(PASSWORD).verifies(&message) && message.has_fingerprint());
}

#[test]
fn every_changed_bit_is_seen() {
    let bytes = bytes(REQUEST);
    let key = IntegrityKey::new(PASSWORD);
    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        // One that makes an attribute swallow FINGERPRINT leaves a message that has none.
        let passed = Message::read(&changed).is_ok_and(|message| message.has_fingerprint());
        assert!(!passed, "FINGERPRINT has not seen bit {bit}");
        // Without FINGERPRINT.
        let mut changed = changed[..100].to_vec();
        changed[3] = 80 ^ (changed[3] ^ 88);
        let verified = Message::read(&changed).is_ok_and(|message| key.verifies(&message));
        assert_eq!(verified, bit / 8 >= 100, "MESSAGE-INTEGRITY has not seen bit {bit}");
    }
}

#[test]
fn types_are_written_as_they_are_read() {
    for word in 0..0x4000 {
        let (method, class) = decode_type(word);
        assert_eq!(encode_type(method, class), word);
    }
    assert_eq!(encode_type(Method::Data, Class::Indication).to_be_bytes(), DATA_INDICATION);
    assert_eq!(encode_type(Method::Allocate, Class::Error), 0x0113);
}

#[test]
fn an_error_code_has_class_and_number() {
    let bytes = Writer::new(Method::Allocate, Class::Error, &[7; 12]).error_code(ErrorCode::StaleNonce).finish();
    let message = Message::read(&bytes).expect("its own");
    assert_eq!(message.attribute(attribute::ERROR_CODE), Some(&b"\0\0\x04\x26Stale Nonce"[..]));
}

#[test]
fn attributes_behind_the_integrity_are_not_seen() {
    let signed = Writer::new(Method::Refresh, Class::Request, &[1; 12])
        .number(attribute::LIFETIME, 600)
        .integrity(&IntegrityKey::new(b"key"));
    let bytes = signed.number(attribute::LIFETIME, 0).attribute(attribute::USERNAME, b"eve").finish();
    let message = Message::read(&bytes).expect("well formed");
    assert_eq!(message.attribute(attribute::LIFETIME), Some(&[0, 0, 2, 0x58][..]));
    assert_eq!(message.attribute(attribute::USERNAME), None);
    assert!(IntegrityKey::new(b"key").verifies(&message));
}

#[test]
fn what_is_no_message_is_refused() {
    let good = bytes(REQUEST);
    assert!(Message::read(&good[..good.len() - 1]).is_err());
    assert!(Message::read(&[&good[..], &[0; 4]].concat()).is_err());
    assert!(Message::read(&[]).is_err());
    let mut overlong = Writer::new(Method::Binding, Class::Request, &[0; 12]).attribute(0x0024, &[0; 4]).finish();
    overlong[23] = 5;
    assert!(Message::read(&overlong).is_err());
    let before_its_end =
        Writer::new(Method::Binding, Class::Request, &[0; 12]).fingerprint().number(0x0024, 0).finish();
    assert!(Message::read(&before_its_end).is_err());
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        id in any::<[u8; 12]>(),
        attributes in proptest::collection::vec((0x9000_u16.., proptest::collection::vec(any::<u8>(), 0..40)), 0..8),
        port in any::<u16>(),
        v4 in any::<[u8; 4]>(),
        v6 in any::<[u8; 16]>(),
    ) {
        let (v4, v6) = (SocketAddr::from((v4, port)), SocketAddr::from((v6, port)));
        let mut writer = Writer::new(Method::Send, Class::Indication, &id);
        for (kind, value) in &attributes {
            writer = writer.attribute(*kind, value);
        }
        let bytes = writer.xor_address(0x0012, v4).xor_address(0x0020, v6).integrity(&IntegrityKey::new(&id)).fingerprint().finish();
        let message = Message::read(&bytes).expect("its own");
        prop_assert!(IntegrityKey::new(&id).verifies(&message));
        let read: Vec<_> = message.attributes().take(attributes.len()).map(|(kind, value)| (kind, value.to_vec())).collect();
        prop_assert_eq!(read, attributes);
        let address = |kind| message.attribute(kind).and_then(|value| read_xor_address(value, &id));
        prop_assert_eq!((address(0x0012), address(0x0020)), (Some(v4), Some(v6)));
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(message) = Message::read(&bytes) {
            let _ = message.attributes().count();
        }
        let _ = read_xor_address(&bytes, &[0; 12]);
    }
}
