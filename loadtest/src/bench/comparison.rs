//! Rounds of one measurement, ours beside another's, and what is said of them.

use std::fmt;

use serde::Serialize;

use super::measurement::Measurement;
use crate::statistics::{median, median_ratio};

/// Whom ours is measured beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Beside {
    /// The least that it can cost.
    Floor,
    /// What others use.
    Coturn,
}

impl Beside {
    const ALL: [Self; 2] = [Self::Floor, Self::Coturn];

    fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Coturn => "coturn",
        }
    }

    /// The end of the ratio's name.
    fn ratio(self) -> &'static str {
        match self {
            Self::Floor => "ratio",
            Self::Coturn => "vs_coturn",
        }
    }
}

/// One measurement of both, several times over.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Comparison {
    name: String,
    /// `cpu` or `rss`.
    quantity: &'static str,
    /// `us` (per message, packet, allocation, mint) or `kib` (per client, allocation).
    unit: &'static str,
    beside: Beside,
    /// Ours and the other's.
    rounds: Vec<(f64, f64)>,
}

impl Comparison {
    pub(super) fn new(name: impl Into<String>, quantity: &'static str, unit: &'static str, beside: Beside) -> Self {
        Self { name: name.into(), quantity, unit, beside, rounds: Vec::new() }
    }

    pub(super) fn push(&mut self, ours: f64, others: f64) {
        self.rounds.push((ours, others));
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn last_round(&self) -> String {
        self.rounds.last().map_or_else(String::new, |(ours, others)| {
            let (other, unit) = (self.beside.name(), self.unit);
            format!("{ours:.2} {unit}, {other} {others:.2} {unit}, ratio {:.3}", ours / others)
        })
    }

    fn ours(&self) -> f64 {
        median(&self.rounds.iter().map(|(ours, _)| *ours).collect::<Vec<_>>()).unwrap_or(f64::NAN)
    }

    fn others(&self) -> f64 {
        median(&self.rounds.iter().map(|(_, others)| *others).collect::<Vec<_>>()).unwrap_or(f64::NAN)
    }

    fn ratio(&self) -> f64 {
        median_ratio(&self.rounds).unwrap_or(f64::NAN)
    }

    /// `relay_cpu_us`, or `idle_rss_kib`; the other's and the ratio after the same pattern.
    fn figures(&self) -> [(String, f64, &'static str); 3] {
        let Self { name, quantity, unit, beside, .. } = self;
        [
            (format!("{name}_{quantity}_{unit}"), self.ours(), unit),
            (format!("{name}_{}_{quantity}_{unit}", beside.name()), self.others(), unit),
            (format!("{name}_{quantity}_{}", beside.ratio()), self.ratio(), "ratio"),
        ]
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rounds: Vec<String> = self.rounds.iter().map(|(ours, others)| format!("{:.2}", ours / others)).collect();
        let unit = if self.quantity == "cpu" { "µs" } else { "KiB" };
        let value = |value: f64| format!("{value:.2} {unit}");
        write!(
            formatter,
            "{:<36} {:>14} {:>14} {:>8.3}   {}",
            self.name,
            value(self.ours()),
            value(self.others()),
            self.ratio(),
            rounds.join(" ")
        )
    }
}

/// Everything that a run measured.
#[derive(Debug, Default, Serialize)]
pub(super) struct Summary {
    comparisons: Vec<Comparison>,
    measurements: Vec<Measurement>,
    /// Why parts were left out.
    left_out: Vec<String>,
}

impl Summary {
    pub(super) fn add(&mut self, comparison: Comparison) {
        self.comparisons.push(comparison);
    }

    pub(super) fn measured(&mut self, measurements: Vec<Measurement>) {
        self.measurements.extend(measurements);
    }

    pub(super) fn leave_out(&mut self, why: String) {
        self.left_out.push(why);
    }

    /// What counts of several comparisons is the one that does worst: the sizes of rooms, the kinds of relayed packets.
    fn worst(&self, beside: Beside, prefix: &str) -> Option<f64> {
        let of_them = |comparison: &&Comparison| comparison.beside == beside && comparison.name.starts_with(prefix);
        self.comparisons.iter().filter(of_them).map(Comparison::ratio).reduce(f64::max)
    }

    fn figures(&self) -> Vec<(String, f64, &'static str)> {
        let mut figures: Vec<_> = self.comparisons.iter().flat_map(Comparison::figures).collect();
        for (name, beside, prefix) in
            [("fanout_cpu_ratio", Beside::Floor, "fanout"), ("relay_cpu_vs_coturn", Beside::Coturn, "relay_")]
        {
            figures.extend(self.worst(beside, prefix).map(|ratio| (name.to_owned(), ratio, "ratio")));
        }
        figures.extend(self.measurements.iter().map(Measurement::figure));
        figures
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for beside in Beside::ALL {
            let mut comparisons = self.comparisons.iter().filter(|comparison| comparison.beside == beside).peekable();
            if comparisons.peek().is_some() {
                writeln!(formatter, "{:<36} {:>14} {:>14} {:>8}   rounds", "", "antiphon", beside.name(), "ratio")?;
            }
            for comparison in comparisons {
                writeln!(formatter, "{comparison}")?;
            }
        }
        for measurement in &self.measurements {
            writeln!(formatter, "{measurement}")?;
        }
        for why in &self.left_out {
            writeln!(formatter, "left out: {why}")?;
        }
        for (name, value, unit) in self.figures() {
            writeln!(formatter, "figure {name} {value:.3} {unit}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparison(name: &str, quantity: &'static str, unit: &'static str, rounds: &[(f64, f64)]) -> Comparison {
        Comparison { rounds: rounds.to_vec(), ..Comparison::new(name, quantity, unit, Beside::Floor) }
    }

    fn beside_coturn(name: &str, rounds: &[(f64, f64)]) -> Comparison {
        Comparison { beside: Beside::Coturn, ..comparison(name, "cpu", "us", rounds) }
    }

    #[test]
    fn the_figures_that_scripts_read_are_printed_with_their_units() {
        let mut summary = Summary::default();
        summary.add(comparison("relay", "cpu", "us", &[(12.0, 10.0), (30.0, 20.0), (13.0, 10.0)]));
        summary.add(comparison("fanout10", "cpu", "us", &[(14.0, 10.0)]));
        summary.add(comparison("fanout50", "cpu", "us", &[(12.0, 10.0)]));
        summary.add(comparison("idle", "rss", "kib", &[(10.5, 10.0)]));
        summary.add(comparison("mint", "cpu", "us", &[(33.0, 30.0)]));
        summary.add(beside_coturn("relay_channel_data_160_x1", &[(4.0, 8.0)]));
        summary.add(beside_coturn("relay_indication_1200_x1000", &[(9.0, 10.0)]));
        summary.add(beside_coturn("allocate", &[(60.0, 80.0)]));
        summary.measured(vec![Measurement::new("rest_p99_ms", "ms", vec![2.0, 9.0, 3.0])]);
        summary.leave_out("nobody is there".to_owned());
        let text = summary.to_string();
        for line in [
            "figure relay_cpu_us 13.000 us",
            "figure relay_floor_cpu_us 10.000 us",
            "figure relay_cpu_ratio 1.300 ratio",
            "figure fanout10_cpu_ratio 1.400 ratio",
            "figure fanout_cpu_ratio 1.400 ratio",
            "figure idle_rss_kib 10.500 kib",
            "figure idle_rss_ratio 1.050 ratio",
            "figure mint_cpu_ratio 1.100 ratio",
            "figure relay_channel_data_160_x1_coturn_cpu_us 8.000 us",
            "figure relay_channel_data_160_x1_cpu_vs_coturn 0.500 ratio",
            "figure relay_cpu_vs_coturn 0.900 ratio",
            "figure allocate_cpu_us 60.000 us",
            "figure allocate_cpu_vs_coturn 0.750 ratio",
            "figure rest_p99_ms 3.000 ms",
            "left out: nobody is there",
        ] {
            assert!(text.lines().any(|printed| printed == line), "{line} in\n{text}");
        }
    }
}
