//! Which servers a client is given.

use crate::uri::{IceUri, Transport};

/// URLs that a client gets at most: Firefox warns of five, and each one costs every client gathering time.
pub const MAX_URLS: usize = 4;

/// A relay that could be handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relay {
    /// Its URIs, `stun:` ones among them if it has any.
    pub uris: Vec<IceUri>,
    /// Where it stands, in the operator's own words.
    pub region: Option<String>,
    /// The lowest comes first, as in SRV records (RFC 2782).
    pub priority: u16,
    /// Its share among those of one priority; 0: only where there is no other.
    pub weight: u16,
}

/// Chooses for a client in `region`, where that is known.
///
/// Relays of the region come before those that name none, and these before those of other regions; then by priority; then at random,
/// by weight. Of the chosen relay: one `stun:` URI, then one for UDP, TCP and TLS each; where it has several, the first for UDP, and for
/// the others the one at port 443, or at 80. If that leaves room, the next relay's `turn:` URIs follow. If it does not and there is
/// another relay, the TCP URI makes way for it, because TLS gets through where TCP does: a client that knows two relays leaves one
/// that dies in the middle of a call without having to ask. `is_healthy` leaves out single URIs; a relay without a healthy `turn:` URI
/// is not chosen at all. `below(n)` gives a random number from 0 to n − 1.
///
/// The answer names, in the order in which they are handed out, the index of each relay and its URIs; it is empty if nothing is healthy.
pub fn select<'a>(
    relays: &'a [Relay],
    region: Option<&str>,
    is_healthy: impl Fn(&IceUri) -> bool,
    mut below: impl FnMut(u64) -> u64,
) -> Vec<(usize, Vec<&'a IceUri>)> {
    let usable = |relay: &'a Relay| usable_uris(relay, &is_healthy);
    let mut ranked: Vec<_> = relays
        .iter()
        .enumerate()
        .map(|(index, relay)| Ranked {
            index,
            rank: (distance(relay, region), relay.priority),
            relay,
            uris: usable(relay),
        })
        .filter(|ranked| ranked.uris.iter().any(|uri| uri.scheme.is_turn()))
        .collect();
    ranked.sort_by_key(|ranked| ranked.rank);

    let mut chosen = Vec::new();
    let mut left = MAX_URLS;
    while left > 0 && !ranked.is_empty() {
        let Ranked { index, mut uris, .. } = ranked.remove(draw(&ranked, &mut below));
        // One server's answer is enough to learn one's own address.
        uris.retain(|uri| chosen.is_empty() || uri.scheme.is_turn());
        if chosen.is_empty() && uris.len() == MAX_URLS && !ranked.is_empty() {
            uris.retain(|uri| kind(uri) != Some(Transport::Tcp));
        }
        uris.truncate(left);
        left -= uris.len();
        chosen.push((index, uris));
    }
    chosen
}

struct Ranked<'a> {
    index: usize,
    rank: (u8, u16),
    relay: &'a Relay,
    uris: Vec<&'a IceUri>,
}

/// The place of one of the first rank, by weight.
fn draw(ranked: &[Ranked<'_>], below: &mut impl FnMut(u64) -> u64) -> usize {
    let first = ranked.iter().take_while(|other| other.rank == ranked[0].rank);
    let weights: Vec<_> = first.map(|ranked| u64::from(ranked.relay.weight)).collect();
    let total: u64 = weights.iter().sum();
    if total == 0 {
        return usize::try_from(below(weights.len() as u64)).unwrap_or_default().min(weights.len() - 1);
    }
    let mut at = below(total).min(total - 1);
    weights
        .iter()
        .position(|weight| {
            let is_it = at < *weight;
            at = at.saturating_sub(*weight);
            is_it
        })
        .unwrap_or_default()
}

fn distance(relay: &Relay, region: Option<&str>) -> u8 {
    match (&relay.region, region) {
        (Some(own), Some(wanted)) if own == wanted => 0,
        (None, _) | (_, None) => 1,
        (Some(_), Some(_)) => 2,
    }
}

/// One `stun:` URI and one for each transport, in the order in which they are handed out.
fn usable_uris<'a>(relay: &'a Relay, is_healthy: &impl Fn(&IceUri) -> bool) -> Vec<&'a IceUri> {
    let mut uris: Vec<_> =
        relay.uris.iter().filter(|uri| is_healthy(uri) && uri.transport() != Transport::Dtls).collect();
    uris.sort_by_key(|uri| (kind(uri), obstacle(uri)));
    uris.dedup_by_key(|uri| kind(uri));
    uris
}

/// TCP and TLS are for networks that let little through: what is most surely let through comes first.
fn obstacle(uri: &IceUri) -> u8 {
    match (uri.transport(), uri.port()) {
        (Transport::Udp | Transport::Dtls, _) | (Transport::Tcp | Transport::Tls, 443) => 0,
        (Transport::Tcp | Transport::Tls, 80) => 1,
        (Transport::Tcp | Transport::Tls, _) => 2,
    }
}

/// `None` is STUN: it comes first.
fn kind(uri: &IceUri) -> Option<Transport> {
    uri.scheme.is_turn().then(|| uri.transport())
}

#[cfg(test)]
mod tests;
