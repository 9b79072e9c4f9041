//! Receivers behind TLS, and who vouches for them.

use std::path::{Path, PathBuf};

use antiphon_service_kit::{
    config::defaults,
    tls::{TlsConfig, TlsSource},
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};

use crate::{SECRET, endpoint, receiver::Receiver, server, support::TestServer};

/// An authority, and the file that names it.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    directory: tempfile::TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("signs");
        let directory = tempfile::tempdir().expect("a directory");
        std::fs::write(directory.path().join("ca.pem"), issuer.pem()).expect("written");
        Self { issuer, directory }
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("ca.pem")
    }

    /// A certificate for this name, made other than usual by `change`.
    fn certify(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> TlsSource {
        let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
        change(&mut params);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("signs");
        let write = |name: &str, text: String| {
            let path = self.directory.path().join(name);
            std::fs::write(&path, text).expect("written");
            Some(path)
        };
        let tls_cert = write("cert.pem", certificate.pem());
        let tls_key = write("key.pem", key.serialize_pem());
        TlsConfig { tls_cert, tls_key, ..defaults() }.load().expect("a pair").expect("https")
    }
}

fn trusting(id: &str, receiver: &Receiver, ca_file: &Path, rest: &str) -> String {
    endpoint(id, receiver, &format!(", secrets = [\"{SECRET}\"], ca-file = {:?}{rest}", ca_file.display().to_string()))
}

/// What the one endpoint's first dead letter was given up for.
async fn refused(server: &TestServer) -> String {
    let _ada = server.person("ada").join().await;
    server.until_metric("webhook_dead_letters", &[], 2.0).await;
    let letters = server.get("/v1/webhooks/default/dead-letters").await.ok(200);
    letters["deadLetters"][0]["reason"].as_str().expect("a reason").to_owned()
}

#[tokio::test]
async fn a_receiver_is_talked_to_whom_the_endpoints_own_authority_vouches_for() {
    let authority = Authority::new();
    let receiver = Receiver::over_tls(authority.certify("127.0.0.1", |_| {})).await;
    assert!(receiver.url().starts_with("https://"));
    let server = server(&[trusting("default", &receiver, &authority.file(), "")]);
    let _ada = server.person("ada").join().await;
    let got = receiver.until_count(2).await;
    assert_eq!((got[0].kind(), got[1].kind()), ("room.started", "participant.joined"));
}

#[tokio::test]
async fn a_receiver_whom_nobody_vouches_for_is_told_nothing() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let long_ago = |params: &mut CertificateParams| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    };
    let once = ", retry-for = \"0\"";
    for (case, certificate, ca_file) in [
        ("nobody whom the machine trusts", authority.certify("127.0.0.1", |_| {}), None),
        ("another authority", authority.certify("127.0.0.1", |_| {}), Some(stranger.file())),
        ("another name", authority.certify("127.0.0.2", |_| {}), Some(authority.file())),
        ("expired", authority.certify("127.0.0.1", long_ago), Some(authority.file())),
    ] {
        let receiver = Receiver::over_tls(certificate).await;
        let table = match &ca_file {
            Some(path) => trusting("default", &receiver, path, once),
            None => endpoint("default", &receiver, once),
        };
        let server = server(&[table]);
        assert_eq!(refused(&server).await, "the TLS handshake failed", "{case}");
        assert!(receiver.got().is_empty(), "{case}");
    }
}
