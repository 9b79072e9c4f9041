//! A TURN client that allocates over UDP and gives back, with whatever credential.

use std::{net::SocketAddr, time::Duration};

use antiphon_ice_core::credentials::LongTermKey;
use antiphon_turn_core::stun::{Class, HEADER_BYTES, IntegrityKey, Message, Method, Writer, attribute};
use tokio::net::UdpSocket;

/// REQUESTED-TRANSPORT for UDP.
const UDP: u32 = 17 << 24;

/// How long an answer may take before the request is sent again.
const RETRY: Duration = Duration::from_millis(400);

const PATIENCE: Duration = Duration::from_secs(30);

/// A client with its challenge answered.
pub(crate) struct Client {
    socket: UdpSocket,
    username: String,
    realm: String,
    nonce: Vec<u8>,
    key: IntegrityKey,
}

/// The error code of a refusal.
pub(crate) type Refused = u16;

impl Client {
    /// Allocates, or tells with which code that was refused.
    pub(crate) async fn allocate(relay: SocketAddr, username: &str, password: &str) -> Result<Self, Refused> {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        socket.connect(relay).await.expect("loopback");
        let request = allocate().finish();
        let answer = exchange(&socket, &request).await;
        let challenge = Message::read(&answer).expect("a message");
        assert_eq!(code(&challenge), Some(401), "strangers get nothing");
        let realm = challenge.text(attribute::REALM).expect("a realm").to_owned();
        let nonce = challenge.attribute(attribute::NONCE).expect("a nonce").to_vec();
        let key = IntegrityKey::from(&LongTermKey::new(username, &realm, &password.to_owned().into()));
        let client = Self { socket, username: username.to_owned(), realm, nonce, key };
        let answer = exchange(&client.socket, &client.sign(allocate())).await;
        let answer = Message::read(&answer).expect("a message");
        match code(&answer) {
            None => Ok(client),
            Some(code) => Err(code),
        }
    }

    /// Gives the allocation back.
    pub(crate) async fn release(self) {
        let refresh = Writer::new(Method::Refresh, Class::Request, &rand::random()).number(attribute::LIFETIME, 0);
        let answer = exchange(&self.socket, &self.sign(refresh)).await;
        assert_eq!(Message::read(&answer).expect("a message").class(), Class::Success);
    }

    fn sign(&self, request: Writer) -> Vec<u8> {
        request
            .attribute(attribute::USERNAME, self.username.as_bytes())
            .attribute(attribute::REALM, self.realm.as_bytes())
            .attribute(attribute::NONCE, &self.nonce)
            .integrity(&self.key)
            .finish()
    }
}

fn allocate() -> Writer {
    Writer::new(Method::Allocate, Class::Request, &rand::random()).number(attribute::REQUESTED_TRANSPORT, UDP)
}

/// Sends until there is an answer to this request: what was sent twice may be answered twice, and late.
async fn exchange(socket: &UdpSocket, request: &[u8]) -> Vec<u8> {
    let transaction = 8..HEADER_BYTES;
    let mut answer = vec![0; 2_048];
    let exchanging = async {
        loop {
            // Nobody may be there yet.
            let _ = socket.send(request).await;
            match tokio::time::timeout(RETRY, socket.recv(&mut answer)).await {
                Ok(Ok(length)) if answer[..length].get(transaction.clone()) == request.get(transaction.clone()) => {
                    return length;
                }
                Ok(Ok(_)) | Err(_) => {}
                Ok(Err(_)) => tokio::time::sleep(RETRY / 10).await,
            }
        }
    };
    let length = tokio::time::timeout(PATIENCE, exchanging).await.expect("the relay answers");
    answer.truncate(length);
    answer
}

fn code(message: &Message<'_>) -> Option<u16> {
    let value = message.attribute(attribute::ERROR_CODE)?;
    Some(u16::from(value[2]) * 100 + u16::from(value[3]))
}
