//! Who a server is.

use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::TempDir;

/// A certificate for 127.0.0.1 and localhost, and who issued it, in files.
pub struct Certificates {
    /// Whom to trust.
    pub ca: PathBuf,
    /// Of the server.
    pub certificate: PathBuf,
    /// Of the server.
    pub key: PathBuf,
    directory: TempDir,
}

impl Certificates {
    /// New ones.
    #[must_use]
    pub fn issue() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let ca_key = KeyPair::generate().expect("a key");
        let mut ca = CertificateParams::default();
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca_certificate = ca.self_signed(&ca_key).expect("signed");
        let key = KeyPair::generate().expect("a key");
        let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
        let server = CertificateParams::new(names).expect("names");
        let server = server.signed_by(&key, &Issuer::new(ca, ca_key)).expect("signed");
        let file = |name: &str, pem: String| {
            let path = directory.path().join(name);
            std::fs::write(&path, pem).expect("written");
            path
        };
        Self {
            ca: file("ca.pem", ca_certificate.pem()),
            certificate: file("server.pem", server.pem()),
            key: file("server.key", key.serialize_pem()),
            directory,
        }
    }

    /// A directory for other files of a test; it goes with the certificates.
    #[must_use]
    pub fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }
}
