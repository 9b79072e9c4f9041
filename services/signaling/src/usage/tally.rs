//! Counts by the hour. Pure: the time is an argument.

use std::collections::VecDeque;

use antiphon_room_core::Millis;

/// Hours that are kept, the present one included: two days, so that whoever fetches once a day may miss a day.
pub(crate) const HOURS: usize = 48;

const HOUR_MS: u64 = 60 * 60 * 1_000;

/// A whole hour of UTC, counted from the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hour(u64);

impl Hour {
    /// The hour that a moment belongs to; its first millisecond does, the next hour's does not.
    pub(crate) fn of(at: Millis) -> Self {
        Self(at.0 / HOUR_MS)
    }

    /// When it begins.
    pub(crate) fn begins(self) -> Millis {
        Millis(self.0.saturating_mul(HOUR_MS))
    }

    /// So many hours before.
    pub(crate) fn minus(self, hours: usize) -> Self {
        Self(self.0.saturating_sub(hours as u64))
    }

    fn ends(self) -> Millis {
        Self(self.0.saturating_add(1)).begins()
    }
}

/// What was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    /// Milliseconds of all sessions together.
    pub(crate) participant_ms: u64,
    /// Sessions at once, at most.
    pub(crate) peak_participants: u64,
    /// Rooms that began.
    pub(crate) rooms_started: u64,
    /// Frames that clients sent.
    pub(crate) messages: u64,
    /// Bytes of frames that clients were sent.
    pub(crate) bytes_relayed: u64,
}

/// What was used in an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HourCounts {
    pub(crate) hour: Hour,
    pub(crate) counts: Counts,
}

/// What happened to rooms and sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Change {
    pub(crate) rooms_started: u32,
    pub(crate) rooms_ended: u32,
    pub(crate) joined: u32,
    pub(crate) left: u32,
}

/// One tenant's counts.
#[derive(Debug)]
pub(crate) struct Tally {
    /// Rooms and sessions at this moment. Below zero where another replica counted the beginning.
    rooms: i64,
    participants: i64,
    /// Counted up to here.
    at: Millis,
    /// The present hour last; hours without use are left out.
    hours: VecDeque<HourCounts>,
}

impl Tally {
    pub(crate) fn new(now: Millis) -> Self {
        Self { rooms: 0, participants: 0, at: now, hours: VecDeque::new() }
    }

    /// Rooms at this moment.
    pub(crate) fn rooms(&self) -> u64 {
        u64::try_from(self.rooms).unwrap_or(0)
    }

    /// Sessions at this moment.
    pub(crate) fn participants(&self) -> u64 {
        u64::try_from(self.participants).unwrap_or(0)
    }

    /// Counts up to `now`: what the sessions of this moment come to. A clock that is set back adds nothing. Gives the milliseconds.
    pub(crate) fn advance(&mut self, now: Millis) -> u64 {
        let (begun, mut counted) = (self.at, 0);
        while self.participants > 0 && self.at < now {
            let to = now.min(Hour::of(self.at).ends());
            let passed = (to.0 - self.at.0).saturating_mul(self.participants());
            let present = self.participants();
            let counts = self.present();
            counts.participant_ms = counts.participant_ms.saturating_add(passed);
            counts.peak_participants = counts.peak_participants.max(present);
            counted += passed;
            self.at = to;
        }
        self.at = begun.max(now);
        counted
    }

    /// Something happened to rooms and sessions, at the moment that was counted up to.
    pub(crate) fn change(&mut self, change: Change) {
        self.rooms += i64::from(change.rooms_started) - i64::from(change.rooms_ended);
        self.participants += i64::from(change.joined) - i64::from(change.left);
        if change == Change::default() {
            return;
        }
        let present = self.participants();
        let counts = self.present();
        counts.rooms_started += u64::from(change.rooms_started);
        counts.peak_participants = counts.peak_participants.max(present);
    }

    /// Frames were carried in the time before the moment that was counted up to.
    pub(crate) fn carried(&mut self, messages: u64, bytes_relayed: u64) {
        if messages > 0 || bytes_relayed > 0 {
            let counts = self.present();
            counts.messages += messages;
            counts.bytes_relayed += bytes_relayed;
        }
    }

    /// The hours from `first` on that had any use, oldest first.
    pub(crate) fn hours(&self, first: Hour) -> impl Iterator<Item = HourCounts> {
        self.hours.iter().copied().filter(move |counts| counts.hour >= first)
    }

    /// The counts of the hour that was counted up to.
    fn present(&mut self) -> &mut Counts {
        let hour = Hour::of(self.at);
        if self.hours.back().is_none_or(|last| last.hour < hour) {
            self.hours.push_back(HourCounts { hour, counts: Counts::default() });
            let oldest = Hour(hour.0.saturating_sub(HOURS as u64 - 1));
            while self.hours.front().is_some_and(|first| first.hour < oldest) {
                self.hours.pop_front();
            }
        }
        &mut self.hours.back_mut().expect("just seen to").counts
    }
}

#[cfg(test)]
#[path = "tally_tests.rs"]
mod tests;
