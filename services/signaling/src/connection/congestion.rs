//! Recipients whose mailboxes were full a moment ago.

use std::time::{Duration, Instant};

use antiphon_backplane::Recipients;
use antiphon_protocol::Sid;

/// How long a recipient that was too busy is not tried again, which is what its sender is told to wait. What the sender had on its
/// way behind the frame that was refused comes before that is over, and is refused too: otherwise it would overtake.
#[derive(Debug)]
pub(super) struct Congestion {
    pause: Duration,
    /// At most one per member of the room, and none that is over once another comes.
    until: Vec<(Sid, Instant)>,
}

impl Congestion {
    pub(super) fn new(pause: Duration) -> Self {
        Self { pause, until: Vec::new() }
    }

    /// This recipient's mailbox is full.
    pub(super) fn note(&mut self, recipient: Sid, now: Instant) {
        self.until.retain(|(sid, until)| *sid != recipient && now < *until);
        self.until.push((recipient, now + self.pause));
    }

    /// One of these that is not to be tried yet.
    pub(super) fn holds(&self, to: &Recipients, now: Instant) -> Option<Sid> {
        let is_for = |sid: &Sid| match to {
            Recipients::One(one) => one == sid,
            Recipients::Many(many) => many.contains(sid),
        };
        self.until.iter().find(|(sid, until)| is_for(sid) && now < *until).map(|(sid, _)| *sid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sid(number: u8) -> Sid {
        Sid::from_random([number; 10])
    }

    #[test]
    fn who_was_busy_is_left_alone_until_its_time_is_over_and_nobody_else_is() {
        let (slow, quick) = (sid(1), sid(2));
        let now = Instant::now();
        let mut congestion = Congestion::new(Duration::from_secs(1));
        congestion.note(slow, now);
        let held = |to: &Recipients, after_ms: u64| congestion.holds(to, now + Duration::from_millis(after_ms));
        assert_eq!(held(&Recipients::One(slow), 999), Some(slow));
        assert_eq!(held(&Recipients::One(slow), 1_000), None);
        assert_eq!(held(&Recipients::One(quick), 0), None);
        assert_eq!(held(&Recipients::Many(vec![quick, slow]), 0), Some(slow));
    }

    #[test]
    fn what_is_over_takes_no_room() {
        let now = Instant::now();
        let mut congestion = Congestion::new(Duration::from_secs(1));
        for round in 0..100 {
            congestion.note(sid(round), now + Duration::from_secs(round.into()));
            congestion.note(sid(round), now + Duration::from_secs(round.into()));
        }
        assert_eq!(congestion.until.len(), 1);
    }
}
