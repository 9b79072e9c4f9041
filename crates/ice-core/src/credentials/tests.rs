use proptest::prelude::*;

use super::*;

const NOW: UnixTime = UnixTime(1_433_895_917);
const EXPIRES: UnixTime = UnixTime(1_433_895_918);

fn secrets(text: &str) -> Secrets {
    Secrets::parse(text).expect("secrets")
}

fn password_of(credential: &Credential) -> &str {
    credential.password.expose_secret()
}

/// The password is what `openssl dgst -sha1 -hmac SECRET -binary | base64` gives.
#[test]
fn a_credential_is_what_openssl_makes_of_it() {
    let credential = mint(&secrets("north-of-the-wall-0123456789"), "acme/alice", EXPIRES);
    assert_eq!(credential.username, "1433895918:acme/alice");
    assert_eq!(password_of(&credential), "8e09zovJY7tzPdK5yhRjeAlYyMc=");
}

#[test]
fn a_credential_is_good_up_to_its_last_second() {
    let secrets = secrets("north-of-the-wall-0123456789");
    let credential = mint(&secrets, "acme/alice", EXPIRES);
    let at = |now| verify(&secrets, &credential.username, password_of(&credential), now);
    assert_eq!(at(NOW), Ok(RestUsername { expires: EXPIRES, user_id: "acme/alice" }));
    assert_eq!(at(EXPIRES), Err(CredentialError::Expired(EXPIRES)));
    assert_eq!(at(UnixTime(u64::MAX)), Err(CredentialError::Expired(EXPIRES)));
}

#[test]
fn a_password_is_good_for_its_own_username_alone() {
    let secrets = secrets("north-of-the-wall-0123456789");
    let credential = mint(&secrets, "acme/alice", EXPIRES);
    for username in ["1433895918:acme/mallory", "9433895918:acme/alice"] {
        assert_eq!(verify(&secrets, username, password_of(&credential), NOW), Err(CredentialError::Password));
    }
    for password in ["", "8e09", "8e09zovJY7tzPdK5yhRjeAlYyMc", "8e09zovJY7tzPdK5yhRjeAlYyMc= ", "*"] {
        assert_eq!(verify(&secrets, &credential.username, password, NOW), Err(CredentialError::Password), "{password}");
    }
}

#[test]
fn while_secrets_rotate_both_verify_and_the_first_mints() {
    let (old, new) = ("the-old-secret-of-the-relay", "the-new-secret-of-the-relay");
    let minted_by_old = mint(&secrets(old), "acme/alice", EXPIRES);
    let both = secrets(&format!("# since Monday\n{new}\n\n  {old}\n"));
    verify(&both, &minted_by_old.username, password_of(&minted_by_old), NOW).expect("the old one is still good");
    let minted_by_both = mint(&both, "acme/alice", EXPIRES);
    verify(&secrets(new), &minted_by_both.username, password_of(&minted_by_both), NOW).expect("the first minted");
    let refused = verify(&secrets(new), &minted_by_old.username, password_of(&minted_by_old), NOW);
    assert_eq!(refused, Err(CredentialError::Password));

    let keys: Vec<_> = both.long_term_keys(&minted_by_old.username, "example.org").collect();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[1], LongTermKey::new(&minted_by_old.username, "example.org", &minted_by_old.password));
}

#[test]
fn whoever_shares_rotating_secrets_sees_a_change_at_once() {
    let minter = RotatingSecrets::new(secrets("the-old-secret-of-the-relay"));
    let relay = minter.clone();
    minter.replace(secrets("the-new-secret-of-the-relay"));
    let credential = mint(&minter.current(), "acme/alice", EXPIRES);
    verify(&relay.current(), &credential.username, password_of(&credential), NOW).expect("the same secrets");
}

#[test]
fn what_is_no_username_is_refused() {
    let long = format!("1433895918:{}", "a".repeat(MAX_USERNAME_BYTES));
    for username in [
        "",
        ":",
        "alice",
        "1433895918",
        "1433895918:",
        ":alice",
        "+1433895918:alice",
        "-1:alice",
        " 1433895918:alice",
        "01433895918:alice",
        "0:alice",
        "14338959180000000000000:alice",
        "1433895918:alice:1",
        "alice:1433895918",
        "0x55:alice",
        "١٤٣٣:alice",
        &long,
    ] {
        assert_eq!(RestUsername::parse(username), Err(CredentialError::Username), "{username}");
    }
}

#[test]
fn the_longest_user_id_fits_into_a_username_with_whatever_expiry() {
    let longest = UnixTime(u64::MAX).to_string().len() + BETWEEN.len_utf8() + crate::user_id::MAX_USER_ID_BYTES;
    assert_eq!(longest, MAX_USERNAME_BYTES);
}

/// RFC 8489 §9.2.2 and §9.2.4 by the example of RFC 5389 §15.4: user "user", realm "realm", password "pass".
#[test]
fn the_long_term_key_is_that_of_the_rfc() {
    let key = LongTermKey::new("user", "realm", &"pass".to_owned().into());
    assert_eq!(key.0, 0x8493_fbc5_3ba5_82fb_4c04_4c45_6bdc_40eb_u128.to_be_bytes());
}

#[test]
fn secrets_that_are_none_are_refused_and_not_repeated() {
    assert_eq!(Secrets::parse("# none\n\n").err(), Some(InvalidSecrets::Empty));
    assert_eq!(Secrets::parse(&"0123456789abcdef\n".repeat(9)).err(), Some(InvalidSecrets::TooMany));
    let error = Secrets::parse("0123456789abcdef\nhunter2\n").expect_err("short");
    assert_eq!(error, InvalidSecrets::Line { line: 2, error: InvalidSecret });
    assert!(!error.to_string().contains("hunter2"));
}

#[test]
fn nothing_secret_is_shown() {
    let secrets = secrets("north-of-the-wall-0123456789");
    let credential = mint(&secrets, "acme/alice", EXPIRES);
    let key = LongTermKey::new(&credential.username, "example.org", &credential.password);
    let shown = format!("{secrets:?} {credential:?} {key:?} {:?}", RotatingSecrets::new(secrets.clone()));
    assert!(!shown.contains("north") && !shown.contains("8e09"), "{shown}");
}

proptest! {
    #[test]
    fn what_is_minted_is_taken_and_nothing_near_it(user in "[a-z/%]{1,60}", at in 1..200usize, flip in 1..=255u8) {
        let secrets = secrets("north-of-the-wall-0123456789");
        let credential = mint(&secrets, &user, EXPIRES);
        let expected = RestUsername { expires: EXPIRES, user_id: &user };
        prop_assert_eq!(verify(&secrets, &credential.username, password_of(&credential), NOW), Ok(expected));

        let mut tag = STANDARD.decode(password_of(&credential)).expect("base64");
        let bytes = tag.len();
        tag[at % bytes] ^= flip;
        let refused = verify(&secrets, &credential.username, &STANDARD.encode(tag), NOW);
        prop_assert_eq!(refused, Err(CredentialError::Password));
    }

    #[test]
    fn no_text_is_taken_by_chance(username in ".{0,40}", password in ".{0,40}") {
        let secrets = secrets("north-of-the-wall-0123456789");
        prop_assert!(verify(&secrets, &username, &password, NOW).is_err());
    }
}
