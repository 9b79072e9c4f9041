//! Rate limits: the generic cell rate algorithm (ITU-T I.371), one number of state, lock-free, so that a connection, an
//! address and a tenant can each have one.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// So many a second, after a burst.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Sustained; at least 1.
    pub per_second: u32,
    /// At once, after silence; at least 1.
    pub burst: u32,
}

/// Counts against a [`Rate`].
#[derive(Debug, Default)]
pub struct RateLimiter {
    /// Theoretical arrival time of the next cell, in nanoseconds of the caller's clock.
    arrival: AtomicU64,
}

impl RateLimiter {
    /// Takes one now.
    ///
    /// `now` is the time since any fixed moment. `Err` holds the time to wait for; nothing is taken then.
    ///
    /// # Errors
    /// When the rate is exceeded.
    pub fn take(&self, rate: Rate, now: Duration) -> Result<(), Duration> {
        let interval = 1_000_000_000 / u64::from(rate.per_second.max(1));
        let tolerance = interval * u64::from(rate.burst.max(1) - 1);
        let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        let mut arrival = self.arrival.load(Ordering::Relaxed);
        loop {
            let wait = arrival.saturating_sub(now).saturating_sub(tolerance);
            if wait > 0 {
                return Err(Duration::from_nanos(wait));
            }
            let next = arrival.max(now) + interval;
            match self.arrival.compare_exchange_weak(arrival, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Ok(()),
                Err(other) => arrival = other,
            }
        }
    }

    /// Nothing is left of earlier takings: the limiter is as good as new and may be forgotten.
    #[must_use]
    pub fn is_idle(&self, now: Duration) -> bool {
        u128::from(self.arrival.load(Ordering::Relaxed)) <= now.as_nanos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { per_second: 10, burst: 3 };

    #[test]
    fn a_burst_passes_then_the_rate_holds() {
        let limiter = RateLimiter::default();
        let mut now = Duration::from_secs(5);
        for _ in 0..3 {
            assert_eq!(limiter.take(RATE, now), Ok(()));
        }
        assert_eq!(limiter.take(RATE, now), Err(Duration::from_millis(100)));
        now += Duration::from_millis(99);
        assert_eq!(limiter.take(RATE, now), Err(Duration::from_millis(1)));
        now += Duration::from_millis(1);
        assert_eq!(limiter.take(RATE, now), Ok(()));
        assert!(limiter.take(RATE, now).is_err());
    }

    #[test]
    fn silence_restores_the_burst_and_no_more() {
        let limiter = RateLimiter::default();
        let now = Duration::from_secs(3600);
        assert_eq!((0..100).filter(|_| limiter.take(RATE, now).is_ok()).count(), 3);
        assert!(!limiter.is_idle(now));
        let later = now + Duration::from_secs(1);
        assert!(limiter.is_idle(later));
        assert_eq!((0..100).filter(|_| limiter.take(RATE, later).is_ok()).count(), 3);
    }
}
