use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);
const RETRY: RetryPolicy = RetryPolicy { first: SECOND, longest: Duration::from_secs(60) };
const FAILED: Outcome = Outcome::Failed { pause: None };

/// A scheduler on virtual time. A message is a lane and a number.
struct Endpoint {
    scheduler: Scheduler<&'static str, (&'static str, u32)>,
    start: Instant,
    now: Instant,
}

impl Endpoint {
    #[expect(clippy::disallowed_methods, reason = "virtual time begins somewhere")]
    fn new(concurrency: usize) -> Self {
        let start = Instant::now();
        Self { scheduler: Scheduler::new(RETRY, concurrency), start, now: start }
    }

    fn enqueue(&mut self, lane: &'static str, number: u32) {
        self.enqueue_until(lane, number, Duration::from_secs(86_400));
    }

    fn enqueue_until(&mut self, lane: &'static str, number: u32, patience: Duration) {
        let message = Message { key: (lane, number), at_ms: number.into(), until: self.now + patience, insists: false };
        self.scheduler.enqueue(lane, message);
    }

    /// What is sent now.
    fn sent(&mut self) -> Vec<(&'static str, u32)> {
        std::iter::from_fn(|| self.scheduler.next(self.now)).map(|due| due.key).collect()
    }

    fn settle(&mut self, lane: &'static str, outcome: Outcome) -> Verdict<(&'static str, u32)> {
        self.scheduler.settle(&lane, outcome, self.now, 1.0)
    }

    fn advance(&mut self, seconds: u64) {
        self.now += SECOND * u32::try_from(seconds).expect("short");
    }

    /// Seconds since the start.
    fn at(&self, seconds: u64) -> Instant {
        self.start + Duration::from_secs(seconds)
    }
}

#[test]
fn a_lane_sends_one_after_the_other_and_lanes_go_beside_one_another() {
    let mut endpoint = Endpoint::new(10);
    for (lane, number) in [("a", 1), ("a", 2), ("b", 1)] {
        endpoint.enqueue(lane, number);
    }
    assert_eq!(endpoint.sent(), [("a", 1), ("b", 1)]);
    assert_eq!(endpoint.settle("a", Outcome::Delivered), Verdict::Done(("a", 1)));
    assert_eq!(endpoint.sent(), [("a", 2)]);
    assert_eq!(endpoint.settle("a", Outcome::Delivered), Verdict::Done(("a", 2)));
    assert_eq!(endpoint.settle("b", Outcome::Delivered), Verdict::Done(("b", 1)));
    assert!(endpoint.scheduler.is_empty() && endpoint.scheduler.is_idle());
    assert_eq!(endpoint.scheduler.timeout(), None);
}

#[test]
fn what_failed_is_tried_again_later_and_later_and_holds_back_its_own_lane_only() {
    let mut endpoint = Endpoint::new(10);
    endpoint.enqueue("bad", 1);
    endpoint.enqueue("bad", 2);
    assert_eq!(endpoint.sent(), [("bad", 1)]);
    assert_eq!(endpoint.settle("bad", FAILED), Verdict::Again { at: endpoint.at(1) });
    endpoint.enqueue("good", 1);
    assert_eq!(endpoint.sent(), [("good", 1)]);
    assert_eq!(endpoint.settle("good", Outcome::Delivered), Verdict::Done(("good", 1)));
    assert_eq!(endpoint.scheduler.timeout(), Some(endpoint.at(1)));
    endpoint.advance(1);
    assert_eq!(endpoint.scheduler.next(endpoint.now).map(|due| due.attempt), Some(2));
    assert_eq!(endpoint.settle("bad", FAILED), Verdict::Again { at: endpoint.at(3) });
    endpoint.advance(1);
    assert_eq!(endpoint.sent(), [], "not yet");
    endpoint.advance(1);
    assert_eq!(endpoint.sent(), [("bad", 1)]);
    assert_eq!(endpoint.settle("bad", Outcome::Delivered), Verdict::Done(("bad", 1)));
    assert_eq!(endpoint.sent(), [("bad", 2)]);
    assert_eq!(endpoint.settle("bad", FAILED), Verdict::Again { at: endpoint.at(4) }, "the count begins anew");
}

#[test]
fn no_more_than_so_many_are_sent_at_once_and_lanes_take_turns() {
    let mut endpoint = Endpoint::new(2);
    for (lane, number) in [("a", 1), ("a", 2), ("b", 1), ("c", 1)] {
        endpoint.enqueue(lane, number);
    }
    assert_eq!(endpoint.sent(), [("a", 1), ("b", 1)]);
    endpoint.settle("a", Outcome::Delivered);
    assert_eq!(endpoint.sent(), [("c", 1)], "c's turn is before a's second");
    endpoint.settle("b", Outcome::Delivered);
    assert_eq!(endpoint.sent(), [("a", 2)]);
}

#[test]
fn after_its_time_a_message_is_given_up_and_the_next_one_goes() {
    let mut endpoint = Endpoint::new(1);
    endpoint.enqueue_until("a", 1, SECOND * 3);
    endpoint.enqueue("a", 2);
    endpoint.sent();
    endpoint.settle("a", FAILED);
    endpoint.advance(1);
    endpoint.sent();
    assert_eq!(endpoint.settle("a", FAILED), Verdict::Again { at: endpoint.at(3) }, "just in time");
    endpoint.advance(2);
    endpoint.sent();
    assert_eq!(endpoint.settle("a", FAILED), Verdict::GiveUp { key: ("a", 1), attempts: 3 });
    assert_eq!(endpoint.sent(), [], "nothing overtakes what is being laid aside");
    assert_eq!(endpoint.settle("a", Outcome::Buried), Verdict::Done(("a", 1)));
    assert_eq!(endpoint.sent(), [("a", 2)]);
}

#[test]
fn what_is_late_already_is_tried_once() {
    let mut endpoint = Endpoint::new(1);
    endpoint.enqueue_until("a", 1, Duration::ZERO);
    endpoint.advance(10);
    assert_eq!(endpoint.sent(), [("a", 1)]);
    assert_eq!(endpoint.settle("a", FAILED), Verdict::GiveUp { key: ("a", 1), attempts: 1 });
}

#[test]
fn what_cannot_be_laid_aside_stays_and_waits() {
    let mut endpoint = Endpoint::new(1);
    endpoint.enqueue_until("a", 1, Duration::ZERO);
    endpoint.sent();
    endpoint.settle("a", FAILED);
    assert_eq!(endpoint.settle("a", Outcome::NotBuried), Verdict::Again { at: endpoint.at(1) });
    endpoint.advance(1);
    assert_eq!(endpoint.sent(), [("a", 1)]);
    assert_eq!(endpoint.settle("a", Outcome::Delivered), Verdict::Done(("a", 1)));
}

#[test]
fn retry_after_stops_the_whole_endpoint_for_so_long() {
    let mut endpoint = Endpoint::new(10);
    endpoint.enqueue("a", 1);
    endpoint.sent();
    let pause = Outcome::Failed { pause: Some(SECOND * 30) };
    assert_eq!(endpoint.settle("a", pause), Verdict::Again { at: endpoint.at(30) });
    endpoint.enqueue("b", 1);
    assert_eq!(endpoint.sent(), []);
    assert_eq!(endpoint.scheduler.timeout(), Some(endpoint.at(30)));
    endpoint.advance(29);
    assert_eq!(endpoint.sent(), []);
    endpoint.advance(1);
    assert_eq!(endpoint.sent(), [("b", 1), ("a", 1)]);
}

#[test]
fn a_message_that_would_have_to_wait_beyond_its_time_is_given_up_at_once() {
    let mut endpoint = Endpoint::new(1);
    endpoint.enqueue_until("a", 1, SECOND * 10);
    endpoint.sent();
    let pause = Outcome::Failed { pause: Some(SECOND * 30) };
    assert_eq!(endpoint.settle("a", pause), Verdict::GiveUp { key: ("a", 1), attempts: 1 });
}

#[test]
fn an_endpoint_that_is_gone_gets_nothing_but_what_insists_until_that_is_delivered() {
    let mut endpoint = Endpoint::new(10);
    endpoint.enqueue("a", 1);
    endpoint.sent();
    assert_eq!(endpoint.settle("a", Outcome::Gone), Verdict::GiveUp { key: ("a", 1), attempts: 1 });
    endpoint.settle("a", Outcome::Buried);
    endpoint.enqueue("a", 2);
    assert!(endpoint.scheduler.next(endpoint.now).expect("due").is_moot);
    assert_eq!(endpoint.settle("a", Outcome::Gone), Verdict::GiveUp { key: ("a", 2), attempts: 0 });
    endpoint.settle("a", Outcome::Buried);
    assert!(endpoint.scheduler.is_gone());

    let replay = Message { key: ("replay", 1), at_ms: 0, until: endpoint.now, insists: true };
    endpoint.scheduler.enqueue("replay", replay);
    assert!(!endpoint.scheduler.next(endpoint.now).expect("due").is_moot);
    endpoint.settle("replay", Outcome::Delivered);
    assert!(!endpoint.scheduler.is_gone());
    endpoint.enqueue("a", 3);
    assert!(!endpoint.scheduler.next(endpoint.now).expect("due").is_moot);
}

#[test]
fn an_outcome_of_nothing_changes_nothing() {
    let mut endpoint = Endpoint::new(1);
    endpoint.enqueue("a", 1);
    assert_eq!(endpoint.settle("a", Outcome::Delivered), Verdict::Unknown, "it was not sent yet");
    assert_eq!(endpoint.settle("b", Outcome::Delivered), Verdict::Unknown);
    assert_eq!(endpoint.sent(), [("a", 1)]);
}

#[test]
fn what_is_forgotten_is_sent_no_more_but_what_is_being_sent_is_settled() {
    let mut endpoint = Endpoint::new(10);
    for (lane, number) in [("busy", 1), ("busy", 2), ("waits", 1), ("ready", 1)] {
        endpoint.enqueue(lane, number);
    }
    endpoint.scheduler.next(endpoint.now);
    endpoint.scheduler.next(endpoint.now);
    endpoint.settle("waits", FAILED);
    endpoint.scheduler.retain(|(_, number)| *number != 1);
    assert_eq!(endpoint.scheduler.len(), 2);
    assert_eq!(endpoint.settle("busy", Outcome::Delivered), Verdict::Done(("busy", 1)));
    assert_eq!(endpoint.sent(), [("busy", 2)]);
    endpoint.advance(100);
    assert_eq!((endpoint.sent(), endpoint.scheduler.timeout()), (Vec::new(), None));
}

#[test]
fn the_oldest_that_waits_is_known() {
    let mut endpoint = Endpoint::new(1);
    assert_eq!(endpoint.scheduler.oldest_ms(), None);
    endpoint.enqueue("a", 7);
    endpoint.enqueue("b", 5);
    assert_eq!((endpoint.scheduler.oldest_ms(), endpoint.scheduler.len()), (Some(5), 2));
}

#[derive(Debug, Clone)]
enum Step {
    Enqueue { lane: usize, patience_s: u64 },
    Settle { busy: usize, outcome: Outcome },
    Advance { seconds: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    let outcome = prop_oneof![
        3 => Just(Outcome::Delivered),
        3 => Just(FAILED),
        1 => (0..90_u64).prop_map(|seconds| Outcome::Failed { pause: Some(SECOND * seconds as u32) }),
        1 => Just(Outcome::Gone),
        1 => Just(Outcome::Lost),
    ];
    prop_oneof![
        (0..4_usize, 0..200_u64).prop_map(|(lane, patience_s)| Step::Enqueue { lane, patience_s }),
        (0..8_usize, outcome).prop_map(|(busy, outcome)| Step::Settle { busy, outcome }),
        (0..100_u64).prop_map(|seconds| Step::Advance { seconds }),
    ]
}

const LANES: [&str; 4] = ["a", "b", "c", "d"];

/// Tells an outcome; a message that is given up is buried.
fn tell(endpoint: &mut Endpoint, lane: &'static str, outcome: Outcome, done: &mut Vec<(&'static str, u32)>) {
    let verdict = match endpoint.settle(lane, outcome) {
        Verdict::GiveUp { .. } => endpoint.settle(lane, Outcome::Buried),
        verdict @ (Verdict::Done(_) | Verdict::Again { .. } | Verdict::Unknown) => verdict,
    };
    match verdict {
        Verdict::Done(key) => done.push(key),
        Verdict::Again { at } => assert!(at > endpoint.now),
        Verdict::GiveUp { .. } | Verdict::Unknown => panic!("{verdict:?} of what was sent"),
    }
}

proptest! {
    /// Whatever happens: a lane is sent in its order, one at a time, no more at once than may be, and in the end all is done.
    #[test]
    fn every_message_is_dealt_with_once_and_in_the_order_of_its_lane(
        steps in prop::collection::vec(step(), 1..200), concurrency in 1..4_usize,
    ) {
        let mut endpoint = Endpoint::new(concurrency);
        let (mut enqueued, mut done) = (BTreeMap::<_, u32>::new(), Vec::new());
        let mut busy: Vec<&'static str> = Vec::new();
        for step in steps {
            match step {
                Step::Enqueue { lane, patience_s } => {
                    let lane = LANES[lane];
                    let number = enqueued.entry(lane).or_default();
                    *number += 1;
                    endpoint.enqueue_until(lane, *number, SECOND * patience_s as u32);
                }
                Step::Settle { busy: place, outcome } if place < busy.len() => {
                    tell(&mut endpoint, busy.swap_remove(place), outcome, &mut done);
                }
                Step::Settle { .. } => {}
                Step::Advance { seconds } => endpoint.advance(seconds),
            }
            busy.extend(endpoint.sent().into_iter().map(|(lane, _)| lane));
            prop_assert!(busy.len() <= concurrency);
            prop_assert!(LANES.iter().all(|lane| busy.iter().filter(|other| *other == lane).count() <= 1));
        }
        while !endpoint.scheduler.is_empty() {
            for lane in std::mem::take(&mut busy) {
                tell(&mut endpoint, lane, Outcome::Delivered, &mut done);
            }
            if let Some(at) = endpoint.scheduler.timeout() {
                endpoint.now = endpoint.now.max(at);
            }
            busy.extend(endpoint.sent().into_iter().map(|(lane, _)| lane));
            prop_assert!(!busy.is_empty() || endpoint.scheduler.is_empty(), "nothing is stuck");
        }
        for (lane, count) in enqueued {
            let order: Vec<_> = done.iter().filter(|(of, _)| *of == lane).map(|(_, number)| *number).collect();
            prop_assert_eq!(order, (1..=count).collect::<Vec<_>>());
        }
    }
}
