//! The instruments of signaling; docs/metrics.md lists them.

use std::time::Duration;

use antiphon_protocol::{Directed, ErrorCode, TenantId, v1::client_frame::Kind};
use axum::http::{Method, StatusCode};
use prometheus::{
    Counter, CounterVec, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry, core::Collector, exponential_buckets,
};

/// Names of the client's kinds, in the order of [`kind_index`].
const KINDS: [&str; 20] = [
    "leave",
    "offer",
    "answer",
    "candidate",
    "chat",
    "data",
    "update",
    "publish",
    "unpublish",
    "kick",
    "mute",
    "admit",
    "refuse",
    "setRole",
    "updateRoom",
    "deleteChat",
    "endRoom",
    "refreshIceServers",
    "ping",
    "refreshToken",
];

fn kind_index(kind: &Kind) -> Option<usize> {
    Some(match kind {
        // Counted as joins and resumes; acknowledgements come beside other frames as well, and nothing is to be done for them.
        Kind::Join(_) | Kind::Resume(_) | Kind::Ack(_) => return None,
        Kind::Leave(_) => 0,
        Kind::Offer(_) => 1,
        Kind::Answer(_) => 2,
        Kind::Candidate(_) => 3,
        Kind::Chat(_) => 4,
        Kind::Data(_) => 5,
        Kind::Update(_) => 6,
        Kind::Publish(_) => 7,
        Kind::Unpublish(_) => 8,
        Kind::Kick(_) => 9,
        Kind::Mute(_) => 10,
        Kind::Admit(_) => 11,
        Kind::Refuse(_) => 12,
        Kind::SetRole(_) => 13,
        Kind::UpdateRoom(_) => 14,
        Kind::DeleteChat(_) => 15,
        Kind::EndRoom(_) => 16,
        Kind::RefreshIceServers(_) => 17,
        Kind::Ping(_) => 18,
        Kind::RefreshToken(_) => 19,
    })
}

/// Every instrument of this service.
#[derive(Debug)]
pub(crate) struct Metrics {
    pub(crate) connections: IntGauge,
    pub(crate) sessions: IntGauge,
    pub(crate) rooms: IntGauge,
    pub(crate) event_streams: IntGauge,
    pub(crate) joins: IntCounterVec,
    pub(crate) resumes: IntCounterVec,
    pub(crate) closes: IntCounterVec,
    pub(crate) refused_connections: IntCounterVec,
    pub(crate) throttled: IntCounter,
    pub(crate) token_refreshes: IntCounterVec,
    pub(crate) append_seconds: Histogram,
    pub(crate) append_conflicts: IntCounter,
    pub(crate) ice_source_failures: IntCounter,
    pub(crate) frames_sent: IntCounter,
    frames_received: Vec<IntCounter>,
    errors: Vec<IntCounter>,
    requests: IntCounterVec,
    request_seconds: HistogramVec,
    pub(crate) webhook_deliveries: IntCounterVec,
    pub(crate) webhook_request_seconds: HistogramVec,
    pub(crate) webhook_lag_seconds: HistogramVec,
    pub(crate) webhook_waiting: IntGaugeVec,
    pub(crate) webhook_oldest: GaugeVec,
    pub(crate) webhook_dead_letters: IntGaugeVec,
    pub(crate) webhook_lost: IntCounterVec,
    pub(crate) tenants: TenantMetrics,
}

/// Tenants that have a label of their own: those that came first. The others are one, [`OTHER_TENANTS`].
const MAX_TENANT_LABELS: usize = 100;

/// The label of all tenants beyond [`MAX_TENANT_LABELS`]. No tenant has this name: it is in parentheses.
const OTHER_TENANTS: &str = "(other)";

/// The instruments of what tenants use.
#[derive(Debug, Clone)]
pub(crate) struct TenantMetrics {
    rooms: IntGaugeVec,
    participants: IntGaugeVec,
    participant_seconds: CounterVec,
    rooms_started: IntCounterVec,
    messages: IntCounterVec,
    bytes: IntCounterVec,
    refusals: IntCounterVec,
}

/// One tenant's instruments.
#[derive(Debug)]
pub(crate) struct TenantInstruments {
    pub(crate) rooms: IntGauge,
    pub(crate) participants: IntGauge,
    pub(crate) participant_seconds: Counter,
    pub(crate) rooms_started: IntCounter,
    pub(crate) messages: IntCounter,
    pub(crate) bytes: IntCounter,
    pub(crate) refused_rooms: IntCounter,
    pub(crate) refused_participants: IntCounter,
}

impl TenantMetrics {
    fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let gauges = |name: &str, help: &str| {
            let gauges = IntGaugeVec::new(options(name, help), &["tenant"])?;
            registry.register(Box::new(gauges.clone()))?;
            Ok::<_, prometheus::Error>(gauges)
        };
        let of_tenant = |name: &str, help: &str| counters(registry, name, help, "tenant");
        let seconds = options("tenant_participant_seconds_total", "Seconds of a tenant's sessions, added up.");
        let participant_seconds = CounterVec::new(seconds, &["tenant"])?;
        registry.register(Box::new(participant_seconds.clone()))?;
        let refusals = options("tenant_quota_refusals_total", "Times that a quota held, by tenant and quota.");
        let refusals = IntCounterVec::new(refusals, &["tenant", "quota"])?;
        registry.register(Box::new(refusals.clone()))?;
        Ok(Self {
            rooms: gauges("tenant_rooms", "A tenant's rooms.")?,
            participants: gauges("tenant_participants", "A tenant's sessions.")?,
            participant_seconds,
            rooms_started: of_tenant("tenant_rooms_started_total", "Rooms of a tenant that began.")?,
            messages: of_tenant("tenant_messages_total", "Messages of a tenant's clients.")?,
            bytes: of_tenant("tenant_bytes_relayed_total", "Bytes of frames sent to a tenant's clients.")?,
            refusals,
        })
    }

    /// The instruments of a tenant before which so many others came.
    pub(crate) fn of(&self, tenant: &TenantId, before: usize) -> TenantInstruments {
        let tenant = if before < MAX_TENANT_LABELS { tenant.as_str() } else { OTHER_TENANTS };
        let label = &[tenant];
        TenantInstruments {
            rooms: self.rooms.with_label_values(label),
            participants: self.participants.with_label_values(label),
            participant_seconds: self.participant_seconds.with_label_values(label),
            rooms_started: self.rooms_started.with_label_values(label),
            messages: self.messages.with_label_values(label),
            bytes: self.bytes.with_label_values(label),
            refused_rooms: self.refusals.with_label_values(&[tenant, "tenant-rooms"]),
            refused_participants: self.refusals.with_label_values(&[tenant, "tenant-participants"]),
        }
    }
}

impl Metrics {
    /// Makes the instruments and registers them.
    pub(crate) fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let received = counters(registry, "frames_received_total", "Client frames taken, by kind.", "kind")?;
        let errors = counters(registry, "errors_total", "Errors sent to clients, by code.", "code")?;
        let append = HistogramOpts::new("append_seconds", "Time to append a batch to a room's log.")
            .namespace("antiphon")
            .subsystem("signaling")
            .buckets(exponential_buckets(0.000_01, 4.0, 10)?);
        let append_seconds = Histogram::with_opts(append)?;
        registry.register(Box::new(append_seconds.clone()))?;
        let requests = IntCounterVec::new(
            options("rest_requests_total", "Requests to the REST API, by route, method and status."),
            &["route", "method", "status"],
        )?;
        registry.register(Box::new(requests.clone()))?;
        let request = HistogramOpts::new("rest_request_seconds", "Time to answer a request to the REST API.")
            .namespace("antiphon")
            .subsystem("signaling")
            .buckets(exponential_buckets(0.000_1, 4.0, 9)?);
        let request_seconds = HistogramVec::new(request, &["route"])?;
        registry.register(Box::new(request_seconds.clone()))?;
        let endpoint = &["endpoint"];
        Ok(Self {
            connections: gauge(registry, "connections", "Open WebSockets.")?,
            sessions: gauge(registry, "sessions", "Sessions that are connected here.")?,
            rooms: gauge(registry, "rooms", "Rooms that are live here.")?,
            event_streams: gauge(registry, "event_streams", "Streams of a room's events over HTTP.")?,
            joins: counters(registry, "joins_total", "Joins, by outcome: ok or an error code.", "outcome")?,
            resumes: counters(
                registry,
                "resumes_total",
                "Resumes, by outcome: recovered, snapshot or an error code.",
                "outcome",
            )?,
            closes: counters(registry, "closes_total", "Connections that ended, by close code; 1006: cut.", "code")?,
            refused_connections: counters(
                registry,
                "refused_connections_total",
                "Upgrades refused, by reason.",
                "reason",
            )?,
            throttled: counter(registry, "throttled_total", "Times that a connection was read more slowly.")?,
            token_refreshes: counters(
                registry,
                "token_refreshes_total",
                "Times that a session's token was to be replaced, by outcome: ok, key_gone, issuer or unavailable.",
                "outcome",
            )?,
            append_conflicts: counter(registry, "append_conflicts_total", "Appends that lost the race.")?,
            ice_source_failures: counter(
                registry,
                "ice_source_failures_total",
                "Times that ICE servers were not to be had.",
            )?,
            frames_sent: counter(registry, "frames_sent_total", "Frames sent to clients.")?,
            append_seconds,
            requests,
            request_seconds,
            tenants: TenantMetrics::register(registry)?,
            webhook_deliveries: registered(
                registry,
                IntCounterVec::new(
                    options(
                        "webhook_deliveries_total",
                        "Attempts to deliver webhooks, by outcome, and those given up.",
                    ),
                    &["endpoint", "outcome"],
                )?,
            )?,
            webhook_request_seconds: registered(
                registry,
                HistogramVec::new(
                    HistogramOpts::from(options("webhook_request_seconds", "Time that receivers take to answer."))
                        .buckets(exponential_buckets(0.001, 4.0, 8)?),
                    endpoint,
                )?,
            )?,
            webhook_lag_seconds: registered(
                registry,
                HistogramVec::new(
                    HistogramOpts::from(options("webhook_lag_seconds", "Time from an event to its delivery."))
                        .buckets(exponential_buckets(0.005, 6.0, 10)?),
                    endpoint,
                )?,
            )?,
            webhook_waiting: registered(
                registry,
                IntGaugeVec::new(options("webhook_waiting", "Events that are not delivered yet."), endpoint)?,
            )?,
            webhook_oldest: registered(
                registry,
                GaugeVec::new(
                    options(
                        "webhook_oldest_timestamp_seconds",
                        "When the oldest event happened that is not delivered; 0: there is none.",
                    ),
                    endpoint,
                )?,
            )?,
            webhook_dead_letters: registered(
                registry,
                IntGaugeVec::new(options("webhook_dead_letters", "Events that were given up and are kept."), endpoint)?,
            )?,
            webhook_lost: registered(
                registry,
                IntCounterVec::new(
                    options("webhook_lost_total", "Events that had to go because more were kept than may be."),
                    endpoint,
                )?,
            )?,
            frames_received: KINDS.iter().map(|kind| received.with_label_values(&[*kind])).collect(),
            errors: ErrorCode::ALL.iter().map(|code| errors.with_label_values(&[code.as_str()])).collect(),
        })
    }

    pub(crate) fn received(&self, kind: &Kind) {
        if let Some(counter) = kind_index(kind).and_then(|index| self.frames_received.get(index)) {
            counter.inc();
        }
    }

    /// A frame was taken that is passed on unread.
    pub(crate) fn forwarded(&self, directed: &Directed<'_>) {
        if let Some(index) = KINDS.iter().position(|kind| *kind == directed.name) {
            self.frames_received[index].inc();
        }
    }

    /// A request to the REST API was answered. `route` is the pattern of its path.
    pub(crate) fn request(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        // A client makes up methods as it likes.
        let known = [Method::GET, Method::POST, Method::PATCH, Method::PUT, Method::DELETE, Method::HEAD];
        let method = if known.contains(method) { method.as_str() } else { "other" };
        self.requests.with_label_values(&[route, method, status.as_str()]).inc();
        self.request_seconds.with_label_values(&[route]).observe(took.as_secs_f64());
    }

    /// An error was sent whose code is this text.
    pub(crate) fn error(&self, code: &str) {
        if let Some(index) = ErrorCode::ALL.iter().position(|known| known.as_str() == code) {
            self.errors[index].inc();
        }
    }
}

fn options(name: &str, help: &str) -> Opts {
    Opts::new(name, help).namespace("antiphon").subsystem("signaling")
}

fn registered<C: Collector + Clone + 'static>(registry: &Registry, collector: C) -> Result<C, prometheus::Error> {
    registry.register(Box::new(collector.clone()))?;
    Ok(collector)
}

fn gauge(registry: &Registry, name: &str, help: &str) -> Result<IntGauge, prometheus::Error> {
    let gauge = IntGauge::with_opts(options(name, help))?;
    registry.register(Box::new(gauge.clone()))?;
    Ok(gauge)
}

fn counter(registry: &Registry, name: &str, help: &str) -> Result<IntCounter, prometheus::Error> {
    let counter = IntCounter::with_opts(options(name, help))?;
    registry.register(Box::new(counter.clone()))?;
    Ok(counter)
}

fn counters(registry: &Registry, name: &str, help: &str, label: &str) -> Result<IntCounterVec, prometheus::Error> {
    let counters = IntCounterVec::new(options(name, help), &[label])?;
    registry.register(Box::new(counters.clone()))?;
    Ok(counters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instrument_is_documented() {
        let registry = Registry::new();
        let metrics = Metrics::register(&registry).expect("an empty registry");
        let of_one_label =
            [&metrics.joins, &metrics.resumes, &metrics.closes, &metrics.refused_connections, &metrics.token_refreshes];
        for counters in of_one_label {
            counters.with_label_values(&["any"]).inc();
        }
        metrics.request(&Method::GET, "/v1/rooms", StatusCode::OK, Duration::ZERO);
        metrics.tenants.of(&"acme".parse().expect("a name"), 0);
        metrics.webhook_deliveries.with_label_values(&["any", "delivered"]).inc();
        for histogram in [&metrics.webhook_request_seconds, &metrics.webhook_lag_seconds] {
            histogram.with_label_values(&["any"]).observe(0.0);
        }
        for gauge in [&metrics.webhook_waiting, &metrics.webhook_dead_letters] {
            gauge.with_label_values(&["any"]).set(0);
        }
        metrics.webhook_oldest.with_label_values(&["any"]).set(0.0);
        metrics.webhook_lost.with_label_values(&["any"]).inc();
        let documented = include_str!("../../../docs/metrics.md");
        for family in registry.gather() {
            assert!(
                documented.contains(&format!("| `{}` |", family.name())),
                "{} is not in docs/metrics.md",
                family.name()
            );
        }
    }

    #[test]
    fn tenants_beyond_the_first_hundred_share_a_label() {
        let registry = Registry::new();
        let metrics = Metrics::register(&registry).expect("an empty registry").tenants;
        for before in 0..MAX_TENANT_LABELS + 50 {
            metrics.of(&format!("tenant-{before}").parse().expect("a name"), before).messages.inc();
        }
        let families = registry.gather();
        let family = families.iter().find(|family| family.name() == "antiphon_signaling_tenant_messages_total");
        let counted: Vec<_> = family
            .expect("registered")
            .get_metric()
            .iter()
            .map(|metric| (metric.get_label()[0].value().to_owned(), metric.get_counter().get_value()))
            .collect();
        assert_eq!(counted.len(), MAX_TENANT_LABELS + 1);
        assert!(counted.contains(&(OTHER_TENANTS.to_owned(), 50.0)));
    }
}
