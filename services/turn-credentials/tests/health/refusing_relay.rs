//! A relay over UDP that challenges, then refuses with the code that it is told to, or allocates.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
};

use antiphon_ice_core::credentials::Secrets;
use antiphon_turn_core::stun::{Class, IntegrityKey, Message, Method, Writer, attribute};
use tokio::net::UdpSocket;

const REALM: &str = "antiphon.test";

/// A running one.
pub(crate) struct RefusingRelay {
    pub(crate) address: SocketAddr,
    code: Arc<AtomicU16>,
}

impl RefusingRelay {
    pub(crate) async fn start(secrets: &str) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        let address = socket.local_addr().expect("an address");
        let code = Arc::new(AtomicU16::new(0));
        tokio::spawn(serve(socket, Arc::clone(&code), Secrets::parse(secrets).expect("secrets")));
        Self { address, code }
    }

    /// Refuses with this code from now on; 0: allocates.
    pub(crate) fn refuse_with(&self, code: u16) {
        self.code.store(code, Ordering::Relaxed);
    }
}

async fn serve(socket: UdpSocket, code: Arc<AtomicU16>, secrets: Secrets) {
    let mut buffer = [0; 2_048];
    loop {
        let Ok((length, from)) = socket.recv_from(&mut buffer).await else { continue };
        let request = Message::read(&buffer[..length]).expect("a request");
        assert!(request.has_fingerprint() && request.class() == Class::Request);
        let answer = match (request.text(attribute::USERNAME), code.load(Ordering::Relaxed)) {
            (None, _) => Writer::answer(&request, Class::Error)
                .attribute(attribute::ERROR_CODE, &[0, 0, 4, 1])
                .attribute(attribute::REALM, REALM.as_bytes())
                .attribute(attribute::NONCE, b"nonce"),
            (Some(username), code) => {
                let key = secrets.long_term_keys(username, REALM).next().expect("a key");
                let key = IntegrityKey::from(&key);
                assert!(key.verifies(&request), "a request that is not signed");
                let [class, number] = [code / 100, code % 100].map(|part| u8::try_from(part).expect("small"));
                match (request.method(), code) {
                    (Method::Allocate, 1..) => Writer::answer(&request, Class::Error)
                        .attribute(attribute::ERROR_CODE, &[0, 0, class, number])
                        .integrity(&key),
                    _ => Writer::answer(&request, Class::Success).number(attribute::LIFETIME, 600).integrity(&key),
                }
            }
        };
        let _ = socket.send_to(&answer.finish(), from).await;
    }
}
