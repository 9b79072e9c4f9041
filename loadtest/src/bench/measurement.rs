//! Figures that stand beside nothing else, over the rounds of a run.

use std::fmt;

use serde::Serialize;

use crate::{
    report::{RestReport, Turn},
    statistics::median,
};

/// One figure, several times over.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Measurement {
    name: &'static str,
    unit: &'static str,
    rounds: Vec<f64>,
}

impl Measurement {
    pub(super) fn new(name: &'static str, unit: &'static str, rounds: Vec<f64>) -> Self {
        Self { name, unit, rounds }
    }

    /// The line for scripts.
    pub(super) fn figure(&self) -> (String, f64, &'static str) {
        (self.name.to_owned(), median(&self.rounds).unwrap_or(f64::NAN), self.unit)
    }
}

impl fmt::Display for Measurement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, value, unit) = self.figure();
        let rounds: Vec<String> = self.rounds.iter().map(|round| format!("{round:.3}")).collect();
        write!(formatter, "{name:<36} {value:>12.3} {unit:<6} {}", rounds.join(" "))
    }
}

/// What REST beside the sockets comes to; the server's processor time where it is known.
pub(super) fn of_rest(report: &RestReport) -> Vec<Measurement> {
    let of = |name, unit, figure: &dyn Fn(&Turn) -> Option<f64>| {
        let rounds: Option<Vec<f64>> = report.turns.iter().map(figure).collect();
        rounds.map(|rounds| Measurement::new(name, unit, rounds))
    };
    let ms = |micros: u64| Some(micros as f64 / 1e3);
    let measurements = [
        of("rest_requests_per_s", "1/s", &|turn| Some(turn.requests_per_second)),
        of("rest_p50_ms", "ms", &|turn| ms(turn.rest.p50_us)),
        of("rest_p99_ms", "ms", &|turn| ms(turn.rest.p99_us)),
        of("rest_cpu_us", "us", &Turn::server_cpu_us_per_request),
        of("sockets_p50_ms", "ms", &|turn| ms(turn.quiet.latency.p50_us)),
        of("sockets_p50_ms_under_rest", "ms", &|turn| ms(turn.loaded.latency.p50_us)),
        of("sockets_p99_ms", "ms", &|turn| ms(turn.quiet.latency.p99_us)),
        of("sockets_p99_ms_under_rest", "ms", &|turn| ms(turn.loaded.latency.p99_us)),
        of("sockets_p99_ratio_under_rest", "ratio", &|turn| {
            Some(turn.loaded.latency.p99_us as f64 / turn.quiet.latency.p99_us as f64)
        }),
        of("sockets_server_cpu", "cpus", &|turn| turn.quiet.server_cpu),
        of("sockets_server_cpu_under_rest", "cpus", &|turn| turn.loaded.server_cpu),
    ];
    measurements.into_iter().flatten().collect()
}
