#![expect(clippy::disallowed_methods, reason = "the tests' own start of time")]

use std::num::NonZeroU32;

use super::*;

/// 2026-11-15, in the middle of a month.
const WALL: UnixTime = UnixTime(1_794_700_800);
const NEXT_MONTH: UnixTime = UnixTime(1_794_700_800 + 20 * 86_400);

fn rules() -> ProviderRules {
    ProviderRules {
        priority: 0,
        timeout: Duration::from_millis(300),
        breaker: BreakerRules {
            failures: NonZeroU32::MIN.saturating_add(1),
            open_for: Duration::from_secs(10),
            open_for_at_most: Duration::from_secs(30),
        },
        monthly_budget: None,
    }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// What the beginning of a walk is told to ask.
fn attempt(chain: &mut Chain, now: Instant) -> Option<Attempt> {
    chain.next(&mut Walk::default(), now, WALL)
}

fn fail(chain: &mut Chain, now: Instant) {
    let attempt = attempt(chain, now).expect("an attempt");
    chain.failed(attempt, now);
}

#[test]
fn providers_are_asked_by_priority_each_once() {
    let now = Instant::now();
    let of = |priority| ProviderRules { priority, ..rules() };
    let mut chain = Chain::new([of(5), of(1), of(1)]);
    let mut walk = Walk::default();
    let mut asked = Vec::new();
    while let Some(attempt) = chain.next(&mut walk, now, WALL) {
        assert_eq!(attempt.timeout, Duration::from_millis(300));
        chain.failed(attempt, now);
        asked.push(attempt.provider);
    }
    assert_eq!(asked, [1, 2, 0]);
}

#[test]
fn failures_in_a_row_open_the_breaker_and_a_success_between_them_does_not() {
    let now = Instant::now();
    let mut chain = Chain::new([rules()]);
    fail(&mut chain, now);
    let good = attempt(&mut chain, now).expect("an attempt");
    chain.succeeded(good);
    fail(&mut chain, now);
    assert_eq!(chain.breaker_state(0, now), BreakerState::Closed);
    fail(&mut chain, now);
    assert_eq!(chain.breaker_state(0, now), BreakerState::Open);
    assert_eq!(attempt(&mut chain, now), None);
}

#[test]
fn one_that_declines_is_asked_again_at_once_and_pays_nothing() {
    let now = Instant::now();
    let mut chain = Chain::new([ProviderRules { monthly_budget: Some(1), ..rules() }]);
    for _ in 0..5 {
        let declined = attempt(&mut chain, now).expect("an attempt");
        chain.declined(declined, now);
    }
    assert_eq!(chain.breaker_state(0, now), BreakerState::Closed);
    assert_eq!(chain.spent(0, WALL).credentials, 0);
}

#[test]
fn a_trial_that_is_declined_leaves_the_next_request_to_be_one() {
    let now = Instant::now();
    let mut chain = Chain::new([rules()]);
    fail(&mut chain, now);
    fail(&mut chain, now);
    let later = now + seconds(10);
    let trial = attempt(&mut chain, later).expect("a trial");
    assert_eq!(attempt(&mut chain, later), None, "one at a time");
    chain.declined(trial, later);
    fail(&mut chain, later);
    assert_eq!(attempt(&mut chain, later + seconds(19)), None, "it is open for twice as long");
    let trial = attempt(&mut chain, later + seconds(20)).expect("a trial");
    chain.succeeded(trial);
    assert_eq!(chain.breaker_state(0, later + seconds(20)), BreakerState::Closed);
}

#[test]
fn an_open_breaker_lets_one_trial_through_when_its_time_is_over() {
    let start = Instant::now();
    let mut chain = Chain::new([rules()]);
    fail(&mut chain, start);
    fail(&mut chain, start);
    assert_eq!(attempt(&mut chain, start + seconds(10) - Duration::from_nanos(1)), None);
    let now = start + seconds(10);
    assert_eq!(chain.breaker_state(0, now), BreakerState::HalfOpen);
    let trial = attempt(&mut chain, now).expect("the trial");
    assert_eq!(attempt(&mut chain, now), None, "one trial at a time");
    chain.succeeded(trial);
    assert_eq!(chain.breaker_state(0, now), BreakerState::Closed);
    assert!(attempt(&mut chain, now).is_some());
}

#[test]
fn a_trial_that_fails_opens_it_for_twice_as_long_up_to_the_limit() {
    let mut now = Instant::now();
    let mut chain = Chain::new([rules()]);
    fail(&mut chain, now);
    fail(&mut chain, now);
    for length in [10, 20, 30, 30] {
        assert_eq!(attempt(&mut chain, now + seconds(length) - Duration::from_nanos(1)), None, "{length}");
        now += seconds(length);
        fail(&mut chain, now);
    }
    // Behind a success it begins anew.
    now += seconds(30);
    let trial = attempt(&mut chain, now).expect("the trial");
    chain.succeeded(trial);
    fail(&mut chain, now);
    fail(&mut chain, now);
    assert!(attempt(&mut chain, now + seconds(10)).is_some());
}

#[test]
fn a_trial_of_which_nothing_is_heard_gives_way_to_another() {
    let start = Instant::now();
    let mut chain = Chain::new([rules()]);
    fail(&mut chain, start);
    fail(&mut chain, start);
    let now = start + seconds(10);
    attempt(&mut chain, now).expect("the trial that is forgotten");
    assert_eq!(attempt(&mut chain, now + seconds(10) - Duration::from_nanos(1)), None);
    assert!(attempt(&mut chain, now + seconds(10)).is_some());
}

#[test]
fn failures_that_were_on_their_way_do_not_keep_a_breaker_open() {
    let start = Instant::now();
    let mut chain = Chain::new([rules()]);
    let late = attempt(&mut chain, start).expect("an attempt");
    fail(&mut chain, start);
    fail(&mut chain, start);
    chain.failed(late, start + seconds(9));
    assert!(attempt(&mut chain, start + seconds(10)).is_some());
}

#[test]
fn a_budget_is_not_overdrawn_even_by_requests_at_one_time() {
    let now = Instant::now();
    let mut chain = Chain::new([ProviderRules { monthly_budget: Some(2), ..rules() }, rules()]);
    let first = attempt(&mut chain, now).expect("an attempt");
    let second = attempt(&mut chain, now).expect("an attempt");
    assert_eq!((first.provider, second.provider), (0, 0));
    assert_eq!(attempt(&mut chain, now).map(|attempt| attempt.provider), Some(1));
    chain.failed(second, now);
    assert_eq!(chain.spent(0, WALL).credentials, 1, "a failure costs nothing");
    assert_eq!(attempt(&mut chain, now).map(|attempt| attempt.provider), Some(0));
}

#[test]
fn a_new_month_has_a_new_budget_and_an_old_clock_has_none() {
    let now = Instant::now();
    let mut chain = Chain::new([ProviderRules { monthly_budget: Some(1), ..rules() }]);
    let mut taken = |wall_clock| chain.next(&mut Walk::default(), now, wall_clock).is_some();
    assert!(taken(WALL));
    assert!(!taken(WALL));
    assert!(taken(NEXT_MONTH));
    assert!(!taken(WALL), "a clock that goes back gives nothing twice");
    assert_eq!(chain.spent(0, NEXT_MONTH), Spent { month: Month::of(NEXT_MONTH), credentials: 1 });
}

#[test]
fn a_failure_of_last_month_gives_this_month_nothing() {
    let now = Instant::now();
    let mut chain = Chain::new([rules()]);
    let old = attempt(&mut chain, now).expect("an attempt");
    chain.next(&mut Walk::default(), now, NEXT_MONTH).expect("an attempt");
    chain.failed(old, now);
    assert_eq!(chain.spent(0, NEXT_MONTH).credentials, 1);
}

#[test]
fn what_was_given_before_a_restart_counts() {
    let now = Instant::now();
    let mut chain = Chain::new([ProviderRules { monthly_budget: Some(5), ..rules() }]);
    chain.restore(0, Spent { month: Month::of(WALL), credentials: 4 });
    assert!(attempt(&mut chain, now).is_some());
    assert!(attempt(&mut chain, now).is_none());
    let mut chain = Chain::new([ProviderRules { monthly_budget: Some(5), ..rules() }]);
    chain.restore(0, Spent { month: Month::of(WALL), credentials: 5 });
    assert!(chain.next(&mut Walk::default(), now, NEXT_MONTH).is_some(), "another month's does not");
}

#[test]
fn a_provider_without_budget_begins_no_trial() {
    let start = Instant::now();
    let mut chain = Chain::new([ProviderRules { monthly_budget: Some(2), ..rules() }]);
    fail(&mut chain, start);
    fail(&mut chain, start);
    chain.restore(0, Spent { month: Month::of(WALL), credentials: 2 });
    let now = start + seconds(10);
    assert_eq!(attempt(&mut chain, now), None);
    assert!(chain.next(&mut Walk::default(), now, NEXT_MONTH).is_some(), "the trial is still to be had");
}

#[test]
fn what_was_given_in_an_older_month_is_not_restored_into_this_one() {
    let mut chain = Chain::new([rules()]);
    let before = Spent { month: Month::of(WALL), credentials: 7 };
    chain.next(&mut Walk::default(), Instant::now(), NEXT_MONTH).expect("an attempt");
    chain.restore(0, before);
    assert_eq!(chain.spent(0, NEXT_MONTH).credentials, 1);
}
