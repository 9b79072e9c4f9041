//! What was answered under which key. Pure: the time is an argument.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use antiphon_protocol::TenantId;

/// Told apart by a hash of everything that makes one request another.
pub(super) type Fingerprint = [u8; 32];

/// How much is kept, and how long.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// An answer is kept so long at most.
    pub(super) lifetime: Duration,
    /// Keys of a tenant; beyond it the oldest answer goes.
    pub(super) keys: usize,
    /// Bytes of a tenant's keys and answers; beyond it the oldest answers go.
    pub(super) bytes: usize,
}

/// What a request under a key is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Begun<A> {
    /// The first one: carry it out, then [`Store::settle`] the key.
    First,
    /// The same one as before: this was the answer.
    Answered(Arc<A>),
    /// The same one as another that is being carried out.
    UnderWay,
    /// Another one than the first under this key.
    Reused,
    /// As many requests are being carried out as there is room for keys.
    Full,
}

/// The answers of every tenant, by key.
#[derive(Debug)]
pub(super) struct Store<A> {
    bounds: Bounds,
    tenants: BTreeMap<TenantId, Ledger<A>>,
}

#[derive(Debug)]
struct Ledger<A> {
    entries: BTreeMap<Arc<str>, Entry<A>>,
    /// The keys that have an answer, the oldest answer first, and when it goes.
    answered: VecDeque<(Duration, Arc<str>)>,
    bytes: usize,
}

#[derive(Debug)]
struct Entry<A> {
    request: Fingerprint,
    state: State<A>,
}

#[derive(Debug)]
enum State<A> {
    UnderWay,
    Answered { answer: Arc<A>, bytes: usize },
}

impl<A> Store<A> {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self { bounds, tenants: BTreeMap::new() }
    }

    /// A request comes under a key.
    pub(super) fn begin(&mut self, tenant: &TenantId, key: &str, request: Fingerprint, now: Duration) -> Begun<A> {
        self.forget(now);
        let ledger = self.tenants.entry(tenant.clone()).or_default();
        if let Some(entry) = ledger.entries.get(key) {
            return match &entry.state {
                _ if entry.request != request => Begun::Reused,
                State::UnderWay => Begun::UnderWay,
                State::Answered { answer, .. } => Begun::Answered(Arc::clone(answer)),
            };
        }
        if ledger.entries.len() >= self.bounds.keys && !ledger.drop_oldest() {
            return Begun::Full;
        }
        ledger.entries.insert(key.into(), Entry { request, state: State::UnderWay });
        Begun::First
    }

    /// The first request under a key was carried out, with an answer of so many bytes; or, without one, was not, and the next
    /// request under this key is the first.
    pub(super) fn settle(&mut self, tenant: &TenantId, key: &str, answer: Option<(A, usize)>, now: Duration) {
        let Some(ledger) = self.tenants.get_mut(tenant) else { return };
        let Some((answer, bytes)) = answer else {
            ledger.entries.remove(key);
            return;
        };
        let Some((key, _)) = ledger.entries.get_key_value(key) else { return };
        let key = Arc::clone(key);
        let bytes = bytes + key.len();
        if let Some(entry) = ledger.entries.get_mut(&key) {
            entry.state = State::Answered { answer: Arc::new(answer), bytes };
            ledger.bytes += bytes;
            ledger.answered.push_back((now + self.bounds.lifetime, key));
        }
        while ledger.bytes > self.bounds.bytes && ledger.drop_oldest() {}
    }

    /// Lets go of what has had its time.
    fn forget(&mut self, now: Duration) {
        self.tenants.retain(|_, ledger| {
            while ledger.answered.front().is_some_and(|(until, _)| *until <= now) {
                ledger.drop_oldest();
            }
            !ledger.entries.is_empty()
        });
    }
}

impl<A> Default for Ledger<A> {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), answered: VecDeque::new(), bytes: 0 }
    }
}

impl<A> Ledger<A> {
    /// Lets go of the oldest answer. `false` where there is none.
    fn drop_oldest(&mut self) -> bool {
        let Some((_, key)) = self.answered.pop_front() else { return false };
        if let Some(Entry { state: State::Answered { bytes, .. }, .. }) = self.entries.remove(&key) {
            self.bytes -= bytes;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);
    const BOUNDS: Bounds = Bounds { lifetime: HOUR, keys: 3, bytes: 100 };
    const NOW: Duration = Duration::from_secs(7);

    fn acme() -> TenantId {
        "acme".parse().expect("short")
    }

    fn store() -> Store<&'static str> {
        Store::new(BOUNDS)
    }

    /// A first request that is answered at once.
    fn answer(store: &mut Store<&'static str>, key: &str, answer: &'static str, bytes: usize, now: Duration) {
        assert_eq!(store.begin(&acme(), key, [1; 32], now), Begun::First, "{key}");
        store.settle(&acme(), key, Some((answer, bytes)), now);
    }

    fn again(store: &mut Store<&'static str>, key: &str, now: Duration) -> Begun<&'static str> {
        store.begin(&acme(), key, [1; 32], now)
    }

    #[test]
    fn the_same_request_is_given_the_first_answer() {
        let mut store = store();
        answer(&mut store, "k", "done", 4, NOW);
        assert_eq!(again(&mut store, "k", NOW), Begun::Answered(Arc::new("done")));
    }

    #[test]
    fn another_request_is_told_whether_or_not_the_first_is_answered() {
        let mut store = store();
        assert_eq!(again(&mut store, "k", NOW), Begun::First);
        assert_eq!(store.begin(&acme(), "k", [2; 32], NOW), Begun::Reused);
        assert_eq!(again(&mut store, "k", NOW), Begun::UnderWay);
        store.settle(&acme(), "k", Some(("done", 4)), NOW);
        assert_eq!(store.begin(&acme(), "k", [2; 32], NOW), Begun::Reused);
    }

    #[test]
    fn a_request_that_was_not_carried_out_may_come_again() {
        let mut store = store();
        assert_eq!(again(&mut store, "k", NOW), Begun::First);
        store.settle(&acme(), "k", None, NOW);
        assert_eq!(store.begin(&acme(), "k", [2; 32], NOW), Begun::First);
    }

    #[test]
    fn an_answer_is_kept_for_its_lifetime_from_when_it_was_given() {
        let mut store = store();
        answer(&mut store, "k", "done", 4, NOW);
        let end = NOW + HOUR;
        assert_eq!(again(&mut store, "k", end - Duration::from_nanos(1)), Begun::Answered(Arc::new("done")));
        assert_eq!(again(&mut store, "k", end), Begun::First);
        assert_eq!(again(&mut store, "k", end + 2 * HOUR), Begun::UnderWay, "what is under way is not forgotten");
    }

    #[test]
    fn beyond_the_keys_the_oldest_answer_goes_and_never_what_is_under_way() {
        let mut store = store();
        for key in ["a", "b", "c", "d"] {
            answer(&mut store, key, "done", 4, NOW);
        }
        assert_eq!(again(&mut store, "b", NOW), Begun::Answered(Arc::new("done")));
        assert_eq!(again(&mut store, "a", NOW), Begun::First);
        for key in ["e", "f"] {
            assert_eq!(again(&mut store, key, NOW), Begun::First);
        }
        assert_eq!(again(&mut store, "g", NOW), Begun::Full);
        assert_eq!(again(&mut store, "a", NOW), Begun::UnderWay);
        store.settle(&acme(), "a", None, NOW);
        assert_eq!(again(&mut store, "g", NOW), Begun::First);
    }

    #[test]
    fn beyond_the_bytes_the_oldest_answers_go() {
        let mut store = store();
        answer(&mut store, "a", "small", 40, NOW);
        answer(&mut store, "b", "small", 40, NOW);
        answer(&mut store, "c", "larger", 59, NOW);
        assert_eq!(again(&mut store, "b", NOW), Begun::First);
        assert_eq!(again(&mut store, "c", NOW), Begun::Answered(Arc::new("larger")));
        answer(&mut store, "d", "too large by itself", 101, NOW);
        assert_eq!(again(&mut store, "d", NOW), Begun::First);
    }

    #[test]
    fn tenants_have_keys_of_their_own_and_nothing_is_left_of_one_that_is_idle() {
        let mut store = store();
        answer(&mut store, "k", "done", 4, NOW);
        let globex: TenantId = "globex".parse().expect("short");
        assert_eq!(store.begin(&globex, "k", [2; 32], NOW), Begun::First);
        store.settle(&globex, "k", None, NOW);
        assert_eq!(store.begin(&globex, "l", [2; 32], NOW + HOUR), Begun::First);
        assert_eq!(store.tenants.len(), 1);
    }
}
