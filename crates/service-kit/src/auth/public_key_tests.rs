use serde_json::{Value, json};

use super::{
    super::{
        jwks::{self, InvalidJwks, MAX_KEYS},
        signers::{self, Signer, base64url},
    },
    *,
};

fn jwks_error(keys: &[Value]) -> InvalidJwks {
    jwks::parse(signers::jwks(keys).as_bytes()).err().expect("refused")
}

fn with(mut jwk: Value, member: &str, value: Value) -> Value {
    jwk[member] = value;
    jwk
}

#[test]
fn a_key_is_the_same_from_pem_and_from_a_jwk_set_and_has_its_one_algorithm() {
    for signer in [Signer::ed25519(), Signer::p256(), Signer::rsa(2_048)] {
        let pem = PublicKey::from_pem(signer.pem.as_bytes()).expect("a key");
        assert_eq!((pem.algorithm, pem.id), (signer.algorithm, None));
        let set = jwks::parse(signers::jwks(&[signer.jwk("one")]).as_bytes()).expect("a key");
        assert_eq!((set[0].algorithm, set[0].id.as_deref()), (signer.algorithm, Some("one")));
        assert!(set[0].fingerprint == pem.fingerprint);
    }
}

#[test]
fn what_is_no_public_key_is_refused_and_says_what_is_wanted() {
    let pair = rcgen::KeyPair::generate().expect("a key");
    let certificate = rcgen::generate_simple_self_signed(["a.example".to_owned()]).expect("generated").cert.pem();
    let p384 = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).expect("a key").public_key_pem();
    let cases = [
        (pair.serialize_pem(), InvalidPublicKey::Private),
        (certificate, InvalidPublicKey::NotPem),
        ("app:0123456789abcdef0123456789abcdef".to_owned(), InvalidPublicKey::NotPem),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n".to_owned(), InvalidPublicKey::Broken),
        (p384, InvalidPublicKey::Unsupported),
        (Signer::rsa(1_024).pem, InvalidPublicKey::Rsa),
    ];
    for (pem, expected) in cases {
        assert_eq!(PublicKey::from_pem(pem.as_bytes()).err(), Some(expected), "{pem}");
    }
}

#[test]
fn numbers_that_are_no_key_are_refused() {
    let modulus = [&[0xff; 255][..], &[0xff]].concat();
    let rsa = |modulus: &[u8], exponent: &[u8]| PublicKey::rsa(None, modulus, exponent).err();
    assert_eq!(rsa(&[&[0, 0][..], &modulus].concat(), &[0, 1, 0, 1]), None, "zeros before it do not count");
    for exponent in [&[][..], &[0], &[1], &[2], &[1, 0, 0, 0, 1]] {
        assert_eq!(rsa(&modulus, exponent), Some(InvalidPublicKey::Rsa), "{exponent:?}");
    }
    assert_eq!(rsa(&modulus[1..], &[3]), Some(InvalidPublicKey::Rsa), "too short");
    assert_eq!(rsa(&[&[0x7f][..], &modulus[1..]].concat(), &[3]), Some(InvalidPublicKey::Rsa), "a bit too short");
    assert_eq!(rsa(&[0xff; 513], &[3]), Some(InvalidPublicKey::Rsa), "too long");
    assert_eq!(rsa(&[&modulus[1..], &[0xfe]].concat(), &[3]), Some(InvalidPublicKey::Rsa), "even");
    for length in [0, 31, 33] {
        assert_eq!(PublicKey::ed25519(None, &vec![1; length]).err(), Some(InvalidPublicKey::Broken), "{length}");
    }
    for point in [&[][..], &[4; 65], &[4; 64], &[0]] {
        assert_eq!(PublicKey::p256(None, point).err(), Some(InvalidPublicKey::Broken), "{point:?}");
    }
}

#[test]
fn keys_of_a_set_that_are_for_something_else_are_passed_over() {
    let (signer, other) = (Signer::p256().jwk("sig"), Signer::rsa(2_048).jwk("other"));
    let keys = [
        with(other.clone(), "use", json!("enc")),
        with(other.clone(), "key_ops", json!(["encrypt"])),
        with(other.clone(), "alg", json!("PS256")),
        with(other, "n", json!("???")),
        Signer::rsa(1_024).jwk("short"),
        json!({ "kty": "oct", "k": base64url(&[7; 32]), "alg": "HS256" }),
        json!({ "kty": "AKP" }),
        json!(7),
        with(with(signer, "use", json!("sig")), "key_ops", json!(["verify"])),
    ];
    let set = jwks::parse(signers::jwks(&keys).as_bytes()).expect("one is left");
    assert_eq!(set.iter().map(|key| key.id.as_deref()).collect::<Vec<_>>(), [Some("sig")]);
    assert_eq!(jwks_error(&keys[4..8]), InvalidJwks::NoKeys(Some(InvalidPublicKey::Rsa)), "why is said");
}

#[test]
fn a_set_that_is_none_or_says_too_much_is_refused() {
    for text in ["", "{}", "[]", r#"{"keys":{}}"#, "-----BEGIN PUBLIC KEY-----"] {
        assert_eq!(jwks::parse(text.as_bytes()).err(), Some(InvalidJwks::NotJwks), "{text:?}");
    }
    let signer = Signer::ed25519();
    assert_eq!(jwks_error(&[]), InvalidJwks::NoKeys(None));
    assert_eq!(jwks_error(&[with(signer.jwk("a"), "d", json!(base64url(&[7; 32])))]), InvalidJwks::Private);
    assert_eq!(jwks_error(&[signer.jwk("a"), Signer::p256().jwk("a")]), InvalidJwks::Duplicate("a".to_owned()));
    let many: Vec<_> = (0..=MAX_KEYS).map(|number| signer.jwk(&number.to_string())).collect();
    assert_eq!(jwks_error(&many), InvalidJwks::TooMany);
}
