//! Certificates: from files that are read again when they change, or generated.

use std::{
    fmt, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair};
use rustls::{ServerConfig, crypto::ring};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use sha2::{Digest as _, Sha256};
use tokio_rustls::TlsAcceptor;

use crate::{config::HumanDuration, drain::Shutdown, host, watched::Watched};

/// How clients reach the server: in the clear, or by TLS.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Tls")]
pub struct TlsConfig {
    /// Serve https with a certificate that is generated at each start. Browsers give no camera to plain http off localhost; they
    /// warn of this certificate once.
    #[arg(
        long,
        env = "ANTIPHON_HTTPS",
        value_name = "BOOL",
        default_value = "false",
        default_missing_value = "true",
        num_args = 0..=1,
        require_equals = true,
        action = clap::ArgAction::Set
    )]
    pub https: bool,
    /// Serve https with this certificate chain (PEM). Read again when it changes.
    #[arg(long, env = "ANTIPHON_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// The private key of "tls-cert" (PEM).
    #[arg(long, env = "ANTIPHON_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// How often the files are looked at.
    #[arg(long, env = "ANTIPHON_TLS_RELOAD_INTERVAL", value_name = "DURATION", default_value = "5s")]
    pub tls_reload_interval: HumanDuration,
}

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// Half of a pair.
    #[error("tls-cert and tls-key go together: {0} is missing")]
    Half(&'static str),
    /// Not there, or not ours to read.
    #[error("{key} {}: {error}", path.display())]
    Unreadable {
        /// The setting.
        key: &'static str,
        /// Its file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Not PEM, or nothing of the kind in it.
    #[error("{key} {}: expected {expected} in PEM", path.display())]
    NotPem {
        /// The setting.
        key: &'static str,
        /// Its file.
        path: PathBuf,
        /// What was looked for.
        expected: &'static str,
    },
    /// Certificate and key do not fit each other, or are of a kind that is not supported.
    #[error("tls-cert and tls-key: {0}")]
    Unusable(#[from] rustls::Error),
    /// The certificate could not be generated.
    #[error("no certificate could be generated: {0}")]
    Generate(#[from] rcgen::Error),
}

/// The certificate that is in force. Clones share it.
#[derive(Clone)]
pub struct TlsSource {
    current: Arc<RwLock<Current>>,
    files: Option<Files>,
}

struct Current {
    config: Arc<ServerConfig>,
    fingerprint: String,
}

#[derive(Clone)]
struct Files {
    cert: PathBuf,
    key: PathBuf,
    reload_interval: Duration,
}

impl TlsConfig {
    /// The certificate that is asked for; `None`: plain http.
    ///
    /// # Errors
    /// When it cannot be loaded or generated.
    pub fn load(&self) -> Result<Option<TlsSource>, TlsError> {
        match (&self.tls_cert, &self.tls_key) {
            (Some(cert), Some(key)) => {
                let reload_interval = self.tls_reload_interval.0.max(Duration::from_millis(10));
                let files = Files { cert: cert.clone(), key: key.clone(), reload_interval };
                Ok(Some(TlsSource { current: Arc::new(RwLock::new(files.load()?)), files: Some(files) }))
            }
            (None, None) if self.https => {
                Ok(Some(TlsSource { current: Arc::new(RwLock::new(generate()?)), files: None }))
            }
            (None, None) => Ok(None),
            (Some(_), None) => Err(TlsError::Half("tls-key")),
            (None, Some(_)) => Err(TlsError::Half("tls-cert")),
        }
    }
}

impl TlsSource {
    /// Takes handshakes with the certificate that is in force now.
    #[must_use]
    pub fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.server_config())
    }

    /// What [`acceptor`](Self::acceptor) goes by: for HTTP. Another protocol takes a copy with its own ALPN.
    #[must_use]
    pub fn server_config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner).config)
    }

    /// SHA-256 of the certificate, as browsers show it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.current.read().unwrap_or_else(PoisonError::into_inner).fingerprint.clone()
    }

    /// Was it generated, so that browsers warn of it?
    #[must_use]
    pub fn is_generated(&self) -> bool {
        self.files.is_none()
    }

    /// Reads the files again when they change, until the process stops. A broken pair is logged and the one before stays.
    pub async fn follow_files(self, shutdown: Shutdown) {
        let Some(files) = self.files.clone() else { return };
        let mut watched = Watched::new(vec![files.cert.clone(), files.key.clone()]);
        let mut due = tokio::time::interval(files.reload_interval);
        // What changed between loading and here would otherwise never be seen.
        self.reload(&files);
        loop {
            tokio::select! {
                _ = due.tick() => {}
                () = shutdown.stopped() => return,
            }
            if watched.changed() {
                self.reload(&files);
            }
        }
    }

    fn reload(&self, files: &Files) {
        match files.load() {
            Ok(loaded) => {
                let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
                if current.fingerprint != loaded.fingerprint {
                    tracing::info!(fingerprint = loaded.fingerprint, "the certificate was reloaded");
                }
                *current = loaded;
            }
            Err(error) => tracing::error!(%error, "the certificate changed and cannot be used: the one before stays"),
        }
    }
}

impl fmt::Debug for TlsSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TlsSource").field("fingerprint", &self.fingerprint()).finish_non_exhaustive()
    }
}

impl Files {
    fn load(&self) -> Result<Current, TlsError> {
        let chain = parse_chain(&self.cert, &read("tls-cert", &self.cert)?)?;
        let not_pem = || TlsError::NotPem { key: "tls-key", path: self.key.clone(), expected: "a private key" };
        let key = PrivateKeyDer::from_pem_slice(&read("tls-key", &self.key)?).map_err(|_| not_pem())?;
        current(chain, key)
    }
}

fn read(key: &'static str, path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|error| TlsError::Unreadable { key, path: path.to_owned(), error })
}

fn parse_chain(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let not_pem = || TlsError::NotPem { key: "tls-cert", path: path.to_owned(), expected: "certificates" };
    let chain: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|_| not_pem())?;
    if chain.is_empty() { Err(not_pem()) } else { Ok(chain) }
}

fn generate() -> Result<Current, TlsError> {
    let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let addresses = loopback.into_iter().chain(host::addresses()).map(|address| address.to_string());
    let names = ["localhost".to_owned()].into_iter().chain(host::name()).chain(addresses).collect::<Vec<_>>();
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, "Antiphon, generated");
    params.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
    let day = Duration::from_secs(24 * 60 * 60);
    let now = SystemTime::now();
    params.not_before = (now - day).into();
    params.not_after = (now + 365 * day).into();
    let key = KeyPair::generate()?;
    let cert = params.self_signed(&key)?;
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    current(vec![cert.der().clone()], key)
}

fn current(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Current, TlsError> {
    let digest = Sha256::digest(&chain[0]);
    let fingerprint = digest.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":");
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Current { config: Arc::new(config), fingerprint })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(cert: Option<&Path>, key: Option<&Path>) -> TlsConfig {
        TlsConfig {
            https: false,
            tls_cert: cert.map(Path::to_owned),
            tls_key: key.map(Path::to_owned),
            tls_reload_interval: HumanDuration::from_secs(5),
        }
    }

    /// Writes a new pair and tells its paths.
    fn write_pair(directory: &Path) -> (PathBuf, PathBuf) {
        let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("generated");
        let (cert, key) = (directory.join("cert.pem"), directory.join("key.pem"));
        std::fs::write(&cert, pair.cert.pem()).expect("written");
        std::fs::write(&key, pair.signing_key.serialize_pem()).expect("written");
        (cert, key)
    }

    #[test]
    fn plain_http_unless_asked_for() {
        assert!(config(None, None).load().expect("nothing to load").is_none());
        let generated = TlsConfig { https: true, ..config(None, None) }.load().expect("generated").expect("asked for");
        assert!(generated.is_generated());
        assert_eq!(generated.fingerprint().len(), 32 * 3 - 1);
    }

    #[test]
    fn what_is_wrong_with_a_pair_names_its_setting_and_file() {
        let directory = tempfile::tempdir().expect("a directory");
        let (cert, key) = write_pair(directory.path());
        let load = |cert: Option<&Path>, key: Option<&Path>| config(cert, key).load().expect_err("refused").to_string();
        assert_eq!(load(Some(&cert), None), "tls-cert and tls-key go together: tls-key is missing");
        assert_eq!(load(None, Some(&key)), "tls-cert and tls-key go together: tls-cert is missing");
        let missing = directory.path().join("missing.pem");
        assert!(load(Some(&missing), Some(&key)).starts_with(&format!("tls-cert {}", missing.display())));
        assert!(load(Some(&key), Some(&key)).ends_with("expected certificates in PEM"));
        assert!(load(Some(&cert), Some(&cert)).ends_with("expected a private key in PEM"));
        let other = tempfile::tempdir().expect("a directory");
        let (_, other_key) = write_pair(other.path());
        assert!(load(Some(&cert), Some(&other_key)).starts_with("tls-cert and tls-key: "));
    }

    #[test]
    fn a_broken_pair_leaves_the_one_before_in_force() {
        let directory = tempfile::tempdir().expect("a directory");
        let (cert, key) = write_pair(directory.path());
        let source = config(Some(&cert), Some(&key)).load().expect("loaded").expect("asked for");
        let files = source.files.clone().expect("files");
        let first = source.fingerprint();
        std::fs::write(&cert, "-----BEGIN CERT").expect("written");
        source.reload(&files);
        assert_eq!(source.fingerprint(), first);
        write_pair(directory.path());
        source.reload(&files);
        assert_ne!(source.fingerprint(), first);
    }

    #[test]
    fn debug_output_has_no_key() {
        let source = TlsConfig { https: true, ..config(None, None) }.load().expect("generated").expect("asked for");
        let shown = format!("{source:?}");
        assert!(shown.starts_with("TlsSource { fingerprint:") && shown.len() < 150, "{shown}");
    }
}
