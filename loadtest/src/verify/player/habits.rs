//! What a client does, and when: seeded, so that two runs with one seed do the same until the server's timing sets them apart.

use std::time::Duration;

use antiphon_protocol::v1::{EndRoom, Kick, Update, client_frame};
use rand::{RngExt as _, rngs::StdRng, seq::IteratorRandom as _};
use tokio::time::Instant;

use super::book::Book;
use crate::verify::{check::Event, letter::Kind};

/// How often clients do things. Times are means; what happens is spread around them without memory.
#[derive(Debug, Clone)]
pub struct Habits {
    /// Between two messages of a client.
    pub pace: Duration,
    /// From a client's join to its end.
    pub stay: Duration,
    /// From its end to its next join.
    pub pause: Duration,
    /// Between two cuts of its own connection.
    pub cut: Duration,
    /// Between two kicks by a room's moderator.
    pub kick: Duration,
    /// Between two ends of a room by its moderator.
    pub end_room: Duration,
    /// The server's resume window: some come back late within it, and some behind it.
    pub resume_window: Duration,
}

/// Peers that a newcomer offers to.
const MOST_OFFERS: usize = 4;

/// Longer than any run.
const NEVER: Duration = Duration::from_secs(365 * 24 * 3_600);

/// A random time with this mean, at most eight times as long.
pub(super) fn around(mean: Duration, random: &mut StdRng) -> Duration {
    mean.mul_f64((-f64::ln(1.0 - random.random::<f64>())).min(8.0))
}

/// What a client does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Deed {
    Talk,
    Kick,
    EndRoom,
    /// Cuts its connection, and resumes after this time.
    Cut(Duration),
    /// Leaves, and says so.
    Leave,
    /// Is gone for good, without a word.
    Vanish,
}

/// When a client does what in one session.
#[derive(Debug)]
pub(super) struct Plan {
    talk: Instant,
    cut: Instant,
    end: Instant,
    moderate: Option<(Instant, Instant)>,
}

impl Plan {
    pub(super) fn new(habits: &Habits, is_moderator: bool, random: &mut StdRng, now: Instant) -> Self {
        let mut at = |mean| now + around(mean, random);
        let (talk, cut, end) = (at(habits.pace), at(habits.cut), at(habits.stay));
        let moderate = is_moderator.then(|| (at(habits.kick), at(habits.end_room)));
        Self { talk, cut, end, moderate }
    }

    /// Nothing more.
    pub(super) fn stop(&mut self) {
        let never = self.end + NEVER;
        *self = Self { talk: never, cut: never, end: never, moderate: None };
    }

    /// When [`Plan::take`] gives something.
    pub(super) fn due(&self) -> Instant {
        let (kick, end_room) = self.moderate.unwrap_or((self.end, self.end));
        self.talk.min(self.cut).min(self.end).min(kick).min(end_room)
    }

    /// What is to be done by now.
    pub(super) fn take(&mut self, habits: &Habits, random: &mut StdRng, now: Instant) -> Option<Deed> {
        if self.end <= now {
            return Some(if random.random_bool(0.6) { Deed::Leave } else { Deed::Vanish });
        }
        if self.cut <= now {
            self.cut = now + around(habits.cut, random);
            return Some(Deed::Cut(how_long(habits, random)));
        }
        if let Some((kick, end_room)) = &mut self.moderate {
            if *kick <= now {
                *kick = now + around(habits.kick, random);
                return Some(Deed::Kick);
            }
            if *end_room <= now {
                *end_room = now + around(habits.end_room, random);
                return Some(Deed::EndRoom);
            }
        }
        (self.talk <= now).then(|| {
            self.talk = now + around(habits.pace, random);
            Deed::Talk
        })
    }
}

/// Most come back at once, some late, a few too late.
fn how_long(habits: &Habits, random: &mut StdRng) -> Duration {
    match random.random_range(0..10) {
        0..=6 => Duration::ZERO,
        7..=8 => habits.resume_window.mul_f64(random.random_range(0.1..0.7)),
        _ => habits.resume_window.mul_f64(1.3),
    }
}

/// Writes something to somebody or everybody.
pub(super) fn talk(book: &mut Book, random: &mut StdRng) -> Option<Event> {
    let kind = random.random_range(0..100);
    let peer = book.roster.iter().copied().filter(|sid| *sid != book.sid).choose(random);
    let (kind, to) = match (kind, peer) {
        (0..=34, _) => (Kind::Chat, None),
        (35..=59, _) => (Kind::Data, None),
        (60..=64, _) => {
            // An attribute of everyone's rosters.
            let attributes = [("mood".to_owned(), random.random_range(0..1_000).to_string())].into();
            book.push(client_frame::Kind::Update(Update { attributes, ..Update::default() }));
            return None;
        }
        (_, None) => (Kind::Chat, None),
        (65..=74, to) => (Kind::Chat, to),
        (75..=84, to) => (Kind::Data, to),
        (85..=89, to) => (Kind::Offer, to),
        (_, to) => (Kind::Candidate, to),
    };
    Some(book.write(kind, to))
}

/// A newcomer offers to those it finds.
pub(super) fn greet(book: &mut Book) -> Vec<Event> {
    let peers: Vec<_> = book.roster.iter().copied().filter(|sid| *sid != book.sid).take(MOST_OFFERS).collect();
    let offers = peers.into_iter().flat_map(|peer| [(Kind::Offer, peer), (Kind::Candidate, peer)]);
    offers.collect::<Vec<_>>().into_iter().map(|(kind, peer)| book.write(kind, Some(peer))).collect()
}

/// Removes somebody, who may come back.
pub(super) fn kick(book: &mut Book, random: &mut StdRng) {
    if let Some(sid) = book.roster.iter().copied().filter(|sid| *sid != book.sid).choose(random) {
        let (sid, reason) = (sid.to_string(), String::new());
        book.push(client_frame::Kind::Kick(Kick { sid, reason, allow_rejoin: true }));
    }
}

/// Ends the room for everyone.
pub(super) fn end_room(book: &mut Book) {
    book.push(client_frame::Kind::EndRoom(EndRoom::default()));
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;

    use super::*;

    const HABITS: Habits = Habits {
        pace: Duration::from_secs(1),
        stay: Duration::from_secs(30),
        pause: Duration::from_secs(1),
        cut: Duration::from_secs(10),
        kick: Duration::from_secs(20),
        end_room: Duration::from_secs(60),
        resume_window: Duration::from_secs(3),
    };

    /// What a moderator does in its session.
    fn deeds(seed: u64) -> Vec<Deed> {
        let mut random = StdRng::seed_from_u64(seed);
        let begun = Instant::now();
        let mut plan = Plan::new(&HABITS, true, &mut random, begun);
        let mut deeds = Vec::new();
        while deeds.last().is_none_or(|deed| !matches!(deed, Deed::Leave | Deed::Vanish)) {
            let now = plan.due();
            deeds.extend(plan.take(&HABITS, &mut random, now));
        }
        deeds
    }

    #[test]
    fn clients_of_one_seed_do_the_same_and_others_something_else() {
        assert_eq!(deeds(7), deeds(7));
        assert_ne!(deeds(7), deeds(8));
    }

    #[test]
    fn everything_happens() {
        let all: Vec<Deed> = (0..200).flat_map(deeds).collect();
        for deed in [Deed::Talk, Deed::Kick, Deed::EndRoom, Deed::Leave, Deed::Vanish, Deed::Cut(Duration::ZERO)] {
            assert!(all.contains(&deed), "{deed:?}");
        }
        let too_late = all.iter().any(|deed| matches!(deed, Deed::Cut(time) if *time > HABITS.resume_window));
        let late = all.iter().any(|deed| matches!(deed, Deed::Cut(time) if (1..3_000).contains(&time.as_millis())));
        assert!(late && too_late);
    }

    #[test]
    fn times_are_spread_around_their_mean() {
        let mut random = StdRng::seed_from_u64(1);
        let mean = (0..2_000).map(|_| around(Duration::from_secs(1), &mut random)).sum::<Duration>() / 2_000;
        assert!((0.9..1.1).contains(&mean.as_secs_f64()), "{mean:?}");
    }
}
