//! The instruments of turn-credentials; docs/metrics.md lists them.

use antiphon_ice_core::{chain::BreakerState, health::Probed, uri::IceUri};
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    core::Collector,
};

use crate::providers::ProviderError;

/// Every instrument of this service.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    pub(crate) requests: IntCounterVec,
    pub(crate) last_resorts: IntCounter,
    given: IntCounterVec,
    failures: IntCounterVec,
    seconds: HistogramVec,
    open: IntGaugeVec,
    spent: IntGaugeVec,
    pub(crate) probes: ProbeMetrics,
}

/// The instruments of probes. URIs are the configuration's.
#[derive(Debug, Clone)]
pub(crate) struct ProbeMetrics {
    probes: IntCounterVec,
    healthy: IntGaugeVec,
}

impl ProbeMetrics {
    pub(crate) fn probed(&self, uri: &IceUri, probed: Probed, is_handed_out: bool) {
        let outcome = match probed {
            Probed::Good => "good",
            Probed::Refused(_) => "refused",
            Probed::Dead => "dead",
        };
        let uri = uri.to_string();
        self.probes.with_label_values(&[uri.as_str(), outcome]).inc();
        self.healthy.with_label_values(&[uri.as_str()]).set(i64::from(is_handed_out));
    }
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
        let gauges = |name: &str, help: &str, label: &str| {
            registered(registry, IntGaugeVec::new(Opts::new(format!("antiphon_ice_{name}"), help), &[label])?)
        };
        let seconds = HistogramOpts::new("antiphon_ice_provider_seconds", "Time that a provider took.")
            .buckets(vec![0.000_1, 0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0]);
        let last_resorts = IntCounter::new(
            "antiphon_ice_last_resorts_total",
            "Times that relays were given which probes had found dead, because nothing else was left.",
        )?;
        Ok(Self {
            requests: counters("requests_total", "Requests, by endpoint and status.", &["endpoint", "status"])?,
            last_resorts: registered(registry, last_resorts)?,
            given: counters("credentials_total", "ICE servers given.", &["provider"])?,
            failures: counters(
                "provider_failures_total",
                "Times that a provider gave nothing.",
                &["provider", "reason"],
            )?,
            seconds: registered(registry, HistogramVec::new(seconds, &["provider"])?)?,
            open: gauges("provider_open", "1 while a provider is left alone because it failed.", "provider")?,
            spent: gauges("provider_month_credentials", "What a provider has given this month of UTC.", "provider")?,
            probes: ProbeMetrics {
                probes: counters("probes_total", "Probes of relays.", &["uri", "outcome"])?,
                healthy: gauges("relay_healthy", "1 while a relay's URI is handed out.", "uri")?,
            },
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
        metrics.probes.probed(&"turn:a.example".parse().expect("a URI"), Probed::Good, true);
        let documented = include_str!("../../../docs/metrics.md");
        for family in registry.gather() {
            let name = family.name();
            assert!(documented.contains(&format!("| `{name}` |")), "{name} is not in docs/metrics.md");
        }
    }
}
