//! When a client tries again: as the SDK does.

use std::time::Duration;

/// The bound of the wait before the second attempt; it doubles with each further one.
const BASE: Duration = Duration::from_millis(300);

/// The bound of any wait.
const LONGEST: Duration = Duration::from_secs(10);

/// The wait before attempt number `attempt` (0, 1, …): at once, then a random part of a bound that doubles, so that the clients of a
/// server that was restarted do not come back together. What the server asked for is a lower bound. `random` is from [0, 1).
pub(super) fn delay(attempt: u32, retry_after: Option<Duration>, random: f64) -> Duration {
    let bound = match attempt.checked_sub(1) {
        None => Duration::ZERO,
        Some(doubled) => BASE.saturating_mul(2_u32.saturating_pow(doubled)).min(LONGEST),
    };
    retry_after.unwrap_or_default() + bound.mul_f64(random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_attempt_comes_at_once_and_the_bound_of_the_others_doubles_up_to_its_end() {
        let bounds: Vec<u64> = (0..8).map(|attempt| delay(attempt, None, 1.0).as_millis() as u64).collect();
        assert_eq!(bounds, [0, 300, 600, 1_200, 2_400, 4_800, 9_600, 10_000]);
        assert_eq!(delay(u32::MAX, None, 0.5), LONGEST / 2);
    }

    #[test]
    fn what_the_server_asks_for_is_waited_for_even_at_first() {
        let asked = Some(Duration::from_millis(700));
        assert_eq!(delay(0, asked, 0.9), Duration::from_millis(700));
        assert_eq!(delay(1, asked, 0.5), Duration::from_millis(850));
    }
}
