//! What a receiver's answer means.

use std::time::{Duration, SystemTime};

use crate::Outcome;

/// A receiver that asks for more than this is asked again after it.
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);

/// Reads an answer: 2xx took the webhook, 410 wants no more of them (Standard Webhooks, "Webhook endpoint status"), anything
/// else is to be tried again. With 429 and 503 `retry_after` (RFC 9110 §10.2.3), seconds or a date, is for the endpoint as
/// a whole; it counts for an hour at most.
#[must_use]
pub fn judge(status: u16, retry_after: Option<&str>, now: SystemTime) -> Outcome {
    match status {
        200..=299 => Outcome::Delivered,
        410 => Outcome::Gone,
        429 | 503 => Outcome::Failed { pause: retry_after.and_then(|value| pause(value, now)) },
        _ => Outcome::Failed { pause: None },
    }
}

fn pause(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    let wait = match value.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        // A date that is past asks for no wait.
        Err(_) => httpdate::parse_http_date(value).ok()?.duration_since(now).unwrap_or_default(),
    };
    Some(wait.min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> SystemTime {
        // Sun, 06 Nov 1994 08:49:37 GMT
        SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777)
    }

    fn paused(seconds: u64) -> Outcome {
        Outcome::Failed { pause: Some(Duration::from_secs(seconds)) }
    }

    #[test]
    fn only_2xx_is_delivered_and_410_ends_it() {
        for status in [200, 202, 204, 299] {
            assert_eq!(judge(status, None, now()), Outcome::Delivered);
        }
        for status in [100, 199, 300, 301, 307, 400, 404, 429, 500, 503] {
            assert_eq!(judge(status, None, now()), Outcome::Failed { pause: None }, "{status}");
        }
        assert_eq!(judge(410, None, now()), Outcome::Gone);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_bounded() {
        assert_eq!(judge(429, Some("7"), now()), paused(7));
        assert_eq!(judge(503, Some(" 120 "), now()), paused(120));
        assert_eq!(judge(503, Some("Sun, 06 Nov 1994 08:49:47 GMT"), now()), paused(10));
        assert_eq!(judge(503, Some("Sun, 06 Nov 1994 08:49:30 GMT"), now()), paused(0));
        assert_eq!(judge(503, Some("18446744073709551615"), now()), paused(3_600));
        for nonsense in ["", "-1", "soon", "99999999999999999999", "Sun, 99 Nov"] {
            assert_eq!(judge(503, Some(nonsense), now()), Outcome::Failed { pause: None }, "{nonsense}");
        }
        assert_eq!(
            judge(500, Some("7"), now()),
            Outcome::Failed { pause: None },
            "only 429 and 503 speak for the endpoint"
        );
    }
}
