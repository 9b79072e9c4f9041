//! The wall clock, for the shells; cores take the time as an argument.

use std::time::SystemTime;

/// Seconds since the Unix epoch; 0 on a machine whose clock stands before it.
#[must_use]
pub fn unix_now_s() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}
