//! The end of a run: a table for people, JSON for machines.

mod rest;

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

pub use self::rest::{OperationReport, RestReport, SocketsReport, Turn};
use crate::{
    client::Return,
    fault::{Counted, write_faults},
    histogram::Histogram,
    live::Live,
    scenario::Setup,
};

/// What a run found.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Which scenario was played.
    pub scenario: &'static str,
    /// What was spoken to the server.
    pub wire: &'static str,
    /// Clients that were asked for.
    pub clients: usize,
    /// Rooms that they fill.
    pub rooms: usize,
    /// The scenario's own figures.
    pub figures: Figures,
    /// Wrong and missing answers; empty in a good run.
    pub faults: BTreeMap<&'static str, Counted>,
}

/// A scenario's own figures.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Figures {
    /// Of relay and fan-out.
    Load(LoadReport),
    /// Of idle.
    Idle(IdleReport),
    /// Of the storm.
    Storm(StormReport),
    /// Of REST beside the sockets.
    Rest(RestReport),
}

/// Figures of a closed loop.
#[derive(Debug, Clone, Serialize)]
pub struct LoadReport {
    /// How long it was measured.
    pub seconds: f64,
    /// Messages delivered.
    pub messages: u64,
    /// Messages delivered per second.
    pub messages_per_second: f64,
    /// Processor time of the server per message delivered, where its process is known.
    pub server_cpu_us_per_message: Option<f64>,
    /// From sending a message to its receipt.
    pub latency: Latency,
}

/// Latencies in microseconds.
#[derive(Debug, Clone, Default, Serialize)]
#[expect(missing_docs, reason = "quantiles by their usual names")]
pub struct Latency {
    pub p50_us: u64,
    pub p95_us: u64,
    pub p99_us: u64,
    pub max_us: u64,
}

/// Figures of idle clients.
#[derive(Debug, Clone, Serialize)]
pub struct IdleReport {
    /// Clients at the first measurement.
    pub baseline_clients: u64,
    /// The server's resident memory with them.
    pub baseline_rss_kib: f64,
    /// The server's resident memory with all clients.
    pub rss_kib: f64,
    /// The difference, per client that came between.
    pub kib_per_client: f64,
    /// Growth while nothing happened, where there was a soak.
    pub growth_kib_per_client_hour: Option<f64>,
}

/// Figures of a storm.
#[derive(Debug, Clone, Default, Serialize)]
pub struct StormReport {
    /// From the cut until the last client was back.
    pub seconds_until_all_back: f64,
    /// From the cut until a client was back.
    pub back: Latency,
    /// Sessions that went on with every frame.
    pub resumed: u64,
    /// Sessions that went on from a snapshot.
    pub resumed_from_snapshot: u64,
    /// Sessions that began anew.
    pub rejoined: u64,
    /// Rooms that carried a negotiation afterwards.
    pub rooms_proved: u64,
}

impl Report {
    pub(crate) fn new(scenario: &'static str, setup: &Setup, live: &Live, figures: impl Into<Figures>) -> Self {
        Self {
            scenario,
            wire: setup.target.wire.name(),
            clients: setup.clients,
            rooms: setup.rooms(),
            figures: figures.into(),
            faults: live.faults().snapshot(),
        }
    }

    /// Whether every answer was right.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.faults.is_empty()
    }
}

impl LoadReport {
    pub(crate) fn new(messages: u64, seconds: f64, cpu_us: Option<f64>, latencies: &Histogram) -> Self {
        Self {
            seconds,
            messages,
            messages_per_second: messages as f64 / seconds,
            server_cpu_us_per_message: cpu_us,
            latency: Latency::of(latencies),
        }
    }
}

impl Latency {
    pub(crate) fn of(histogram: &Histogram) -> Self {
        Self {
            p50_us: histogram.quantile(0.50),
            p95_us: histogram.quantile(0.95),
            p99_us: histogram.quantile(0.99),
            max_us: histogram.max(),
        }
    }
}

impl StormReport {
    pub(crate) fn read_times(&mut self, histogram: &Histogram) {
        self.back = Latency::of(histogram);
    }

    pub(crate) fn count(&mut self, returns: impl Iterator<Item = Return>) {
        for how in returns {
            match how {
                Return::Recovered => self.resumed += 1,
                Return::FromSnapshot => self.resumed_from_snapshot += 1,
                Return::Rejoined => self.rejoined += 1,
            }
        }
    }
}

impl From<LoadReport> for Figures {
    fn from(report: LoadReport) -> Self {
        Self::Load(report)
    }
}

impl From<IdleReport> for Figures {
    fn from(report: IdleReport) -> Self {
        Self::Idle(report)
    }
}

impl From<StormReport> for Figures {
    fn from(report: StormReport) -> Self {
        Self::Storm(report)
    }
}

impl From<RestReport> for Figures {
    fn from(report: RestReport) -> Self {
        Self::Rest(report)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{} ({}), {} clients in {} rooms", self.scenario, self.wire, self.clients, self.rooms)?;
        for (name, value) in self.figures.rows() {
            writeln!(formatter, "  {name:<28} {value:>14}")?;
        }
        write_faults(&self.faults, formatter)
    }
}

impl Figures {
    fn rows(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Load(load) => {
                let mut rows = vec![
                    ("messages", load.messages.to_string()),
                    ("messages/s", format!("{:.0}", load.messages_per_second)),
                ];
                rows.extend(load.server_cpu_us_per_message.map(|cpu| ("server CPU µs/message", format!("{cpu:.2}"))));
                rows.extend(load.latency.rows());
                rows
            }
            Self::Idle(idle) => {
                let mut rows = vec![
                    ("baseline clients", idle.baseline_clients.to_string()),
                    ("baseline RSS KiB", format!("{:.0}", idle.baseline_rss_kib)),
                    ("RSS KiB", format!("{:.0}", idle.rss_kib)),
                    ("RSS KiB/client", format!("{:.2}", idle.kib_per_client)),
                ];
                let growth = idle.growth_kib_per_client_hour;
                rows.extend(growth.map(|kib| ("growth KiB/client/hour", format!("{kib:.3}"))));
                rows
            }
            Self::Storm(storm) => {
                let mut rows = vec![
                    ("seconds until all were back", format!("{:.2}", storm.seconds_until_all_back)),
                    ("resumed", storm.resumed.to_string()),
                    ("resumed from a snapshot", storm.resumed_from_snapshot.to_string()),
                    ("rejoined", storm.rejoined.to_string()),
                    ("rooms proved afterwards", storm.rooms_proved.to_string()),
                ];
                rows.extend(storm.back.rows());
                rows
            }
            Self::Rest(rest) => rest.rows(),
        }
    }
}

impl Latency {
    fn rows(&self) -> [(&'static str, String); 4] {
        [
            ("p50 µs", self.p50_us.to_string()),
            ("p95 µs", self.p95_us.to_string()),
            ("p99 µs", self.p99_us.to_string()),
            ("max µs", self.max_us.to_string()),
        ]
    }
}
