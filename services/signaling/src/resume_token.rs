//! The token that continues a session: whose it is, and 128 random bits.

use std::{fmt::Write as _, str::FromStr};

use antiphon_protocol::{RoomName, Sid};
use antiphon_room_core::ResumeHash;
use sha2::{Digest as _, Sha256};

/// A resume token, `SID.SECRET.ROOM` on the wire with the last two in hexadecimal. Only its hash is stored.
pub(crate) struct ResumeToken {
    pub(crate) sid: Sid,
    pub(crate) room: RoomName,
    secret: [u8; 16],
}

impl ResumeToken {
    pub(crate) fn new(sid: Sid, room: RoomName, secret: [u8; 16]) -> Self {
        Self { sid, room, secret }
    }

    pub(crate) fn hash(&self) -> ResumeHash {
        ResumeHash(Sha256::new().chain_update(self.sid.as_str()).chain_update(self.secret).finalize().into())
    }

    /// The token as it stands on the wire.
    pub(crate) fn expose(&self) -> String {
        let mut text = format!("{}.", self.sid);
        write_hex(&mut text, &self.secret);
        text.push('.');
        write_hex(&mut text, self.room.as_str().as_bytes());
        text
    }
}

fn write_hex(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        write!(text, "{byte:02x}").expect("a String grows");
    }
}

fn read_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

/// Not a resume token.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct InvalidResumeToken;

impl FromStr for ResumeToken {
    type Err = InvalidResumeToken;

    fn from_str(text: &str) -> Result<Self, InvalidResumeToken> {
        let parse = || {
            let mut parts = text.splitn(3, '.');
            let sid = parts.next()?.parse().ok()?;
            let secret = read_hex(parts.next()?)?.try_into().ok()?;
            let room = String::from_utf8(read_hex(parts.next()?)?).ok()?.parse().ok()?;
            Some(Self { sid, room, secret })
        };
        parse().ok_or(InvalidResumeToken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_hashes_alike() {
        let token = ResumeToken::new(Sid::from_random([3; 10]), "näh 1.2".parse().expect("a name"), [9; 16]);
        let read: ResumeToken = token.expose().parse().unwrap_or_else(|InvalidResumeToken| panic!("a valid token"));
        assert_eq!(read.sid, token.sid);
        assert_eq!(read.room, token.room);
        assert!(read.hash() == token.hash());
    }

    #[test]
    fn the_hash_depends_on_session_and_secret() {
        let of = |sid, secret| {
            ResumeToken::new(Sid::from_random([sid; 10]), "r".parse().expect("a name"), [secret; 16]).hash()
        };
        assert!(of(1, 1) != of(2, 1));
        assert!(of(1, 1) != of(1, 2));
    }

    #[test]
    fn garbage_is_refused() {
        for text in [
            "",
            ".",
            "..",
            "aaaaaaaaaaaaaaaa",
            "aaaaaaaaaaaaaaaa.00.00",
            "aaaaaaaaaaaaaaaa.zz.00",
            "aaaaaaaaaaaaaaaa.é.é",
        ] {
            assert!(text.parse::<ResumeToken>().is_err(), "{text:?}");
        }
    }
}
