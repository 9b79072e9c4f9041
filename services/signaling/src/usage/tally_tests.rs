use super::*;

const JOINED: Change = Change { joined: 1, rooms_started: 0, rooms_ended: 0, left: 0 };
const LEFT: Change = Change { left: 1, rooms_started: 0, rooms_ended: 0, joined: 0 };

/// Milliseconds after an hour began.
fn at(minutes: u64) -> Millis {
    Millis(1_000 * HOUR_MS + minutes * 60_000)
}

fn minutes(tally: &Tally) -> Vec<(u64, u64)> {
    let hour = |counts: &HourCounts| (counts.hour.0 - 1_000, counts.counts.participant_ms / 60_000);
    tally.hours(Hour(0)).map(|counts| hour(&counts)).collect()
}

#[test]
fn minutes_are_counted_while_they_pass_and_each_in_its_hour() {
    let mut tally = Tally::new(at(0));
    tally.advance(at(50));
    tally.change(JOINED);
    tally.advance(at(55));
    tally.change(JOINED);
    assert_eq!(minutes(&tally), [(0, 5)]);
    tally.advance(at(70));
    assert_eq!(minutes(&tally), [(0, 15), (1, 20)]);
    tally.change(LEFT);
    tally.advance(at(200));
    assert_eq!(minutes(&tally), [(0, 15), (1, 70), (2, 60), (3, 20)]);
    tally.change(LEFT);
    tally.advance(at(9_000));
    assert_eq!(minutes(&tally), [(0, 15), (1, 70), (2, 60), (3, 20)], "nobody is there");
}

#[test]
fn how_often_it_is_asked_changes_nothing() {
    let (mut often, mut seldom) = (Tally::new(at(0)), Tally::new(at(0)));
    for tally in [&mut often, &mut seldom] {
        tally.change(JOINED);
        tally.change(JOINED);
    }
    let counted: u64 = (0..=180).map(|minute| often.advance(at(minute))).sum();
    assert_eq!(seldom.advance(at(180)), counted);
    assert!(often.hours(Hour(0)).eq(seldom.hours(Hour(0))));
}

#[test]
fn the_first_millisecond_of_an_hour_is_its_own() {
    let begins = Hour::of(at(60)).begins();
    assert_eq!(begins, at(60));
    assert_eq!(Hour::of(Millis(begins.0 - 1)), Hour::of(at(0)));
    let mut tally = Tally::new(at(60));
    tally.change(JOINED);
    assert_eq!(minutes(&tally), [(1, 0)]);
}

#[test]
fn the_peak_is_the_most_at_once_also_of_an_hour_that_nothing_happened_in() {
    let mut tally = Tally::new(at(0));
    for change in [JOINED, JOINED, JOINED, LEFT] {
        tally.change(change);
    }
    tally.advance(at(61));
    tally.change(LEFT);
    let peaks: Vec<_> = tally.hours(Hour(0)).map(|counts| counts.counts.peak_participants).collect();
    assert_eq!(peaks, [3, 2]);
    // Somebody who takes another's place in one step was never there beside it.
    let mut tally = Tally::new(at(0));
    tally.change(JOINED);
    tally.change(Change { joined: 1, left: 1, ..Change::default() });
    assert_eq!(tally.hours(Hour(0)).map(|counts| counts.counts.peak_participants).max(), Some(1));
}

#[test]
fn a_clock_that_is_set_back_counts_nothing_twice() {
    let mut tally = Tally::new(at(0));
    tally.change(JOINED);
    tally.advance(at(10));
    assert_eq!(tally.advance(at(5)), 0);
    assert_eq!(tally.advance(at(11)), 60_000);
    assert_eq!(minutes(&tally), [(0, 11)]);
}

#[test]
fn sessions_that_began_on_another_replica_take_nothing_away() {
    let mut tally = Tally::new(at(0));
    tally.change(LEFT);
    tally.advance(at(30));
    assert_eq!((tally.participants(), minutes(&tally)), (0, vec![(0, 0)]));
    tally.change(JOINED);
    tally.change(JOINED);
    assert_eq!(tally.participants(), 1, "the sum over the replicas is right");
}

#[test]
fn frames_are_of_the_hour_that_was_counted_up_to() {
    let mut tally = Tally::new(at(0));
    tally.carried(0, 0);
    assert_eq!(tally.hours(Hour(0)).count(), 0);
    tally.carried(2, 300);
    tally.advance(at(60));
    tally.carried(1, 50);
    let counts: Vec<_> = tally.hours(Hour(0)).map(|hour| (hour.counts.messages, hour.counts.bytes_relayed)).collect();
    assert_eq!(counts, [(2, 300), (1, 50)]);
    assert_eq!(tally.hours(Hour::of(at(60))).count(), 1);
}

#[test]
fn two_days_are_kept() {
    let mut tally = Tally::new(at(0));
    tally.change(JOINED);
    tally.advance(at(100 * 60));
    let hours: Vec<_> = tally.hours(Hour(0)).map(|counts| counts.hour.0 - 1_000).collect();
    assert_eq!((hours.len(), hours.first(), hours.last()), (HOURS, Some(&52), Some(&99)));
}
