use std::net::SocketAddr;

use super::{
    Class, HEADER_BYTES, IntegrityKey, MAGIC_COOKIE, Message, Method, TransactionId, address::write_xor_address,
    attribute, encode_type, integrity::fingerprint, padding,
};
use crate::ErrorCode;

/// Writes a message. Its length is right after each attribute.
#[derive(Debug)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Begins a message.
    #[must_use]
    pub fn new(method: Method, class: Class, transaction_id: &TransactionId) -> Self {
        let mut bytes = Vec::with_capacity(128);
        bytes.extend(encode_type(method, class).to_be_bytes());
        bytes.extend([0, 0]);
        bytes.extend(MAGIC_COOKIE.to_be_bytes());
        bytes.extend(transaction_id);
        Self { bytes }
    }

    /// Begins the answer to a request.
    #[must_use]
    pub fn answer(request: &Message<'_>, class: Class) -> Self {
        Self::new(request.method(), class, request.transaction_id())
    }

    /// Adds an attribute. What would make the message longer than its length field can say is left out.
    #[must_use]
    pub fn attribute(mut self, kind: u16, value: &[u8]) -> Self {
        let length = self.bytes.len() - HEADER_BYTES + 4 + value.len() + padding(value.len());
        if let (Ok(value_length), Ok(_)) = (u16::try_from(value.len()), u16::try_from(length)) {
            self.bytes.extend(kind.to_be_bytes());
            self.bytes.extend(value_length.to_be_bytes());
            self.bytes.extend(value);
            self.bytes.resize(HEADER_BYTES + length, 0);
            self.set_length(length);
        }
        self
    }

    /// Adds an address (RFC 8489 §14.2).
    #[must_use]
    pub fn xor_address(self, kind: u16, address: SocketAddr) -> Self {
        let mut value = [0; 20];
        let transaction_id = self.bytes[8..].first_chunk().expect("the header was written");
        let length = write_xor_address(address, transaction_id, &mut value);
        self.attribute(kind, &value[..length])
    }

    /// Adds a number of 32 bits.
    #[must_use]
    pub fn number(self, kind: u16, number: u32) -> Self {
        self.attribute(kind, &number.to_be_bytes())
    }

    /// Adds ERROR-CODE (RFC 8489 §14.8).
    #[must_use]
    pub fn error_code(self, code: ErrorCode) -> Self {
        let reason = code.reason().as_bytes();
        let mut value = Vec::with_capacity(4 + reason.len());
        value.extend([0, 0, code.class(), code.number()]);
        value.extend(reason);
        self.attribute(attribute::ERROR_CODE, &value)
    }

    /// Adds MESSAGE-INTEGRITY over what was written so far (RFC 8489 §14.5).
    #[must_use]
    pub fn integrity(self, key: &IntegrityKey) -> Self {
        let mac = key.sign(&self.bytes);
        self.attribute(attribute::MESSAGE_INTEGRITY, &mac)
    }

    /// Adds FINGERPRINT; nothing may follow (RFC 8489 §14.7).
    #[must_use]
    pub fn fingerprint(mut self) -> Self {
        let length = self.bytes.len() - HEADER_BYTES;
        self.set_length(length + 8);
        let value = fingerprint(&self.bytes).to_be_bytes();
        self.set_length(length);
        self.attribute(attribute::FINGERPRINT, &value)
    }

    /// The message.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    fn set_length(&mut self, length: usize) {
        let length = u16::try_from(length).unwrap_or(u16::MAX);
        self.bytes[2..4].copy_from_slice(&length.to_be_bytes());
    }
}
