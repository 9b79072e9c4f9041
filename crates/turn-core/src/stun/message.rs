use super::{
    Class, HEADER_BYTES, MAGIC_COOKIE, Method, TransactionId, attribute, decode_type, integrity::fingerprint, padding,
};

/// Not a STUN message, or one that was changed on its way: RFC 8489 §6.3 has it discarded without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a STUN message")]
pub struct Malformed;

/// A message that was read. Its attributes are within bounds; what they hold is judged by who reads them.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    bytes: &'a [u8],
    method: Method,
    class: Class,
    /// Where MESSAGE-INTEGRITY begins.
    integrity_at: Option<usize>,
    /// Where the attributes end that are not behind MESSAGE-INTEGRITY or FINGERPRINT.
    end: usize,
    has_fingerprint: bool,
}

impl<'a> Message<'a> {
    /// Reads a message that is the whole of `bytes`, and checks its FINGERPRINT where there is one.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let header = bytes.first_chunk::<HEADER_BYTES>().ok_or(Malformed)?;
        let word = u16::from_be_bytes([header[0], header[1]]);
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        let is_stun = word & 0xc000 == 0 && header[4..8] == MAGIC_COOKIE.to_be_bytes();
        if !is_stun || length + HEADER_BYTES != bytes.len() || !length.is_multiple_of(4) {
            return Err(Malformed);
        }
        let (method, class) = decode_type(word);
        let mut message = Self { bytes, method, class, integrity_at: None, end: bytes.len(), has_fingerprint: false };
        message.read_ending()?;
        Ok(message)
    }

    /// Finds MESSAGE-INTEGRITY and FINGERPRINT, and sees that the attributes fill the message.
    fn read_ending(&mut self) -> Result<(), Malformed> {
        let mut at = HEADER_BYTES;
        while at < self.bytes.len() {
            let (kind, value) = attribute_at(self.bytes, at).ok_or(Malformed)?;
            let next = at + 4 + value.len() + padding(value.len());
            match kind {
                attribute::MESSAGE_INTEGRITY if self.integrity_at.is_none() => {
                    self.integrity_at = Some(at);
                    self.end = self.end.min(at);
                }
                attribute::FINGERPRINT => {
                    // It is the last one (RFC 8489 §14.7).
                    if next != self.bytes.len() || value != fingerprint(&self.bytes[..at]).to_be_bytes() {
                        return Err(Malformed);
                    }
                    self.has_fingerprint = true;
                    self.end = self.end.min(at);
                }
                _ => {}
            }
            at = next;
        }
        if at == self.bytes.len() { Ok(()) } else { Err(Malformed) }
    }

    /// What is to be done.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// What kind of message it is.
    #[must_use]
    pub fn class(&self) -> Class {
        self.class
    }

    /// Its transaction.
    #[must_use]
    pub fn transaction_id(&self) -> &'a TransactionId {
        self.bytes[8..].first_chunk().expect("the header was read")
    }

    /// All of it.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Does it end with a FINGERPRINT? One that is wrong makes it [`Malformed`].
    #[must_use]
    pub fn has_fingerprint(&self) -> bool {
        self.has_fingerprint
    }

    /// Has it a MESSAGE-INTEGRITY, whatever it says?
    #[must_use]
    pub fn has_integrity(&self) -> bool {
        self.integrity_at.is_some()
    }

    /// Where MESSAGE-INTEGRITY stands, and its value.
    pub(super) fn integrity(&self) -> Option<(usize, &'a [u8])> {
        let at = self.integrity_at?;
        attribute_at(self.bytes, at).map(|(_, value)| (at, value))
    }

    /// Its attributes in their order, without those behind MESSAGE-INTEGRITY, which nothing vouches for (RFC 8489 §14.5).
    #[must_use]
    pub fn attributes(&self) -> Attributes<'a> {
        Attributes { rest: &self.bytes[HEADER_BYTES..self.end] }
    }

    /// The value of the first attribute of this type.
    #[must_use]
    pub fn attribute(&self, kind: u16) -> Option<&'a [u8]> {
        self.attributes().find(|(found, _)| *found == kind).map(|(_, value)| value)
    }

    /// The value of the first attribute of this type, if it is text.
    #[must_use]
    pub fn text(&self, kind: u16) -> Option<&'a str> {
        self.attribute(kind).and_then(|value| str::from_utf8(value).ok())
    }
}

/// Types and values of a message's attributes.
#[derive(Debug, Clone)]
pub struct Attributes<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (kind, value) = attribute_at(self.rest, 0)?;
        self.rest = self.rest.get(4 + value.len() + padding(value.len())..).unwrap_or_default();
        Some((kind, value))
    }
}

fn attribute_at(bytes: &[u8], at: usize) -> Option<(u16, &[u8])> {
    let (head, rest) = bytes.get(at..)?.split_first_chunk::<4>()?;
    let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
    Some((u16::from_be_bytes([head[0], head[1]]), rest.get(..length)?))
}
