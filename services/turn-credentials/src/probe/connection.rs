//! Carries a probe over UDP, TCP and TLS.

use std::{io, path::Path, sync::Arc, time::Duration};

use antiphon_ice_core::uri::Host;
use antiphon_turn_core::framing::first_frame;
use anyhow::Context as _;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::UdpSocket,
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::exchange::{Exchange, Step};

/// The first wait before a datagram is sent again; it doubles (RFC 8489 §6.2.1).
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// Bytes of an answer at most: a datagram, or what a relay says of itself on a stream.
const MAX_ANSWER_BYTES: usize = 4 * 1024;

/// Sends again what is not answered, until the caller's patience ends.
pub(super) async fn over_udp(socket: UdpSocket, exchange: &mut Exchange) -> io::Result<()> {
    let mut answer = [0; MAX_ANSWER_BYTES];
    let mut request = exchange.begin();
    loop {
        let mut wait = FIRST_WAIT;
        socket.send(&request).await?;
        request = loop {
            match timeout(wait, socket.recv(&mut answer)).await {
                Ok(received) => match exchange.handle(&answer[..received?]) {
                    Step::Send(next) => break next,
                    Step::Wait => {}
                    Step::End => return Ok(()),
                },
                Err(_) => {
                    wait *= 2;
                    socket.send(&request).await?;
                }
            }
        };
    }
}

/// TCP and TLS lose nothing.
pub(super) async fn over_stream(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    exchange: &mut Exchange,
) -> io::Result<()> {
    let mut received = Vec::new();
    stream.write_all(&exchange.begin()).await?;
    stream.flush().await?;
    loop {
        let frame = first_frame(&received).map_err(io::Error::other)?;
        let Some(frame) = frame.filter(|frame| received.len() >= frame.padded) else {
            if received.len() >= MAX_ANSWER_BYTES {
                return Err(io::Error::other("more than an answer"));
            }
            if stream.read_buf(&mut received).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            continue;
        };
        match exchange.handle(&received[..frame.length]) {
            Step::Send(next) => {
                stream.write_all(&next).await?;
                stream.flush().await?;
            }
            Step::Wait => {}
            Step::End => return Ok(()),
        }
        received.drain(..frame.padded);
    }
}

/// A relay's certificate is checked against `ca_file`, else against what the machine trusts.
pub(crate) fn tls_connector(ca_file: Option<&Path>) -> anyhow::Result<TlsConnector> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let config = match ca_file {
        Some(path) => {
            let mut roots = RootCertStore::empty();
            let certificates = CertificateDer::pem_file_iter(path);
            let certificates = certificates.with_context(|| format!("probe-ca-file {}", path.display()))?;
            for certificate in certificates {
                let certificate = certificate.with_context(|| format!("probe-ca-file {}", path.display()))?;
                roots.add(certificate).with_context(|| format!("probe-ca-file {}", path.display()))?;
            }
            builder.with_root_certificates(roots).with_no_client_auth()
        }
        None => builder.with_platform_verifier()?.with_no_client_auth(),
    };
    Ok(TlsConnector::from(Arc::new(config)))
}

pub(super) fn server_name(host: &Host) -> io::Result<ServerName<'static>> {
    match host {
        Host::Name(name) => ServerName::try_from(name.clone()).map_err(io::Error::other),
        Host::Address(address) => Ok(ServerName::from(*address)),
    }
}

#[cfg(test)]
mod tests {
    use antiphon_ice_core::health::Probed;
    use antiphon_turn_core::stun::{Class, Method, Writer, attribute};

    use super::*;

    #[tokio::test]
    async fn a_datagram_that_is_lost_is_sent_again() {
        let relay = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        socket.connect(relay.local_addr().expect("an address")).await.expect("loopback");
        let transaction = [7; 12];
        let mut exchange = Exchange::new(("user".to_owned(), "password".to_owned().into()), || [7; 12]);
        let relaying = async {
            let (mut lost, mut heard) = ([0; 512], [0; 512]);
            let length = relay.recv(&mut lost).await.expect("a request");
            let (again, from) = relay.recv_from(&mut heard).await.expect("again");
            assert_eq!(heard[..again], lost[..length]);
            let refusal = Writer::new(Method::Allocate, Class::Error, &transaction);
            let refusal = refusal.attribute(attribute::ERROR_CODE, &[0, 0, 4, 3]).finish();
            relay.send_to(&refusal, from).await.expect("loopback");
        };
        let both = async { tokio::join!(over_udp(socket, &mut exchange), relaying) };
        let (carried, ()) = timeout(Duration::from_secs(30), both).await.expect("it is sent again");
        carried.expect("an answer");
        assert_eq!(exchange.outcome(), Probed::Refused(403));
    }
}
