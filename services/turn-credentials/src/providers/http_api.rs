//! Requests to a provider's API: bounded in size, without redirects or proxies, and no secret in what is said of them.

use std::{sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use reqwest::{Client, RequestBuilder, StatusCode, Url, redirect};
use rustls_platform_verifier::BuilderVerifierExt as _;
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;

use super::ProviderError;

/// Bytes of an answer at most.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Requests at once. Beyond it the next provider is asked.
const MAX_REQUESTS: usize = 256;

/// However long the caller waits: what comes later can still be used by the next one.
const LONGEST: Duration = Duration::from_secs(10);

/// One provider's API.
#[derive(Debug)]
pub(super) struct HttpApi {
    client: Client,
    base: Url,
    places: Semaphore,
}

impl HttpApi {
    pub(super) fn new(base: &Url) -> anyhow::Result<Self> {
        let client = Client::builder()
            .user_agent(concat!("Antiphon/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .http1_only()
            .timeout(LONGEST)
            .tls_backend_preconfigured(tls(base)?)
            .build()?;
        Ok(Self { client, base: base.clone(), places: Semaphore::new(MAX_REQUESTS) })
    }

    /// A POST to a path below the base, whose parts are escaped.
    pub(super) fn post(&self, path: &[&str]) -> RequestBuilder {
        let mut url = self.base.clone();
        // A base with https or http can have a path.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        self.client.post(url)
    }

    /// Sends a request and reads its answer, whole.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<(StatusCode, Bytes), ProviderError> {
        let _place = self.places.try_acquire().map_err(|_| ProviderError::Busy)?;
        let mut response = request.send().await.map_err(unreachable)?;
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| ProviderError::Answer("it broke off"))? {
            if body.len() + chunk.len() > MAX_BODY_BYTES {
                return Err(ProviderError::Answer("it has more than 64 KiB"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok((response.status(), body.freeze()))
    }
}

/// The JSON of an answer with the expected status.
pub(super) fn read<T: DeserializeOwned>(
    (status, body): &(StatusCode, Bytes),
    expected: StatusCode,
) -> Result<T, ProviderError> {
    if *status != expected {
        return Err(refusal(*status));
    }
    serde_json::from_slice(body).map_err(|_| ProviderError::Answer("it is not the JSON that was to come"))
}

pub(super) fn refusal(status: StatusCode) -> ProviderError {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ProviderError::Unauthorized(status.as_u16()),
        StatusCode::TOO_MANY_REQUESTS => ProviderError::RateLimited(status.as_u16()),
        status => ProviderError::Status(status.as_u16()),
    }
}

fn unreachable(error: reqwest::Error) -> ProviderError {
    if error.is_timeout() {
        ProviderError::TimedOut
    } else if error.is_connect() {
        ProviderError::Unreachable("no connection")
    } else {
        ProviderError::Unreachable("the connection broke off")
    }
}

/// TLS with the certificates that the machine trusts.
fn tls(base: &Url) -> anyhow::Result<rustls::ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    if base.scheme() == "http" {
        // No machine has to have certificates for what is not encrypted.
        return Ok(builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth());
    }
    Ok(builder.with_platform_verifier()?.with_no_client_auth())
}
