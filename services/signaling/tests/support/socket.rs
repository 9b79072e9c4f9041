//! A WebSocket without a session: what bad input needs.

use std::net::SocketAddr;

use antiphon_protocol::{
    Format, decode_server, encode_client,
    v1::{self, ServerFrame, client_frame},
};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        self, Message,
        handshake::client::Request,
        http::{HeaderValue, header},
    },
};

use super::within;

/// The code of a connection that nobody closed (RFC 6455 §7.4.1).
const CUT: u16 = 1006;

/// What came off the socket.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "it is looked at and dropped")]
pub(crate) enum Came {
    Frame(ServerFrame),
    /// The connection is over; the close code.
    Closed(u16),
}

/// An open WebSocket.
pub(crate) struct Socket {
    stream: WebSocketStream<TcpStream>,
    format: Format,
}

/// A request for the signaling socket, without a token.
pub(crate) fn request(address: SocketAddr, query: &str) -> Request {
    let key = tungstenite::handshake::client::generate_key();
    Request::get(format!("ws://{address}/v1/connect{query}"))
        .header(header::HOST, address.to_string())
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_VERSION, "13")
        .header(header::SEC_WEBSOCKET_KEY, key)
        .body(())
        .expect("a valid request")
}

impl Socket {
    /// Connects with a token in the header.
    pub(crate) async fn open(address: SocketAddr, token: &str, format: Format) -> Self {
        let stream = within("a connection", TcpStream::connect(address)).await.expect("connected");
        Self::open_on(stream, token, format).await.expect("upgraded")
    }

    /// Upgrades a connection that is there already.
    pub(crate) async fn open_on(stream: TcpStream, token: &str, format: Format) -> Result<Self, tungstenite::Error> {
        let mut request = request(stream.peer_addr()?, "");
        let bearer = HeaderValue::from_str(&format!("Bearer {token}")).expect("a token is ASCII");
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
        let protocol = HeaderValue::from_static(format.subprotocol());
        request.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
        Self::upgrade(stream, request, format).await
    }

    /// Upgrades with a request of the test's own.
    pub(crate) async fn upgrade(
        stream: TcpStream,
        request: Request,
        format: Format,
    ) -> Result<Self, tungstenite::Error> {
        stream.set_nodelay(true)?;
        let (stream, _) = within("the upgrade", client_async(request, stream)).await?;
        Ok(Self { stream, format })
    }

    /// Sends a frame.
    pub(crate) async fn send(&mut self, seq: u32, ack_cursor: &str, kind: client_frame::Kind) {
        // A connection that has just been closed is found out by what comes next.
        let _ = self.try_send(seq, ack_cursor, kind).await;
    }

    /// Sends a frame, or tells that the connection is gone.
    pub(crate) async fn try_send(
        &mut self,
        seq: u32,
        ack_cursor: &str,
        kind: client_frame::Kind,
    ) -> Result<(), tungstenite::Error> {
        let frame = v1::ClientFrame { seq, ack_cursor: ack_cursor.to_owned(), kind: Some(kind) };
        let bytes = encode_client(self.format, &frame);
        let message = match self.format {
            Format::Json => Message::Text(bytes.try_into().expect("JSON is UTF-8")),
            Format::Proto => Message::Binary(bytes),
        };
        self.try_send_message(message).await
    }

    /// Sends any message.
    pub(crate) async fn send_message(&mut self, message: Message) {
        let _ = self.try_send_message(message).await;
    }

    async fn try_send_message(&mut self, message: Message) -> Result<(), tungstenite::Error> {
        within("a frame to be taken", self.stream.send(message)).await
    }

    /// Sends bytes beneath WebSocket.
    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        let _ = within("bytes to be taken", self.stream.get_mut().write_all(bytes)).await;
    }

    /// What comes next.
    pub(crate) async fn came(&mut self) -> Came {
        within("a frame", self.came_ever()).await
    }

    /// What comes next, however long it takes. Cancel safe.
    pub(crate) async fn came_ever(&mut self) -> Came {
        loop {
            return match self.stream.next().await {
                Some(Ok(Message::Text(text))) => {
                    assert_eq!(self.format, Format::Json, "a text message on a connection of the other format");
                    Came::Frame(decode_server(Format::Json, text.as_bytes()).expect("a frame in JSON"))
                }
                Some(Ok(Message::Binary(bytes))) => {
                    assert_eq!(self.format, Format::Proto, "a binary message on a connection of the other format");
                    Came::Frame(decode_server(Format::Proto, &bytes).expect("a frame in protobuf"))
                }
                Some(Ok(Message::Close(frame))) => {
                    let code = frame.map_or(1005, |frame| frame.code.into());
                    // Answers the close.
                    let _ = self.stream.flush().await;
                    Came::Closed(code)
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => continue,
                Some(Err(_)) | None => Came::Closed(CUT),
            };
        }
    }

    /// The error that comes next, and the code of the close behind it.
    pub(crate) async fn refusal(&mut self) -> (v1::Error, u16) {
        let came = self.came().await;
        let Came::Frame(ServerFrame { kind: Some(v1::server_frame::Kind::Error(error)), .. }) = came else {
            panic!("an error was to come, not {came:?}");
        };
        match self.came().await {
            Came::Closed(code) => (error, code),
            Came::Frame(frame) => panic!("a close was to come behind {error:?}, not {frame:?}"),
        }
    }

    /// Everything that was sent arrives, then the connection is gone without a word.
    pub(crate) async fn cut(mut self) {
        // The other side may have closed before.
        let _ = self.stream.get_mut().shutdown().await;
    }
}
