//! Which addresses are of the Internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address can be a receiver on the Internet: none of this machine, of a private network, of a link or for special
/// use (RFC 6890, and the registries of IANA that keep it up to date). An IPv6 address that carries an IPv4 address is judged by that.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match carried(address) {
            Some(carried) => is_public_v4(carried),
            None => is_public_v6(address),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match (a, b, c) {
        // This network, and carriers' shared space (RFC 6598).
        (0, _, _) | (100, 64..=127, _) => true,
        // Protocol assignments, 6to4 relays, benchmarks (RFC 2544), and what is reserved.
        (192, 0, 0) | (192, 88, 99) | (198, 18 | 19, _) | (240.., _, _) => true,
        _ => false,
    };
    !(special
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation())
}

/// Global unicast is 2000::/3; in it stand documentation (2001:db8::/32, 3fff::/20) and Teredo and its neighbours (2001::/23).
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let special = match (a, b) {
        (0x2001, 0..=0x1ff) | (0x2001, 0xdb8) => true,
        (0x3fff, b) => b < 0x1000,
        _ => false,
    };
    (0x2000..0x4000).contains(&a) && !special
}

/// The IPv4 address in a mapped (RFC 4291), a translated (RFC 6052) or a 6to4 (RFC 3056) one.
fn carried(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let of = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0 | 0xffff) | (0x64, 0xff9b, 0, 0, 0, 0) => Some(of(g, h)),
        (0x2002, ..) => Some(of(b, c)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_s_own_network_are_not_public_in_whatever_dress() {
        for text in [
            "0.0.0.0",
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::",
            "fec0::1",
        ] {
            assert!(!is_public(text.parse().expect(text)), "{text}");
        }
    }

    #[test]
    fn addresses_of_the_internet_are() {
        for text in [
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "192.0.1.1",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
            "2002:101:101::1",
        ] {
            assert!(is_public(text.parse().expect(text)), "{text}");
        }
    }
}
