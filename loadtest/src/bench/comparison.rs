//! Rounds of one measurement, ours beside the floor's, and what is said of them.

use std::fmt;

use serde::Serialize;

use super::measurement::Measurement;
use crate::statistics::{median, median_ratio};

/// One measurement of both, several times over.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Comparison {
    name: String,
    /// `cpu` or `rss`.
    quantity: &'static str,
    /// `us` (per message) or `kib` (per client).
    unit: &'static str,
    /// Ours and the floor's.
    rounds: Vec<(f64, f64)>,
}

impl Comparison {
    pub(super) fn new(name: impl Into<String>, quantity: &'static str, unit: &'static str) -> Self {
        Self { name: name.into(), quantity, unit, rounds: Vec::new() }
    }

    pub(super) fn push(&mut self, ours: f64, floors: f64) {
        self.rounds.push((ours, floors));
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn last_round(&self) -> String {
        self.rounds.last().map_or_else(String::new, |(ours, floors)| {
            format!("{ours:.2} {unit}, floor {floors:.2} {unit}, ratio {:.3}", ours / floors, unit = self.unit)
        })
    }

    fn ours(&self) -> f64 {
        median(&self.rounds.iter().map(|(ours, _)| *ours).collect::<Vec<_>>()).unwrap_or(f64::NAN)
    }

    fn floors(&self) -> f64 {
        median(&self.rounds.iter().map(|(_, floors)| *floors).collect::<Vec<_>>()).unwrap_or(f64::NAN)
    }

    fn ratio(&self) -> f64 {
        median_ratio(&self.rounds).unwrap_or(f64::NAN)
    }

    /// `relay_cpu_us`, or `idle_rss_kib`; the floor's and the ratio after the same pattern.
    fn figures(&self) -> [(String, f64, &'static str); 3] {
        let Self { name, quantity, unit, .. } = self;
        [
            (format!("{name}_{quantity}_{unit}"), self.ours(), unit),
            (format!("{name}_floor_{quantity}_{unit}"), self.floors(), unit),
            (format!("{name}_{quantity}_ratio"), self.ratio(), "ratio"),
        ]
    }
}

/// Everything that a run measured.
#[derive(Debug, Default, Serialize)]
pub(super) struct Summary {
    comparisons: Vec<Comparison>,
    measurements: Vec<Measurement>,
}

impl Summary {
    pub(super) fn add(&mut self, comparison: Comparison) {
        self.comparisons.push(comparison);
    }

    pub(super) fn measured(&mut self, measurements: Vec<Measurement>) {
        self.measurements.extend(measurements);
    }

    /// The fan-out ratio is that of the room size that does worst.
    fn fanout_ratio(&self) -> Option<f64> {
        let fanouts = self.comparisons.iter().filter(|comparison| comparison.name.starts_with("fanout"));
        fanouts.map(Comparison::ratio).reduce(f64::max)
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.comparisons.is_empty() {
            writeln!(formatter, "{:<12} {:>14} {:>14} {:>8}   rounds", "", "antiphon", "floor", "ratio")?;
        }
        for comparison in &self.comparisons {
            let per = if comparison.quantity == "cpu" { "µs/msg" } else { "KiB/cl." };
            let rounds: Vec<String> =
                comparison.rounds.iter().map(|(ours, floors)| format!("{:.2}", ours / floors)).collect();
            writeln!(
                formatter,
                "{:<12} {:>7.2} {per:<6} {:>7.2} {per:<6} {:>8.3}   {}",
                comparison.name,
                comparison.ours(),
                comparison.floors(),
                comparison.ratio(),
                rounds.join(" ")
            )?;
        }
        for measurement in &self.measurements {
            writeln!(formatter, "{measurement}")?;
        }
        let mut figures: Vec<_> = self.comparisons.iter().flat_map(Comparison::figures).collect();
        figures.extend(self.fanout_ratio().map(|ratio| ("fanout_cpu_ratio".to_owned(), ratio, "ratio")));
        figures.extend(self.measurements.iter().map(Measurement::figure));
        for (name, value, unit) in figures {
            writeln!(formatter, "figure {name} {value:.3} {unit}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparison(name: &str, quantity: &'static str, unit: &'static str, rounds: &[(f64, f64)]) -> Comparison {
        Comparison { rounds: rounds.to_vec(), ..Comparison::new(name, quantity, unit) }
    }

    #[test]
    fn the_figures_that_scripts_read_are_printed_with_their_units() {
        let mut summary = Summary::default();
        summary.add(comparison("relay", "cpu", "us", &[(12.0, 10.0), (30.0, 20.0), (13.0, 10.0)]));
        summary.add(comparison("fanout10", "cpu", "us", &[(14.0, 10.0)]));
        summary.add(comparison("fanout50", "cpu", "us", &[(12.0, 10.0)]));
        summary.add(comparison("idle", "rss", "kib", &[(10.5, 10.0)]));
        summary.measured(vec![Measurement::new("rest_p99_ms", "ms", vec![2.0, 9.0, 3.0])]);
        let text = summary.to_string();
        for line in [
            "figure relay_cpu_us 13.000 us",
            "figure relay_floor_cpu_us 10.000 us",
            "figure relay_cpu_ratio 1.300 ratio",
            "figure fanout10_cpu_ratio 1.400 ratio",
            "figure fanout_cpu_ratio 1.400 ratio",
            "figure idle_rss_kib 10.500 kib",
            "figure idle_rss_ratio 1.050 ratio",
            "figure rest_p99_ms 3.000 ms",
        ] {
            assert!(text.lines().any(|printed| printed == line), "{line} in\n{text}");
        }
    }
}
