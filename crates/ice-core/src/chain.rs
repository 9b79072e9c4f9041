//! Providers of ICE servers in their order: which one to ask next.
//!
//! Each provider has a time limit, a circuit breaker and, where it costs money, a budget for the month. A request walks the chain:
//! [`Chain::next`] names the provider to ask, and [`Chain::succeeded`], [`Chain::failed`] or [`Chain::declined`] tells what
//! came of it, until one has succeeded or none is left.

mod breaker;
mod budget;

use std::time::{Duration, Instant};

use crate::UnixTime;
pub use breaker::{BreakerRules, BreakerState};
pub use budget::{InvalidMonth, Month, Spent};

use breaker::Breaker;
use budget::Budget;

/// What a provider is asked by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProviderRules {
    /// The lowest is asked first; those of one number in the order of the list.
    pub priority: u16,
    /// How long it may take to answer.
    pub timeout: Duration,
    /// When it is left alone.
    pub breaker: BreakerRules,
    /// Credentials that it may give in a month of UTC; `None`: no limit.
    pub monthly_budget: Option<u64>,
}

/// Providers in their order.
#[derive(Debug)]
pub struct Chain {
    /// In the order of the configuration.
    providers: Vec<Provider>,
    /// Indices of `providers`, in the order in which they are asked.
    order: Vec<usize>,
}

#[derive(Debug)]
struct Provider {
    rules: ProviderRules,
    breaker: Breaker,
    budget: Budget,
}

/// How far a request has walked.
#[derive(Debug, Default)]
pub struct Walk {
    at: usize,
}

/// A provider that is to be asked now. Its end must be told; one that never is counts as failed when its time is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// Which, by its place in the configuration.
    pub provider: usize,
    /// How long it may take.
    pub timeout: Duration,
    month: Month,
}

impl Chain {
    /// The chain of these providers.
    #[must_use]
    pub fn new(rules: impl IntoIterator<Item = ProviderRules>) -> Self {
        let provider = |rules| Provider { rules, breaker: Breaker::default(), budget: Budget::default() };
        let providers: Vec<_> = rules.into_iter().map(provider).collect();
        let mut order: Vec<_> = (0..providers.len()).collect();
        order.sort_by_key(|index| providers[*index].rules.priority);
        Self { providers, order }
    }

    /// The next provider of a walk that may be asked. `None`: there is none left.
    ///
    /// What it is asked for is taken from its budget now, so that requests at one time do not overdraw it.
    pub fn next(&mut self, walk: &mut Walk, now: Instant, wall_clock: UnixTime) -> Option<Attempt> {
        let month = Month::of(wall_clock);
        while let Some(index) = self.order.get(walk.at).copied() {
            walk.at += 1;
            let Provider { rules, breaker, budget } = &mut self.providers[index];
            // The budget comes first: a trial of a breaker that is not made would shut everyone out.
            if budget.has_left(rules.monthly_budget, month) && breaker.admits(&rules.breaker, rules.timeout, now) {
                budget.take(month);
                return Some(Attempt { provider: index, timeout: rules.timeout, month });
            }
        }
        None
    }

    /// The provider gave what was asked of it.
    pub fn succeeded(&mut self, attempt: Attempt) {
        self.providers[attempt.provider].breaker.succeeded();
    }

    /// The provider failed, or took too long. Costs nothing of its budget.
    pub fn failed(&mut self, attempt: Attempt, now: Instant) {
        let Provider { rules, breaker, budget } = &mut self.providers[attempt.provider];
        breaker.failed(&rules.breaker, now);
        budget.give_back(attempt.month);
    }

    /// The provider has nothing to give now, or not for this request. That is no failure: it is asked again by the next one. Costs nothing
    /// of its budget.
    pub fn declined(&mut self, attempt: Attempt, now: Instant) {
        let Provider { breaker, budget, .. } = &mut self.providers[attempt.provider];
        breaker.declined(now);
        budget.give_back(attempt.month);
    }

    /// Whether a provider's breaker lets requests through at `now`.
    #[must_use]
    pub fn breaker_state(&self, provider: usize, now: Instant) -> BreakerState {
        self.providers[provider].breaker.state(now)
    }

    /// What a provider has given in the month of `wall_clock`.
    #[must_use]
    pub fn spent(&self, provider: usize, wall_clock: UnixTime) -> Spent {
        self.providers[provider].budget.spent(Month::of(wall_clock))
    }

    /// Adds what a provider had given before this process began.
    pub fn restore(&mut self, provider: usize, before: Spent) {
        self.providers[provider].budget.restore(before);
    }
}

#[cfg(test)]
mod tests;
