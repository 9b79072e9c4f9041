use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use antiphon_ice_core::user_id::UserId;
use antiphon_protocol::TenantId;

use crate::{Quotas, stun::Family};

/// Tenants that are counted each for itself: those that came first. The others are counted as one.
const MAX_TALLIES: usize = 100;

/// What the relays of one process share: how many allocations there are and may be, what tenants relay, and which relayed addresses
/// live. Holds what lives and no more, but for the counts of [`MAX_TALLIES`] tenants.
#[derive(Debug)]
pub struct Ledger {
    quotas: Quotas,
    state: Mutex<State>,
    live: [Ports; 2],
}

#[derive(Debug, Default)]
struct State {
    total: u32,
    users: HashMap<UserId, u32>,
    tenants: HashMap<TenantId, u32>,
    tallies: BTreeMap<TenantId, Arc<Tally>>,
    others: Arc<Tally>,
}

/// What a tenant has relayed, payloads only.
#[derive(Debug, Default)]
pub struct Tally {
    allocations: AtomicU64,
    bytes_to_peers: AtomicU64,
    bytes_to_clients: AtomicU64,
    refusals: AtomicU64,
}

/// A tenant's [`Tally`] as it was when it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TenantUse {
    /// Allocations that live.
    pub allocations: u64,
    /// Bytes of payload from clients to peers.
    pub bytes_to_peers: u64,
    /// Bytes of payload from peers to clients.
    pub bytes_to_clients: u64,
    /// Allocates that a quota refused.
    pub refusals: u64,
}

impl Tally {
    pub(crate) fn to_peers(&self, bytes: usize) {
        self.bytes_to_peers.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn to_clients(&self, bytes: usize) {
        self.bytes_to_clients.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    fn read(&self) -> TenantUse {
        TenantUse {
            allocations: self.allocations.load(Ordering::Relaxed),
            bytes_to_peers: self.bytes_to_peers.load(Ordering::Relaxed),
            bytes_to_clients: self.bytes_to_clients.load(Ordering::Relaxed),
            refusals: self.refusals.load(Ordering::Relaxed),
        }
    }
}

/// One allocation's place within the quotas, until it is dropped.
#[derive(Debug)]
pub(crate) struct Reservation {
    ledger: Arc<Ledger>,
    user: UserId,
    tally: Arc<Tally>,
}

impl Reservation {
    pub(crate) fn user(&self) -> &UserId {
        &self.user
    }

    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut state = self.ledger.state();
        state.total = state.total.saturating_sub(1);
        decrement(&mut state.users, &self.user);
        decrement(&mut state.tenants, &self.user.tenant());
        drop(state);
        self.tally.allocations.fetch_sub(1, Ordering::Relaxed);
    }
}

fn decrement<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, u32>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            counts.remove(key);
        }
    }
}

impl Ledger {
    /// An empty one.
    #[must_use]
    pub fn new(quotas: Quotas) -> Self {
        Self { quotas, state: Mutex::default(), live: [Ports::default(), Ports::default()] }
    }

    /// Takes a place for one allocation more; `None` where a quota is reached.
    pub(crate) fn reserve(self: &Arc<Self>, user: UserId) -> Option<Reservation> {
        let tenant = user.tenant();
        let mut state = self.state();
        let tally = state.tally(&tenant);
        let of_user = state.users.get(&user).copied().unwrap_or_default();
        let of_tenant = state.tenants.get(&tenant).copied().unwrap_or_default();
        let has_room = |count: u32, limit: Option<u32>| limit.is_none_or(|limit| count < limit);
        let fits = has_room(of_user, self.quotas.per_user)
            && has_room(of_tenant, self.quotas.per_tenant)
            && has_room(state.total, self.quotas.total);
        if !fits {
            tally.refusals.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        state.total += 1;
        state.users.insert(user.clone(), of_user + 1);
        state.tenants.insert(tenant, of_tenant + 1);
        drop(state);
        tally.allocations.fetch_add(1, Ordering::Relaxed);
        Some(Reservation { ledger: Arc::clone(self), user, tally })
    }

    /// How many allocations there are.
    #[must_use]
    pub fn allocations(&self) -> u32 {
        self.state().total
    }

    /// What each tenant uses; `None` as tenant: those beyond the hundred that came first.
    #[must_use]
    pub fn tenants(&self) -> Vec<(Option<TenantId>, TenantUse)> {
        let state = self.state();
        let named = state.tallies.iter().map(|(tenant, tally)| (Some(tenant.clone()), tally.read()));
        named.chain([(None, state.others.read())]).collect()
    }

    /// Does a relayed address of this one's family live at its port?
    #[must_use]
    pub fn is_live(&self, address: SocketAddr) -> bool {
        self.ports(Family::of(address.ip())).contains(address.port())
    }

    pub(crate) fn set_live(&self, address: SocketAddr, is_live: bool) {
        self.ports(Family::of(address.ip())).set(address.port(), is_live);
    }

    fn ports(&self, family: Family) -> &Ports {
        match family {
            Family::V4 => &self.live[0],
            Family::V6 => &self.live[1],
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tally(&mut self, tenant: &TenantId) -> Arc<Tally> {
        if let Some(tally) = self.tallies.get(tenant) {
            return Arc::clone(tally);
        }
        if self.tallies.len() >= MAX_TALLIES {
            return Arc::clone(&self.others);
        }
        let tally = Arc::<Tally>::default();
        self.tallies.insert(tenant.clone(), Arc::clone(&tally));
        tally
    }
}

/// A set of ports that threads share.
#[derive(Debug)]
struct Ports(Box<[AtomicU64]>);

impl Default for Ports {
    fn default() -> Self {
        Self((0..1024).map(|_| AtomicU64::default()).collect())
    }
}

impl Ports {
    fn contains(&self, port: u16) -> bool {
        self.0[usize::from(port / 64)].load(Ordering::Acquire) & 1 << (port % 64) != 0
    }

    fn set(&self, port: u16, is_in: bool) {
        let (word, bit) = (&self.0[usize::from(port / 64)], 1_u64 << (port % 64));
        if is_in {
            word.fetch_or(bit, Ordering::AcqRel);
        } else {
            word.fetch_and(!bit, Ordering::AcqRel);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(tenant: &str, identity: &str) -> UserId {
        UserId::new(&tenant.parse().expect(tenant), &identity.parse().expect(identity))
    }

    #[test]
    fn quotas_hold_for_a_user_a_tenant_and_all_and_places_come_back() {
        let ledger = Arc::new(Ledger::new(Quotas { per_user: Some(1), per_tenant: Some(2), total: Some(3) }));
        let reserve = |tenant, identity| ledger.reserve(user(tenant, identity));
        let ada = reserve("acme", "ada").expect("the first");
        assert!(reserve("acme", "ada").is_none(), "her second");
        let bob = reserve("acme", "bob").expect("the tenant's second");
        assert!(reserve("acme", "cyd").is_none(), "the tenant's third");
        let dan = reserve("other", "dan").expect("the third of all");
        assert!(reserve("third", "eve").is_none(), "the fourth of all");
        drop(ada);
        let ada = reserve("acme", "ada").expect("a place came back");
        drop((ada, bob, dan));
        assert_eq!(ledger.allocations(), 0);
        let state = ledger.state();
        assert!(state.users.is_empty() && state.tenants.is_empty());
    }

    #[test]
    fn refusals_are_counted_and_tenants_beyond_the_hundred_are_one() {
        let ledger = Arc::new(Ledger::new(Quotas { total: Some(MAX_TALLIES as u32 + 2), ..Quotas::default() }));
        let held: Vec<_> = (0..MAX_TALLIES + 3).map(|n| ledger.reserve(user(&format!("t{n:03}"), "ada"))).collect();
        assert_eq!(held.iter().flatten().count(), MAX_TALLIES + 2);
        let tenants = ledger.tenants();
        assert_eq!(tenants.len(), MAX_TALLIES + 1);
        assert_eq!(tenants.last(), Some(&(None, TenantUse { allocations: 2, refusals: 1, ..TenantUse::default() })));
    }

    #[test]
    fn an_address_lives_as_long_as_it_is_said_to() {
        let ledger = Ledger::new(Quotas::default());
        let (v4, v6) = (SocketAddr::from(([192, 0, 2, 1], 65_535)), SocketAddr::from(([0; 8], 65_535)));
        assert!(!ledger.is_live(v4));
        ledger.set_live(v4, true);
        assert!(ledger.is_live(v4) && !ledger.is_live(v6));
        ledger.set_live(v4, false);
        assert!(!ledger.is_live(v4));
    }
}
