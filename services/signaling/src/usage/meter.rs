//! What rooms and connections count with.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use antiphon_protocol::{ErrorCode, TenantId};
use antiphon_room_core::{EventBody, Millis, Refusal};

use super::{
    Hour, HourCounts, Quotas,
    tally::{Change, Tally},
};
use crate::{
    metrics::{TenantInstruments, TenantMetrics},
    room::wall_clock,
};

/// How often the counts are brought up to date. Frames are counted in the wrong hour by so much at most.
const TICK: Duration = Duration::from_secs(1);

/// What every tenant uses on this replica.
#[derive(Debug)]
pub(crate) struct Usage {
    /// Tenants whose tokens were believed: no more than are configured.
    meters: Mutex<BTreeMap<TenantId, Arc<Meter>>>,
    quotas: Arc<Quotas>,
    metrics: TenantMetrics,
    /// When this replica began to count.
    pub(crate) since: Millis,
}

/// What one tenant uses on this replica.
#[derive(Debug)]
pub(crate) struct Meter {
    tenant: TenantId,
    quotas: Arc<Quotas>,
    instruments: TenantInstruments,
    state: Mutex<State>,
    /// Since the last tick.
    messages: AtomicU64,
    /// Since the last tick.
    bytes: AtomicU64,
}

#[derive(Debug)]
struct State {
    tally: Tally,
    /// Rooms and sessions that are being written to a log.
    claimed: Claimed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Claimed {
    rooms: u64,
    participants: u64,
}

/// Room within the quotas for what was decided, until it is counted or given up.
#[derive(Debug)]
pub(crate) struct Claim {
    meter: Arc<Meter>,
    claimed: Claimed,
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut state = self.meter.state();
        state.claimed.rooms -= self.claimed.rooms;
        state.claimed.participants -= self.claimed.participants;
    }
}

impl Usage {
    pub(crate) fn new(quotas: Arc<Quotas>, metrics: TenantMetrics) -> Self {
        Self { meters: Mutex::default(), quotas, metrics, since: wall_clock() }
    }

    /// The tenant's meter.
    pub(crate) fn meter(&self, tenant: &TenantId) -> Arc<Meter> {
        let mut meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(meter) = meters.get(tenant) {
            return Arc::clone(meter);
        }
        let meter = Arc::new(Meter {
            tenant: tenant.clone(),
            quotas: Arc::clone(&self.quotas),
            instruments: self.metrics.of(tenant, meters.len()),
            state: Mutex::new(State { tally: Tally::new(wall_clock()), claimed: Claimed::default() }),
            messages: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        });
        meters.insert(tenant.clone(), Arc::clone(&meter));
        meter
    }

    /// Keeps the counts up to date, for ever.
    pub(crate) async fn keep_time(self: Arc<Self>) {
        let mut due = tokio::time::interval(TICK);
        due.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            due.tick().await;
            let meters: Vec<_> =
                self.meters.lock().unwrap_or_else(PoisonError::into_inner).values().map(Arc::clone).collect();
            for meter in meters {
                meter.tick(wall_clock());
            }
        }
    }
}

impl Meter {
    /// Makes room within the tenant's quotas for what a room decided, before it is written to the log.
    ///
    /// # Errors
    /// When it would be one room or session too many.
    pub(crate) fn claim<'a>(
        self: &Arc<Self>,
        decided: impl Iterator<Item = &'a EventBody>,
    ) -> Result<Option<Claim>, Refusal> {
        let change = change_of(decided);
        let claimed = Claimed {
            rooms: u64::from(change.rooms_started.saturating_sub(change.rooms_ended)),
            participants: u64::from(change.joined.saturating_sub(change.left)),
        };
        if claimed == Claimed::default() {
            return Ok(None);
        }
        let quota = self.quotas.of(&self.tenant);
        let mut state = self.state();
        let rooms = state.tally.rooms() + state.claimed.rooms + claimed.rooms;
        let participants = state.tally.participants() + state.claimed.participants + claimed.participants;
        if claimed.rooms > 0 && quota.rooms.is_some_and(|quota| rooms > u64::from(quota)) {
            self.instruments.refused_rooms.inc();
            return Err(exceeded("tenant-rooms", "rooms", quota.rooms, "end a room"));
        }
        if claimed.participants > 0 && quota.participants.is_some_and(|quota| participants > u64::from(quota)) {
            self.instruments.refused_participants.inc();
            return Err(exceeded(
                "tenant-participants",
                "participants",
                quota.participants,
                "wait until somebody leaves",
            ));
        }
        state.claimed.rooms += claimed.rooms;
        state.claimed.participants += claimed.participants;
        Ok(Some(Claim { meter: Arc::clone(self), claimed }))
    }

    /// Counts what this replica has written to a log.
    pub(crate) fn count<'a>(&self, appended: impl Iterator<Item = &'a EventBody>, now: Millis) {
        let change = change_of(appended);
        if change == Change::default() {
            return;
        }
        let mut state = self.state();
        self.advance(&mut state, now);
        state.tally.change(change);
        self.instruments.rooms_started.inc_by(u64::from(change.rooms_started));
        // Several tenants may share these: what is added up stays right.
        self.instruments.rooms.add(i64::from(change.rooms_started) - i64::from(change.rooms_ended));
        self.instruments.participants.add(i64::from(change.joined) - i64::from(change.left));
    }

    /// A frame came from a client.
    pub(crate) fn received(&self) {
        self.messages.fetch_add(1, Ordering::Relaxed);
    }

    /// Frames went to a client.
    pub(crate) fn sent(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// The hours from `first` on that had any use, oldest first; and the rooms and sessions of this moment.
    pub(crate) fn read(&self, first: Hour, now: Millis) -> (Vec<HourCounts>, u64, u64) {
        let mut state = self.state();
        self.advance(&mut state, now);
        (state.tally.hours(first).collect(), state.tally.rooms(), state.tally.participants())
    }

    fn tick(&self, now: Millis) {
        self.advance(&mut self.state(), now);
    }

    fn advance(&self, state: &mut State, now: Millis) {
        let (messages, bytes) = (self.messages.swap(0, Ordering::Relaxed), self.bytes.swap(0, Ordering::Relaxed));
        state.tally.carried(messages, bytes);
        let participant_ms = state.tally.advance(now);
        self.instruments.messages.inc_by(messages);
        self.instruments.bytes.inc_by(bytes);
        self.instruments.participant_seconds.inc_by(participant_ms as f64 / 1_000.0);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn change_of<'a>(events: impl Iterator<Item = &'a EventBody>) -> Change {
    let mut change = Change::default();
    for event in events {
        if let EventBody::RoomCreated { .. } = event {
            change.rooms_started += 1;
        } else if let EventBody::RoomEnded { .. } = event {
            change.rooms_ended += 1;
        } else if let EventBody::Joined { .. } = event {
            change.joined += 1;
        } else if let EventBody::Left { .. } = event {
            change.left += 1;
        }
    }
    change
}

fn exceeded(field: &'static str, what: &str, quota: Option<u32>, cure: &str) -> Refusal {
    let quota = quota.unwrap_or_default();
    let message = format!("the tenant has {quota} {what} already, which is its quota: {cure}, or have {field} raised");
    Refusal { code: ErrorCode::QuotaExceeded, message, field }
}

#[cfg(test)]
#[path = "meter_tests.rs"]
mod tests;
