//! An independent model against the system: three replicas race to append to one log.
//!
//! `cargo test -p antiphon-room-core --test model`. A failure prints its seed and the shortest list of steps that still fails.
#![expect(clippy::wildcard_enum_match_arm, reason = "the model names the commands that a rule is about")]

mod audit;
mod cluster;
mod history;
mod mutants;
mod rules;
mod shrink;
mod steps;
mod verdict;
mod view;

use std::sync::atomic::{AtomicU64, Ordering};

use antiphon_protocol::ErrorCode;
use rules::{Genuine, Rules, Watched};

const SEEDS: u64 = 10_000;
const COMMANDS: usize = 60;
/// So many are enough to have met everything.
const WATCHED_SEEDS: u64 = 1_000;
/// Within so many seeds each mutant has to be found.
const MUTANT_SEEDS: u64 = 2_000;

/// Says what is wrong, rather than panic, so that a failing run can be shrunk.
macro_rules! ensure {
    ($holds:expr, $($message:tt)+) => {
        if !$holds {
            return Err(format!($($message)+));
        }
    };
}
pub(crate) use ensure;

#[test]
fn the_room_does_what_the_model_says_over_random_interleavings_of_three_replicas() {
    if let Some(seed) = first_failure(&Genuine, SEEDS) {
        panic!("{}", shrink::report(&Genuine, seed, COMMANDS));
    }
}

/// A model that is never asked agrees with everything.
#[test]
fn the_random_histories_meet_every_event_and_every_refusal() {
    let watched = Watched::default();
    assert_eq!(first_failure(&watched, WATCHED_SEEDS), None);
    let (events, refusals) = watched.seen();
    assert_eq!(events.len(), 22, "{events:?}");
    let expected = [
        ErrorCode::InvalidArgument,
        ErrorCode::TooLarge,
        ErrorCode::TokenExpired,
        ErrorCode::PermissionDenied,
        ErrorCode::NotFound,
        ErrorCode::AlreadyJoined,
        ErrorCode::RoomFull,
        ErrorCode::RoomLocked,
        ErrorCode::RoomEnded,
        ErrorCode::IdentityTaken,
        ErrorCode::Banned,
        ErrorCode::Waiting,
        ErrorCode::ResumeFailed,
        ErrorCode::RoomExists,
    ];
    assert_eq!(refusals.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn every_mutant_of_the_rules_is_killed() {
    let mutants = mutants::all();
    assert!(mutants.len() >= 10);
    let survives = |(_, rules): &&(&str, Box<dyn Rules>)| first_failure(rules.as_ref(), MUTANT_SEEDS).is_none();
    let survivors: Vec<_> = mutants.iter().filter(survives).map(|(name, _)| *name).collect();
    assert!(survivors.is_empty(), "these mutants survive {MUTANT_SEEDS} seeds: {survivors:?}");
}

/// A seed that fails, found by two threads.
fn first_failure(rules: &dyn Rules, seeds: u64) -> Option<u64> {
    let next = AtomicU64::new(0);
    let search = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds {
                return None;
            }
            let (config, steps) = steps::steps(seed, COMMANDS);
            if cluster::run(rules, &config, &steps).is_err() {
                next.store(seeds, Ordering::Relaxed);
                return Some(seed);
            }
        }
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(search);
        let here = search();
        here.or(other.join().expect("a search reports failures instead of panicking"))
    })
}
