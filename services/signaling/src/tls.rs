//! TLS of the requests that signaling makes.

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, bail};
use reqwest::Url;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use rustls_platform_verifier::BuilderVerifierExt as _;

/// With the certificates that the machine trusts, or with those in `ca_file`.
///
/// # Errors
/// When they cannot be used.
pub(crate) fn client_config(url: &Url, ca_file: Option<&Path>) -> anyhow::Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    if url.scheme() == "http" {
        // No machine has to have certificates for what is not encrypted.
        return Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth());
    }
    match ca_file {
        Some(path) => Ok(builder.with_root_certificates(roots(path)?).with_no_client_auth()),
        None => Ok(builder.with_platform_verifier()?.with_no_client_auth()),
    }
}

fn roots(path: &Path) -> anyhow::Result<RootCertStore> {
    let place = || format!("ca-file {}", path.display());
    let certificates: Vec<_> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect).with_context(place)?;
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        roots.add(certificate).with_context(place)?;
    }
    if roots.is_empty() {
        bail!("{}: expected certificates in PEM", place());
    }
    Ok(roots)
}
