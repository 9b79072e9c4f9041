//! IANA's registries of special-purpose addresses, and what is no unicast address.
//! <https://www.iana.org/assignments/iana-ipv4-special-registry>, <https://www.iana.org/assignments/iana-ipv6-special-registry>

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

use super::Refusal;

/// The first that contains an address counts.
const V4: [(Ipv4Net, Refusal); 20] = [
    (v4([0, 0, 0, 0], 8), Refusal::Unspecified),
    (v4([10, 0, 0, 0], 8), Refusal::Private),
    (v4([100, 64, 0, 0], 10), Refusal::Shared),
    (v4([127, 0, 0, 0], 8), Refusal::Loopback),
    (v4([169, 254, 0, 0], 16), Refusal::LinkLocal),
    (v4([172, 16, 0, 0], 12), Refusal::Private),
    // IETF protocol assignments (RFC 6890), DS-Lite's and NAT64 discovery's among them.
    (v4([192, 0, 0, 0], 24), Refusal::Special),
    (v4([192, 0, 2, 0], 24), Refusal::Special),
    // AS112 (RFC 7535, RFC 7534), AMT (RFC 7450), 6to4 relays (RFC 7526): anycast services, nobody's peer.
    (v4([192, 31, 196, 0], 24), Refusal::Special),
    (v4([192, 52, 193, 0], 24), Refusal::Special),
    (v4([192, 88, 99, 0], 24), Refusal::Special),
    (v4([192, 175, 48, 0], 24), Refusal::Special),
    (v4([192, 168, 0, 0], 16), Refusal::Private),
    // Benchmarks (RFC 2544), documentation (RFC 5737).
    (v4([198, 18, 0, 0], 15), Refusal::Special),
    (v4([198, 51, 100, 0], 24), Refusal::Special),
    (v4([203, 0, 113, 0], 24), Refusal::Special),
    (v4([224, 0, 0, 0], 4), Refusal::Multicast),
    (v4([255, 255, 255, 255], 32), Refusal::Broadcast),
    (v4([240, 0, 0, 0], 4), Refusal::Special),
    // In no registry: Azure's wire server stands among public addresses and answers each virtual machine. The metadata services of
    // the other clouds are in the networks above.
    (v4([168, 63, 129, 16], 32), Refusal::Special),
];

const V6: [(Ipv6Net, Refusal); 17] = [
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 128), Refusal::Unspecified),
    (v6([0, 0, 0, 0, 0, 0, 0, 1], 128), Refusal::Loopback),
    (v6([0, 0, 0, 0, 0, 0xffff, 0, 0], 96), Refusal::Mapped),
    // IPv4-translated (RFC 2765) and IPv4-compatible (RFC 4291 §2.5.5.1): both given up, both still understood somewhere.
    (v6([0, 0, 0, 0, 0xffff, 0, 0, 0], 96), Refusal::Mapped),
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 96), Refusal::Mapped),
    (v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96), Refusal::Nat64),
    (v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48), Refusal::Nat64),
    // IETF protocol assignments: Teredo (2001::/32), benchmarks, ORCHID and others.
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), Refusal::Special),
    (v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), Refusal::Special),
    (v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), Refusal::SixToFour),
    // AS112 (RFC 7534), documentation (RFC 9637).
    (v6([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48), Refusal::Special),
    (v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), Refusal::Special),
    (v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), Refusal::UniqueLocal),
    (v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), Refusal::LinkLocal),
    // Site-local, given up (RFC 3879).
    (v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10), Refusal::UniqueLocal),
    (v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), Refusal::Multicast),
    // Discard-only (RFC 6666); with all else outside of 2000::/3 below.
    (v6([0x100, 0, 0, 0, 0, 0, 0, 0], 64), Refusal::Special),
];

/// Global unicast, as far as it is assigned (RFC 4291 §2.4).
const GLOBAL_UNICAST: Ipv6Net = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// Why an address is none of the Internet; `None`: it is one.
pub(super) fn special(address: IpAddr) -> Option<Refusal> {
    match address {
        IpAddr::V4(address) => V4.iter().find(|(network, _)| network.contains(&address)).map(|(_, refusal)| *refusal),
        IpAddr::V6(address) => {
            let listed = V6.iter().find(|(network, _)| network.contains(&address)).map(|(_, refusal)| *refusal);
            listed.or_else(|| (!GLOBAL_UNICAST.contains(&address)).then_some(Refusal::Special))
        }
    }
}

const fn v4(address: [u8; 4], prefix: u8) -> Ipv4Net {
    let [a, b, c, d] = address;
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(segments: [u16; 8], prefix: u8) -> Ipv6Net {
    let [a, b, c, d, e, f, g, h] = segments;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, h), prefix)
}
