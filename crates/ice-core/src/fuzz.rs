//! The fuzz target as a library function: what a relay is told by strangers, and what must always hold of it.
//!
//! A line break separates the username from its password.

use antiphon_protocol::{Identity, TenantId};
use secrecy::ExposeSecret as _;

use crate::{
    UnixTime,
    credentials::{self, CredentialError, MAX_USERNAME_BYTES, RestUsername, Secrets},
    user_id::{MAX_USER_ID_BYTES, UserId},
};

const NOW: UnixTime = UnixTime(1_794_700_800);

/// Reads a username and a password, and mints for what was read.
///
/// # Panics
/// When ice-core is wrong.
pub fn credentials(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (username, password) = text.split_once('\n').unwrap_or((&text, ""));
    let secrets = Secrets::parse("the-new-secret-of-the-relay\nthe-old-secret-of-the-relay").expect("two secrets");
    let good: Vec<_> = secrets.passwords(username).collect();
    let is_one_of_ours = good.iter().any(|own| own.expose_secret() == password);

    let parsed = RestUsername::parse(username);
    match (credentials::verify(&secrets, username, password, NOW), parsed) {
        (Ok(taken), Ok(parsed)) => {
            assert!(is_one_of_ours && taken == parsed && taken.expires > NOW && username.len() <= MAX_USERNAME_BYTES);
        }
        (Err(CredentialError::Expired(expires)), Ok(_)) => assert!(is_one_of_ours && expires <= NOW),
        (Err(CredentialError::Password), Ok(_)) => assert!(!is_one_of_ours),
        (Err(CredentialError::Username), Err(CredentialError::Username)) => {}
        other => panic!("{other:?}"),
    }
    if let Ok(RestUsername { expires, user_id }) = parsed {
        let minted = credentials::mint(&secrets, user_id, expires);
        assert_eq!(minted.username, username, "a username that is taken is written in one way alone");
        let verified = credentials::verify(&secrets, username, minted.password.expose_secret(), NOW);
        assert_eq!(verified.is_ok(), expires > NOW);
        user(user_id);
    }
    name(username, password);
}

/// A user id that is taken is that of its participant.
fn user(text: &str) {
    let Ok(id) = text.parse::<UserId>() else { return };
    assert!(id.as_str() == text && text.len() <= MAX_USER_ID_BYTES);
    let tenant = id.tenant();
    if let Some(identity) = id.identity() {
        assert_eq!(UserId::new(&tenant, &identity), id);
    }
}

/// Whatever people are called, their user id is sound.
fn name(tenant: &str, identity: &str) {
    let (Ok(tenant), Ok(identity)) = (tenant.parse::<TenantId>(), identity.parse::<Identity>()) else { return };
    let id = UserId::new(&tenant, &identity);
    assert_eq!(id.tenant(), tenant);
    assert!(id.identity().is_none_or(|read| read == identity));
    user(id.as_str());
}
