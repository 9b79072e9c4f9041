//! How long to wait before the next attempt.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(20);
const LONGEST: Duration = Duration::from_secs(2);

/// Waits that double up to two seconds, each spread over its second half, so that replicas do not come back together.
#[derive(Debug)]
pub(super) struct Backoff(Duration);

impl Backoff {
    pub(super) fn new() -> Self {
        Self(FIRST)
    }

    /// `spread`: from 0 to 1, at random.
    pub(super) fn next(&mut self, spread: f64) -> Duration {
        let wait = self.0.mul_f64((1.0 + spread.clamp(0.0, 1.0)) / 2.0);
        self.0 = LONGEST.min(2 * self.0);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_stay_below_the_longest() {
        let mut backoff = Backoff::new();
        let waits: Vec<_> = (0..9).map(|_| backoff.next(1.0).as_millis()).collect();
        assert_eq!(waits, [20, 40, 80, 160, 320, 640, 1_280, 2_000, 2_000]);
        assert_eq!(Backoff::new().next(0.0), FIRST / 2);
    }
}
