use proptest::prelude::*;

use super::*;

fn relay(uris: &[&str]) -> Relay {
    let uris = uris.iter().map(|uri| uri.parse().expect(uri)).collect();
    Relay { uris, region: None, priority: 0, weight: 1 }
}

fn full(name: &str) -> Relay {
    let uri = |form: &str| form.replace('*', name);
    let uris = [
        "turns:*.example:443?transport=tcp",
        "turn:*.example?transport=tcp",
        "turn:*.example?transport=udp",
        "stun:*.example",
    ];
    relay(&uris.map(uri).each_ref().map(String::as_str))
}

fn named(chosen: &[(usize, Vec<&IceUri>)]) -> Vec<String> {
    chosen.iter().flat_map(|(_, uris)| uris.iter().map(ToString::to_string)).collect()
}

/// Draws the first each time.
fn first(_: u64) -> u64 {
    0
}

#[test]
fn one_relay_is_given_with_stun_then_udp_tcp_and_tls() {
    let relays = [full("a")];
    let chosen = select(&relays, None, |_| true, first);
    let expected = [
        "stun:a.example",
        "turn:a.example?transport=udp",
        "turn:a.example?transport=tcp",
        "turns:a.example:443?transport=tcp",
    ];
    assert_eq!(named(&chosen), expected);
}

#[test]
fn of_two_relays_the_second_has_the_place_of_the_first_one_s_tcp() {
    let relays = [full("a"), full("b"), full("c")];
    let chosen = select(&relays, None, |_| true, first);
    let expected = [
        "stun:a.example",
        "turn:a.example?transport=udp",
        "turns:a.example:443?transport=tcp",
        "turn:b.example?transport=udp",
    ];
    assert_eq!(named(&chosen), expected);
}

#[test]
fn what_the_first_leaves_is_the_next_one_s() {
    let relays =
        [relay(&["stun:a.example", "turn:a.example"]), relay(&["stun:b.example", "turn:b.example"]), full("c")];
    let chosen = select(&relays, None, |_| true, first);
    assert_eq!(named(&chosen), ["stun:a.example", "turn:a.example", "turn:b.example", "turn:c.example?transport=udp"]);
    assert_eq!(chosen.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [0, 1, 2]);
}

#[test]
fn a_uri_that_is_not_healthy_is_left_out_and_with_the_last_one_the_relay() {
    let relays = [full("a"), full("b")];
    let without_udp = select(&relays, None, |uri| uri.to_string() != "turn:a.example?transport=udp", first);
    let expected = [
        "stun:a.example",
        "turn:a.example?transport=tcp",
        "turns:a.example:443?transport=tcp",
        "turn:b.example?transport=udp",
    ];
    assert_eq!(named(&without_udp), expected);
    let without_a = select(&relays, None, |uri| !uri.to_string().contains(":a.") || !uri.scheme.is_turn(), first);
    assert!(without_a.iter().all(|(index, _)| *index == 1), "{without_a:?}");
    assert_eq!(select(&relays, None, |_| false, first), []);
}

#[test]
fn one_s_own_region_comes_first_then_none_then_others_each_by_priority() {
    let of = |region: Option<&str>, priority: u16| Relay {
        region: region.map(str::to_owned),
        priority,
        ..relay(&["turn:a.example"])
    };
    let relays = [of(Some("us"), 0), of(None, 1), of(Some("eu"), 9), of(Some("eu"), 3), of(None, 0)];
    let order = |region| select(&relays, region, |_| true, first).iter().map(|(index, _)| *index).collect::<Vec<_>>();
    assert_eq!(order(Some("eu")), [3, 2, 4, 1]);
    assert_eq!(order(Some("us")), [0, 4, 1, 3]);
    assert_eq!(order(None), [0, 4, 1, 3]);
}

#[test]
fn weight_is_a_share_and_0_comes_last() {
    let weighing = |weight: u16| Relay { weight, ..full("a") };
    let relays = [weighing(1), weighing(0), weighing(3)];
    let mut counts = [0; 3];
    for at in 0..4 {
        let chosen = select(&relays, None, |_| true, |n| if n == 4 { at } else { 0 });
        counts[chosen[0].0] += 1;
    }
    assert_eq!(counts, [1, 0, 3]);
    assert_eq!(select(&[weighing(0)], None, |_| true, first).len(), 1);
}

#[test]
fn of_several_ports_the_one_is_given_that_networks_let_through() {
    let uris = [
        "turn:a.example:3478?transport=udp",
        "turn:a.example:443?transport=udp",
        "turn:a.example:3478?transport=tcp",
        "turn:a.example:80?transport=tcp",
        "turns:a.example:5349?transport=tcp",
        "turns:a.example:443?transport=tcp",
    ];
    let relays = [relay(&uris)];
    assert_eq!(named(&select(&relays, None, |_| true, first)), [uris[0], uris[3], uris[5]]);
    let without_443 = select(&relays, None, |uri| uri.port() != 443, first);
    assert_eq!(named(&without_443), [uris[0], uris[3], uris[4]]);
}

#[test]
fn what_no_browser_speaks_is_not_handed_out() {
    let relays = [relay(&["turns:a.example?transport=udp", "turn:a.example"])];
    assert_eq!(named(&select(&relays, None, |_| true, first)), ["turn:a.example"]);
    assert_eq!(select(&[relay(&["stun:a.example"])], None, |_| true, first), []);
}

proptest! {
    #[test]
    fn a_client_gets_four_urls_at_most_none_twice_and_only_healthy_ones(
        kinds in proptest::collection::vec((0..16u8, 0..3u16, 0..3u16, 0..3u8), 0..8),
        healthy in any::<u64>(),
        mut random in any::<u64>(),
    ) {
        let relays: Vec<_> = kinds.iter().enumerate().map(|(index, (uris, priority, weight, region))| {
            let mut relay = full(&format!("r{index}"));
            let mut place = 0;
            relay.uris.retain(|_| { place += 1; uris >> (place - 1) & 1 == 1 });
            Relay { priority: *priority, weight: *weight, region: ["eu", "us"].get(usize::from(*region)).map(|name| (*name).to_owned()), ..relay }
        }).collect();
        let is_healthy = |uri: &IceUri| healthy >> (uri.to_string().bytes().map(u64::from).sum::<u64>() % 64) & 1 == 1;
        let chosen = select(&relays, Some("eu"), is_healthy, |n| { random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1); (random >> 33) % n });
        let uris: Vec<_> = chosen.iter().flat_map(|(_, uris)| uris).collect();
        prop_assert!(uris.len() <= MAX_URLS);
        prop_assert!(uris.iter().all(|uri| is_healthy(uri)));
        prop_assert!(uris.iter().filter(|uri| !uri.scheme.is_turn()).count() <= 1);
        let mut distinct = uris.clone();
        distinct.sort();
        distinct.dedup();
        prop_assert_eq!(distinct.len(), uris.len());
        let any_healthy = relays.iter().flat_map(|relay| &relay.uris).any(|uri| uri.scheme.is_turn() && is_healthy(uri));
        prop_assert_eq!(chosen.is_empty(), !any_healthy);
    }
}
