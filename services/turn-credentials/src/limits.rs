//! How fast clients may ask: rates per tenant and per identity.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use antiphon_protocol::{ErrorCode, Identity, TenantId};
use antiphon_service_kit::problem::Problem;
use antiphon_session_core::{Rate, RateLimiter};

/// Parties that are remembered before the idle ones are forgotten.
const REMEMBERED: usize = 65_536;

/// The limits of this process.
#[derive(Debug)]
pub(crate) struct Limits {
    started: Instant,
    tenant_rate: Rate,
    subject_rate: Rate,
    tenants: Parties<TenantId>,
    subjects: Parties<(TenantId, Identity)>,
}

impl Limits {
    pub(crate) fn new(tenant_rate: Rate, subject_rate: Rate, now: Instant) -> Self {
        Self { started: now, tenant_rate, subject_rate, tenants: Parties::default(), subjects: Parties::default() }
    }

    /// Takes one request of this identity. The identity's own rate comes first, so that one that hammers takes nothing of its tenant's.
    pub(crate) fn take(&self, tenant: &TenantId, identity: &Identity, now: Instant) -> Result<(), Problem> {
        let now = now - self.started;
        let subject = self.subjects.take((tenant.clone(), identity.clone()), self.subject_rate, now);
        subject.map_err(|wait| refuse("too many requests of this identity", wait))?;
        self.tenants
            .take(tenant.clone(), self.tenant_rate, now)
            .map_err(|wait| refuse("too many requests of this tenant", wait))
    }
}

fn refuse(detail: &'static str, wait: Duration) -> Problem {
    let milliseconds = u32::try_from(wait.as_micros().div_ceil(1_000)).unwrap_or(u32::MAX);
    Problem::new(ErrorCode::RateLimited, detail).with_retry_after_ms(milliseconds)
}

/// Idle ones are forgotten when there are [`REMEMBERED`], and again when there are twice as many as were left.
#[derive(Debug)]
struct Parties<K>(Mutex<Known<K>>);

#[derive(Debug)]
struct Known<K> {
    parties: HashMap<K, Arc<RateLimiter>>,
    sweep_at: usize,
}

impl<K> Default for Parties<K> {
    fn default() -> Self {
        Self(Mutex::new(Known { parties: HashMap::new(), sweep_at: REMEMBERED }))
    }
}

impl<K: Hash + Eq> Parties<K> {
    fn take(&self, key: K, rate: Rate, now: Duration) -> Result<(), Duration> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.parties.len() >= known.sweep_at && !known.parties.contains_key(&key) {
            known.parties.retain(|_, limiter| !limiter.is_idle(now));
            known.sweep_at = (2 * known.parties.len()).max(REMEMBERED);
        }
        let limiter = Arc::clone(known.parties.entry(key).or_default());
        drop(known);
        limiter.take(rate, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(number: usize) -> (TenantId, Identity) {
        ("acme".parse().expect("a tenant"), format!("ada-{number}").parse().expect("an identity"))
    }

    #[test]
    fn an_identity_and_a_tenant_each_have_a_rate_and_are_told_when_to_come_back() {
        let start = Instant::now();
        let limits = Limits::new(Rate { per_second: 1, burst: 5 }, Rate { per_second: 1, burst: 2 }, start);
        let (tenant, ada) = names(1);
        for _ in 0..2 {
            limits.take(&tenant, &ada, start).expect("within the burst");
        }
        let refused = limits.take(&tenant, &ada, start).expect_err("beyond it");
        assert_eq!(refused, refuse("too many requests of this identity", Duration::from_secs(1)));
        for number in 2..5 {
            limits.take(&tenant, &names(number).1, start).expect("within the tenant's");
        }
        let refused = limits.take(&tenant, &names(5).1, start).expect_err("beyond it");
        assert_eq!(refused, refuse("too many requests of this tenant", Duration::from_secs(1)));
        limits.take(&tenant, &ada, start + Duration::from_secs(2)).expect("later");
    }

    #[test]
    fn idle_identities_are_forgotten() {
        let start = Instant::now();
        let rate = Rate { per_second: 1_000_000, burst: 1 };
        let limits = Limits::new(rate, rate, start);
        for number in 0..2 * REMEMBERED {
            let (tenant, identity) = names(number);
            limits.take(&tenant, &identity, start + Duration::from_millis(number as u64)).expect("a first one");
        }
        let known = limits.subjects.0.lock().expect("unpoisoned").parties.len();
        assert!(known <= REMEMBERED, "{known}");
    }
}
