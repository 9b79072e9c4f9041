//! What a room's members on this replica are shown, in order: a bounded ring that they read at their own pace.
//!
//! There is no queue per member: a bell is rung, and the member reads. A member that falls behind the ring is a slow consumer: its connection is closed and may
//! resume.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use antiphon_protocol::Sid;
use smallvec::SmallVec;
use tokio::sync::Notify;

use super::projection::{Audience, Encoded, OwnChange, Projection};

/// Notices that a feed keeps for those who are behind, and for resumes.
const MAX_NOTICES: usize = 1024;

/// Bytes of encoded frames that a feed keeps.
const MAX_BYTES: usize = 1 << 20;

/// Lossy frames that a feed keeps: a member further behind than this misses some.
const MAX_LOSSY: usize = 64;

/// Bytes of lossy frames that a feed keeps.
const MAX_LOSSY_BYTES: usize = 256 << 10;

/// One entry of the log as it is shown.
#[derive(Debug)]
pub(crate) struct Notice {
    pub(crate) offset: u64,
    frames: Box<[(Audience, Encoded)]>,
    pub(crate) about: Option<(Sid, OwnChange)>,
    begins: Option<Sid>,
    /// The room is over, for this reason.
    pub(crate) finished: Option<Box<str>>,
}

impl Notice {
    pub(crate) fn new(offset: u64, projection: Projection) -> Self {
        let Projection { frames, about, begins, finished } = projection;
        Self { offset, frames: frames.into_boxed_slice(), about, begins, finished }
    }

    /// The frames that the application is shown: what anybody is, but for what is for one session alone.
    pub(crate) fn frames_for_the_application(&self) -> impl Iterator<Item = &Encoded> {
        let for_one = |audience: &Audience| matches!(audience, Audience::Only(_));
        self.frames.iter().filter(move |(audience, _)| !for_one(audience)).map(|(_, frame)| frame)
    }

    /// The frames that this reader is shown.
    pub(crate) fn frames_for(&self, reader: Sid, moderator: bool, waiting: bool) -> impl Iterator<Item = &Encoded> {
        self.frames.iter().filter_map(move |(audience, frame)| {
            let shown = match audience {
                Audience::Everyone => !waiting,
                Audience::EveryoneBut(sid) => !waiting && *sid != reader,
                Audience::Only(sid) => *sid == reader,
                Audience::These(sids) => !waiting && sids.contains(&reader),
                Audience::Moderators => !waiting && moderator,
            };
            shown.then_some(frame)
        })
    }

    fn bytes(&self) -> usize {
        self.frames.iter().map(|(_, frame)| frame.len()).sum()
    }
}

/// Data outside the log.
#[derive(Debug)]
pub(crate) struct LossyNotice {
    /// `None`: the application.
    pub(crate) from: Option<Sid>,
    /// Empty: everyone else.
    pub(crate) to: Vec<Sid>,
    pub(crate) frame: Encoded,
}

/// Readers from which on whole messages are kept for one another.
const CROWD: usize = 4;

/// When the connections of this replica are asked to move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Departure {
    pub(crate) begins: Instant,
    /// Connections leave evenly over this time.
    pub(crate) window: Duration,
}

/// Where a reader stands.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Attached {
    pub(crate) epoch: u64,
    /// The last entry it has seen.
    pub(crate) offset: u64,
    /// Lossy frames it has seen or missed.
    lossy: u64,
    /// The version of the feed that it has seen all of.
    version: u64,
}

/// What a reader finds.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) notices: SmallVec<[Arc<Notice>; 2]>,
    pub(crate) lossy: Vec<Arc<LossyNotice>>,
    pub(crate) departure: Option<Departure>,
    /// Enough read along for a whole message to be worth keeping.
    pub(crate) crowd: bool,
}

/// The reader's place is gone from the ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Behind;

/// Why a reader is given nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// Its place is gone from the ring.
    Behind,
    /// It has read all, and nothing will follow: the room's actor has stopped.
    Over,
}

#[derive(Debug, Default)]
struct State {
    epoch: u64,
    /// The offset of the first notice in the ring, or of the next one when it is empty.
    first: u64,
    notices: VecDeque<Arc<Notice>>,
    bytes: usize,
    lossy: VecDeque<Arc<LossyNotice>>,
    lossy_count: u64,
    lossy_bytes: usize,
    departure: Option<Departure>,
    readers: usize,
    is_over: bool,
}

/// A room's feed.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    state: Mutex<State>,
    /// Counts what happened to `state`, so that a reader without news need not lock it.
    version: AtomicU64,
    /// The readers'. Held while they are rung, which `state` must not be: they would wake up to wait for it.
    bells: Mutex<Vec<Arc<Notify>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Feed {
    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = lock(&self.state);
        change(&mut state);
        self.version.fetch_add(1, Ordering::Release);
        drop(state);
        for bell in lock(&self.bells).iter() {
            bell.notify_one();
        }
    }

    /// Starts over behind `offset`; whoever reads from another epoch or an earlier place is behind.
    pub(crate) fn reset(&self, epoch: u64, offset: u64) {
        self.change(|state| {
            let State { departure, lossy_count, readers, .. } = *state;
            *state = State { epoch, first: offset + 1, departure, lossy_count, readers, ..State::default() };
        });
    }

    /// Shows more, in the order of the log.
    pub(crate) fn publish(&self, notices: impl IntoIterator<Item = Notice>) {
        self.change(|state| {
            for notice in notices {
                debug_assert_eq!(notice.offset, state.first + state.notices.len() as u64);
                state.bytes += notice.bytes();
                state.notices.push_back(Arc::new(notice));
            }
            while state.notices.len() > MAX_NOTICES || (state.bytes > MAX_BYTES && state.notices.len() > 1) {
                if let Some(oldest) = state.notices.pop_front() {
                    state.bytes -= oldest.bytes();
                    state.first += 1;
                }
            }
        });
    }

    /// Shows data outside the log.
    pub(crate) fn publish_lossy(&self, notice: LossyNotice) {
        self.change(|state| {
            state.lossy_bytes += notice.frame.len();
            state.lossy.push_back(Arc::new(notice));
            state.lossy_count += 1;
            while state.lossy.len() > MAX_LOSSY || (state.lossy_bytes > MAX_LOSSY_BYTES && state.lossy.len() > 1) {
                if let Some(oldest) = state.lossy.pop_front() {
                    state.lossy_bytes -= oldest.frame.len();
                }
            }
        });
    }

    /// Nothing will follow what was published.
    pub(crate) fn end(&self) {
        self.change(|state| state.is_over = true);
    }

    /// Asks every reader to move its connection.
    pub(crate) fn depart(&self, departure: Departure) {
        self.change(|state| state.departure = Some(departure));
    }

    /// A reader's place behind `offset`, or the news that it is gone.
    pub(crate) fn attach(&self, epoch: u64, offset: u64) -> Result<Attached, Behind> {
        let state = lock(&self.state);
        let end = state.first + state.notices.len() as u64;
        if state.epoch == epoch && offset + 1 >= state.first && offset < end {
            Ok(Attached { epoch, offset, lossy: state.lossy_count, version: 0 })
        } else {
            Err(Behind)
        }
    }

    /// As [`Feed::attach`], for a reader that says itself where it stands: a place before it was let in is not its own.
    pub(crate) fn attach_again(&self, reader: Sid, epoch: u64, offset: u64) -> Result<Attached, Behind> {
        let at = self.attach(epoch, offset)?;
        let state = lock(&self.state);
        let seen = usize::try_from((offset + 1).saturating_sub(state.first)).map_err(|_| Behind)?;
        let mut missed = state.notices.range(seen.min(state.notices.len())..);
        if missed.any(|notice| notice.begins == Some(reader)) { Err(Behind) } else { Ok(at) }
    }

    /// Rings this bell from now on whenever there is news.
    pub(crate) fn ring(&self, bell: Arc<Notify>) {
        lock(&self.bells).push(bell);
        lock(&self.state).readers += 1;
    }

    /// Rings it no more.
    pub(crate) fn ring_no_more(&self, bell: &Arc<Notify>) {
        let mut bells = lock(&self.bells);
        if let Some(place) = bells.iter().position(|known| Arc::ptr_eq(known, bell)) {
            bells.swap_remove(place);
            lock(&self.state).readers -= 1;
        }
    }

    /// Whether a reader that stands there has something to read.
    pub(crate) fn has_news(&self, at: &Attached) -> bool {
        self.version.load(Ordering::Acquire) != at.version
    }

    /// What came since `at`, at most `limit` notices; moves `at` over the lossy frames it gives.
    pub(crate) fn read(&self, at: &mut Attached, limit: usize) -> Result<Reading, Unreadable> {
        let state = lock(&self.state);
        if state.epoch != at.epoch || at.offset + 1 < state.first {
            return Err(Unreadable::Behind);
        }
        let crowd = state.readers >= CROWD;
        let mut reading = Reading { departure: state.departure, crowd, ..Reading::default() };
        let seen = usize::try_from(at.offset + 1 - state.first).map_err(|_| Unreadable::Behind)?;
        if seen < state.notices.len() {
            reading.notices.extend(state.notices.range(seen..).take(limit).cloned());
        }
        if at.lossy < state.lossy_count {
            let fresh = usize::try_from(state.lossy_count - at.lossy).unwrap_or(usize::MAX).min(state.lossy.len());
            reading.lossy.extend(state.lossy.range(state.lossy.len() - fresh..).cloned());
            at.lossy = state.lossy_count;
        }
        if state.is_over {
            // There stays news until the reader has found this out.
            let is_empty = reading.notices.is_empty() && reading.lossy.is_empty();
            return if is_empty { Err(Unreadable::Over) } else { Ok(reading) };
        }
        if seen + reading.notices.len() >= state.notices.len() {
            at.version = self.version.load(Ordering::Acquire);
        }
        Ok(reading)
    }
}

#[cfg(test)]
mod tests {
    use antiphon_protocol::v1::{Pong, server_frame::Kind};

    use super::*;

    fn notice(offset: u64) -> Notice {
        let frames = vec![(Audience::Everyone, Encoded::new(Kind::Pong(Pong { id: 1 })))].into();
        Notice { offset, frames, about: None, begins: None, finished: None }
    }

    fn offsets(reading: &Reading) -> Vec<u64> {
        reading.notices.iter().map(|notice| notice.offset).collect()
    }

    #[test]
    fn a_reader_is_given_what_came_since_its_place() {
        let feed = Feed::default();
        feed.reset(7, 10);
        let mut at = feed.attach(7, 10).expect("the end of the log");
        assert!(feed.read(&mut at, 10).expect("there").notices.is_empty());
        feed.publish([notice(11), notice(12), notice(13)]);
        assert_eq!(offsets(&feed.read(&mut at, 2).expect("there")), [11, 12]);
        at.offset = 12;
        assert_eq!(offsets(&feed.read(&mut at, 2).expect("there")), [13]);
    }

    #[test]
    fn a_reader_behind_the_ring_or_of_another_epoch_is_told() {
        let feed = Feed::default();
        feed.reset(7, 0);
        let mut at = feed.attach(7, 0).expect("the end of the log");
        feed.publish((1..=MAX_NOTICES as u64 + 1).map(notice));
        assert_eq!(feed.read(&mut at, 1).err(), Some(Unreadable::Behind));
        assert_eq!(feed.attach(7, 0).err(), Some(Behind));
        assert!(feed.attach(7, 1).is_ok());
        assert_eq!(feed.attach(8, 1).err(), Some(Behind));
        assert_eq!(feed.attach(7, MAX_NOTICES as u64 + 2).err(), Some(Behind), "a place in the future");
        feed.reset(8, 0);
        assert_eq!(feed.read(&mut at, 1).err(), Some(Unreadable::Behind));
    }

    #[test]
    fn nobody_goes_on_from_a_place_before_it_was_let_in() {
        let (me, other) = (Sid::from_random([1; 10]), Sid::from_random([2; 10]));
        let feed = Feed::default();
        feed.reset(7, 0);
        feed.publish([notice(1), Notice { begins: Some(me), ..notice(2) }, notice(3)]);
        assert_eq!(feed.attach_again(me, 7, 1).err(), Some(Behind));
        assert!(feed.attach_again(me, 7, 2).is_ok());
        assert!(feed.attach_again(me, 7, 3).is_ok());
        assert!(feed.attach_again(other, 7, 1).is_ok());
    }

    #[test]
    fn a_feed_that_is_over_is_read_to_its_end() {
        let feed = Feed::default();
        feed.reset(7, 0);
        let mut at = feed.attach(7, 0).expect("the end of the log");
        feed.publish([notice(1), notice(2)]);
        feed.end();
        for expected in [1, 2] {
            assert!(feed.has_news(&at));
            assert_eq!(offsets(&feed.read(&mut at, 1).expect("there")), [expected]);
            at.offset = expected;
        }
        assert!(feed.has_news(&at));
        assert_eq!(feed.read(&mut at, 1).err(), Some(Unreadable::Over));
    }

    #[test]
    fn large_lossy_frames_take_no_more_memory_than_small_ones() {
        let feed = Feed::default();
        feed.reset(7, 0);
        let mut at = feed.attach(7, 0).expect("the end of the log");
        let from = Sid::from_random([0; 10]);
        let payload = vec![0; 64 << 10];
        for _ in 0..MAX_LOSSY {
            let frame = Encoded::new(Kind::Data(antiphon_protocol::v1::Data {
                payload: payload.clone().into(),
                ..Default::default()
            }));
            feed.publish_lossy(LossyNotice { from: Some(from), to: Vec::new(), frame });
        }
        let kept: usize = feed.read(&mut at, 1).expect("there").lossy.iter().map(|lossy| lossy.frame.len()).sum();
        assert!((1..=MAX_LOSSY_BYTES).contains(&kept), "{kept}");
    }

    #[test]
    fn lossy_frames_are_given_once_and_old_ones_are_lost() {
        let feed = Feed::default();
        feed.reset(7, 0);
        let mut at = feed.attach(7, 0).expect("the end of the log");
        let from = Sid::from_random([0; 10]);
        for _ in 0..MAX_LOSSY + 5 {
            let frame = Encoded::new(Kind::Pong(Pong { id: 1 }));
            feed.publish_lossy(LossyNotice { from: Some(from), to: Vec::new(), frame });
        }
        assert_eq!(feed.read(&mut at, 1).expect("there").lossy.len(), MAX_LOSSY);
        assert!(feed.read(&mut at, 1).expect("there").lossy.is_empty());
    }

    #[test]
    fn people_in_the_lobby_are_shown_only_what_is_theirs() {
        let me = Sid::from_random([1; 10]);
        let other = Sid::from_random([2; 10]);
        let all = [Audience::Everyone, Audience::EveryoneBut(other), Audience::EveryoneBut(me), Audience::Only(me)];
        let audiences = all.into_iter().chain([Audience::Only(other), Audience::Moderators]);
        let frames = audiences.map(|audience| (audience, Encoded::new(Kind::Pong(Pong { id: 1 })))).collect();
        let notice = Notice { offset: 1, frames, about: None, begins: None, finished: None };
        assert_eq!(notice.frames_for(me, false, true).count(), 1);
        assert_eq!(notice.frames_for(me, true, true).count(), 1);
        assert_eq!(notice.frames_for(me, false, false).count(), 3);
        assert_eq!(notice.frames_for(me, true, false).count(), 4);
        assert_eq!(notice.frames_for_the_application().count(), 4);
    }
}
