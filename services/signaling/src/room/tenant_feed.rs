//! What happens in the rooms of a tenant, for who follows all of them: a bounded ring that each reader reads at its own pace.
//!
//! It holds what the actors of this process appended, as webhooks tell it, in the order in which that took place here. Nothing is
//! translated or kept for a tenant that nobody follows, but for a while after its last reader has gone: it may come back.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use antiphon_protocol::{TenantId, v1};
use tokio::sync::watch;

use super::{Departure, feed::Behind};
use crate::webhooks::event_body;

/// Events that a tenant's feed keeps.
const MAX_EVENTS: usize = 1_024;

/// Bytes of events that a tenant's feed keeps.
const MAX_BYTES: usize = 1 << 20;

/// How long what happens is kept when nobody follows any more.
const LINGER: Duration = Duration::from_secs(5 * 60);

/// An event, as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    /// Such as `participant.joined`.
    pub(crate) kind: String,
    /// What would be posted.
    pub(crate) body: Box<str>,
}

impl Told {
    /// As webhooks tell it.
    pub(super) fn of(event: &v1::WebhookEvent) -> Self {
        Self { kind: event.r#type.clone(), body: event_body(event).into() }
    }
}

/// The feeds of all tenants.
#[derive(Debug, Default)]
pub(crate) struct TenantFeeds {
    feeds: Mutex<HashMap<TenantId, Arc<TenantFeed>>>,
    departure: Mutex<Option<Departure>>,
}

/// The feed of one tenant.
#[derive(Debug)]
pub(crate) struct TenantFeed {
    /// Tells it from those of other processes, and of this one's other lives.
    epoch: u64,
    /// Somebody reads it, or did not long ago. To be looked at without the lock.
    is_followed: AtomicBool,
    ring: Mutex<Ring>,
    /// The end of the ring, and when its readers are to leave.
    news: watch::Sender<News>,
}

/// What a reader waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct News {
    /// The newest event's number.
    pub(crate) end: u64,
    /// When the readers of this process are asked to move.
    pub(crate) departure: Option<Departure>,
}

#[derive(Debug, Default)]
struct Ring {
    events: VecDeque<Arc<Told>>,
    /// The number of the event before the oldest one here.
    before: u64,
    bytes: usize,
    readers: usize,
    /// When the last reader went.
    left_at: Option<Instant>,
}

/// Follows a tenant's feed as long as it is there.
#[derive(Debug)]
pub(crate) struct Follower {
    feed: Arc<TenantFeed>,
    /// The last event that was read.
    at: u64,
    news: watch::Receiver<News>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl TenantFeeds {
    /// A tenant's feed.
    pub(crate) fn of(&self, tenant: &TenantId) -> Arc<TenantFeed> {
        let departure = *locked(&self.departure);
        let mut feeds = locked(&self.feeds);
        let feed = feeds.entry(tenant.clone()).or_insert_with(|| Arc::new(TenantFeed::new(rand::random(), departure)));
        Arc::clone(feed)
    }

    /// Asks every reader to move.
    pub(super) fn depart(&self, departure: Departure) {
        *locked(&self.departure) = Some(departure);
        #[expect(clippy::iter_over_hash_type, reason = "each is told the same")]
        for feed in locked(&self.feeds).values() {
            feed.news.send_modify(|news| news.departure = Some(departure));
        }
    }
}

impl TenantFeed {
    fn new(epoch: u64, departure: Option<Departure>) -> Self {
        Self {
            epoch,
            is_followed: AtomicBool::default(),
            ring: Mutex::default(),
            news: watch::Sender::new(News { end: 0, departure }),
        }
    }

    /// Tells this feed's places from those of others.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Whether anybody is to be told of what happens.
    pub(crate) fn is_followed(&self, now: Instant) -> bool {
        if !self.is_followed.load(Ordering::Acquire) {
            return false;
        }
        let mut ring = locked(&self.ring);
        let is_over = ring.readers == 0 && ring.left_at.is_none_or(|left| now >= left + LINGER);
        if is_over {
            // What happens from here on is not kept, so nobody may go on from what was.
            ring.before += ring.events.len() as u64 + 1;
            ring.events.clear();
            ring.bytes = 0;
            self.is_followed.store(false, Ordering::Release);
        }
        !is_over
    }

    /// This happened, in this order. Where there is more than is kept, the oldest goes.
    pub(crate) fn publish(&self, told: Vec<Told>) {
        if told.is_empty() {
            return;
        }
        let mut ring = locked(&self.ring);
        for event in told {
            ring.bytes += event.body.len();
            ring.events.push_back(Arc::new(event));
            while ring.events.len() > MAX_EVENTS || ring.bytes > MAX_BYTES {
                let Some(oldest) = ring.events.pop_front() else { break };
                ring.bytes -= oldest.body.len();
                ring.before += 1;
            }
        }
        let end = ring.before + ring.events.len() as u64;
        drop(ring);
        self.news.send_modify(|news| news.end = news.end.max(end));
    }

    /// Follows what happens behind the event `after` of this feed, or from now on; and whether it is the former.
    pub(crate) fn follow(self: &Arc<Self>, after: Option<(u64, u64)>) -> (Follower, bool) {
        let mut ring = locked(&self.ring);
        let end = ring.before + ring.events.len() as u64;
        let known = after.filter(|(epoch, at)| *epoch == self.epoch && (ring.before..=end).contains(at));
        ring.readers += 1;
        self.is_followed.store(true, Ordering::Release);
        let at = known.map_or(end, |(_, at)| at);
        (Follower { feed: Arc::clone(self), at, news: self.news.subscribe() }, known.is_some())
    }
}

impl Follower {
    /// Tells its places from those of others.
    pub(crate) fn epoch(&self) -> u64 {
        self.feed.epoch()
    }

    /// The place of the last event that was read.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    /// The next event.
    ///
    /// # Errors
    /// When it has given way to newer ones.
    pub(crate) fn next(&mut self) -> Result<Option<Arc<Told>>, Behind> {
        let ring = locked(&self.feed.ring);
        let place = self.at.checked_sub(ring.before).ok_or(Behind)?;
        let next = usize::try_from(place).ok().and_then(|place| ring.events.get(place)).cloned();
        self.at += u64::from(next.is_some());
        Ok(next)
    }

    /// Completes when there is news, and gives it.
    pub(crate) async fn news(&mut self) -> News {
        // Its sender is the feed's, which this follower holds.
        let _ = self.news.changed().await;
        self.latest()
    }

    /// The news of now.
    pub(crate) fn latest(&mut self) -> News {
        *self.news.borrow_and_update()
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let mut ring = locked(&self.feed.ring);
        ring.readers -= 1;
        ring.left_at = Some(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Told {
        Told { kind: "chat.sent".to_owned(), body: text.into() }
    }

    fn feed() -> Arc<TenantFeed> {
        Arc::new(TenantFeed::new(7, None))
    }

    fn read(follower: &mut Follower) -> Vec<String> {
        std::iter::from_fn(|| follower.next().expect("not behind")).map(|event| event.body.to_string()).collect()
    }

    #[test]
    fn who_follows_is_told_of_what_comes_and_who_comes_back_of_what_was_missed() {
        let feed = feed();
        feed.publish(vec![told("before")]);
        let (mut ada, resumed) = feed.follow(None);
        assert!(!resumed);
        feed.publish(vec![told("one"), told("two")]);
        assert_eq!(read(&mut ada), ["one", "two"]);
        let place = (ada.epoch(), ada.at() - 1);
        drop(ada);
        let (mut again, resumed) = feed.follow(Some(place));
        assert!(resumed);
        assert_eq!(read(&mut again), ["two"]);
        for foreign in [(8, place.1), (7, place.1 + 2), (7, u64::MAX)] {
            let (mut other, resumed) = feed.follow(Some(foreign));
            assert!(!resumed, "{foreign:?}");
            assert_eq!(read(&mut other), [""; 0]);
        }
    }

    #[test]
    fn beyond_its_bounds_the_oldest_goes_and_who_has_not_read_it_is_behind() {
        for (count, body) in [(MAX_EVENTS + 1, "x".to_owned()), (3, "x".repeat(MAX_BYTES / 2))] {
            let feed = feed();
            let (mut slow, _) = feed.follow(None);
            let place = (slow.epoch(), slow.at());
            feed.publish(vec![told(&body); count]);
            assert_eq!(slow.next().map(|_| ()), Err(Behind), "{count}");
            assert!(!feed.follow(Some(place)).1, "what is gone cannot be gone on from");
            let (mut kept, resumed) = feed.follow(Some((7, 1)));
            assert!(resumed);
            assert_eq!(read(&mut kept).len(), count - 1);
        }
    }

    #[test]
    fn nothing_is_kept_for_a_tenant_that_nobody_has_followed_for_a_while() {
        let feed = feed();
        let now = Instant::now();
        assert!(!feed.is_followed(now));
        let (ada, _) = feed.follow(None);
        feed.publish(vec![told("one")]);
        let place = (ada.epoch(), ada.at());
        assert!(feed.is_followed(now + 10 * LINGER));
        drop(ada);
        assert!(feed.is_followed(Instant::now() + LINGER / 2));
        assert!(feed.follow(Some(place)).1, "it came back in time");
        assert!(!feed.is_followed(Instant::now() + LINGER));
        assert!(!feed.is_followed(Instant::now()), "once it is over it is");
        let (mut late, resumed) = feed.follow(Some(place));
        assert!(!resumed, "what happened since was not kept");
        assert_eq!(read(&mut late), [""; 0]);
        feed.publish(vec![told("two")]);
        assert_eq!(read(&mut late), ["two"]);
    }
}
