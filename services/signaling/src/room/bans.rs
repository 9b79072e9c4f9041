//! The bans that a room's actor knows.

use antiphon_backplane::{Limits, StoredBan};
use antiphon_room_core::{Ban, Event, EventBody, Millis};

/// A room's bans, kept as the backplane keeps them: those that have run out go when another one comes, and beyond
/// [`Limits::bans`] the one that would have run out first.
#[derive(Debug, Clone)]
pub(super) struct Bans {
    standing: Vec<Ban>,
    limit: usize,
}

impl Default for Bans {
    fn default() -> Self {
        Self { standing: Vec::new(), limit: Limits::default().bans }
    }
}

impl Bans {
    pub(super) fn loaded(stored: Vec<StoredBan>) -> Self {
        let standing = stored.into_iter().map(|ban| Ban { identity: ban.identity, until: Millis(ban.until_ms) });
        Self { standing: standing.collect(), ..Self::default() }
    }

    pub(super) fn as_slice(&self) -> &[Ban] {
        &self.standing
    }

    /// Whether an event changes a room's bans.
    pub(super) fn concerns(event: &Event) -> bool {
        matches!(event.body, EventBody::Banned { .. } | EventBody::Unbanned { .. })
    }

    /// Brings the bans up to date with an event of the log.
    pub(super) fn follow(&mut self, event: &Event) {
        if let EventBody::Banned { identity, until } = &event.body {
            self.add(Ban { identity: identity.clone(), until: *until }, event.at);
        }
        if let EventBody::Unbanned { identity } = &event.body {
            self.standing.retain(|standing| standing.identity != *identity);
        }
    }

    /// Takes a ban that began at `at`. Of two bans of one identity the longer one holds.
    fn add(&mut self, ban: Ban, at: Millis) {
        self.standing.retain(|standing| standing.until > at);
        match self.standing.iter_mut().find(|standing| standing.identity == ban.identity) {
            Some(standing) => standing.until = standing.until.max(ban.until),
            None => self.standing.push(ban),
        }
        if self.standing.len() > self.limit {
            self.standing.sort_by_key(|standing| std::cmp::Reverse(standing.until));
            self.standing.truncate(self.limit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ban(name: &str, until: u64) -> Ban {
        Ban { identity: name.parse().expect("short"), until: Millis(until) }
    }

    fn named(bans: &Bans) -> Vec<(&str, u64)> {
        bans.as_slice().iter().map(|ban| (ban.identity.as_str(), ban.until.0)).collect()
    }

    #[test]
    fn a_ban_that_has_run_out_goes_when_another_comes() {
        let mut bans = Bans::default();
        bans.add(ban("ada", 10), Millis(0));
        bans.add(ban("bob", 11), Millis(0));
        bans.add(ban("cyd", 30), Millis(10));
        assert_eq!(named(&bans), [("bob", 11), ("cyd", 30)]);
    }

    #[test]
    fn the_longer_of_two_bans_of_one_identity_holds() {
        let mut bans = Bans::default();
        for until in [10, 30, 20] {
            bans.add(ban("ada", until), Millis(0));
        }
        assert_eq!(named(&bans), [("ada", 30)]);
    }

    #[test]
    fn a_ban_that_is_lifted_goes_at_once() {
        let mut bans = Bans::default();
        let events = ["ada", "bob"]
            .map(|name| ban(name, 10))
            .map(|Ban { identity, until }| EventBody::Banned { identity, until });
        let lifted = EventBody::Unbanned { identity: "ada".parse().expect("short") };
        for body in events.into_iter().chain([lifted]) {
            let event = Event { at: Millis(0), by: None, request: None, body };
            assert!(Bans::concerns(&event));
            bans.follow(&event);
        }
        assert_eq!(named(&bans), [("bob", 10)]);
    }

    #[test]
    fn beyond_the_limit_the_ban_that_ends_first_goes() {
        let mut bans = Bans { limit: 2, ..Bans::default() };
        for (name, until) in [("ada", 20), ("bob", 10), ("cyd", 30)] {
            bans.add(ban(name, until), Millis(0));
        }
        assert_eq!(named(&bans), [("cyd", 30), ("ada", 20)]);
    }
}
