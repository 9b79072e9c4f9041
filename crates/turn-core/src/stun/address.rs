use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{MAGIC_COOKIE, TransactionId};

/// IPv4 or IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// IPv4
    V4,
    /// IPv6
    V6,
}

impl Family {
    /// Of this address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        if address.is_ipv4() { Self::V4 } else { Self::V6 }
    }

    /// Its number on the wire (RFC 8489 §14.1).
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::V4 => 1,
            Self::V6 => 2,
        }
    }

    /// Reads the value of REQUESTED-ADDRESS-FAMILY and ADDITIONAL-ADDRESS-FAMILY (RFC 8656 §18.6): a family, or the number of none.
    /// `None`: not the value of such an attribute.
    #[must_use]
    pub fn read(value: &[u8]) -> Option<Result<Self, u8>> {
        let [code, _, _, _] = value else { return None };
        Some(match code {
            1 => Ok(Self::V4),
            2 => Ok(Self::V6),
            other => Err(*other),
        })
    }
}

/// The address of XOR-MAPPED-ADDRESS and its kin (RFC 8489 §14.2).
#[must_use]
pub fn read_xor_address(value: &[u8], transaction_id: &TransactionId) -> Option<SocketAddr> {
    let (head, address) = value.split_first_chunk::<4>()?;
    let port = u16::from_be_bytes([head[2], head[3]]) ^ (MAGIC_COOKIE >> 16) as u16;
    let ip: IpAddr = match head[1] {
        1 => Ipv4Addr::from(u32::from_be_bytes(address.try_into().ok()?) ^ MAGIC_COOKIE).into(),
        2 => Ipv6Addr::from(u128::from_be_bytes(address.try_into().ok()?) ^ mask(transaction_id)).into(),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

/// Writes the value that [`read_xor_address`] reads; gives its length: 8 or 20.
pub(crate) fn write_xor_address(address: SocketAddr, transaction_id: &TransactionId, into: &mut [u8; 20]) -> usize {
    let port = address.port() ^ (MAGIC_COOKIE >> 16) as u16;
    into[0] = 0;
    into[1] = Family::of(address.ip()).code();
    into[2..4].copy_from_slice(&port.to_be_bytes());
    match address.ip() {
        IpAddr::V4(ip) => {
            into[4..8].copy_from_slice(&(u32::from(ip) ^ MAGIC_COOKIE).to_be_bytes());
            8
        }
        IpAddr::V6(ip) => {
            into[4..20].copy_from_slice(&(u128::from(ip) ^ mask(transaction_id)).to_be_bytes());
            20
        }
    }
}

/// The magic cookie and the transaction id.
fn mask(transaction_id: &TransactionId) -> u128 {
    let mut mask = [0; 16];
    mask[..4].copy_from_slice(&MAGIC_COOKIE.to_be_bytes());
    mask[4..].copy_from_slice(transaction_id);
    u128::from_be_bytes(mask)
}
