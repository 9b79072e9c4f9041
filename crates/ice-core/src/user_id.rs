//! The user id in a TURN username: `tenant/identity`.
//!
//! TURN servers split usernames at `:`, count quotas by the user id and prepare it by SASLprep, each in its own way. So an id has
//! only characters that no server gives a meaning and no preparation changes: RFC 3986's unreserved ones as they are, all other
//! bytes as `%` and two upper-case hexadecimal digits, one `/` between tenant and identity, and `!` in the ids that are too long.
//!
//! An id has 488 bytes at most, so that a username has 509 with whatever expiry (RFC 8489 §14.3). A longer one keeps its tenant and
//! the beginning of its identity; then come `!` and the SHA-256 of `tenant/identity`, escaped, in unpadded base64url. It is the same
//! each time, so quotas count it, but the identity cannot be read back from it.

use std::{fmt, str::FromStr};

use antiphon_protocol::{Identity, TenantId};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

/// Bytes of a user id at most.
pub const MAX_USER_ID_BYTES: usize = 488;

/// SHA-256 in unpadded base64url.
const HASH_CHARACTERS: usize = 43;

const BETWEEN: char = '/';
const BEFORE_HASH: char = '!';

/// Who a TURN credential is for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId {
    text: String,
    /// How many bytes of `text` are the tenant.
    tenant_bytes: usize,
}

/// A text that [`UserId::new`] never gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a user id of the form tenant/identity")]
pub struct InvalidUserId;

impl UserId {
    /// The id of this participant. No two participants have the same one.
    #[must_use]
    pub fn new(tenant: &TenantId, identity: &Identity) -> Self {
        let mut text = escaped(tenant.as_str());
        let tenant_bytes = text.len();
        text.push(BETWEEN);
        text.push_str(&escaped(identity.as_str()));
        if text.len() > MAX_USER_ID_BYTES {
            shorten(&mut text);
        }
        Self { text, tenant_bytes }
    }

    /// The id as it stands in a username.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whose participant it is.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        let tenant = unescaped(&self.text[..self.tenant_bytes]).ok().and_then(|text| text.parse().ok());
        tenant.expect("it was read when the id was made")
    }

    /// Who it is; `None` where the id was too long to hold it.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        unescaped(&self.text[self.tenant_bytes + 1..]).ok()?.parse().ok()
    }
}

impl FromStr for UserId {
    type Err = InvalidUserId;

    fn from_str(text: &str) -> Result<Self, InvalidUserId> {
        if text.len() > MAX_USER_ID_BYTES {
            return Err(InvalidUserId);
        }
        let (tenant, identity) = text.split_once(BETWEEN).ok_or(InvalidUserId)?;
        let _: TenantId = unescaped(tenant)?.parse().map_err(|_| InvalidUserId)?;
        match identity.split_once(BEFORE_HASH) {
            Some((begin, hash)) => {
                unescaped_bytes(begin)?;
                let is_hash = hash.len() == HASH_CHARACTERS && URL_SAFE_NO_PAD.decode(hash).is_ok();
                is_hash.then_some(()).ok_or(InvalidUserId)?;
            }
            None => {
                let _: Identity = unescaped(identity)?.parse().map_err(|_| InvalidUserId)?;
            }
        }
        Ok(Self { text: text.to_owned(), tenant_bytes: tenant.len() })
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Debug for UserId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, formatter)
    }
}

/// Puts the hash of the whole in the place of the end.
fn shorten(text: &mut String) {
    let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()));
    let mut end = MAX_USER_ID_BYTES - HASH_CHARACTERS - BEFORE_HASH.len_utf8();
    // An escape stays whole.
    if let Some(escape) = text[end - 2..end].find('%') {
        end = end - 2 + escape;
    }
    text.truncate(end);
    text.push(BEFORE_HASH);
    text.push_str(&hash);
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn escaped(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if is_unreserved(byte) {
            escaped.push(char::from(byte));
        } else {
            let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
            escaped.extend(['%', char::from(digits[0]), char::from(digits[1])]);
        }
    }
    escaped
}

fn unescaped(text: &str) -> Result<String, InvalidUserId> {
    String::from_utf8(unescaped_bytes(text)?).map_err(|_| InvalidUserId)
}

/// Takes only what [`escaped`] gives, so that no two texts are one id.
fn unescaped_bytes(text: &str) -> Result<Vec<u8>, InvalidUserId> {
    let mut bytes = text.bytes();
    let mut unescaped = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        let byte = match byte {
            b'%' => {
                let mut digit = || bytes.next().and_then(hex_digit).ok_or(InvalidUserId);
                let byte = digit()? << 4 | digit()?;
                (!is_unreserved(byte)).then_some(byte).ok_or(InvalidUserId)?
            }
            byte if is_unreserved(byte) => byte,
            _ => return Err(InvalidUserId),
        };
        unescaped.push(byte);
    }
    Ok(unescaped)
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(tenant: &str, identity: &str) -> UserId {
        UserId::new(&tenant.parse().expect(tenant), &identity.parse().expect(identity))
    }

    #[test]
    fn a_plain_id_reads_as_it_is_and_a_separator_is_escaped() {
        assert_eq!(id("acme", "alice").as_str(), "acme/alice");
        assert_eq!(id("a/b:c", "é @%!").as_str(), "a%2Fb%3Ac/%C3%A9%20%40%25%21");
        assert_ne!(id("a/b", "c"), id("a", "b/c"));
    }

    #[test]
    fn a_long_id_keeps_its_tenant_and_stays_distinct() {
        let (one, other) = ("é".repeat(127) + "a", "é".repeat(127) + "b");
        let (one, other) = (id("acme", &one), id("acme", &other));
        assert_ne!(one, other);
        assert!(one.as_str().len() <= MAX_USER_ID_BYTES);
        assert!(one.as_str().starts_with("acme/%C3%A9"));
        assert_eq!((one.tenant().as_str(), one.identity()), ("acme", None));
        assert_eq!(one.as_str().parse(), Ok(one));
    }

    #[test]
    fn what_no_participant_has_is_refused() {
        for text in [
            "", "/", "acme", "acme/", "/alice", "a/b/c", "a/b:c", "a/%2f", "a/%41", "a/%", "a/%4", "a/%00", "a/%FF",
            "a/é", "a/b!", "a/b!c", "a!b/c",
        ] {
            assert_eq!(text.parse::<UserId>(), Err(InvalidUserId), "{text}");
        }
        let long = format!("a/{}", "b".repeat(MAX_USER_ID_BYTES));
        assert_eq!(long.parse::<UserId>(), Err(InvalidUserId));
    }

    /// Names of every kind: short and long, and with characters that somebody could take for ours.
    fn name(bytes: usize) -> impl Strategy<Value = String> {
        let characters = prop_oneof![
            proptest::char::any(),
            proptest::sample::select(vec![':', '/', '%', '!', '~', 'a', '2', 'F', '\u{ad}', '\u{2168}'])
        ];
        proptest::collection::vec(characters, 1..bytes).prop_filter_map("a name", move |characters| {
            let text: String = characters.into_iter().filter(|character| !character.is_control()).collect();
            let end = (0..=text.len().min(bytes)).rev().find(|end| text.is_char_boundary(*end))?;
            (end > 0).then(|| text[..end].to_owned())
        })
    }

    proptest! {
        #[test]
        fn an_id_is_read_back(tenant in name(64), identity in name(256)) {
            let id = id(&tenant, &identity);
            prop_assert!(id.as_str().len() <= MAX_USER_ID_BYTES);
            prop_assert!(id.as_str().bytes().all(|byte| is_unreserved(byte) || b"%/!".contains(&byte)));
            prop_assert_eq!(id.as_str().matches('/').count(), 1);
            let tenant_of_id = id.tenant();
            prop_assert_eq!(tenant_of_id.as_str(), tenant.as_str());
            match id.identity() {
                Some(read) => prop_assert_eq!(read.as_str(), identity.as_str()),
                None => prop_assert!(escaped(&tenant).len() + escaped(&identity).len() >= MAX_USER_ID_BYTES),
            }
            let parsed: UserId = id.as_str().parse().expect("its own text");
            prop_assert_eq!(parsed, id);
        }

        #[test]
        fn two_participants_never_share_an_id(one in (name(64), name(256)), other in (name(64), name(256))) {
            prop_assert_eq!(one == other, id(&one.0, &one.1) == id(&other.0, &other.1));
        }

        /// The first 200 bytes alike, so that what is cut off is where they differ.
        #[test]
        fn two_long_ids_that_begin_alike_stay_distinct(begin in "é{100}", one in name(56), other in name(56)) {
            let of = |end: &str| id("acme", &format!("{begin}{end}"));
            prop_assert_eq!(one == other, of(&one) == of(&other));
        }

        #[test]
        fn each_text_that_is_taken_is_the_one_text_of_its_id(text in "[a-b%/!0-9A-F]{1,40}") {
            if let Ok(id) = text.parse::<UserId>() && let Some(identity) = id.identity() {
                let made = UserId::new(&id.tenant(), &identity);
                prop_assert_eq!(made.as_str(), text.as_str());
            }
        }
    }
}
