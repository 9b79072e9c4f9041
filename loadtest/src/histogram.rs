//! Latencies without keeping each one.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

/// Values below this stand alone; above, an octave has half as many buckets, so a value is off by 1/64 at most.
const EXACT: u64 = 128;
const PER_OCTAVE: u64 = EXACT / 2;
const BUCKETS: usize = (EXACT + (64 - EXACT.ilog2() as u64) * PER_OCTAVE) as usize;

/// Counts of microseconds in buckets whose width grows with the value. Many tasks record into one.
#[derive(Debug)]
pub struct Histogram {
    counts: Box<[AtomicU64]>,
    max: AtomicU64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: (0..BUCKETS).map(|_| AtomicU64::new(0)).collect(), max: AtomicU64::new(0) }
    }
}

impl Histogram {
    /// Counts one value.
    pub fn record(&self, micros: u64) {
        self.counts[bucket(micros)].fetch_add(1, Relaxed);
        self.max.fetch_max(micros, Relaxed);
    }

    /// Counts a time.
    pub fn record_time(&self, time: Duration) {
        self.record(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }

    /// Takes what another counted in.
    pub fn add(&self, other: &Self) {
        for (own, others) in self.counts.iter().zip(&other.counts) {
            own.fetch_add(others.load(Relaxed), Relaxed);
        }
        self.max.fetch_max(other.max(), Relaxed);
    }

    /// How many values were counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().map(|count| count.load(Relaxed)).sum()
    }

    /// The greatest value, exact; 0 when there is none.
    #[must_use]
    pub fn max(&self) -> u64 {
        self.max.load(Relaxed)
    }

    /// The value that a share `quantile` of all values does not exceed (nearest rank, the bucket's upper edge).
    #[must_use]
    pub fn quantile(&self, quantile: f64) -> u64 {
        let rank = ((quantile * self.count() as f64).ceil() as u64).max(1);
        let mut seen = 0;
        for (index, count) in self.counts.iter().enumerate() {
            seen += count.load(Relaxed);
            if seen >= rank {
                return upper_edge(index).min(self.max());
            }
        }
        self.max()
    }
}

fn bucket(value: u64) -> usize {
    if value < EXACT {
        return value as usize;
    }
    let shift = u64::from(value.ilog2() - PER_OCTAVE.ilog2());
    (EXACT + (shift - 1) * PER_OCTAVE + ((value >> shift) - PER_OCTAVE)) as usize
}

fn upper_edge(index: usize) -> u64 {
    let index = index as u64;
    if index < EXACT {
        return index;
    }
    let shift = (index - EXACT) / PER_OCTAVE + 1;
    let mantissa = (index - EXACT) % PER_OCTAVE + PER_OCTAVE;
    ((u128::from(mantissa + 1) << shift) - 1) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_its_bucket_and_within_a_64th_of_its_edge() {
        let mut previous = 0;
        for value in
            (0..2_000).chain((11..64).flat_map(|bit| [(1 << bit) - 1, 1 << bit, (1 << bit) + 1])).chain([u64::MAX])
        {
            let index = bucket(value);
            assert!(index >= previous && index < BUCKETS, "{value}");
            previous = index;
            let edge = upper_edge(index);
            assert!(edge >= value && edge - value <= value / 64, "{value} {edge}");
        }
    }

    #[test]
    fn quantiles_are_nearest_ranks() {
        let histogram = Histogram::default();
        for value in 1..=100 {
            histogram.record(value);
        }
        assert_eq!(
            (histogram.quantile(0.5), histogram.quantile(0.95), histogram.quantile(0.99), histogram.quantile(1.0)),
            (50, 95, 99, 100)
        );
        assert_eq!((histogram.count(), histogram.max()), (100, 100));
    }

    #[test]
    fn two_histograms_together_have_the_values_of_both() {
        let (both, other) = (Histogram::default(), Histogram::default());
        both.record(10);
        other.record(1_000);
        both.add(&other);
        assert_eq!((both.count(), both.quantile(0.5), both.max()), (2, 10, 1_000));
    }

    #[test]
    fn no_quantile_exceeds_the_greatest_value() {
        let histogram = Histogram::default();
        histogram.record(1_000_000);
        assert_eq!(histogram.quantile(0.5), 1_000_000);
    }

    #[test]
    fn an_empty_histogram_says_zero() {
        assert_eq!(Histogram::default().quantile(0.99), 0);
    }
}
