//! One request to a receiver: bounded in time and size, no redirects, no proxies.

use std::{
    error::Error,
    fmt, io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use antiphon_webhook_core::{Outcome, SigningSecret, is_public, judge, signature};
use reqwest::{
    Client, Response,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{CONTENT_TYPE, RETRY_AFTER},
    redirect,
};

use super::WebhookConfig;
use crate::tls;

/// What is read of an answer's body, so that the connection can be used again. The rest is nobody's.
const MOST_READ: usize = 16 << 10;

/// How long that may take.
const LONGEST_READ: Duration = Duration::from_secs(1);

/// How long a connection that is used no more stays open.
const IDLE: Duration = Duration::from_secs(30);

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) outcome: Outcome,
    pub(crate) said: Said,
    pub(crate) took: Duration,
}

/// What a receiver said, or why it said nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    Status(u16),
    Nothing(&'static str),
}

impl fmt::Display for Said {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(formatter, "answered {status}"),
            Self::Nothing(why) => formatter.write_str(why),
        }
    }
}

/// Posts to one endpoint.
#[derive(Debug)]
pub(super) struct Poster {
    client: Client,
    url: reqwest::Url,
    timeout: Duration,
}

impl Poster {
    pub(super) fn new(config: &WebhookConfig) -> anyhow::Result<Self> {
        let mut builder = Client::builder()
            .user_agent(concat!("Antiphon/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .http1_only()
            .connect_timeout(config.timeout)
            .pool_max_idle_per_host(config.concurrency.get() as usize)
            .pool_idle_timeout(IDLE)
            .tls_backend_preconfigured(tls::client_config(&config.url, config.ca_file.as_deref())?);
        if !config.allow_private {
            builder = builder.dns_resolver(Arc::new(PublicOnly));
        }
        Ok(Self { client: builder.build()?, url: config.url.clone(), timeout: config.timeout })
    }

    /// Posts a body, signed for this attempt.
    pub(super) async fn post(&self, id: &str, body: &str, secrets: &[SigningSecret]) -> Answer {
        let begun = tokio::time::Instant::now();
        let now = SystemTime::now();
        let timestamp_s = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let request = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp_s)
            .header("webhook-signature", signature(secrets, id, timestamp_s, body.as_bytes()))
            .body(body.to_owned());
        let answered = tokio::time::timeout(self.timeout, request.send()).await;
        let took = begun.elapsed();
        let failed = |why| Answer { outcome: Outcome::Failed { pause: None }, said: Said::Nothing(why), took };
        match answered {
            Ok(Ok(response)) => {
                let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
                let status = response.status().as_u16();
                let outcome = judge(status, retry_after, now);
                read_to_end(response).await;
                Answer { outcome, said: Said::Status(status), took }
            }
            Ok(Err(error)) => failed(why(&error)),
            Err(_) => failed("timed out"),
        }
    }
}

/// Reads what is left, as far as that is worth it: the status has said all.
async fn read_to_end(mut response: Response) {
    let read = async {
        let mut left = MOST_READ;
        while let Ok(Some(chunk)) = response.chunk().await {
            match left.checked_sub(chunk.len()) {
                Some(rest) => left = rest,
                None => return,
            }
        }
    };
    // A connection that is not read to its end is closed.
    let _ = tokio::time::timeout(LONGEST_READ, read).await;
}

/// In words that say nothing of addresses or of the URL.
fn why(error: &reqwest::Error) -> &'static str {
    let is_caused_by = |is: fn(&(dyn Error + 'static)) -> bool| {
        std::iter::successors(Some(error as &(dyn Error + 'static)), |cause| cause_of(*cause)).any(is)
    };
    if is_caused_by(|cause| cause.is::<PrivateAddress>()) {
        "its name leads to private addresses only, and those are not allowed"
    } else if is_caused_by(|cause| cause.is::<rustls::Error>()) {
        "the TLS handshake failed"
    } else if error.is_timeout() {
        "timed out"
    } else if error.is_connect() {
        "could not be connected to"
    } else {
        "broke the connection off"
    }
}

/// What is behind an error. An [`io::Error`] does not count what it wraps among its sources.
fn cause_of<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

/// Resolves names to addresses of the Internet only. It sits where the connection is made, so a name cannot lead elsewhere
/// between a check and the connection.
#[derive(Debug)]
struct PublicOnly;

#[derive(Debug, thiserror::Error)]
#[error("the name leads to private addresses only")]
struct PrivateAddress;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(PrivateAddress.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_certificates_is_an_error_that_names_it() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("ca.pem");
        let trusting = || {
            let text = format!(
                r#"{{ tenant = "a", url = "https://h/", secrets-env = "X", ca-file = {:?} }}"#,
                path.display().to_string()
            );
            let argument: super::super::WebhookArgument = text.parse().expect("valid");
            let error = Poster::new(&argument.0[0]).map(|_| ()).expect_err("no certificates");
            format!("{error:#}")
        };
        let missing = trusting();
        assert!(missing.starts_with(&format!("ca-file {}", path.display())), "{missing}");
        for text in ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            std::fs::write(&path, text).expect("written");
            let error = trusting();
            assert!(error.starts_with(&format!("ca-file {}: ", path.display())), "{text:?}: {error}");
        }
    }
}
