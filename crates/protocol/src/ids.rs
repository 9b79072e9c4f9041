//! Newtypes for the names that travel on the wire.

use std::{fmt, str::FromStr, sync::Arc};

/// Why a string is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be {expected}")]
pub struct InvalidId {
    /// The kind of id, as people call it.
    pub what: &'static str,
    /// What would have been right.
    pub expected: &'static str,
}

const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// The id that spells these 80 bits.
            #[must_use]
            pub fn from_random(bits: [u8; 10]) -> Self {
                let mut word = [0; 16];
                word[6..].copy_from_slice(&bits);
                let mut word = u128::from_be_bytes(word);
                let mut text = [0; 16];
                for slot in text.iter_mut().rev() {
                    *slot = BASE32[(word & 31) as usize];
                    word >>= 5;
                }
                Self(text)
            }

            /// The id as it stands on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                str::from_utf8(&self.0).expect("base32 is ASCII")
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                match <[u8; 16]>::try_from(text.as_bytes()) {
                    Ok(bytes) if bytes.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7')) => Ok(Self(bytes)),
                    Ok(_) | Err(_) => Err(InvalidId { what: $what, expected: "16 characters of a-z and 2-7" }),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'_, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

random_id! {
    /// The server-given id of a session: 80 random bits as 16 characters of lower-case base32 (RFC 4648 §6).
    ///
    /// Sids compare by bytes, and so do their strings in every language: the greater one is the polite peer.
    Sid, "sid"
}
random_id! {
    /// One life of a server process: 80 random bits as 16 characters of lower-case base32 (RFC 4648 §6). A server that starts again
    /// is another replica.
    ReplicaId, "replica id"
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $max:literal, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as it stands on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let fits = !text.is_empty() && text.len() <= $max && !text.chars().any(char::is_control);
                if fits { Ok(Self(text.into())) } else { Err(InvalidId { what: $what, expected: $expected }) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.as_str().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, formatter)
            }
        }
    };
}

name! {
    /// The application's id of a person, the token's `sub`.
    Identity, "identity", 256, "1 to 256 bytes without control characters"
}
name! {
    /// What clients call a room, unique in its tenant.
    RoomName, "room name", 128, "1 to 128 bytes without control characters"
}
name! {
    /// Whose rooms they are. Rooms of two tenants never meet, whatever their names.
    TenantId, "tenant", 64, "1 to 64 bytes without control characters"
}

/// A room's full name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomKey {
    /// Whose it is.
    pub tenant: TenantId,
    /// What its tenant calls it.
    pub room: RoomName,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sid_spells_its_bits_in_order_and_reads_back() {
        let least = Sid::from_random([0; 10]);
        let greatest = Sid::from_random([0xff; 10]);
        assert_eq!(least.as_str(), "aaaaaaaaaaaaaaaa");
        assert_eq!(greatest.as_str(), "7777777777777777");
        let sid = Sid::from_random(*b"0123456789");
        assert_eq!(sid.as_str(), "gaytemzugu3doobz");
        assert_eq!(sid.as_str().parse(), Ok(sid));
    }

    #[test]
    fn a_sid_of_another_length_or_alphabet_is_refused() {
        for text in
            ["", "aaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaa", "AAAAAAAAAAAAAAAA", "aaaaaaaaaaaaaaa1", "äaaaaaaaaaaaaaa"]
        {
            assert!(text.parse::<Sid>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_name_is_bounded_and_has_no_control_characters() {
        assert!("a".repeat(128).parse::<RoomName>().is_ok());
        assert!("a".repeat(129).parse::<RoomName>().is_err());
        assert!("".parse::<RoomName>().is_err());
        assert!("a\0b".parse::<Identity>().is_err());
        assert!("naïve 部屋".parse::<RoomName>().is_ok());
    }
}
