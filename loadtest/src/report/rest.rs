//! What the REST API did beside the sockets, and what the sockets felt of it.

use serde::Serialize;

use super::Latency;
use crate::{
    application::{Operation, Times},
    histogram::Histogram,
    statistics::median,
};

/// Figures of REST beside the sockets.
#[derive(Debug, Clone, Serialize)]
pub struct RestReport {
    /// HTTP clients, each with one connection.
    pub applications: usize,
    /// Answers in all, each of them checked.
    pub requests: u64,
    /// By kind of request, of all turns.
    pub operations: Vec<OperationReport>,
    /// A time without requests and a time with them, each.
    pub turns: Vec<Turn>,
}

/// Answers to one kind of request.
#[derive(Debug, Clone, Serialize)]
pub struct OperationReport {
    /// Which kind.
    pub operation: &'static str,
    /// How many.
    pub requests: u64,
    /// From the request to the whole answer.
    pub latency: Latency,
}

/// The same rooms without and with requests, one after the other.
#[derive(Debug, Clone, Serialize)]
pub struct Turn {
    /// The sockets alone.
    pub quiet: SocketsReport,
    /// The sockets beside the requests.
    pub loaded: SocketsReport,
    /// The requests of this turn.
    pub requests: u64,
    /// In a second.
    pub requests_per_second: f64,
    /// From a request to its whole answer, of all kinds.
    pub rest: Latency,
}

/// What the rooms saw for a while.
#[derive(Debug, Clone, Serialize)]
pub struct SocketsReport {
    /// How long that was.
    pub seconds: f64,
    /// Messages delivered to others per second.
    pub messages_per_second: f64,
    /// From sending a message to its receipt.
    pub latency: Latency,
    /// Processor time of the server per second, where its process is known: 1.0 is one processor.
    pub server_cpu: Option<f64>,
}

impl RestReport {
    pub(crate) fn new(applications: usize, times: &Times, turns: Vec<Turn>) -> Self {
        let operations = Operation::ALL.map(|operation| OperationReport {
            operation: operation.name(),
            requests: times.of(operation).count(),
            latency: Latency::of(times.of(operation)),
        });
        Self { applications, requests: times.all().count(), operations: operations.into(), turns }
    }

    pub(super) fn rows(&self) -> Vec<(&'static str, String)> {
        let of_turns = |figure: &dyn Fn(&Turn) -> Option<f64>, digits: usize| {
            let figures: Option<Vec<f64>> = self.turns.iter().map(figure).collect();
            figures.and_then(|figures| median(&figures)).map(|figure| format!("{figure:.digits$}"))
        };
        let mut rows = vec![("applications", self.applications.to_string()), ("requests", self.requests.to_string())];
        let figures: [(&'static str, Option<String>); 10] = [
            ("requests/s", of_turns(&|turn| Some(turn.requests_per_second), 0)),
            ("server CPU µs/request", of_turns(&Turn::server_cpu_us_per_request, 1)),
            ("server CPU, quiet", of_turns(&|turn| turn.quiet.server_cpu, 3)),
            ("server CPU, with REST", of_turns(&|turn| turn.loaded.server_cpu, 3)),
            ("messages/s, quiet", of_turns(&|turn| Some(turn.quiet.messages_per_second), 0)),
            ("messages/s, with REST", of_turns(&|turn| Some(turn.loaded.messages_per_second), 0)),
            ("sockets p50 µs, quiet", of_turns(&|turn| Some(turn.quiet.latency.p50_us as f64), 0)),
            ("sockets p50 µs, with REST", of_turns(&|turn| Some(turn.loaded.latency.p50_us as f64), 0)),
            ("sockets p99 µs, quiet", of_turns(&|turn| Some(turn.quiet.latency.p99_us as f64), 0)),
            ("sockets p99 µs, with REST", of_turns(&|turn| Some(turn.loaded.latency.p99_us as f64), 0)),
        ];
        rows.extend(figures.into_iter().filter_map(|(name, figure)| Some((name, figure?))));
        rows.extend(self.operations.iter().map(|OperationReport { operation, latency, .. }| {
            (*operation, format!("p50 {:>6} µs, p99 {:>6} µs", latency.p50_us, latency.p99_us))
        }));
        rows
    }
}

impl Turn {
    /// What the server spent more while there were requests, for each of them, where its process is known.
    #[must_use]
    pub fn server_cpu_us_per_request(&self) -> Option<f64> {
        let more = self.loaded.server_cpu? - self.quiet.server_cpu?;
        Some(more * 1e6 / self.requests_per_second)
    }
}

impl SocketsReport {
    pub(crate) fn new(seconds: f64, latencies: &Histogram, cpu_seconds: Option<f64>) -> Self {
        Self {
            seconds,
            messages_per_second: latencies.count() as f64 / seconds,
            latency: Latency::of(latencies),
            server_cpu: cpu_seconds.map(|cpu| cpu / seconds),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sockets(server_cpu: f64) -> SocketsReport {
        SocketsReport { server_cpu: Some(server_cpu), ..SocketsReport::new(1.0, &Histogram::default(), None) }
    }

    #[test]
    fn a_request_costs_what_the_server_spent_more_beside_the_same_sockets() {
        let turn = Turn {
            quiet: sockets(0.2),
            loaded: sockets(0.5),
            requests: 6_000,
            requests_per_second: 3_000.0,
            rest: Latency::default(),
        };
        let cost = turn.server_cpu_us_per_request().expect("both are known");
        assert!((cost - 100.0).abs() < 1e-6, "{cost}");
    }
}
