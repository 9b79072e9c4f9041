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
    /// All replicas are drained and started again, one after the other.
    RollingRestart,
    /// Redis stands still.
    StopEngine,
    /// Redis is killed, and started again with what it has on its disk: the last second may be missing.
    RestartEngine,
    /// Redis is killed, and started again without anything.
    RestartEngineEmpty,
    /// The primary is killed, and the sentinels choose another.
    FailOver,
    /// A primary of the cluster is killed, and its replica takes its slots.
    KillSlotOwner,
}

/// Who is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Victim {
    /// One replica.
    Replica,
    /// Every replica.
    Replicas,
    /// What they share.
    Engine,
}

impl Kind {
    /// Who is broken.
    #[must_use]
    pub fn victim(self) -> Victim {
        match self {
            Self::Kill
            | Self::Drain
            | Self::Pause
            | Self::CutFromClients
            | Self::HoldFromClients
            | Self::CutFromBackplane => Victim::Replica,
            Self::RollingRestart => Victim::Replicas,
            Self::StopEngine
            | Self::RestartEngine
            | Self::RestartEngineEmpty
            | Self::FailOver
            | Self::KillSlotOwner => Victim::Engine,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind.victim() {
            Victim::Replica => write!(formatter, "replica {} {}", self.replica, self.kind),
            Victim::Replicas => write!(formatter, "all replicas {}", self.kind),
            Victim::Engine => write!(formatter, "Redis {}", self.kind),
        }
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
            Self::CutFromBackplane => "cut from Redis",
            Self::RollingRestart => "restarted one by one",
            Self::StopEngine => "stopped",
            Self::RestartEngine => "killed, back with its log",
            Self::RestartEngineEmpty => "killed, back empty",
            Self::FailOver => "failed over by sentinels",
            Self::KillSlotOwner => "without a slot owner",
        })
    }
}

/// How long Redis stands still.
const ENGINE_STOPS: Duration = Duration::from_secs(10);

/// One thing to break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// What.
    pub kind: Kind,
    /// Which replica, where it is one.
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
            Kind::Pause | Kind::CutFromClients | Kind::HoldFromClients | Kind::CutFromBackplane => self.lease + some,
            Kind::StopEngine => ENGINE_STOPS,
            Kind::Kill
            | Kind::Drain
            | Kind::RollingRestart
            | Kind::RestartEngine
            | Kind::RestartEngineEmpty
            | Kind::FailOver
            | Kind::KillSlotOwner => some,
        };
        Some(Fault { kind, replica: self.random.random_range(0..self.replicas), lasts })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::SeedableRng as _;

    use super::*;

    const KINDS: [Kind; 6] =
        [Kind::Kill, Kind::Drain, Kind::Pause, Kind::CutFromClients, Kind::StopEngine, Kind::RollingRestart];

    fn plan(seed: u64) -> Plan {
        Plan::new(KINDS.to_vec(), 3, Duration::from_secs(1), StdRng::seed_from_u64(seed))
    }

    #[test]
    fn every_round_breaks_everything_once_in_an_order_of_its_own() {
        let kinds: Vec<Kind> = plan(1).take(18).map(|fault| fault.kind).collect();
        for round in kinds.chunks(6) {
            assert_eq!(round.iter().copied().collect::<BTreeSet<_>>(), BTreeSet::from(KINDS), "{round:?}");
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
    fn a_fault_says_who_is_broken_and_how() {
        let text = |kind| Fault { kind, replica: 2, lasts: Duration::ZERO }.to_string();
        assert_eq!(text(Kind::Kill), "replica 2 killed");
        assert_eq!(text(Kind::RollingRestart), "all replicas restarted one by one");
        assert_eq!(text(Kind::RestartEngineEmpty), "Redis killed, back empty");
    }
}
