//! The instruments of turn-credentials; docs/metrics.md lists them.

use antiphon_ice_core::chain::BreakerState;
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    core::Collector,
};

use crate::providers::ProviderError;

/// Every instrument of this service.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    pub(crate) requests: IntCounterVec,
    given: IntCounterVec,
    failures: IntCounterVec,
    seconds: HistogramVec,
    open: IntGaugeVec,
    spent: IntGaugeVec,
}

/// One provider's instruments.
#[derive(Debug, Clone)]
pub(crate) struct ProviderMetrics {
    name: String,
    failures: IntCounterVec,
    open: IntGauge,
    pub(crate) given: IntCounter,
    pub(crate) seconds: Histogram,
    pub(crate) spent: IntGauge,
}

impl Metrics {
    pub(crate) fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let counters = |name: &str, help: &str, labels: &[&str]| {
            registered(registry, IntCounterVec::new(Opts::new(format!("antiphon_ice_{name}"), help), labels)?)
        };
        let gauges = |name: &str, help: &str| {
            registered(registry, IntGaugeVec::new(Opts::new(format!("antiphon_ice_{name}"), help), &["provider"])?)
        };
        let seconds = HistogramOpts::new("antiphon_ice_provider_seconds", "Time that a provider took.")
            .buckets(vec![0.000_1, 0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0]);
        Ok(Self {
            requests: counters("requests_total", "Requests, by endpoint and status.", &["endpoint", "status"])?,
            given: counters("credentials_total", "ICE servers given.", &["provider"])?,
            failures: counters(
                "provider_failures_total",
                "Times that a provider gave nothing.",
                &["provider", "reason"],
            )?,
            seconds: registered(registry, HistogramVec::new(seconds, &["provider"])?)?,
            open: gauges("provider_open", "1 while a provider is left alone because it failed.")?,
            spent: gauges("provider_month_credentials", "What a provider has given this month of UTC.")?,
        })
    }

    pub(crate) fn of_provider(&self, name: &str) -> ProviderMetrics {
        let of = [name];
        ProviderMetrics {
            name: name.to_owned(),
            failures: self.failures.clone(),
            open: self.open.with_label_values(&of),
            given: self.given.with_label_values(&of),
            seconds: self.seconds.with_label_values(&of),
            spent: self.spent.with_label_values(&of),
        }
    }
}

impl ProviderMetrics {
    pub(crate) fn failed(&self, error: &ProviderError) {
        self.failures.with_label_values(&[self.name.as_str(), error.as_str()]).inc();
        tracing::warn!(provider = self.name, %error, "a provider gave no ICE servers");
    }

    pub(crate) fn breaker(&self, state: BreakerState) {
        self.open.set(i64::from(state != BreakerState::Closed));
    }
}

fn registered<C: Collector + Clone + 'static>(registry: &Registry, collector: C) -> Result<C, prometheus::Error> {
    registry.register(Box::new(collector.clone()))?;
    Ok(collector)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instrument_is_documented() {
        let registry = Registry::new();
        let metrics = Metrics::register(&registry).expect("an empty registry");
        metrics.of_provider("any").failed(&ProviderError::TimedOut);
        metrics.requests.with_label_values(&["ice_servers", "200"]).inc();
        let documented = include_str!("../../../docs/metrics.md");
        for family in registry.gather() {
            let name = family.name();
            assert!(documented.contains(&format!("| `{name}` |")), "{name} is not in docs/metrics.md");
        }
    }
}
