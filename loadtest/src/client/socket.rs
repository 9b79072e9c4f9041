//! A WebSocket with small buffers.

use antiphon_protocol::{
    Format, decode_server, encode_client,
    v1::{ClientFrame, ServerFrame, client_frame},
};
use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        Message, Utf8Bytes,
        client::IntoClientRequest as _,
        handshake::client::Request,
        http::{HeaderValue, header},
        protocol::WebSocketConfig,
    },
};

use crate::{
    fault::Fault,
    target::{Member, Target, Wire},
};

const BUFFER_BYTES: usize = 4096;

#[derive(Debug)]
pub(crate) struct Socket {
    stream: WebSocketStream<TcpStream>,
}

impl Socket {
    pub(crate) async fn connect(target: &Target, member: &Member) -> Result<Self, Fault> {
        let request = request(target, member)?;
        let upgrade = async {
            let stream = TcpStream::connect(target.url.address).await.map_err(connect_fault)?;
            stream.set_nodelay(true).map_err(connect_fault)?;
            let config = WebSocketConfig::default().read_buffer_size(BUFFER_BYTES).write_buffer_size(BUFFER_BYTES);
            // Boxed because the handshake's state is large and needed once, while the caller's task lives on.
            Box::pin(client_async_with_config(request, stream, Some(config))).await.map_err(connect_fault)
        };
        match timeout(target.patience, upgrade).await {
            Ok(connected) => Ok(Self { stream: connected?.0 }),
            Err(_) => Err(Fault::Silence("a handshake".to_owned())),
        }
    }

    pub(crate) async fn send(&mut self, format: Format, bytes: Bytes) -> Result<(), Fault> {
        let message = match format {
            Format::Json => Message::Text(Utf8Bytes::try_from(bytes).expect("JSON is UTF-8")),
            Format::Proto => Message::Binary(bytes),
        };
        self.stream.send(message).await.map_err(|error| Fault::Ended(error.to_string()))
    }

    /// The next message. Cancelling it loses nothing.
    pub(crate) async fn receive(&mut self) -> Result<Bytes, Fault> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text.into()),
                Some(Ok(Message::Binary(bytes))) => return Ok(bytes),
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Close(close))) => {
                    return Err(Fault::Ended(close.map_or_else(|| "closed".to_owned(), |close| close.to_string())));
                }
                Some(Err(error)) => return Err(Fault::Ended(error.to_string())),
                None => return Err(Fault::Ended("closed".to_owned())),
            }
        }
    }

    /// Sends the first frame of a connection and receives its answer.
    pub(crate) async fn ask(
        &mut self,
        target: &Target,
        format: Format,
        kind: client_frame::Kind,
    ) -> Result<ServerFrame, Fault> {
        self.send(format, encode_client(format, &ClientFrame { kind: Some(kind), ..ClientFrame::default() })).await?;
        match timeout(target.patience, self.receive()).await {
            Ok(bytes) => Ok(decode_server(format, &bytes?)?),
            Err(_) => Err(Fault::Silence("the first frame".to_owned())),
        }
    }
}

fn connect_fault(error: impl std::fmt::Display) -> Fault {
    Fault::Connect(error.to_string())
}

fn request(target: &Target, member: &Member) -> Result<Request, Fault> {
    let path = match target.wire {
        Wire::Antiphon(_) => target.url.path.clone(),
        Wire::Floor => format!("{}/floor/{}/{}", target.url.path, member.room, member.identity),
    };
    let mut request = format!("ws://{}{path}", target.url.authority).into_client_request().map_err(connect_fault)?;
    if let Wire::Antiphon(format) = target.wire {
        let token = target.tokens.issue_for(member).map_err(|error| Fault::Token(error.to_string()))?;
        let authorization = HeaderValue::try_from(format!("Bearer {token}")).map_err(connect_fault)?;
        request.headers_mut().insert(header::AUTHORIZATION, authorization);
        let protocol = HeaderValue::from_static(format.subprotocol());
        request.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    Ok(request)
}
