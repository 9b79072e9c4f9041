use std::{
    hash::{DefaultHasher, Hasher as _},
    net::IpAddr,
    num::NonZeroU64,
    time::{Duration, Instant},
};

/// How much an allocation may relay: the generic cell rate algorithm (ITU-T I.371) over bytes, with a burst of a second's worth.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    bytes_per_second: NonZeroU64,
    /// When all that was taken will have been earned.
    arrival: Instant,
}

const BURST: Duration = Duration::from_secs(1);

impl Budget {
    /// So many bytes a second from now on.
    #[must_use]
    pub fn new(bytes_per_second: NonZeroU64, now: Instant) -> Self {
        Self { bytes_per_second, arrival: now }
    }

    /// Takes these bytes, or nothing where there are not so many.
    #[must_use]
    pub fn take(&mut self, bytes: usize, now: Instant) -> bool {
        let cost = (bytes as u64).saturating_mul(1_000_000_000) / self.bytes_per_second;
        let arrival = self.arrival.max(now) + Duration::from_nanos(cost);
        let fits = arrival.duration_since(now) <= BURST;
        if fits {
            self.arrival = arrival;
        }
        fits
    }
}

/// So many a second for each source: IPv4 address or IPv6 /64. A table of fixed size: sources that fall on one place share it, where
/// they fall only the key knows.
#[derive(Debug)]
pub struct PrefixRate {
    key: u64,
    interval: Duration,
    burst: Duration,
    arrivals: Box<[Option<Instant>]>,
}

const PLACES: usize = 1 << 14;

impl PrefixRate {
    /// So many a second, and so many at once after silence; one of each at least.
    #[must_use]
    pub fn new(per_second: u32, burst: u32, key: u64) -> Self {
        let interval = Duration::from_secs(1) / per_second.max(1);
        Self { key, interval, burst: interval * burst.max(1), arrivals: vec![None; PLACES].into() }
    }

    /// Takes one, if there is one.
    #[must_use]
    pub fn take(&mut self, source: IpAddr, now: Instant) -> bool {
        let place = self.place(source);
        let arrival = self.arrivals[place].map_or(now, |arrival| arrival.max(now)) + self.interval;
        let fits = arrival.duration_since(now) <= self.burst;
        if fits {
            self.arrivals[place] = Some(arrival);
        }
        fits
    }

    fn place(&self, source: IpAddr) -> usize {
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(self.key);
        match source.to_canonical() {
            IpAddr::V4(ip) => hasher.write_u32(ip.to_bits()),
            IpAddr::V6(ip) => hasher.write_u64((ip.to_bits() >> 64) as u64),
        }
        hasher.finish() as usize % PLACES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin() -> Instant {
        #[expect(clippy::disallowed_methods, reason = "there is no other way to an Instant")]
        Instant::now()
    }

    #[test]
    fn a_budget_holds_a_second_and_earns_it_back() {
        let now = begin();
        let mut budget = Budget::new(NonZeroU64::new(1_000).expect("not 0"), now);
        assert!(budget.take(600, now) && budget.take(400, now));
        assert!(!budget.take(1, now));
        assert!(budget.take(100, now + Duration::from_millis(100)));
        assert!(!budget.take(1, now + Duration::from_millis(100)));
        assert!(!budget.take(1_001, now + Duration::from_secs(60)), "more than a burst");
        assert!(budget.take(1_000, now + Duration::from_secs(60)));
    }

    #[test]
    fn a_source_that_is_limited_leaves_others_alone() {
        let (mut rate, now) = (PrefixRate::new(10, 3, 7), begin());
        let mut take = |source: &str, now| rate.take(source.parse().expect(source), now);
        assert_eq!((0..5).filter(|_| take("192.0.2.1", now)).count(), 3);
        assert!(take("192.0.2.2", now));
        assert!(!take("::ffff:192.0.2.1", now), "the same");
        assert!(take("192.0.2.1", now + Duration::from_millis(100)));
        assert!(!take("192.0.2.1", now + Duration::from_millis(100)));
        assert_eq!((0..5).filter(|port| take(&format!("2001:db8::{port}"), now)).count(), 3, "a /64 is one source");
        assert!(take("2001:db8:0:1::1", now));
    }
}
