//! Who may be in HTTP at once. Bounded in total and per address; silence gives way to newcomers.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Notify, oneshot},
    time::{Instant, sleep_until},
};

use super::Streamed;

#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) connections: usize,
    pub(super) per_address: usize,
    /// How long a silent connection is left alone.
    pub(super) patience: Duration,
}

#[derive(Debug, Clone)]
pub(super) struct Gate {
    inner: Arc<Mutex<Inner>>,
    freed: Arc<Notify>,
}

/// What became of a newcomer.
#[derive(Debug)]
pub(super) enum Admission {
    /// It is in. `evicted` fires when it has to go for another one.
    Entered { pass: Pass, evicted: oneshot::Receiver<()>, in_place_of_another: bool },
    /// Its address has its share, and nothing of it has been silent long enough.
    AddressFull,
    /// Everything is taken; something may be evicted at `until`, if anything is silent then.
    Full { until: Option<Instant> },
}

/// A place in HTTP. Given back when dropped.
#[derive(Debug)]
pub(super) struct Pass {
    gate: Gate,
    id: u64,
    answering: AtomicBool,
    left: Mutex<Option<Streamed>>,
}

#[derive(Debug)]
struct Inner {
    limits: Limits,
    next: u64,
    places: HashMap<u64, Place>,
    /// The silent ones, by when their silence began.
    silent: BTreeMap<u64, u64>,
    addresses: HashMap<IpAddr, Share>,
}

#[derive(Debug)]
struct Place {
    address: Option<IpAddr>,
    /// Key in `silent` and since when; `None` while a request is answered.
    silence: Option<(u64, Instant)>,
    evict: oneshot::Sender<()>,
}

#[derive(Debug, Default)]
struct Share {
    places: usize,
    silent: BTreeSet<u64>,
}

impl Gate {
    pub(super) fn new(limits: Limits) -> Self {
        let inner =
            Inner { limits, next: 0, places: HashMap::new(), silent: BTreeMap::new(), addresses: HashMap::new() };
        Self { inner: Arc::new(Mutex::new(inner)), freed: Arc::new(Notify::new()) }
    }

    /// Lets a newcomer in, if need be in the place of the one that has been silent longest. `address: None` is not limited by address.
    pub(super) fn enter(&self, address: Option<IpAddr>, now: Instant) -> Admission {
        let mut inner = self.lock();
        let mut in_place_of_another = false;
        if let Some(share) = address.and_then(|address| inner.addresses.get(&address))
            && share.places >= inner.limits.per_address
        {
            let oldest = share.silent.first().copied();
            in_place_of_another = oldest.is_some_and(|silence| inner.evict_if_due(silence, now));
            if !in_place_of_another {
                return Admission::AddressFull;
            }
        }
        if inner.places.len() >= inner.limits.connections {
            let oldest = inner.silent.first_key_value().map(|(silence, _)| *silence);
            in_place_of_another = oldest.is_some_and(|silence| inner.evict_if_due(silence, now));
            if !in_place_of_another {
                return Admission::Full { until: oldest.map(|silence| inner.due(silence)) };
            }
        }
        let (evict, evicted) = oneshot::channel();
        let id = inner.number();
        inner.places.insert(id, Place { address, silence: None, evict });
        if let Some(address) = address {
            inner.addresses.entry(address).or_default().places += 1;
        }
        inner.begin_silence(id, now);
        let pass = Pass { gate: self.clone(), id, answering: AtomicBool::new(false), left: Mutex::default() };
        Admission::Entered { pass, evicted, in_place_of_another }
    }

    /// Completes when a place was given back since the last call, or at `until`.
    pub(super) async fn place_free_or(&self, until: Option<Instant>) {
        let due = async {
            match until {
                Some(until) => sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.freed.notified() => {}
            () = due => {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass {
    /// A request's head is complete: not to be evicted.
    pub(super) fn begin_request(&self) {
        self.answering.store(true, Ordering::Relaxed);
        self.gate.lock().end_silence(self.id);
    }

    /// The response is on its way; now it is the client's turn.
    pub(super) fn end_request(&self, now: Instant) {
        self.answering.store(false, Ordering::Relaxed);
        self.gate.lock().begin_silence(self.id, now);
        self.gate.freed.notify_one();
    }

    /// The answer lasts: the place is given back, and the connection goes on without one.
    pub(super) fn leave(&self, streamed: Streamed) {
        *self.left.lock().unwrap_or_else(PoisonError::into_inner) = Some(streamed);
        self.gate.lock().remove(self.id);
        self.gate.freed.notify_one();
    }

    /// The answer for which the place was given back.
    pub(super) fn streamed(&self) -> Option<Streamed> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Is a request under way? Tells so of an evicted connection too.
    pub(super) fn is_answering(&self) -> bool {
        self.answering.load(Ordering::Relaxed)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.gate.lock().remove(self.id);
        self.gate.freed.notify_one();
    }
}

impl Inner {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn due(&self, silence: u64) -> Instant {
        let since = self.silent.get(&silence).and_then(|id| self.places.get(id)).and_then(|place| place.silence);
        let (_, since) = since.expect("who stands in `silent` has a place and is silent");
        since + self.limits.patience
    }

    fn evict_if_due(&mut self, silence: u64, now: Instant) -> bool {
        if self.due(silence) > now {
            return false;
        }
        let id = self.silent[&silence];
        if let Some(place) = self.remove(id) {
            // The connection may have ended in this moment.
            let _ = place.evict.send(());
        }
        true
    }

    fn begin_silence(&mut self, id: u64, now: Instant) {
        let silence = self.number();
        let Some(place) = self.places.get_mut(&id) else { return };
        place.silence = Some((silence, now));
        self.silent.insert(silence, id);
        if let Some(share) = place.address.and_then(|address| self.addresses.get_mut(&address)) {
            share.silent.insert(silence);
        }
    }

    fn end_silence(&mut self, id: u64) {
        let Some(place) = self.places.get_mut(&id) else { return };
        let Some((silence, _)) = place.silence.take() else { return };
        self.silent.remove(&silence);
        if let Some(share) = place.address.and_then(|address| self.addresses.get_mut(&address)) {
            share.silent.remove(&silence);
        }
    }

    fn remove(&mut self, id: u64) -> Option<Place> {
        self.end_silence(id);
        let place = self.places.remove(&id)?;
        if let Some(address) = place.address
            && let Some(share) = self.addresses.get_mut(&address)
        {
            share.places -= 1;
            if share.places == 0 {
                self.addresses.remove(&address);
            }
        }
        Some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(1);

    fn gate(connections: usize, per_address: usize) -> Gate {
        Gate::new(Limits { connections, per_address, patience: PATIENCE })
    }

    fn address(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, last]))
    }

    fn entered(admission: Admission) -> (Pass, oneshot::Receiver<()>) {
        match admission {
            Admission::Entered { pass, evicted, .. } => (pass, evicted),
            Admission::AddressFull | Admission::Full { .. } => panic!("not let in: {admission:?}"),
        }
    }

    #[test]
    fn the_longest_silence_gives_way_once_patience_is_over() {
        let (gate, start) = (gate(2, 2), Instant::now());
        let (_first, mut first_evicted) = entered(gate.enter(None, start));
        let (_second, mut second_evicted) = entered(gate.enter(None, start + PATIENCE / 2));
        let admission = gate.enter(None, start + PATIENCE - Duration::from_millis(1));
        assert!(matches!(admission, Admission::Full { until: Some(until) } if until == start + PATIENCE));
        let third = gate.enter(None, start + PATIENCE);
        assert!(matches!(third, Admission::Entered { in_place_of_another: true, .. }));
        assert_eq!(first_evicted.try_recv(), Ok(()));
        assert_eq!(second_evicted.try_recv(), Err(oneshot::error::TryRecvError::Empty));
    }

    #[test]
    fn a_request_under_way_is_not_evicted() {
        let (gate, start) = (gate(1, 1), Instant::now());
        let (pass, mut evicted) = entered(gate.enter(None, start));
        pass.begin_request();
        let late = start + 10 * PATIENCE;
        assert!(matches!(gate.enter(None, late), Admission::Full { until: None }));
        pass.end_request(late);
        assert!(matches!(gate.enter(None, late), Admission::Full { until: Some(_) }));
        entered(gate.enter(None, late + PATIENCE));
        assert_eq!(evicted.try_recv(), Ok(()));
    }

    #[test]
    fn an_address_has_its_share_and_takes_nobody_elses() {
        let (gate, start) = (gate(10, 2), Instant::now());
        let _held: Vec<_> = (0..2).map(|_| entered(gate.enter(address(1), start))).collect();
        assert!(matches!(gate.enter(address(1), start), Admission::AddressFull));
        let (_other, mut other_evicted) = entered(gate.enter(address(2), start));
        let _replaced = entered(gate.enter(address(1), start + PATIENCE));
        assert_eq!(other_evicted.try_recv(), Err(oneshot::error::TryRecvError::Empty));
    }

    #[test]
    fn places_are_given_back_and_nothing_is_remembered() {
        let (gate, start) = (gate(2, 1), Instant::now());
        for last in 0..=255 {
            let held = entered(gate.enter(address(last), start));
            drop(held);
        }
        let inner = gate.lock();
        assert!(inner.places.is_empty() && inner.silent.is_empty() && inner.addresses.is_empty());
    }

    #[test]
    fn an_evicted_pass_gives_its_place_back_once() {
        let (gate, start) = (gate(1, 1), Instant::now());
        let (old, _evicted) = entered(gate.enter(address(1), start));
        let (_new, _) = entered(gate.enter(address(1), start + PATIENCE));
        old.begin_request();
        old.end_request(start + PATIENCE);
        drop(old);
        assert!(matches!(gate.enter(address(2), start + PATIENCE), Admission::Full { .. }), "the new one is still in");
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_goes_on_when_a_place_is_free() {
        let gate = gate(1, 1);
        let (pass, _evicted) = entered(gate.enter(None, Instant::now()));
        pass.begin_request();
        let waiting = gate.place_free_or(None);
        drop(pass);
        waiting.await;
        entered(gate.enter(None, Instant::now()));
    }
}
