//! How long to wait before the next attempt.

use std::time::Duration;

/// When what failed is tried again, and when no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The wait after the first failure; it doubles with each further one.
    pub first: Duration,
    /// The longest wait.
    pub longest: Duration,
}

impl RetryPolicy {
    /// The wait after so many failures: between half of the step and all of it, as `jitter` (0 to 1) says, so that what failed
    /// together is not tried again together.
    #[must_use]
    pub fn delay(&self, failures: u32, jitter: f64) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        let step = self.first.saturating_mul(1 << doublings).min(self.longest);
        step.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: RetryPolicy = RetryPolicy { first: Duration::from_secs(1), longest: Duration::from_secs(900) };

    #[test]
    fn the_wait_doubles_up_to_its_limit() {
        let waits: Vec<_> = (1..=12).map(|failures| POLICY.delay(failures, 1.0).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        assert_eq!(POLICY.delay(u32::MAX, 1.0), POLICY.longest);
    }

    #[test]
    fn jitter_takes_up_to_half_of_it() {
        assert_eq!(POLICY.delay(3, 0.0), Duration::from_secs(2));
        assert_eq!(POLICY.delay(3, 0.5), Duration::from_secs(3));
        assert_eq!(POLICY.delay(3, f64::INFINITY), Duration::from_secs(4));
    }
}
