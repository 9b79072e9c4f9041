//! How long signaling was away, for the median and the worst client.

use serde::Serialize;

use super::check::At;

/// A time in which a client had no working connection, though it wanted one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Away {
    /// Whose.
    pub client: usize,
    /// Since when.
    pub from: At,
    /// Until when.
    pub to: At,
}

/// Time without signaling over all clients, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Outage {
    /// Clients that had any.
    pub affected: usize,
    /// Of the median client of those.
    pub p50_ms: u64,
    /// Of all but one in a hundred of those.
    pub p99_ms: u64,
    /// Of the worst one.
    pub max_ms: u64,
}

/// What clients went without between `from` and `to`, each one's times added up.
#[must_use]
pub fn outage(away: &[Away], from: At, to: At) -> Outage {
    let mut per_client = std::collections::BTreeMap::<usize, u64>::new();
    for one in away {
        let overlap = one.to.min(to).0.saturating_sub(one.from.max(from).0);
        if overlap > 0 {
            *per_client.entry(one.client).or_default() += overlap;
        }
    }
    let mut times: Vec<u64> = per_client.into_values().collect();
    times.sort_unstable();
    let quantile = |hundredths: usize| times.get((times.len() * hundredths / 100).min(times.len().saturating_sub(1)));
    let quantile = |hundredths| quantile(hundredths).copied().unwrap_or_default();
    Outage { affected: times.len(), p50_ms: quantile(50), p99_ms: quantile(99), max_ms: quantile(100) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn away(client: usize, from: u64, to: u64) -> Away {
        Away { client, from: At(from), to: At(to) }
    }

    #[test]
    fn a_clients_times_within_the_window_add_up() {
        let times = [away(0, 0, 150), away(0, 190, 1_000), away(1, 120, 130), away(2, 300, 400)];
        let outage = outage(&times, At(100), At(200));
        assert_eq!(outage, Outage { affected: 2, p50_ms: 60, p99_ms: 60, max_ms: 60 });
    }

    #[test]
    fn the_median_and_the_worst_client_are_told_apart() {
        let times: Vec<Away> = (0..101).map(|client| away(client, 0, client as u64 + 1)).collect();
        assert_eq!(outage(&times, At(0), At(500)), Outage { affected: 101, p50_ms: 51, p99_ms: 100, max_ms: 101 });
        assert_eq!(outage(&[], At(0), At(500)), Outage::default());
    }
}
