//! Fetches a small document over HTTPS: one request, bounded in time and bytes, and no redirects.

use std::{
    fmt, io,
    net::IpAddr,
    str::FromStr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, Uri, header, uri::Scheme};
use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use rustls_pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

/// An address that may be fetched: https, or http on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FetchUrl {
    uri: Uri,
    host: String,
    port: u16,
    tls: bool,
}

/// Why a text is no [`FetchUrl`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// Not a URL.
    #[error("expected a URL such as \"https://issuer.example/.well-known/jwks.json\"")]
    NotUrl,
    /// Whoever is on the way could change what is fetched.
    #[error("expected https; http is for addresses of this machine only (localhost, 127.0.0.1, [::1])")]
    NotHttps,
    /// A secret in a place that is logged.
    #[error("expected a URL without user and password")]
    Credentials,
}

impl FromStr for FetchUrl {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        let uri: Uri = text.parse().map_err(|_| InvalidUrl::NotUrl)?;
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else { return Err(InvalidUrl::NotUrl) };
        if authority.as_str().contains('@') {
            return Err(InvalidUrl::Credentials);
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let is_loopback = host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
        let tls = *scheme == Scheme::HTTPS;
        let is_private = tls || (*scheme == Scheme::HTTP && is_loopback);
        if !is_private {
            return Err(InvalidUrl::NotHttps);
        }
        let port = authority.port_u16().unwrap_or(if tls { 443 } else { 80 });
        Ok(Self { uri, host, port, tls })
    }
}

impl fmt::Display for FetchUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.uri.fmt(formatter)
    }
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("cannot connect: {0}")]
    Connect(io::Error),
    #[error("no certificate of this machine's trust store could be read, so none can be checked")]
    NoRoots,
    #[error("no connection with TLS: {0}")]
    Tls(io::Error),
    #[error("not an answer: {0}")]
    Http(#[from] hyper::Error),
    #[error("the answer is {0}, expected 200; redirects are not followed")]
    Status(StatusCode),
    #[error("the answer has more than {0} bytes")]
    TooLarge(usize),
    #[error("the answer broke off: {0}")]
    Broken(Box<dyn std::error::Error + Send + Sync>),
    #[error("no whole answer within {0:?}")]
    TimedOut(Duration),
}

/// Fetches documents.
pub(crate) struct Fetcher {
    timeout: Duration,
    max_bytes: usize,
    /// Made when it is first needed: the machine's trust store is in many files.
    tls: OnceLock<Option<TlsConnector>>,
}

impl Fetcher {
    /// Takes documents up to `max_bytes`, whole within `timeout`. Certificates are checked against the machine's trust store.
    pub(crate) fn new(timeout: Duration, max_bytes: usize) -> Self {
        Self { timeout, max_bytes, tls: OnceLock::new() }
    }

    /// Trusts these certificates alone.
    #[cfg(test)]
    pub(crate) fn trusting(self, roots: RootCertStore) -> Self {
        Self { tls: OnceLock::from(Some(connector(roots))), ..self }
    }

    /// What is there now.
    pub(crate) async fn get(&self, url: &FetchUrl) -> Result<Bytes, FetchError> {
        let fetching = tokio::time::timeout(self.timeout, self.fetch(url));
        fetching.await.unwrap_or(Err(FetchError::TimedOut(self.timeout)))
    }

    async fn fetch(&self, url: &FetchUrl) -> Result<Bytes, FetchError> {
        let stream = TcpStream::connect((url.host.as_str(), url.port)).await.map_err(FetchError::Connect)?;
        if !url.tls {
            return self.exchange(url, stream).await;
        }
        let connector = self.tls.get_or_init(system_connector).as_ref().ok_or(FetchError::NoRoots)?;
        let name = ServerName::try_from(url.host.clone()).map_err(|error| FetchError::Tls(io::Error::other(error)))?;
        self.exchange(url, connector.connect(name, stream).await.map_err(FetchError::Tls)?).await
    }

    async fn exchange(
        &self,
        url: &FetchUrl,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    ) -> Result<Bytes, FetchError> {
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let answered = async {
            let answer = sender.send_request(request(url)).await?;
            if answer.status() != StatusCode::OK {
                return Err(FetchError::Status(answer.status()));
            }
            let body = Limited::new(answer.into_body(), self.max_bytes).collect().await;
            body.map(http_body_util::Collected::to_bytes).map_err(|error| match error.downcast::<LengthLimitError>() {
                Ok(_) => FetchError::TooLarge(self.max_bytes),
                Err(error) => FetchError::Broken(error),
            })
        };
        let mut answered = std::pin::pin!(answered);
        tokio::select! {
            answer = answered.as_mut() => answer,
            // The connection may end before its last bytes were taken from it.
            ended = connection => {
                ended?;
                answered.await
            }
        }
    }
}

fn request(url: &FetchUrl) -> Request<Empty<Bytes>> {
    let path = url.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::new(Empty::new());
    *request.uri_mut() = path.parse().expect("it is the path of a URL");
    let authority = url.uri.authority().map_or("", |authority| authority.as_str());
    let headers = request.headers_mut();
    headers.insert(header::HOST, HeaderValue::from_str(authority).expect("it is the authority of a URL"));
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/jwk-set+json, application/json"));
    headers.insert(header::USER_AGENT, HeaderValue::from_static(concat!("antiphon/", env!("CARGO_PKG_VERSION"))));
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    request
}

fn system_connector() -> Option<TlsConnector> {
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    (added > 0).then(|| connector(roots))
}

fn connector(roots: RootCertStore) -> TlsConnector {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has what both versions of TLS need")
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

#[cfg(test)]
#[path = "fetch_tests.rs"]
mod tests;
