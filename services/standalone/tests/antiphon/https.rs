//! `--https`, and certificates from files.

use std::{
    io::{Read as _, Write as _},
    path::Path,
    sync::Arc,
};

use crate::support::{SECRET, Server, antiphon};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme, StreamOwned,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::ring::default_provider,
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use sha2::{Digest as _, Sha256};

/// Believes any certificate.
#[derive(Debug)]
struct Credulous;

impl ServerCertVerifier for Credulous {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        default_provider().signature_verification_algorithms.supported_schemes()
    }
}

/// Asks for `/healthz`. Gives the answer and the certificate's fingerprint.
fn ask(server: &Server) -> (String, String) {
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Credulous))
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").expect("a name");
    let client = ClientConnection::new(Arc::new(config), name).expect("a client");
    let mut stream = StreamOwned::new(client, server.connect());
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").expect("shaken hands");
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    let certificate = &stream.conn.peer_certificates().expect("shown")[0];
    let fingerprint: Vec<_> = Sha256::digest(certificate).iter().map(|byte| format!("{byte:02X}")).collect();
    (answer, fingerprint.join(":"))
}

fn write_pair(directory: &Path) {
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("generated");
    std::fs::write(directory.join("cert.pem"), pair.cert.pem()).expect("written");
    std::fs::write(directory.join("key.pem"), pair.signing_key.serialize_pem()).expect("written");
}

#[test]
fn a_generated_certificate_is_the_one_that_is_printed() {
    let state = tempfile::tempdir().expect("a directory");
    let mut server = Server::start(antiphon(state.path()).args(["--https", "--listen", "127.0.0.1:0"]));
    assert!(server.running.row("page").starts_with("https://"));
    let (answer, fingerprint) = ask(&server);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(server.stdout().contains(&fingerprint), "{}", server.stdout());
}

#[test]
fn certificate_files_are_reloaded_and_a_broken_one_is_not() {
    let state = tempfile::tempdir().expect("a directory");
    write_pair(state.path());
    let directory = state.path().display();
    let file = format!(
        "[tls]\ntls-cert = \"{directory}/cert.pem\"\ntls-key = \"{directory}/key.pem\"\ntls-reload-interval = \"20ms\"\n\
         [auth]\nkeys = [\"app:{SECRET}\"]\n"
    );
    let mut server = Server::configured(state.path(), &file);
    let (_, first) = ask(&server);
    std::fs::write(state.path().join("cert.pem"), "-----BEGIN CERTIFICATE-----\nbroken").expect("written");
    server.running.wait_for_log("the one before stays");
    assert_eq!(ask(&server).1, first);
    write_pair(state.path());
    server.running.wait_for_log("the certificate was reloaded");
    assert_ne!(ask(&server).1, first);
}
