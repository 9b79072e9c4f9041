use std::fmt;

use antiphon_ice_core::credentials::LongTermKey;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

use super::{HEADER_BYTES, Message};

/// The key of MESSAGE-INTEGRITY (RFC 8489 §14.5): HMAC-SHA1's state after it, so that no message pays for the key again.
#[derive(Clone)]
pub struct IntegrityKey(Hmac<Sha1>);

impl IntegrityKey {
    /// Of these bytes: the password for short-term credentials (RFC 8489 §9.1.1).
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        Self(Hmac::new_from_slice(key).expect("HMAC takes keys of every length"))
    }

    /// The HMAC of `message` as far as MESSAGE-INTEGRITY, which begins at `end`.
    fn mac(&self, message: &[u8], end: usize) -> Hmac<Sha1> {
        // The length in the header is the message's as if it ended with MESSAGE-INTEGRITY (RFC 8489 §14.5).
        let length = u16::try_from(end + ATTRIBUTE_BYTES - HEADER_BYTES).unwrap_or(u16::MAX);
        let mut mac = self.0.clone();
        mac.update(&message[..2]);
        mac.update(&length.to_be_bytes());
        mac.update(&message[4..end]);
        mac
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; MAC_BYTES] {
        self.mac(message, message.len()).finalize().into_bytes().into()
    }

    /// Has this key made the message's MESSAGE-INTEGRITY? Without one it has not. Takes the same time wherever they differ.
    #[must_use]
    pub fn verifies(&self, message: &Message<'_>) -> bool {
        let Some((at, mac)) = message.integrity() else { return false };
        mac.len() == MAC_BYTES && self.mac(message.bytes(), at).verify_slice(mac).is_ok()
    }
}

impl From<&LongTermKey> for IntegrityKey {
    fn from(key: &LongTermKey) -> Self {
        Self::new(&key.0)
    }
}

impl fmt::Debug for IntegrityKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("IntegrityKey(…)")
    }
}

/// Bytes of an HMAC-SHA1.
pub(super) const MAC_BYTES: usize = 20;

/// Bytes of MESSAGE-INTEGRITY with its header.
const ATTRIBUTE_BYTES: usize = 4 + MAC_BYTES;

/// The value of FINGERPRINT for a message up to it, whose header counts it already (RFC 8489 §14.7).
pub(super) fn fingerprint(message: &[u8]) -> u32 {
    const XOR: u32 = 0x5354_554e;
    crc32fast::hash(message) ^ XOR
}
