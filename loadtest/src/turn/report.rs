//! What a TURN server did: a table for people, JSON for machines.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

use super::{
    exchange::{Cell, Exchanged},
    wire::Carriage,
};
use crate::{
    fault::{Counted, write_faults},
    report::Latency,
};

/// What a run found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TurnReport {
    /// One for each way to travel, size and number of allocations.
    pub cells: Vec<CellReport>,
    /// What the server's resident memory grew by for each allocation with a permission and a channel, where its process is known.
    pub rss_kib_per_allocation: Option<f64>,
    /// What allocations cost, where lives were counted.
    pub life: Option<LifeReport>,
    /// Wrong and missing answers and packets; empty in a good run.
    pub faults: BTreeMap<&'static str, Counted>,
}

/// Packets of one kind.
#[derive(Debug, Clone, Serialize)]
pub struct CellReport {
    /// How they travelled between clients and relay.
    pub carriage: Carriage,
    /// Bytes of a packet.
    pub bytes: usize,
    /// Allocations that they went through in turn.
    pub allocations: usize,
    /// Packets relayed while it was measured: there is one, back another.
    pub packets: u64,
    /// In a second.
    pub packets_per_second: f64,
    /// Processor time of the server for one, where its process is known.
    pub server_cpu_us_per_packet: Option<f64>,
    /// Packets that the clients sent, before and after measuring too.
    pub sent: u64,
    /// Those of them that did not come back.
    pub lost: u64,
    /// There and back.
    pub round_trip: Latency,
}

/// Allocations that were made and ended.
#[derive(Debug, Clone, Serialize)]
pub struct LifeReport {
    /// How many: each with an Allocate that is challenged, one that is not, and a Refresh that ends it.
    pub allocations: usize,
    /// In a second.
    pub allocations_per_second: f64,
    /// Processor time of the server for one, where its process is known.
    pub server_cpu_us_per_allocation: Option<f64>,
}

impl TurnReport {
    /// Whether every answer and every packet was right.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.faults.is_empty()
    }
}

impl CellReport {
    pub(super) fn new(cell: Cell, exchanged: &Exchanged<Option<f64>>) -> Self {
        let Exchanged { seconds, packets, sent, lost, round_trips, before, after } = exchanged;
        let cpu_seconds = before.zip(*after).map(|(before, after)| after - before);
        Self {
            carriage: cell.carriage,
            bytes: cell.bytes,
            allocations: cell.allocations,
            packets: *packets,
            packets_per_second: *packets as f64 / seconds,
            server_cpu_us_per_packet: cpu_seconds.map(|cpu| cpu * 1e6 / *packets as f64),
            sent: *sent,
            lost: *lost,
            round_trip: Latency::of(round_trips),
        }
    }

    /// `channel_data_160_x1000`: its name in figures.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}_{}_x{}", self.carriage.name(), self.bytes, self.allocations)
    }

    /// Packets relayed for a second of the server's processor time.
    #[must_use]
    pub fn packets_per_cpu_second(&self) -> Option<f64> {
        self.server_cpu_us_per_packet.map(|micros| 1e6 / micros)
    }
}

impl LifeReport {
    pub(super) fn new(allocations: usize, seconds: f64, cpu_seconds: Option<f64>) -> Self {
        Self {
            allocations,
            allocations_per_second: allocations as f64 / seconds,
            server_cpu_us_per_allocation: cpu_seconds.map(|cpu| cpu * 1e6 / allocations as f64),
        }
    }

    /// Allocations that live and end for a second of the server's processor time.
    #[must_use]
    pub fn allocations_per_cpu_second(&self) -> Option<f64> {
        self.server_cpu_us_per_allocation.map(|micros| 1e6 / micros)
    }
}

impl fmt::Display for TurnReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "{:<28} {:>12} {:>12} {:>14} {:>10} {:>10} {:>6}",
            "packets", "packets/s", "CPU µs each", "packets/CPU s", "p50 µs", "p99 µs", "lost"
        )?;
        let figure =
            |figure: Option<f64>, digits: usize| figure.map_or("-".to_owned(), |figure| format!("{figure:.digits$}"));
        for cell in &self.cells {
            writeln!(
                formatter,
                "{:<28} {:>12.0} {:>12} {:>14} {:>10} {:>10} {:>6}",
                cell.name(),
                cell.packets_per_second,
                figure(cell.server_cpu_us_per_packet, 2),
                figure(cell.packets_per_cpu_second(), 0),
                cell.round_trip.p50_us,
                cell.round_trip.p99_us,
                cell.lost,
            )?;
        }
        if let Some(life) = &self.life {
            writeln!(
                formatter,
                "{:<28} {:>12.0} {:>12} {:>14}",
                "allocations made and ended",
                life.allocations_per_second,
                figure(life.server_cpu_us_per_allocation, 1),
                figure(life.allocations_per_cpu_second(), 0),
            )?;
        }
        writeln!(formatter, "{:<28} {:>12}", "RSS KiB/allocation", figure(self.rss_kib_per_allocation, 2))?;
        write_faults(&self.faults, formatter)
    }
}
