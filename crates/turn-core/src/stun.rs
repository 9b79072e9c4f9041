//! The wire format of STUN (RFC 8489 §5, §14) and of TURN's attributes (RFC 8656 §18).

mod address;
pub mod attribute;
mod integrity;
mod message;
mod writer;

pub(crate) use address::write_xor_address;
pub use address::{Family, read_xor_address};
pub use integrity::IntegrityKey;
pub use message::{Attributes, Malformed, Message};
pub use writer::Writer;

/// Bytes of a message's header (RFC 8489 §5).
pub const HEADER_BYTES: usize = 20;

/// The third to sixth byte of each message (RFC 8489 §5).
pub const MAGIC_COOKIE: u32 = 0x2112_a442;

/// The first two bytes of a Data indication.
pub(crate) const DATA_INDICATION: [u8; 2] = [0x00, 0x17];

/// 96 bits that tell a transaction from all others (RFC 8489 §5).
pub type TransactionId = [u8; 12];

/// What is to be done (RFC 8489 §18.2, RFC 8656 §17).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// RFC 8489 §2
    Binding,
    /// RFC 8656 §7
    Allocate,
    /// RFC 8656 §8
    Refresh,
    /// RFC 8656 §11
    Send,
    /// RFC 8656 §11
    Data,
    /// RFC 8656 §10
    CreatePermission,
    /// RFC 8656 §12
    ChannelBind,
    /// Any other.
    Other(u16),
}

impl Method {
    fn from_code(code: u16) -> Self {
        match code {
            0x001 => Self::Binding,
            0x003 => Self::Allocate,
            0x004 => Self::Refresh,
            0x006 => Self::Send,
            0x007 => Self::Data,
            0x008 => Self::CreatePermission,
            0x009 => Self::ChannelBind,
            other => Self::Other(other),
        }
    }

    fn code(self) -> u16 {
        match self {
            Self::Binding => 0x001,
            Self::Allocate => 0x003,
            Self::Refresh => 0x004,
            Self::Send => 0x006,
            Self::Data => 0x007,
            Self::CreatePermission => 0x008,
            Self::ChannelBind => 0x009,
            Self::Other(code) => code & 0xfff,
        }
    }
}

/// The kind of message (RFC 8489 §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Is answered.
    Request,
    /// Is not answered.
    Indication,
    /// A request succeeded.
    Success,
    /// A request failed.
    Error,
}

impl Class {
    fn bits(self) -> u16 {
        match self {
            Self::Request => 0x000,
            Self::Indication => 0x010,
            Self::Success => 0x100,
            Self::Error => 0x110,
        }
    }
}

/// Method and class as they stand in the first two bytes, the class's bits between the method's (RFC 8489 §5).
fn encode_type(method: Method, class: Class) -> u16 {
    let code = method.code();
    (code & 0xf80) << 2 | (code & 0x070) << 1 | (code & 0x00f) | class.bits()
}

fn decode_type(word: u16) -> (Method, Class) {
    let code = (word & 0x3e00) >> 2 | (word & 0x00e0) >> 1 | (word & 0x000f);
    let class = match word & 0x110 {
        0x000 => Class::Request,
        0x010 => Class::Indication,
        0x100 => Class::Success,
        _ => Class::Error,
    };
    (Method::from_code(code), class)
}

/// Bytes up to the next multiple of four (RFC 8489 §14).
#[must_use]
pub const fn padding(length: usize) -> usize {
    length.wrapping_neg() & 3
}

#[cfg(test)]
mod tests;
