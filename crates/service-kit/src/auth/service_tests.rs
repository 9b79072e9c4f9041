use antiphon_protocol::Identity;

use super::*;
use crate::auth::{KeyRing, MAX_TOKEN_BYTES, TokenRules};

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const OTHER: &str = "fedcba9876543210fedcba9876543210";
const NOW: u64 = 1_794_700_800;
const AUDIENCE: &str = "antiphon-turn-credentials";

fn keys(text: &str) -> (tempfile::TempDir, PathBuf, ServiceKeys) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("keys");
    std::fs::write(&path, text).expect("written");
    let keys = ServiceKeys::load(&path).expect("keys");
    (directory, path, keys)
}

fn whom() -> OnBehalf {
    OnBehalf {
        tenant: "acme".parse().expect("a tenant"),
        identity: "ada/1:é".parse::<Identity>().expect("an identity"),
    }
}

#[test]
fn a_service_speaks_for_a_participant_for_a_minute() {
    let (_directory, _, keys) = keys(&format!("# since Monday\nsignaling:{SECRET}\n"));
    let token = keys.sign(AUDIENCE, &whom(), NOW);
    assert!(ServiceKeys::is_service_token(&token));
    assert_eq!(keys.verify(&token, AUDIENCE, NOW), Ok(whom()));
    let end = NOW + LIFETIME_S + LEEWAY_S;
    assert_eq!(keys.verify(&token, AUDIENCE, end - 1), Ok(whom()));
    assert_eq!(keys.verify(&token, AUDIENCE, end), Err(AuthError::Expired));
    assert_eq!(keys.verify(&token, AUDIENCE, NOW - LEEWAY_S - 1), Err(AuthError::NotYetValid));
}

#[test]
fn another_service_s_token_and_a_changed_one_are_refused() {
    let (_directory, _, ours) = keys(&format!("signaling:{SECRET}"));
    let (_other_directory, _, theirs) = keys(&format!("signaling:{OTHER}"));
    let token = ours.sign(AUDIENCE, &whom(), NOW);
    assert_eq!(ours.verify(&token, "another-service", NOW), Err(AuthError::WrongAudience));
    assert_eq!(theirs.verify(&token, AUDIENCE, NOW), Err(AuthError::NotSignedByUs));
    let (head, signature) = token.rsplit_once('.').expect("three parts");
    assert_eq!(ours.verify(&format!("{head}x.{signature}"), AUDIENCE, NOW), Err(AuthError::NotSignedByUs));
    for text in ["", "a.b.c", &"a".repeat(MAX_TOKEN_BYTES + 1)] {
        assert_eq!(ours.verify(text, AUDIENCE, NOW), Err(AuthError::Malformed));
    }
}

#[test]
fn an_access_token_is_none_of_a_service_even_by_the_same_key() {
    let (_directory, _, keys) = keys(&format!("app:{SECRET}"));
    let api_key = format!("app:{SECRET}").parse().expect("a key");
    let rules = TokenRules { audience: AUDIENCE.to_owned(), ..TokenRules::default() };
    let ring = KeyRing::new([api_key], rules).expect("a ring");
    let access = ring.sign(
        "app",
        &super::super::NewToken {
            identity: whom().identity,
            name: None,
            metadata: None,
            attributes: Default::default(),
            grants: Default::default(),
            issued_at_s: NOW,
            lifetime_s: 60,
        },
    );
    let access = access.expect("signed");
    assert!(!ServiceKeys::is_service_token(&access));
    assert_eq!(keys.verify(&access, AUDIENCE, NOW), Err(AuthError::Malformed));
}

#[test]
fn while_keys_rotate_each_verifies_and_the_first_signs() {
    let (_directory, path, before) = keys(&format!("old:{SECRET}"));
    let token = before.sign(AUDIENCE, &whom(), NOW);
    std::fs::write(&path, format!("new:{OTHER}\nold:{SECRET}")).expect("written");
    before.reload(&path);
    assert_eq!(before.verify(&token, AUDIENCE, NOW), Ok(whom()));
    assert_eq!(format!("{before:?}"), r#"ServiceKeys(["new", "old"])"#);
    let (_new_directory, _, new) = keys(&format!("new:{OTHER}"));
    assert_eq!(new.verify(&before.sign(AUDIENCE, &whom(), NOW), AUDIENCE, NOW), Ok(whom()));
    std::fs::write(&path, "").expect("written");
    before.reload(&path);
    assert_eq!(before.verify(&token, AUDIENCE, NOW), Ok(whom()), "a broken file leaves the keys before");
}

#[test]
fn a_bad_line_is_named_and_not_repeated() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("keys");
    std::fs::write(&path, format!("a:{SECRET}\nb:hunter2\n")).expect("written");
    let error = ServiceKeys::load(&path).expect_err("short").to_string();
    assert!(error.contains("keys:2: ") && !error.contains("hunter2"), "{error}");
}
