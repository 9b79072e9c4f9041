//! The instruments of signaling; docs/metrics.md lists them.

use std::time::Duration;

use antiphon_protocol::{Directed, ErrorCode, v1::client_frame::Kind};
use axum::http::{Method, StatusCode};
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry, exponential_buckets,
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
    "ack",
    "ping",
];

fn kind_index(kind: &Kind) -> Option<usize> {
    Some(match kind {
        Kind::Join(_) | Kind::Resume(_) => return None,
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
        Kind::Ack(_) => 18,
        Kind::Ping(_) => 19,
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
        let documented = include_str!("../../../docs/metrics.md");
        for family in registry.gather() {
            assert!(
                documented.contains(&format!("| `{}` |", family.name())),
                "{} is not in docs/metrics.md",
                family.name()
            );
        }
    }
}
