use std::net::{Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;

use super::*;

fn judged(policy: &PeerPolicy, address: &str) -> Result<(), Refusal> {
    policy.judge(address.parse().expect(address))
}

fn networks(texts: &[&str]) -> Vec<IpNet> {
    texts.iter().map(|text| text.parse().expect(text)).collect()
}

fn allowing(texts: &[&str]) -> PeerPolicy {
    PeerPolicy { allowed: networks(texts), denied: Vec::new() }
}

#[test]
fn addresses_that_are_none_of_the_internet_are_refused() {
    for (refusal, addresses) in [
        (Refusal::Unspecified, vec!["0.0.0.0", "0.255.255.255", "::"]),
        (Refusal::Loopback, vec!["127.0.0.1", "127.255.255.254", "::1"]),
        (Refusal::Private, vec!["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1"]),
        (Refusal::LinkLocal, vec!["169.254.169.254", "fe80::1", "febf::1"]),
        (Refusal::Shared, vec!["100.64.0.1", "100.100.100.200", "100.127.255.255"]),
        (Refusal::UniqueLocal, vec!["fc00::1", "fd00:ec2::254", "fdff::1", "fec0::1"]),
        (Refusal::Multicast, vec!["224.0.0.1", "233.252.0.1", "239.255.255.255", "ff02::1", "ff0e::1"]),
        (Refusal::Broadcast, vec!["255.255.255.255"]),
        (
            Refusal::Special,
            vec![
                "192.0.0.8",
                "192.0.0.192",
                "192.0.2.1",
                "192.31.196.1",
                "192.52.193.1",
                "192.88.99.1",
                "192.175.48.1",
                "198.18.0.1",
                "198.19.255.255",
                "198.51.100.1",
                "203.0.113.1",
                "240.0.0.1",
                "255.255.255.254",
                "168.63.129.16",
                "100::1",
                "100:0:0:1::1",
                "2001::1",
                "2001:0:a00:1::",
                "2001:10::1",
                "2001:1ff::1",
                "2001:db8::1",
                "2620:4f:8000::1",
                "3fff:fff::1",
                "5f00::1",
                "4000::1",
                "1::1",
                "64:ff9b:2::1",
            ],
        ),
        (Refusal::Mapped, vec!["::ffff:10.0.0.1", "::ffff:8.8.8.8", "::ffff:0:10.0.0.1", "::10.0.0.1", "::2"]),
        (Refusal::Nat64, vec!["64:ff9b::a00:1", "64:ff9b::808:808", "64:ff9b:1::a00:1", "64:ff9b:1:a00:0:100::"]),
        (Refusal::SixToFour, vec!["2002:a00:1::", "2002:808:808::1"]),
    ] {
        for address in addresses {
            assert_eq!(judged(&PeerPolicy::default(), address), Err(refusal), "{address}");
        }
    }
}

#[test]
fn addresses_of_the_internet_are_allowed() {
    for address in [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.0.1",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.1",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2000::1",
        "2001:200::1",
        "2003::1",
        "2606:4700::1111",
        "3ffe::1",
    ] {
        assert_eq!(judged(&PeerPolicy::default(), address), Ok(()), "{address}");
    }
}

#[test]
fn an_allowed_network_is_open_and_nothing_beside_it() {
    let policy = allowing(&["10.1.0.0/16", "fd00:1::/32", "127.0.0.1/32"]);
    for address in ["10.1.0.1", "10.1.255.255", "fd00:1::5", "127.0.0.1", "1.1.1.1"] {
        assert_eq!(judged(&policy, address), Ok(()), "{address}");
    }
    assert_eq!(judged(&policy, "10.2.0.1"), Err(Refusal::Private));
    assert_eq!(judged(&policy, "127.0.0.2"), Err(Refusal::Loopback));
    assert_eq!(judged(&policy, "::ffff:10.1.0.1"), Err(Refusal::Mapped));
}

#[test]
fn what_is_denied_is_refused_though_it_be_allowed() {
    let policy = PeerPolicy { allowed: networks(&["10.0.0.0/8"]), denied: networks(&["10.9.0.0/16", "1.1.1.0/24"]) };
    assert_eq!(judged(&policy, "10.8.0.1"), Ok(()));
    assert_eq!(judged(&policy, "10.9.0.1"), Err(Refusal::Denied));
    assert_eq!(judged(&policy, "1.1.1.1"), Err(Refusal::Denied));
}

#[test]
fn no_list_opens_what_is_no_unicast_address() {
    let policy = allowing(&["0.0.0.0/0", "::/0"]);
    for (address, refusal) in [
        ("0.0.0.0", Refusal::Unspecified),
        ("::", Refusal::Unspecified),
        ("224.0.0.1", Refusal::Multicast),
        ("ff02::1", Refusal::Multicast),
        ("255.255.255.255", Refusal::Broadcast),
        ("::ffff:224.0.0.1", Refusal::Multicast),
        ("2002:e000:1::", Refusal::Multicast),
    ] {
        assert_eq!(judged(&policy, address), Err(refusal), "{address}");
    }
}

#[test]
fn a_carrier_that_is_allowed_opens_no_more_than_what_it_carries_may_be() {
    let policy = allowing(&["64:ff9b::/96", "2002::/16", "::ffff:0:0/96", "64:ff9b:1:fffe::/96"]);
    for address in ["64:ff9b::808:808", "2002:808:808::1", "::ffff:8.8.8.8", "64:ff9b:1:fffe::808:808"] {
        assert_eq!(judged(&policy, address), Ok(()), "{address}");
    }
    for address in ["64:ff9b::a00:1", "2002:a00:1::", "::ffff:10.0.0.1", "64:ff9b:1:fffe::a00:1"] {
        assert_eq!(judged(&policy, address), Err(Refusal::Private), "{address}");
    }
    let both = PeerPolicy { denied: networks(&["8.8.8.0/24"]), ..policy };
    assert_eq!(judged(&both, "64:ff9b::808:808"), Err(Refusal::Denied));
    assert_eq!(judged(&both, "64:ff9b::808:908"), Ok(()));
}

/// RFC 6052 §2.4, with 10.0.0.1 and 8.8.8.8 in the place of its 192.0.2.33.
#[test]
fn a_nat64_of_one_s_own_carries_where_its_prefix_says() {
    for (network, private, public) in [
        ("64:ff9b:1::/48", "64:ff9b:1:a00:0:100::", "64:ff9b:1:808:8:800::"),
        ("64:ff9b:1:100::/56", "64:ff9b:1:10a:0:1::", "64:ff9b:1:108:8:808::"),
        ("64:ff9b:1:1::/64", "64:ff9b:1:1:a:0:100:0", "64:ff9b:1:1:8:808:800:0"),
        ("64:ff9b:1:1::/96", "64:ff9b:1:1::a00:1", "64:ff9b:1:1::808:808"),
    ] {
        assert_eq!(judged(&allowing(&[network]), private), Err(Refusal::Private), "{network}");
        assert_eq!(judged(&allowing(&[network]), public), Ok(()), "{network}");
    }
}

#[test]
fn development_opens_this_machine_and_its_own_private_networks() {
    let interfaces =
        ["127.0.0.1/8", "192.168.7.5/24", "198.20.0.9/24", "fe80::5/64", "fd12::5/64", "2606:4700::5/64", "::1/128"];
    let policy = PeerPolicy::development(networks(&interfaces));
    assert_eq!(policy.allowed, networks(&["127.0.0.0/8", "192.168.7.0/24", "::1/128", "fd12::/64", "fe80::/64"]));
    for address in ["127.0.0.1", "192.168.7.77", "::1", "fe80::9", "1.1.1.1"] {
        assert_eq!(judged(&policy, address), Ok(()), "{address}");
    }
    for address in ["192.168.8.1", "10.0.0.1", "169.254.169.254", "fd13::1", "::ffff:127.0.0.1"] {
        assert!(judged(&policy, address).is_err(), "{address}");
    }
    let said =
        "The relay reaches peers on the Internet, and in 127.0.0.0/8, 192.168.7.0/24, ::1/128, fd12::/64, fe80::/64.";
    assert_eq!(policy.to_string(), said);
}

#[test]
fn a_policy_says_itself_in_one_sentence() {
    assert_eq!(PeerPolicy::default().to_string(), "The relay reaches peers on the Internet.");
    let policy = PeerPolicy { allowed: networks(&["10.1.0.0/16"]), denied: networks(&["1.1.1.0/24"]) };
    assert_eq!(policy.to_string(), "The relay reaches peers on the Internet, and in 10.1.0.0/16; never in 1.1.1.0/24.");
}

/// Any address, those of special ranges as often as others.
fn any_v4() -> impl Strategy<Value = Ipv4Addr> {
    let first = prop_oneof![
        any::<u8>(),
        proptest::sample::select(vec![0u8, 10, 100, 127, 169, 172, 192, 198, 203, 224, 240, 255])
    ];
    (first, any::<[u8; 3]>()).prop_map(|(a, [b, c, d])| Ipv4Addr::new(a, b, c, d))
}

/// Each form that carries an IPv4 address, with the list that would open it.
fn forms(address: Ipv4Addr) -> Vec<(Ipv6Addr, &'static str)> {
    let [a, b, c, d] = address.octets();
    let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    vec![
        (address.to_ipv6_mapped(), "::ffff:0:0/96"),
        (Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, high, low), "::ffff:0:0:0/96"),
        (Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, low), "::/96"),
        (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low), "64:ff9b::/96"),
        (Ipv6Addr::new(0x64, 0xff9b, 1, 7, 0, 0, high, low), "64:ff9b:1:7::/96"),
        (Ipv6Addr::new(0x64, 0xff9b, 1, high, low >> 8, low << 8, 0, 0), "64:ff9b:1::/48"),
        (Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1), "2002::/16"),
    ]
}

proptest! {
    #[test]
    fn a_refused_address_is_refused_in_whatever_dress(address in any_v4()) {
        for (dressed, opens) in forms(address) {
            prop_assert!(PeerPolicy::default().judge(dressed.into()).is_err(), "{}", dressed);
            let opened = allowing(&[opens]).judge(dressed.into());
            let expected = PeerPolicy::default().judge(address.into());
            // :: and ::1 are not 0.0.0.0 and 0.0.0.1, but open no more than those.
            prop_assert_eq!(opened.is_err(), expected.is_err() && dressed != Ipv6Addr::LOCALHOST, "{}", dressed);
        }
    }

    #[test]
    fn allowing_a_network_changes_nothing_outside_of_it(network in any_v4(), prefix in 0..=32u8, peer in any_v4()) {
        let network = ipnet::Ipv4Net::new(network, prefix).expect("a length");
        let policy = PeerPolicy { allowed: vec![network.into()], denied: Vec::new() };
        let before = PeerPolicy::default().judge(peer.into());
        match policy.judge(peer.into()) {
            Ok(()) if network.contains(&peer) => {}
            judged => prop_assert_eq!(judged, before),
        }
        let denying = PeerPolicy { allowed: vec![network.into()], denied: vec![network.into()] };
        prop_assert!(!network.contains(&peer) || denying.judge(peer.into()).is_err());
    }
}
