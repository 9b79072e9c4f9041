//! What is broken in which order.

use std::{fmt, time::Duration};

use rand::{RngExt as _, rngs::StdRng, seq::SliceRandom as _};

/// Something that can be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A replica is killed (SIGKILL) and started again.
    Kill,
    /// A replica is told to stop (SIGTERM), moves its clients away, and is started again.
    Drain,
    /// A replica stands still (SIGSTOP) for longer than its lease, then goes on (SIGCONT).
    Pause,
    /// A replica is cut from its clients: connections end, and none can be had.
    CutFromClients,
    /// A replica is cut from its clients, and nobody is told: nothing passes.
    HoldFromClients,
    /// A replica is cut from what replicas share.
    CutFromBackplane,
}

impl Kind {
    /// What there is to break: with rooms in one process's memory, or shared by replicas.
    #[must_use]
    pub fn all(is_shared: bool) -> Vec<Self> {
        let mut all = vec![Self::Kill, Self::Drain, Self::Pause, Self::CutFromClients, Self::HoldFromClients];
        if is_shared {
            all.push(Self::CutFromBackplane);
        }
        all
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Kill => "killed",
            Self::Drain => "drained",
            Self::Pause => "paused beyond its lease",
            Self::CutFromClients => "cut from its clients",
            Self::HoldFromClients => "silent to its clients",
            Self::CutFromBackplane => "cut from the backplane",
        })
    }
}

/// One thing to break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// What.
    pub kind: Kind,
    /// Which replica.
    pub replica: usize,
    /// How long it stays broken; for a drain: how long the replica stays away when it has stopped.
    pub lasts: Duration,
}

/// What is broken when, without end: every kind once in a round, each round in an order of its own.
#[derive(Debug)]
pub struct Plan {
    kinds: Vec<Kind>,
    replicas: usize,
    lease: Duration,
    round: Vec<Kind>,
    random: StdRng,
}

impl Plan {
    /// For so many replicas, whose lease lasts so long.
    #[must_use]
    pub fn new(kinds: Vec<Kind>, replicas: usize, lease: Duration, random: StdRng) -> Self {
        Self { kinds, replicas, lease, round: Vec::new(), random }
    }
}

impl Iterator for Plan {
    type Item = Fault;

    fn next(&mut self) -> Option<Fault> {
        if self.round.is_empty() {
            self.round.clone_from(&self.kinds);
            self.round.shuffle(&mut self.random);
        }
        let kind = self.round.pop()?;
        let some = Duration::from_millis(self.random.random_range(500..3_000));
        let lasts = match kind {
            Kind::Kill | Kind::Drain => some,
            Kind::Pause | Kind::CutFromClients | Kind::HoldFromClients | Kind::CutFromBackplane => self.lease + some,
        };
        Some(Fault { kind, replica: self.random.random_range(0..self.replicas), lasts })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::SeedableRng as _;

    use super::*;

    fn plan(seed: u64) -> Plan {
        Plan::new(Kind::all(true), 3, Duration::from_secs(1), StdRng::seed_from_u64(seed))
    }

    #[test]
    fn every_round_breaks_everything_once_in_an_order_of_its_own() {
        let kinds: Vec<Kind> = plan(1).take(18).map(|fault| fault.kind).collect();
        for round in kinds.chunks(6) {
            assert_eq!(round.iter().copied().collect::<BTreeSet<_>>().len(), 6, "{round:?}");
        }
        assert!(kinds[..6] != kinds[6..12] || kinds[6..12] != kinds[12..]);
    }

    #[test]
    fn a_seed_says_what_is_broken() {
        let faults = |seed| plan(seed).take(12).collect::<Vec<_>>();
        assert_eq!(faults(7), faults(7));
        assert_ne!(faults(7), faults(8));
    }

    #[test]
    fn every_replica_has_its_turn_and_what_must_outlast_the_lease_does() {
        let faults: Vec<Fault> = plan(3).take(60).collect();
        assert_eq!(faults.iter().map(|fault| fault.replica).collect::<BTreeSet<_>>(), BTreeSet::from([0, 1, 2]));
        assert!(faults.iter().all(|fault| fault.kind != Kind::Pause || fault.lasts > Duration::from_secs(1)));
    }

    #[test]
    fn rooms_in_memory_have_nothing_to_be_cut_from() {
        assert!(!Kind::all(false).contains(&Kind::CutFromBackplane));
    }
}
