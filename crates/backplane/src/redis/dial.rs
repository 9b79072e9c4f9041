//! Making connections.

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use redis::{
    AsyncConnectionConfig, PushInfo, RedisConnectionInfo, RedisError,
    aio::{AsyncPushSender, MultiplexedConnection},
};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::{net::TcpStream, task::AbortHandle, time::timeout};
use tokio_rustls::TlsConnector;

use super::{Address, Credentials, InvalidConfig};

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum DialError {
    #[error("no answer in time")]
    Late,
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Redis(#[from] RedisError),
    #[error("{path}: {error}")]
    Password { path: String, error: io::Error },
    #[error("{0}")]
    Refused(String),
}

/// Makes connections of one kind.
pub(super) struct Dialer {
    tls: Option<TlsConnector>,
    credentials: Option<Credentials>,
    time_limit: Duration,
}

/// A connection; it closes when the last clone is dropped.
#[derive(Clone)]
pub(super) struct Connection {
    pub(super) commands: MultiplexedConnection,
    _driver: Arc<Driver>,
}

struct Driver(AbortHandle);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A connection over which nothing is pushed.
pub(super) fn no_pushes(_: PushInfo) -> Result<(), ()> {
    Ok(())
}

impl Dialer {
    pub(super) fn new(tls: Option<TlsConnector>, credentials: Option<Credentials>, time_limit: Duration) -> Self {
        Self { tls, credentials, time_limit }
    }

    /// Connects, authenticates, and speaks RESP3 from then on. What the server pushes goes to `pushes`.
    pub(super) async fn dial(&self, address: &Address, pushes: impl AsyncPushSender) -> Result<Connection, DialError> {
        timeout(self.time_limit, self.connect(address, pushes)).await.map_err(|_| DialError::Late)?
    }

    async fn connect(&self, address: &Address, pushes: impl AsyncPushSender) -> Result<Connection, DialError> {
        let info = self.greeting()?;
        // Calls are timed where they are made; the queue before the socket is bounded by them too.
        let config = AsyncConnectionConfig::new().set_response_timeout(None).set_push_sender(pushes);
        let stream = TcpStream::connect((address.host.as_str(), address.port)).await?;
        stream.set_nodelay(true)?;
        match &self.tls {
            None => {
                let (commands, driver) = MultiplexedConnection::new_with_config(&info, stream, config).await?;
                Ok(Connection::new(commands, driver))
            }
            Some(tls) => {
                let name = ServerName::try_from(address.host.clone()).map_err(io::Error::other)?;
                let stream = tls.connect(name, stream).await?;
                let (commands, driver) = MultiplexedConnection::new_with_config(&info, stream, config).await?;
                Ok(Connection::new(commands, driver))
            }
        }
    }

    /// The password is read again for each connection: it may have been rotated.
    fn greeting(&self) -> Result<RedisConnectionInfo, DialError> {
        let mut info = RedisConnectionInfo::default()
            .set_protocol(redis::ProtocolVersion::RESP3)
            .set_lib_name("antiphon", env!("CARGO_PKG_VERSION"));
        if let Some(Credentials { username, password_file }) = &self.credentials {
            if let Some(username) = username {
                info = info.set_username(username);
            }
            let password = std::fs::read_to_string(password_file)
                .map_err(|error| DialError::Password { path: password_file.display().to_string(), error })?;
            info = info.set_password(password.trim_end_matches(['\r', '\n']));
        }
        Ok(info)
    }
}

impl Connection {
    fn new(commands: MultiplexedConnection, driver: impl Future<Output = ()> + Send + 'static) -> Self {
        Self { commands, _driver: Arc::new(Driver(tokio::spawn(driver).abort_handle())) }
    }
}

/// A server's certificate is checked against `ca_file`, else against what the machine trusts.
pub(super) fn tls_connector(ca_file: Option<&PathBuf>) -> Result<TlsConnector, InvalidConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(InvalidConfig::Tls)?;
    let config = match ca_file {
        Some(path) => {
            let unreadable = |error: &dyn std::fmt::Display| InvalidConfig::CaFile {
                path: path.display().to_string(),
                error: error.to_string(),
            };
            let mut roots = RootCertStore::empty();
            for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unreadable(&error))? {
                let certificate = certificate.map_err(|error| unreadable(&error))?;
                roots.add(certificate).map_err(|error| unreadable(&error))?;
            }
            if roots.is_empty() {
                return Err(unreadable(&"it holds no certificate"));
            }
            builder.with_root_certificates(roots).with_no_client_auth()
        }
        None => builder.with_platform_verifier().map_err(InvalidConfig::Tls)?.with_no_client_auth(),
    };
    Ok(TlsConnector::from(Arc::new(config)))
}
