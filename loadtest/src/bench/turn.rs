//! The embedded relay and Debian's coturn, measured alternately with the same client.

use std::path::Path;

use anyhow::{Context as _, ensure};
use tokio::task::spawn_blocking;

use super::{
    Plan,
    comparison::{Beside, Comparison},
    tell,
};
use crate::turn::{Carriage, TurnReport, TurnServer, TurnSetup, TurnSoftware, run_turn};

const CARRIAGES: [Carriage; 2] = [Carriage::ChannelData, Carriage::Indication];
/// A packet of sound, and one of a picture.
const SIZES: [usize; 2] = [160, 1_200];
const ALLOCATIONS: [usize; 3] = [1, 100, 1_000];
const WINDOW: usize = 32;

/// A fresh server of each for each round.
pub(super) async fn compare_turn(plan: &Plan, relay: &Path) -> anyhow::Result<Vec<Comparison>> {
    let mut comparisons: Vec<Comparison> = Vec::new();
    for round in 1..=plan.turn_rounds {
        let ours = measure(plan, TurnSoftware::Relay(relay.to_owned())).await?;
        let coturns = measure(plan, TurnSoftware::Coturn).await?;
        let pairs = figures(&ours)?.into_iter().zip(figures(&coturns)?);
        if comparisons.is_empty() {
            let named = figures(&ours)?;
            comparisons.extend(
                named
                    .into_iter()
                    .map(|figure| Comparison::new(figure.name, figure.quantity, figure.unit, Beside::Coturn)),
            );
        }
        for (comparison, (ours, coturns)) in comparisons.iter_mut().zip(pairs) {
            comparison.push(ours.value, coturns.value);
            tell(comparison, round, plan.turn_rounds);
        }
    }
    Ok(comparisons)
}

/// One figure of a report.
struct Figure {
    name: String,
    quantity: &'static str,
    unit: &'static str,
    value: f64,
}

fn figures(report: &TurnReport) -> anyhow::Result<Vec<Figure>> {
    let cpu = |name: String, value: Option<f64>| {
        anyhow::Ok(Figure { name, quantity: "cpu", unit: "us", value: value.context("no processor time")? })
    };
    let mut figures = Vec::with_capacity(report.cells.len() + 2);
    for cell in &report.cells {
        figures.push(cpu(format!("relay_{}", cell.name()), cell.server_cpu_us_per_packet)?);
    }
    let life = report.life.as_ref().context("no allocations were counted")?;
    figures.push(cpu("allocate".to_owned(), life.server_cpu_us_per_allocation)?);
    let rss = report.rss_kib_per_allocation.context("no memory")?;
    figures.push(Figure { name: "allocation".to_owned(), quantity: "rss", unit: "kib", value: rss });
    Ok(figures)
}

async fn measure(plan: &Plan, software: TurnSoftware) -> anyhow::Result<TurnReport> {
    let (settle, duration, lives) = (plan.turn_settle, plan.turn_duration, plan.turn_lives);
    // It blocks: thousands of system calls, and nothing to wait for in between.
    let measured = spawn_blocking(move || {
        let server = TurnServer::start(&software)?;
        let report = run_turn(&TurnSetup {
            server: server.address(),
            minter: server.minter().clone(),
            process: Some(server.process()),
            carriages: CARRIAGES.into(),
            sizes: SIZES.into(),
            allocations: ALLOCATIONS.into(),
            window: WINDOW,
            lives,
            settle,
            duration,
            patience: super::PATIENCE,
        })?;
        ensure!(report.is_clean(), "{report}the server's log: {}", server.keep_log().display());
        Ok(report)
    });
    measured.await?
}
