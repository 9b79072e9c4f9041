//! IPv4 addresses in IPv6 addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The IPv4 address that an IPv6 address carries: mapped and compatible (RFC 4291 §2.5.5), translated (RFC 2765), 6to4 (RFC 3056),
/// NAT64 (RFC 6052, RFC 8215).
pub(super) fn carried(address: IpAddr) -> Option<Ipv4Addr> {
    carried_in(address, 96)
}

/// The same, where a network with this prefix length holds the address. It tells where a NAT64 of one's own (64:ff9b:1::/48) writes
/// the IPv4 address (RFC 6052 §2.2); a length that no NAT64 has counts as 96.
pub(super) fn carried_in(address: IpAddr, prefix: u8) -> Option<Ipv4Addr> {
    let IpAddr::V6(address) = address else { return None };
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        [0, 0, 0, 0, 0, 0 | 0xffff, ..] | [0, 0, 0, 0, 0xffff, 0, ..] => Some(at(address, [12, 13, 14, 15])),
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => Some(at(address, [12, 13, 14, 15])),
        [0x2002, ..] => Some(at(address, [2, 3, 4, 5])),
        // Octet 8 is zero and left out.
        [0x64, 0xff9b, 1, ..] => Some(at(
            address,
            match prefix {
                48 => [6, 7, 9, 10],
                56 => [7, 9, 10, 11],
                64 => [9, 10, 11, 12],
                _ => [12, 13, 14, 15],
            },
        )),
        _ => None,
    }
}

fn at(address: Ipv6Addr, octets: [usize; 4]) -> Ipv4Addr {
    octets.map(|octet| address.octets()[octet]).into()
}
