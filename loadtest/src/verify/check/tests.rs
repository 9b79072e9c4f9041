use super::*;

const BOUNDS: Bounds =
    Bounds { ghost: Duration::from_secs(5), epoch: Duration::from_secs(2), delivery: Duration::from_secs(1) };
const CONNECTED: Presence = Presence { connected: true, digest: 7 };

const ADA: u8 = 1;
const BOB: u8 = 2;
const CLEO: u8 = 3;

fn sid(who: u8) -> Sid {
    Sid::from_random([who; 10])
}

fn entry(who: u8) -> Entry {
    (sid(who), CONNECTED)
}

/// An event of the log, as its readers are shown it.
#[derive(Debug, Clone, Copy)]
struct Shown {
    stamp: Stamp,
    seq: u32,
    position: Cursor,
}

/// A room of a server that does as it is told, and its clients.
struct Story {
    checker: Checker,
    now: u64,
    at: Cursor,
    /// The numbers that each has sent: frames, and messages by recipient.
    sent: std::collections::BTreeMap<(u8, Option<u8>), u32>,
    seqs: std::collections::BTreeMap<u8, u32>,
}

impl Story {
    fn new() -> Self {
        let (sent, seqs) = Default::default();
        Self { checker: Checker::new(1, BOUNDS), now: 0, at: Cursor { epoch: 1, log: 0, mail: 0 }, sent, seqs }
    }

    /// Everyone joins in turn; those who are there see it.
    fn of(people: &[u8]) -> Self {
        let mut story = Self::new();
        for (index, who) in people.iter().enumerate() {
            story.join(*who, &people[..index], &people[..=index]);
        }
        story
    }

    fn record(&mut self, who: u8, event: Event) {
        self.now += 1;
        self.checker.record(0, sid(who), event, At(self.now));
    }

    /// `who` joins; `witnesses` see it, and `roster` is what it is shown.
    fn join(&mut self, who: u8, witnesses: &[u8], roster: &[u8]) {
        self.at.log += 1;
        let position = self.at;
        self.record(who, Event::Joined { position, roster: roster.iter().map(|one| entry(*one)).collect() });
        for witness in witnesses {
            self.record(*witness, Event::Entered { entry: entry(who), position });
        }
    }

    /// Time passes, and is looked at.
    fn wait(&mut self, time: Duration) {
        self.now += u64::try_from(time.as_millis()).expect("short");
        self.checker.tick(At(self.now));
    }

    /// `from` sends something that is not acknowledged.
    fn send(&mut self, from: u8, to: Option<u8>) -> Shown {
        let number = self.sent.entry((from, to)).or_default();
        let seq = self.seqs.entry(from).or_default();
        (*number, *seq) = (*number + 1, *seq + 1);
        let (number, seq) = (*number, *seq);
        let stamp = Stamp { from: sid(from), to: to.map(sid), number };
        match to {
            None => self.at.log += 1,
            Some(_) => self.at.mail += 1,
        }
        self.record(from, Event::Sent { seq, stamp, echoed: to.is_none() });
        Shown { stamp, seq, position: self.at }
    }

    /// `from` writes to the room, and is shown it and told that it was accepted.
    fn say(&mut self, from: u8) -> Shown {
        let shown = self.send(from, None);
        self.hear(from, shown);
        self.record(from, Event::Accepted { seq: shown.seq });
        shown
    }

    /// `from` writes to `to`, and is told that it was accepted.
    fn whisper(&mut self, from: u8, to: u8) -> Shown {
        let shown = self.send(from, Some(to));
        self.record(from, Event::Accepted { seq: shown.seq });
        shown
    }

    fn hear(&mut self, reader: u8, Shown { stamp, seq, position }: Shown) {
        self.record(reader, Event::Received { stamp, seq, position });
    }

    /// `from` writes to the room, and all of these hear it.
    fn tell(&mut self, from: u8, readers: &[u8]) -> Shown {
        let shown = self.say(from);
        for reader in readers {
            self.hear(*reader, shown);
        }
        shown
    }

    /// `who` leaves or is gone, and `witnesses` see it.
    fn depart(&mut self, who: u8, ending: Ending, witnesses: &[u8]) {
        if ending == Ending::Left {
            self.record(who, Event::Leaving);
        }
        self.record(who, Event::Ended(ending));
        self.at.log += 1;
        for witness in witnesses {
            self.record(*witness, Event::Departed { sid: sid(who), position: self.at });
        }
    }

    fn finish(mut self) -> Findings {
        self.checker.finish(At(self.now + 1))
    }

    /// What was found, by kind, in the order of [`Wrong::ALL`].
    fn counts(self) -> Vec<(Wrong, u64)> {
        let findings = self.finish();
        let counts = Wrong::ALL.map(|wrong| (wrong, findings.count(wrong)));
        counts.into_iter().filter(|(_, count)| *count > 0).collect()
    }
}

#[test]
fn a_room_in_which_everyone_hears_everything_once_is_clean() {
    let mut story = Story::of(&[ADA, BOB, CLEO]);
    for _ in 0..3 {
        story.tell(ADA, &[BOB, CLEO]);
        story.tell(BOB, &[CLEO, ADA]);
        let offer = story.whisper(CLEO, ADA);
        story.hear(ADA, offer);
    }
    assert!(story.checker.is_settled());
    let findings = story.finish();
    assert!(findings.is_clean(), "{findings:?}");
    assert_eq!((findings.messages_checked, findings.deliveries_checked, findings.sessions), (9, 21, 3));
}

#[test]
fn an_acknowledged_message_that_one_reader_never_gets_is_lost() {
    let mut story = Story::of(&[ADA, BOB, CLEO]);
    story.tell(ADA, &[BOB]);
    story.tell(ADA, &[BOB, CLEO]);
    assert!(!story.checker.is_settled());
    let findings = story.finish();
    assert_eq!(findings.count(Wrong::Lost), 1);
    let [violation] = &findings.violations[..] else { panic!("{findings:?}") };
    assert_eq!(violation.reader, Some(sid(CLEO)));
    assert!(violation.what.contains("message 1") && violation.what.contains("seq 1"), "{violation}");
}

#[test]
fn the_last_message_and_the_first_behind_a_join_are_due_too() {
    let mut story = Story::of(&[ADA, BOB]);
    story.tell(ADA, &[BOB]);
    story.say(ADA);
    assert_eq!(story.counts(), [(Wrong::Lost, 1)]);

    let mut story = Story::of(&[ADA]);
    story.say(ADA);
    story.join(BOB, &[ADA], &[ADA, BOB]);
    story.now += 1;
    story.say(ADA);
    story.tell(ADA, &[BOB]);
    assert_eq!(story.counts(), [(Wrong::Lost, 1)]);
}

#[test]
fn a_directed_message_that_never_comes_is_lost() {
    let mut story = Story::of(&[ADA, BOB]);
    story.whisper(ADA, BOB);
    assert_eq!(story.counts(), [(Wrong::Lost, 1)]);
}

#[test]
fn a_sender_that_is_not_shown_its_own_chat_has_lost_it() {
    let mut story = Story::of(&[ADA, BOB]);
    let chat = story.send(ADA, None);
    story.record(ADA, Event::Accepted { seq: chat.seq });
    story.hear(BOB, chat);
    assert_eq!(story.counts(), [(Wrong::Lost, 1)]);
}

#[test]
fn what_was_refused_or_never_acknowledged_need_not_come() {
    let mut story = Story::of(&[ADA, BOB]);
    let refused = story.send(ADA, None);
    story.record(ADA, Event::Void { seq: refused.seq });
    story.tell(ADA, &[BOB]);
    story.send(ADA, None);
    story.depart(ADA, Ending::Told, &[BOB]);
    assert_eq!(story.counts(), []);
}

#[test]
fn who_is_gone_when_a_message_is_under_way_has_not_lost_it() {
    for ending in [Ending::Left, Ending::Told, Ending::Abandoned] {
        let mut story = Story::of(&[ADA, BOB]);
        let under_way = story.send(ADA, None);
        story.hear(ADA, under_way);
        let offer = story.send(ADA, Some(BOB));
        story.depart(BOB, ending, &[ADA]);
        story.record(ADA, Event::Accepted { seq: under_way.seq });
        story.record(ADA, Event::Accepted { seq: offer.seq });
        assert_eq!(story.counts(), [], "{ending:?}");
    }
}

#[test]
fn who_leaves_was_to_be_shown_what_was_acknowledged_before() {
    let mut story = Story::of(&[ADA, BOB]);
    story.say(ADA);
    story.now += 1;
    story.depart(BOB, Ending::Left, &[ADA]);
    assert_eq!(story.counts(), [(Wrong::Lost, 1)]);
}

#[test]
fn an_announced_hole_excuses_what_it_covers_and_nothing_behind_it() {
    let mut story = Story::of(&[ADA, BOB]);
    story.tell(ADA, &[BOB]);
    story.record(BOB, Event::Cut);
    story.say(ADA);
    story.whisper(ADA, BOB);
    let position = story.at;
    story.record(BOB, Event::Snapshot { position, roster: vec![entry(ADA), entry(BOB)] });
    story.now += 1;
    story.tell(ADA, &[BOB]);
    let offer = story.whisper(ADA, BOB);
    story.hear(BOB, offer);
    let findings = story.finish();
    assert!(findings.is_clean(), "{findings:?}");
    assert_eq!(findings.announced_holes, 1);

    let mut story = Story::of(&[ADA, BOB]);
    let position = story.at;
    story.record(BOB, Event::Snapshot { position, roster: vec![entry(ADA), entry(BOB)] });
    story.now += 1;
    story.say(ADA);
    story.tell(ADA, &[BOB]);
    assert_eq!(story.counts(), [(Wrong::Lost, 1)]);
}

#[test]
fn a_slow_resume_that_recovers_gets_everything() {
    let mut story = Story::of(&[ADA, BOB]);
    story.record(BOB, Event::Cut);
    let (first, second) = (story.say(ADA), story.say(ADA));
    story.wait(Duration::from_secs(4));
    story.record(BOB, Event::Recovered);
    story.hear(BOB, first);
    assert!(!story.checker.is_settled());
    story.hear(BOB, second);
    assert!(story.checker.is_settled());
    assert_eq!(story.counts(), []);
}

#[test]
fn a_message_that_comes_again_under_another_number_is_doubled() {
    let mut story = Story::of(&[ADA, BOB]);
    let chat = story.tell(ADA, &[BOB]);
    story.at.log += 1;
    story.hear(BOB, Shown { position: story.at, ..chat });
    assert_eq!(story.counts(), [(Wrong::Doubled, 1)]);

    let mut story = Story::of(&[ADA, BOB]);
    let offer = story.whisper(ADA, BOB);
    story.hear(BOB, offer);
    story.at.mail += 1;
    story.hear(BOB, Shown { position: story.at, ..offer });
    assert_eq!(story.counts(), [(Wrong::Doubled, 1)]);
}

#[test]
fn two_messages_of_one_sender_the_other_way_round_are_reordered() {
    let mut story = Story::of(&[ADA, BOB]);
    let (first, second) = (story.whisper(ADA, BOB), story.whisper(ADA, BOB));
    story.hear(BOB, second);
    story.hear(BOB, first);
    let findings = story.finish();
    assert!(findings.count(Wrong::Reordered) > 0 && findings.count(Wrong::Lost) == 0, "{findings:?}");
}

#[test]
fn two_readers_that_disagree_by_content_are_found_though_positions_look_right() {
    let mut story = Story::of(&[ADA, BOB, CLEO]);
    let (ada, bob) = (story.say(ADA), story.send(BOB, None));
    story.record(BOB, Event::Accepted { seq: bob.seq });
    story.hear(ADA, bob);
    story.hear(BOB, ada);
    story.hear(BOB, bob);
    // To Cleo the two come the other way round, and their positions do not.
    story.hear(CLEO, Shown { position: ada.position, ..bob });
    story.hear(CLEO, Shown { position: bob.position, ..ada });
    let findings = story.finish();
    assert!(findings.count(Wrong::Reordered) > 0, "{findings:?}");
    assert_eq!(findings.count(Wrong::Lost), 0);
}

#[test]
fn positions_that_go_back_or_differ_between_readers_are_reordered() {
    let mut story = Story::of(&[ADA, BOB, CLEO]);
    let chat = story.tell(ADA, &[BOB]);
    let elsewhere = Cursor { log: chat.position.log + 5, ..chat.position };
    story.hear(CLEO, Shown { position: elsewhere, ..chat });
    let next = story.tell(BOB, &[ADA]);
    story.hear(CLEO, next);
    assert_eq!(story.counts(), [(Wrong::Reordered, 2)]);
}

#[test]
fn nobody_speaks_before_it_was_announced_or_to_the_room_after_it_left() {
    let mut story = Story::of(&[ADA]);
    story.join(BOB, &[], &[ADA, BOB]);
    let offer = story.whisper(BOB, ADA);
    story.hear(ADA, offer);
    let mut findings = story.finish();
    assert_eq!(findings.count(Wrong::Reordered), 1, "{findings:?}");

    let mut story = Story::of(&[ADA, BOB]);
    let late = story.send(BOB, None);
    story.depart(BOB, Ending::Told, &[ADA]);
    story.hear(ADA, late);
    findings = story.finish();
    assert!(findings.count(Wrong::Reordered) > 0, "{findings:?}");
}

#[test]
fn nobody_changes_who_is_not_there() {
    let mut story = Story::of(&[ADA]);
    story.record(ADA, Event::Changed { entry: entry(BOB) });
    assert_eq!(story.counts(), [(Wrong::Reordered, 1)]);
}

#[test]
fn mail_may_come_when_its_sender_has_left() {
    let mut story = Story::of(&[ADA, BOB]);
    let before = story.at;
    let offer = story.whisper(BOB, ADA);
    story.at = before;
    story.depart(BOB, Ending::Left, &[ADA]);
    story.hear(ADA, Shown { position: Cursor { mail: offer.position.mail, ..story.at }, ..offer });
    assert_eq!(story.counts(), []);
}

#[test]
fn a_session_in_a_roster_beyond_the_bound_is_a_ghost_and_reported_once() {
    let mut story = Story::of(&[ADA, BOB, CLEO]);
    story.depart(CLEO, Ending::Abandoned, &[]);
    story.wait(BOUNDS.ghost);
    assert_eq!(story.checker.findings().count(Wrong::Ghosts), 0);
    story.wait(Duration::from_millis(1));
    story.wait(Duration::from_secs(1));
    assert_eq!(story.checker.findings().count(Wrong::Ghosts), 1);
    assert_eq!(story.counts(), [(Wrong::Ghosts, 1)]);
}

#[test]
fn a_ghosts_clock_stands_still_while_something_is_broken_and_while_its_reader_is_away() {
    let mut story = Story::of(&[ADA, BOB]);
    story.depart(BOB, Ending::Abandoned, &[]);
    story.checker.disturb();
    story.wait(BOUNDS.ghost * 2);
    story.checker.calm(At(story.now));
    story.record(ADA, Event::Cut);
    story.wait(BOUNDS.ghost * 2);
    story.record(ADA, Event::Recovered);
    story.wait(BOUNDS.ghost);
    story.at.log += 1;
    let position = story.at;
    story.record(ADA, Event::Departed { sid: sid(BOB), position });
    assert_eq!(story.counts(), []);
}

#[test]
fn somebody_whom_no_client_knows_is_a_ghost_too() {
    let mut story = Story::of(&[ADA]);
    story.at.log += 1;
    let position = story.at;
    story.record(ADA, Event::Entered { entry: entry(BOB), position });
    story.wait(Duration::ZERO);
    story.wait(BOUNDS.ghost + Duration::from_millis(1));
    assert_eq!(story.counts(), [(Wrong::Ghosts, 1)]);
}

#[test]
fn two_that_do_not_see_each_other_in_the_end_are_in_a_split_room() {
    let mut story = Story::of(&[ADA]);
    story.join(BOB, &[], &[BOB]);
    assert!(!story.checker.is_settled());
    assert_eq!(story.counts(), [(Wrong::SplitRooms, 1)]);
}

#[test]
fn rosters_that_say_different_things_of_somebody_are_a_split_room() {
    let other = Presence { digest: 8, ..CONNECTED };
    let away = Presence { connected: false, ..CONNECTED };
    for presence in [other, away] {
        let mut story = Story::of(&[ADA, BOB]);
        story.record(BOB, Event::Changed { entry: (sid(ADA), presence) });
        assert!(!story.checker.is_settled());
        assert_eq!(story.counts(), [(Wrong::SplitRooms, 1)], "{presence:?}");
    }
}

#[test]
fn an_epoch_that_goes_on_beside_a_newer_one_is_a_split_room() {
    let mut story = Story::of(&[ADA, BOB, CLEO]);
    let old = story.at;
    story.at = Cursor { epoch: 2, log: 0, mail: 0 };
    let position = story.at;
    story.record(CLEO, Event::Snapshot { position, roster: [ADA, BOB, CLEO].map(entry).to_vec() });
    story.now += 3_000;
    story.at = old;
    story.tell(ADA, &[BOB]);
    let findings = story.finish();
    assert_eq!(findings.count(Wrong::SplitRooms), 1, "{findings:?}");
}

#[test]
fn an_epoch_that_changes_without_a_word_is_a_split_room() {
    let mut story = Story::of(&[ADA, BOB]);
    story.at.epoch = 2;
    story.tell(ADA, &[BOB]);
    let findings = story.finish();
    assert_eq!(findings.count(Wrong::SplitRooms), 1, "{findings:?}");
}

#[test]
fn a_room_that_ends_and_begins_again_is_clean() {
    let mut story = Story::of(&[ADA, BOB]);
    story.tell(ADA, &[BOB]);
    story.depart(ADA, Ending::Told, &[]);
    story.depart(BOB, Ending::Told, &[]);
    story.at = Cursor { epoch: 2, log: 0, mail: 0 };
    story.join(CLEO, &[], &[CLEO]);
    story.join(4, &[CLEO], &[CLEO, 4]);
    story.tell(CLEO, &[4]);
    assert_eq!(story.counts(), []);
}

#[test]
fn a_server_that_forgot_its_rooms_may_count_epochs_from_the_start() {
    let mut story = Story::of(&[ADA, BOB]);
    story.at = Cursor { epoch: 2, log: 0, mail: 0 };
    for who in [ADA, BOB] {
        let position = story.at;
        story.record(who, Event::Snapshot { position, roster: [ADA, BOB].map(entry).to_vec() });
    }
    story.tell(ADA, &[BOB]);
    for who in [ADA, BOB] {
        story.record(who, Event::Cut);
        story.record(who, Event::Ended(Ending::Told));
    }
    story.now += 10_000;
    story.at = Cursor { epoch: 1, log: 0, mail: 0 };
    story.join(CLEO, &[], &[CLEO]);
    story.join(4, &[CLEO], &[CLEO, 4]);
    story.now += 10_000;
    story.tell(CLEO, &[4]);
    assert_eq!(story.counts(), []);
}

#[test]
fn a_client_that_is_not_taken_back_is_stranded() {
    let mut story = Story::of(&[ADA, BOB]);
    story.record(BOB, Event::Cut);
    story.record(ADA, Event::Changed { entry: (sid(BOB), Presence { connected: false, ..CONNECTED }) });
    assert_eq!(story.counts(), [(Wrong::Stranded, 1)]);
}

#[test]
fn what_nobody_sent_is_a_wrong_answer() {
    let mut story = Story::of(&[ADA, BOB]);
    let chat = story.tell(ADA, &[BOB]);
    story.at.log += 1;
    let stamp = Stamp { number: 9, ..chat.stamp };
    story.hear(BOB, Shown { stamp, position: story.at, ..chat });
    assert_eq!(story.counts(), [(Wrong::WrongAnswers, 1)]);
}

#[test]
fn sessions_that_are_over_and_messages_that_everyone_has_are_forgotten() {
    let mut story = Story::of(&[ADA, BOB, CLEO]);
    for _ in 0..500 {
        story.tell(ADA, &[BOB, CLEO]);
        let offer = story.whisper(BOB, ADA);
        story.hear(ADA, offer);
    }
    story.depart(CLEO, Ending::Left, &[ADA, BOB]);
    story.wait(BOUNDS.delivery * 2);
    story.wait(BOUNDS.delivery * 2);
    let text = format!("{:?}", story.checker);
    assert!(!text.contains(sid(CLEO).as_str()) || text.matches(sid(CLEO).as_str()).count() < 10, "still there");
    assert!(text.matches("Record {").count() < 150, "{} records", text.matches("Record {").count());
    let findings = story.finish();
    assert!(findings.is_clean(), "{findings:?}");
    assert_eq!(findings.messages_checked, 1_000);
}

#[test]
fn a_loss_to_somebody_who_is_gone_since_is_found_when_it_is_forgotten() {
    let mut story = Story::of(&[ADA, BOB, CLEO]);
    story.tell(ADA, &[BOB, CLEO]);
    story.tell(ADA, &[BOB]);
    story.tell(ADA, &[BOB, CLEO]);
    story.depart(CLEO, Ending::Told, &[ADA, BOB]);
    story.wait(BOUNDS.delivery * 2);
    assert_eq!(story.checker.findings().count(Wrong::Lost), 1);
    assert_eq!(story.counts(), [(Wrong::Lost, 1)]);
}
