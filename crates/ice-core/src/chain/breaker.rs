//! A circuit breaker: what fails again and again is left alone for a while, then tried once.

use std::{
    num::NonZeroU32,
    time::{Duration, Instant},
};

/// When a breaker opens, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerRules {
    /// So many failures in a row open it.
    pub failures: NonZeroU32,
    /// For so long at first; twice as long behind each trial that fails.
    pub open_for: Duration,
    /// But never longer than this.
    pub open_for_at_most: Duration,
}

/// What a breaker does with requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// Lets them through.
    Closed,
    /// Lets none through.
    Open,
    /// Lets one through, to see.
    HalfOpen,
}

impl BreakerState {
    /// Its name as a metric's label.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

#[derive(Debug)]
pub(super) enum Breaker {
    Closed {
        /// In a row.
        failures: u32,
    },
    Open {
        until: Instant,
        /// How long it was opened for.
        length: Duration,
    },
    /// One request is through. When its time is over without a word of it, another may go.
    Trial { until: Instant, length: Duration },
}

impl Default for Breaker {
    fn default() -> Self {
        Self::Closed { failures: 0 }
    }
}

impl Breaker {
    /// Whether a request that takes `timeout` at most may go through. If it is a trial, it is begun.
    pub(super) fn admits(&mut self, rules: &BreakerRules, timeout: Duration, now: Instant) -> bool {
        match *self {
            Self::Closed { .. } => true,
            Self::Open { until, length } | Self::Trial { until, length } if until <= now => {
                *self = Self::Trial { until: now + timeout.max(rules.open_for), length };
                true
            }
            Self::Open { .. } | Self::Trial { .. } => false,
        }
    }

    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// What is no answer proves nothing: after a trial the next request is one.
    pub(super) fn declined(&mut self, now: Instant) {
        if let Self::Trial { length, .. } = *self {
            *self = Self::Open { until: now, length };
        }
    }

    pub(super) fn failed(&mut self, rules: &BreakerRules, now: Instant) {
        *self = match *self {
            Self::Closed { failures } if failures + 1 < rules.failures.get() => Self::Closed { failures: failures + 1 },
            Self::Closed { .. } => Self::Open { until: now + rules.open_for, length: rules.open_for },
            // One that was on its way when the breaker opened.
            Self::Open { until, length } => Self::Open { until, length },
            Self::Trial { length, .. } => {
                let length = length.saturating_mul(2).min(rules.open_for_at_most);
                Self::Open { until: now + length, length }
            }
        };
    }

    pub(super) fn state(&self, now: Instant) -> BreakerState {
        match self {
            Self::Closed { .. } => BreakerState::Closed,
            Self::Open { until, .. } if now < *until => BreakerState::Open,
            Self::Open { .. } | Self::Trial { .. } => BreakerState::HalfOpen,
        }
    }
}
