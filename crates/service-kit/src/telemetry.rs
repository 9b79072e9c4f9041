//! Logs and metrics.

mod lines;

use std::{
    io::{self, IsTerminal as _, Stderr},
    panic,
};

use axum::{Router, extract::State, routing::get};
use http::{StatusCode, header};
use prometheus::{Encoder as _, Registry, TextEncoder};
use tracing_subscriber::EnvFilter;

use lines::Lines;

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// What is logged, to standard error.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Log")]
pub struct LogConfig {
    /// How log lines are written.
    #[arg(long, env = "ANTIPHON_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,
    /// The least important level that is logged, also per module: "info,antiphon_signaling=debug".
    #[arg(long, env = "ANTIPHON_LOG", value_name = "FILTER", default_value = "info", value_parser = parse_filter)]
    pub log_filter: String,
}

/// Why logging cannot begin.
#[derive(Debug, thiserror::Error)]
#[error("logging is set up already, or the filter is not one: {0}")]
pub struct LogError(Box<dyn std::error::Error + Send + Sync>);

/// Must be held until the process ends: when it is dropped, what waits is written, and what is logged later is written at once.
#[derive(Debug)]
#[must_use = "lines that wait are lost unless it is dropped at the end of the process"]
pub struct LogGuard(Lines<Stderr>);

impl Drop for LogGuard {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Begins to log.
///
/// A terminal is written to at once. Elsewhere lines below WARN wait for others, 20 ms at most, and are written together; WARN and
/// ERROR are written at once, behind what waits. So does a panic. A process that is killed (SIGKILL, a crash in foreign code) loses
/// what waited.
///
/// # Errors
/// When something else has begun before.
pub fn init(config: &LogConfig) -> Result<LogGuard, LogError> {
    let filter = EnvFilter::try_new(&config.log_filter).map_err(|error| LogError(error.into()))?;
    let is_terminal = io::stderr().is_terminal();
    let lines = if is_terminal { Lines::unbuffered(io::stderr()) } else { Lines::buffered(io::stderr()) };
    let guard = LogGuard(lines.clone());
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(lines.clone());
    match config.log_format {
        LogFormat::Text => builder.with_ansi(is_terminal).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    }
    .map_err(LogError)?;
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        // The hook writes to standard error too, and nobody may be left to write what waits.
        lines.flush();
        hook(panic);
    }));
    Ok(guard)
}

/// A registry that has the process's own figures (CPU, memory, file descriptors), where the platform tells them.
#[must_use]
pub fn registry() -> Registry {
    let registry = Registry::new();
    #[cfg(target_os = "linux")]
    registry
        .register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))
        .expect("a new registry takes its first collector");
    registry
}

/// The route `/metrics`.
pub fn metrics_router(registry: Registry) -> Router {
    Router::new().route("/metrics", get(show_metrics)).with_state(registry)
}

async fn show_metrics(State(registry): State<Registry>) -> axum::response::Response {
    use axum::response::IntoResponse as _;

    let encoder = TextEncoder::new();
    let mut text = Vec::new();
    match encoder.encode(&registry.gather(), &mut text) {
        Ok(()) => ([(header::CONTENT_TYPE, encoder.format_type().to_owned())], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "metrics could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn parse_filter(text: &str) -> Result<String, String> {
    match EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("expected a filter such as \"info\" or \"info,antiphon_signaling=debug\"".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http::Request;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn metrics_are_served_as_prometheus_text() {
        let registry = registry();
        let counter = prometheus::IntCounter::new("antiphon_test_total", "Counts.").expect("valid");
        registry.register(Box::new(counter.clone())).expect("new");
        counter.inc();
        let request = Request::get("/metrics").body(Body::empty()).expect("valid");
        let response = metrics_router(registry).oneshot(request).await.expect("infallible");
        assert!(response.headers()["content-type"].to_str().expect("ASCII").starts_with("text/plain"));
        let body = axum::body::to_bytes(response.into_body(), 100_000).await.expect("short");
        assert!(String::from_utf8_lossy(&body).contains("antiphon_test_total 1"));
    }

    #[test]
    fn a_filter_is_checked_when_it_is_read() {
        assert!(parse_filter("info,antiphon=debug").is_ok());
        assert!(parse_filter("antiphon=loud").is_err());
    }
}
