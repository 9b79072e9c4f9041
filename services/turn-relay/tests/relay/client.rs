//! A TURN client that knows no more than the wire format. It blocks, with a limit.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream, UdpSocket},
    sync::Arc,
    time::Duration,
};

use antiphon_ice_core::{
    UnixTime,
    credentials::{LongTermKey, Secrets, mint},
};
use antiphon_service_kit::clock::unix_now_s;
use antiphon_turn_core::{
    Transport, framing,
    stun::{Class, IntegrityKey, Message, Method, Writer, attribute, read_xor_address},
};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::ring,
    pki_types::{CertificateDer, ServerName, UnixTime as TlsTime},
};

use crate::server::{RelayServer, SECRET};

const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) enum Wire {
    Udp(UdpSocket),
    Stream(Box<dyn ReadWrite>, Vec<u8>),
}

pub(crate) trait ReadWrite: Read + Write + Send {}
impl<T: Read + Write + Send> ReadWrite for T {}

pub(crate) struct TurnClient {
    wire: Wire,
    username: String,
    key: IntegrityKey,
    nonce: String,
    transaction: u64,
}

/// The number of an error.
pub(crate) type Code = u16;

impl TurnClient {
    pub(crate) fn connect(server: &RelayServer, transport: Transport, user: &str) -> Self {
        let address = server.address(transport);
        let wire = match transport {
            Transport::Udp => {
                let socket = UdpSocket::bind(SocketAddr::new(address.ip(), 0)).expect("a port");
                socket.connect(address).expect("connected");
                socket.set_read_timeout(Some(PATIENCE)).expect("set");
                Wire::Udp(socket)
            }
            Transport::Tcp => Wire::Stream(Box::new(tcp(address)), Vec::new()),
            Transport::Tls => Wire::Stream(Box::new(tls(tcp(address))), Vec::new()),
        };
        let secrets = Secrets::parse(SECRET).expect("long enough");
        let credential = mint(&secrets, user, UnixTime(unix_now_s() + 600));
        let key = LongTermKey::new(&credential.username, "antiphon", &credential.password);
        Self { wire, username: credential.username, key: (&key).into(), nonce: String::new(), transaction: 0 }
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        match &mut self.wire {
            Wire::Udp(socket) => drop(socket.send(bytes).expect("sent")),
            Wire::Stream(stream, _) => {
                let padding = [0; 3];
                let is_channel = bytes[0] >> 6 == 1;
                stream.write_all(bytes).expect("sent");
                stream
                    .write_all(&padding[..if is_channel { bytes.len().wrapping_neg() & 3 } else { 0 }])
                    .expect("sent");
                stream.flush().expect("sent");
            }
        }
    }

    /// The next datagram or frame, without what pads it.
    pub(crate) fn receive(&mut self) -> Option<Vec<u8>> {
        match &mut self.wire {
            Wire::Udp(socket) => {
                let mut buffer = [0; 65_536];
                let length = socket.recv(&mut buffer).ok()?;
                Some(buffer[..length].to_vec())
            }
            Wire::Stream(stream, held) => loop {
                if let Ok(Some(frame)) = framing::first_frame(held)
                    && frame.padded <= held.len()
                {
                    let bytes = held[..frame.length].to_vec();
                    held.drain(..frame.padded);
                    return Some(bytes);
                }
                let mut buffer = [0; 4_096];
                let length = stream.read(&mut buffer).ok().filter(|length| *length > 0)?;
                held.extend_from_slice(&buffer[..length]);
            },
        }
    }

    /// Signs and sends a request; gives the answer, after a challenge where there is one.
    pub(crate) fn ask(&mut self, method: Method, add: impl Fn(Writer) -> Writer) -> Result<Vec<u8>, Code> {
        for _ in 0..2 {
            let answer = self.ask_once(method, &add);
            let message = Message::read(&answer).expect("a message");
            if message.class() == Class::Success {
                return Ok(answer);
            }
            let value = message.attribute(attribute::ERROR_CODE).expect("a reason");
            let code = u16::from(value[2]) * 100 + u16::from(value[3]);
            let nonce = message.text(attribute::NONCE).map(str::to_owned);
            match nonce.filter(|nonce| *nonce != self.nonce && (self.nonce.is_empty() || code == 438)) {
                Some(nonce) => self.nonce = nonce,
                None => return Err(code),
            }
        }
        Err(401)
    }

    /// An Allocate as this client would send it now, for somebody else to send.
    pub(crate) fn captured_allocate(&mut self) -> Vec<u8> {
        self.request(Method::Allocate, &|request| request.attribute(attribute::REQUESTED_TRANSPORT, &[17, 0, 0, 0]))
    }

    /// Sends somebody else's request; gives the number of the error that answers it.
    pub(crate) fn replay(&mut self, request: &[u8]) -> Option<Code> {
        self.send(request);
        let answer = self.receive().expect("an answer");
        let message = Message::read(&answer).expect("a message");
        let value = message.attribute(attribute::ERROR_CODE)?;
        Some(u16::from(value[2]) * 100 + u16::from(value[3]))
    }

    fn ask_once(&mut self, method: Method, add: &impl Fn(Writer) -> Writer) -> Vec<u8> {
        let request = self.request(method, add);
        self.send(&request);
        let answer = self.receive().expect("an answer");
        assert_eq!(answer[8..20], request[8..20], "another transaction's answer");
        answer
    }

    fn request(&mut self, method: Method, add: &impl Fn(Writer) -> Writer) -> Vec<u8> {
        self.transaction += 1;
        let mut id = [0; 12];
        id[..8].copy_from_slice(&self.transaction.to_be_bytes());
        let mut request = add(Writer::new(method, Class::Request, &id));
        if !self.nonce.is_empty() {
            request = request
                .attribute(attribute::USERNAME, self.username.as_bytes())
                .attribute(attribute::REALM, b"antiphon")
                .attribute(attribute::NONCE, self.nonce.as_bytes())
                .integrity(&self.key);
        }
        request.fingerprint().finish()
    }

    pub(crate) fn allocate(&mut self) -> Result<SocketAddr, Code> {
        self.allocate_with(|request| request)
    }

    pub(crate) fn allocate_with(&mut self, add: impl Fn(Writer) -> Writer) -> Result<SocketAddr, Code> {
        let answer = self
            .ask(Method::Allocate, |request| add(request.attribute(attribute::REQUESTED_TRANSPORT, &[17, 0, 0, 0])))?;
        let message = Message::read(&answer).expect("a message");
        let value = message.attribute(attribute::XOR_RELAYED_ADDRESS).expect("an address");
        Ok(read_xor_address(value, message.transaction_id()).expect("an address"))
    }

    pub(crate) fn permit(&mut self, peer: SocketAddr) -> Result<(), Code> {
        self.ask(Method::CreatePermission, |request| request.xor_address(attribute::XOR_PEER_ADDRESS, peer)).map(drop)
    }

    pub(crate) fn bind_channel(&mut self, number: u16, peer: SocketAddr) -> Result<(), Code> {
        let bind = |request: Writer| {
            let request = request.number(attribute::CHANNEL_NUMBER, u32::from(number) << 16);
            request.xor_address(attribute::XOR_PEER_ADDRESS, peer)
        };
        self.ask(Method::ChannelBind, bind).map(drop)
    }

    pub(crate) fn refresh(&mut self, lifetime: u32) -> Result<(), Code> {
        self.ask(Method::Refresh, |request| request.number(attribute::LIFETIME, lifetime)).map(drop)
    }

    pub(crate) fn send_indication(&mut self, peer: SocketAddr, payload: &[u8]) {
        let indication = Writer::new(Method::Send, Class::Indication, &[9; 12])
            .xor_address(attribute::XOR_PEER_ADDRESS, peer)
            .attribute(attribute::DATA, payload);
        self.send(&indication.finish());
    }

    pub(crate) fn send_on(&mut self, channel: u16, payload: &[u8]) {
        let length = u16::try_from(payload.len()).expect("short").to_be_bytes();
        self.send(&[&channel.to_be_bytes()[..], &length, payload].concat());
    }

    /// What a peer sent: on which channel, or from where.
    pub(crate) fn receive_data(&mut self) -> Option<(Result<u16, SocketAddr>, Vec<u8>)> {
        let bytes = self.receive()?;
        if let Some((channel, payload)) = framing::read_channel_data(&bytes) {
            return Some((Ok(channel), payload.to_vec()));
        }
        let message = Message::read(&bytes).expect("a message");
        assert_eq!((message.method(), message.class()), (Method::Data, Class::Indication));
        let peer = message.attribute(attribute::XOR_PEER_ADDRESS).expect("a peer");
        let payload = message.attribute(attribute::DATA).expect("data").to_vec();
        Some((Err(read_xor_address(peer, message.transaction_id()).expect("an address")), payload))
    }
}

fn tcp(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("connected");
    stream.set_read_timeout(Some(PATIENCE)).expect("set");
    stream
}

fn tls(stream: TcpStream) -> StreamOwned<ClientConnection, TcpStream> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider has them")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anyone))
        .with_no_client_auth();
    // RFC 7443
    config.alpn_protocols = vec![b"stun.turn".to_vec()];
    let name = ServerName::try_from("localhost").expect("a name");
    let connection = ClientConnection::new(Arc::new(config), name).expect("sound");
    StreamOwned::new(connection, stream)
}

/// Takes the certificate that the test made a moment ago.
#[derive(Debug)]
struct Anyone;

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: TlsTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}
