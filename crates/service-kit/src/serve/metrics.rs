use prometheus::{IntCounter, IntCounterVec, IntGauge, Opts, Registry};

/// What a server counts.
#[derive(Debug, Clone)]
pub(super) struct ServeMetrics {
    pub(super) open: IntGauge,
    pub(super) accept_errors: IntCounter,
    refused: IntCounterVec,
}

/// Why a connection was closed without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RefusalReason {
    /// `max-connections`.
    Total,
    /// `max-http-connections-per-address`.
    Address,
    /// It was silent and another one needed its place.
    Evicted,
}

impl ServeMetrics {
    pub(super) fn register(&self, registry: &Registry) -> Result<(), prometheus::Error> {
        registry.register(Box::new(self.open.clone()))?;
        registry.register(Box::new(self.accept_errors.clone()))?;
        registry.register(Box::new(self.refused.clone()))
    }

    pub(super) fn refuse(&self, reason: RefusalReason) {
        let label = match reason {
            RefusalReason::Total => "total",
            RefusalReason::Address => "address",
            RefusalReason::Evicted => "evicted",
        };
        self.refused.with_label_values(&[label]).inc();
    }
}

impl Default for ServeMetrics {
    fn default() -> Self {
        let refused = Opts::new(
            "antiphon_http_connections_refused_total",
            "Connections that were closed to protect the others, by the limit that was reached.",
        );
        Self {
            open: IntGauge::new("antiphon_http_connections_open", "Connections that are open, WebSockets included.")
                .expect("a valid name"),
            accept_errors: IntCounter::new(
                "antiphon_http_accept_errors_total",
                "Times that no connection could be accepted, for want of file descriptors for instance.",
            )
            .expect("a valid name"),
            refused: IntCounterVec::new(refused, &["reason"]).expect("a valid name"),
        }
    }
}
