//! Types of attributes (RFC 8489 §18.3, RFC 8656 §18). Those below 0x8000 must be understood.

/// RFC 8489 §14.3
pub const USERNAME: u16 = 0x0006;
/// RFC 8489 §14.5
pub const MESSAGE_INTEGRITY: u16 = 0x0008;
/// RFC 8489 §14.8
pub const ERROR_CODE: u16 = 0x0009;
/// RFC 8489 §14.13
pub const UNKNOWN_ATTRIBUTES: u16 = 0x000a;
/// RFC 8656 §18.1
pub const CHANNEL_NUMBER: u16 = 0x000c;
/// RFC 8656 §18.2
pub const LIFETIME: u16 = 0x000d;
/// RFC 8656 §18.3
pub const XOR_PEER_ADDRESS: u16 = 0x0012;
/// RFC 8656 §18.4
pub const DATA: u16 = 0x0013;
/// RFC 8489 §14.9
pub const REALM: u16 = 0x0014;
/// RFC 8489 §14.10
pub const NONCE: u16 = 0x0015;
/// RFC 8656 §18.5
pub const XOR_RELAYED_ADDRESS: u16 = 0x0016;
/// RFC 8656 §18.6
pub const REQUESTED_ADDRESS_FAMILY: u16 = 0x0017;
/// RFC 8656 §18.7
pub const EVEN_PORT: u16 = 0x0018;
/// RFC 8656 §18.8
pub const REQUESTED_TRANSPORT: u16 = 0x0019;
/// RFC 8656 §18.9
pub const DONT_FRAGMENT: u16 = 0x001a;
/// RFC 8489 §14.6
pub const MESSAGE_INTEGRITY_SHA256: u16 = 0x001c;
/// RFC 8489 §14.2
pub const XOR_MAPPED_ADDRESS: u16 = 0x0020;
/// RFC 8656 §18.10
pub const RESERVATION_TOKEN: u16 = 0x0022;
/// RFC 8656 §18.11
pub const ADDITIONAL_ADDRESS_FAMILY: u16 = 0x8000;
/// RFC 8656 §18.12
pub const ADDRESS_ERROR_CODE: u16 = 0x8001;
/// RFC 8489 §14.7
pub const FINGERPRINT: u16 = 0x8028;

/// Must whoever does not know it refuse the message (RFC 8489 §14)?
#[must_use]
pub const fn must_be_understood(attribute: u16) -> bool {
    attribute < 0x8000
}
