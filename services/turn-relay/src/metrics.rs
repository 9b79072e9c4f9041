//! The instruments of the relay; docs/metrics.md lists them.

use std::{
    fmt,
    sync::{Arc, PoisonError},
};

use antiphon_turn_core::{Discard, EndReason, ErrorCode, Transport};
use prometheus::{
    IntCounter, IntCounterVec, IntGaugeVec, Opts,
    core::{Collector, Desc},
    proto::MetricFamily,
};

use crate::shared::{Shared, Snapshot};

/// The label of all tenants beyond the hundred that came first. No tenant has this name: it is in parentheses.
const OTHER_TENANTS: &str = "(other)";

/// Reads what the workers have counted when it is asked: a packet costs them no more than an addition to a number of their own.
pub(crate) struct RelayMetrics {
    shared: Arc<Shared>,
    descriptions: Vec<Desc>,
}

impl RelayMetrics {
    pub(crate) fn new(shared: Arc<Shared>) -> Result<Self, prometheus::Error> {
        let instruments = Instruments::new()?;
        let descriptions = instruments.each().into_iter().flat_map(Collector::desc).cloned().collect();
        Ok(Self { shared, descriptions })
    }

    fn gather(&self) -> Result<Vec<MetricFamily>, prometheus::Error> {
        let instruments = Instruments::new()?;
        for snapshot in &self.shared.snapshots {
            let snapshot = *snapshot.lock().unwrap_or_else(PoisonError::into_inner);
            instruments.add(&snapshot);
        }
        for (tenant, used) in self.shared.ledger.tenants() {
            if tenant.is_none() && used == Default::default() {
                continue;
            }
            let tenant = tenant.as_ref().map_or(OTHER_TENANTS, |tenant| tenant.as_str());
            let allocations = i64::try_from(used.allocations).unwrap_or(i64::MAX);
            instruments.allocations.with_label_values(&[tenant]).set(allocations);
            instruments.bytes.with_label_values(&[tenant, "to_peers"]).inc_by(used.bytes_to_peers);
            instruments.bytes.with_label_values(&[tenant, "to_clients"]).inc_by(used.bytes_to_clients);
            instruments.refusals.with_label_values(&[tenant]).inc_by(used.refusals);
        }
        Ok(instruments.each().into_iter().flat_map(|collector| collector.collect()).collect())
    }
}

impl Collector for RelayMetrics {
    fn desc(&self) -> Vec<&Desc> {
        self.descriptions.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        self.gather().unwrap_or_else(|error| {
            tracing::error!(%error, "the relay's metrics cannot be told");
            Vec::new()
        })
    }
}

impl fmt::Debug for RelayMetrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RelayMetrics")
    }
}

/// Every instrument of this service, made for one answer.
struct Instruments {
    allocations: IntGaugeVec,
    bytes: IntCounterVec,
    refusals: IntCounterVec,
    begun: IntCounter,
    ended: IntCounterVec,
    bindings: IntCounter,
    errors: IntCounterVec,
    discarded: IntCounterVec,
    connections: IntGaugeVec,
    refused_connections: IntCounter,
}

impl Instruments {
    fn new() -> Result<Self, prometheus::Error> {
        let tenant = &["tenant"];
        Ok(Self {
            allocations: IntGaugeVec::new(options("allocations", "A tenant's allocations."), tenant)?,
            bytes: IntCounterVec::new(
                options("bytes_total", "Bytes of payload relayed for a tenant, by direction."),
                &["tenant", "direction"],
            )?,
            refusals: IntCounterVec::new(
                options("quota_refusals_total", "Allocates of a tenant that a quota refused."),
                tenant,
            )?,
            begun: IntCounter::with_opts(options("allocations_begun_total", "Allocations that began."))?,
            ended: IntCounterVec::new(
                options("allocations_ended_total", "Allocations that ended, by reason."),
                &["reason"],
            )?,
            bindings: IntCounter::with_opts(options("bindings_total", "Binding requests that were answered."))?,
            errors: IntCounterVec::new(
                options("errors_total", "Requests that were refused, by STUN error code."),
                &["code"],
            )?,
            discarded: IntCounterVec::new(
                options("discarded_total", "Messages and data that went nowhere, by reason."),
                &["reason"],
            )?,
            connections: IntGaugeVec::new(options("connections", "Open connections, by transport."), &["transport"])?,
            refused_connections: IntCounter::with_opts(options(
                "refused_connections_total",
                "TCP and TLS connections that were closed at once: there were too many.",
            ))?,
        })
    }

    fn each(&self) -> [&dyn Collector; 10] {
        [
            &self.allocations,
            &self.bytes,
            &self.refusals,
            &self.begun,
            &self.ended,
            &self.bindings,
            &self.errors,
            &self.discarded,
            &self.connections,
            &self.refused_connections,
        ]
    }

    fn add(&self, snapshot: &Snapshot) {
        let counters = &snapshot.counters;
        self.begun.inc_by(counters.allocations);
        self.bindings.inc_by(counters.bindings);
        for reason in EndReason::ALL {
            self.ended.with_label_values(&[reason.as_str()]).inc_by(snapshot.ended[reason as usize]);
        }
        for code in ErrorCode::ALL {
            self.errors.with_label_values(&[&code.code().to_string()]).inc_by(counters.answered(code));
        }
        for discard in Discard::ALL {
            self.discarded.with_label_values(&[discard.as_str()]).inc_by(counters.discarded(discard));
        }
        self.discarded.with_label_values(&["unsent"]).inc_by(snapshot.unsent);
        self.discarded.with_label_values(&["slow_client"]).inc_by(snapshot.overflowed);
        for transport in [Transport::Tcp, Transport::Tls] {
            self.connections.with_label_values(&[transport.as_str()]).add(snapshot.connections[transport as usize]);
        }
        self.refused_connections.inc_by(snapshot.refused_connections);
    }
}

fn options(name: &str, help: &str) -> Opts {
    Opts::new(name, help).namespace("antiphon").subsystem("turn")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instrument_is_documented() {
        let documented = include_str!("../../../docs/metrics.md");
        let instruments = Instruments::new().expect("they are sound");
        for collector in instruments.each() {
            for description in collector.desc() {
                assert!(documented.contains(&format!("`{}`", description.fq_name)), "{}", description.fq_name);
            }
        }
    }
}
