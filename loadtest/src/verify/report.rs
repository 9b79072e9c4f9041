//! The end of a run: what was checked, what was broken, what is wrong.

use std::{collections::BTreeMap, fmt, time::Duration};

use serde::Serialize;

use super::{
    Setup,
    away::{Outage, outage},
    check::{At, Findings, Wrong},
    recorder::Recorder,
};
use crate::fault::Counted;

/// What a run must reach to say anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Thresholds {
    /// Messages that were accepted and checked.
    pub messages: u64,
    /// Faults that took effect.
    pub faults: usize,
}

/// Something that was broken on purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// What.
    pub name: String,
    /// Since when.
    pub from: At,
    /// When it was whole again.
    pub mended: At,
    /// The end of the time in which what clients went without is put down to it.
    pub until: At,
    /// How it is known that it took effect; `None`: it did not.
    pub effect: Option<String>,
}

/// A line of the table of what was broken.
#[derive(Debug, Clone, Serialize)]
pub struct BrokenLine {
    /// What.
    pub name: String,
    /// Milliseconds since the run began.
    pub from_ms: u64,
    /// How long it was broken.
    pub lasted_ms: u64,
    /// What shows that it took effect; `None`: nothing.
    pub effect: Option<String>,
    /// What clients went without, until the next thing was broken.
    pub outage: Outage,
}

/// What a run found.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Clients at play.
    pub clients: usize,
    /// Rooms that they shared.
    pub rooms: usize,
    /// Chose what they did.
    pub seed: u64,
    /// What is wrong, and what was checked.
    pub findings: Findings,
    /// What had to be reached.
    pub thresholds: Thresholds,
    /// What was broken on purpose.
    pub broken: Vec<BrokenLine>,
    /// What clients went without over the whole run.
    pub outage: Outage,
    /// Connections that could not be had; clients tried again.
    pub failures: BTreeMap<&'static str, Counted>,
    /// From the end of the load until everything agreed; `None`: it did not in time.
    pub settled_in_ms: Option<u64>,
}

impl Report {
    pub(super) fn new(
        setup: &Setup,
        findings: Findings,
        recorder: &Recorder,
        broken: &[Broken],
        settled_in: Option<Duration>,
    ) -> Self {
        let away = recorder.times_away();
        let line = |one: &Broken| BrokenLine {
            name: one.name.clone(),
            from_ms: one.from.0,
            lasted_ms: one.mended.0.saturating_sub(one.from.0),
            effect: one.effect.clone(),
            outage: outage(&away, one.from, one.until),
        };
        Self {
            clients: setup.clients,
            rooms: setup.rooms,
            seed: setup.seed,
            findings,
            thresholds: setup.thresholds,
            broken: broken.iter().map(line).collect(),
            outage: outage(&away, At(0), recorder.now()),
            failures: recorder.failures().snapshot(),
            settled_in_ms: settled_in.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
        }
    }

    /// Faults that took effect.
    #[must_use]
    pub fn faults_effective(&self) -> usize {
        self.broken.iter().filter(|line| line.effect.is_some()).count()
    }

    /// Whether nothing is wrong, and enough was checked and broken to say so.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_clean() && self.shortfalls().is_empty()
    }

    /// What was not reached.
    fn shortfalls(&self) -> Vec<String> {
        let Thresholds { messages, faults } = self.thresholds;
        let (checked, effective) = (self.findings.messages_checked, self.faults_effective());
        let mut shortfalls = Vec::new();
        if checked < messages {
            shortfalls.push(format!("{checked} messages were checked, {messages} are needed to say anything"));
        }
        if effective < faults {
            shortfalls.push(format!("{effective} faults took effect, {faults} are needed to say anything"));
        }
        if self.settled_in_ms.is_none() {
            shortfalls.push("not all clients were back and of one mind when the time to settle was over".to_owned());
        }
        shortfalls
    }

    fn write_table(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.broken.is_empty() {
            return Ok(());
        }
        let head = ["at", "lasted", "clients", "p50", "p99", "max"];
        let [at, lasted, clients, p50, p99, max] = head;
        writeln!(formatter, "  {:<34} {at:>9} {lasted:>9} {clients:>8} {p50:>9} {p99:>9} {max:>9}  effect", "broken")?;
        for BrokenLine { name, from_ms, lasted_ms, effect, outage } in &self.broken {
            let Outage { affected, p50_ms, p99_ms, max_ms } = outage;
            let [at, lasted, p50, p99, max] = [*from_ms, *lasted_ms, *p50_ms, *p99_ms, *max_ms].map(seconds);
            let effect = effect.as_deref().unwrap_or("NONE");
            writeln!(formatter, "  {name:<34} {at:>9} {lasted:>9} {affected:>8} {p50:>9} {p99:>9} {max:>9}  {effect}")?;
        }
        writeln!(
            formatter,
            "  (clients without signaling, and for how long: the median one, all but one in a hundred, the worst one)"
        )
    }
}

fn seconds(milliseconds: u64) -> String {
    format!("{:.2} s", Duration::from_millis(milliseconds).as_secs_f64())
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { clients, rooms, seed, findings, outage, .. } = self;
        writeln!(formatter, "verify, {clients} clients in {rooms} rooms, seed {seed}")?;
        self.write_table(formatter)?;
        let rows = [
            ("sessions", findings.sessions.to_string()),
            ("deliveries checked", findings.deliveries_checked.to_string()),
            ("announced holes", findings.announced_holes.to_string()),
            ("time to settle", self.settled_in_ms.map_or_else(|| "too long".to_owned(), seconds)),
            ("without signaling, p50", seconds(outage.p50_ms)),
            ("without signaling, max", seconds(outage.max_ms)),
        ];
        for (name, value) in rows {
            writeln!(formatter, "  {name:<28} {value:>14}")?;
        }
        for (label, counted) in &self.failures {
            writeln!(formatter, "  tried again, {label}: {} times, first: {}", counted.count, counted.first)?;
        }
        for violation in &findings.violations {
            writeln!(formatter, "  WRONG {violation}")?;
        }
        for shortfall in self.shortfalls() {
            writeln!(formatter, "  TOO LITTLE: {shortfall}")?;
        }
        for wrong in Wrong::ALL {
            writeln!(formatter, "figure {} {}", wrong.label(), findings.count(wrong))?;
        }
        writeln!(formatter, "figure messages_checked {}", findings.messages_checked)?;
        writeln!(formatter, "figure faults_effective {}", self.faults_effective())
    }
}
