//! A WebSocket proxy that may do anything to the frames that pass.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{
    accept_hdr_async, client_async,
    tungstenite::{
        Message,
        client::IntoClientRequest as _,
        handshake::server::{ErrorResponse, Request, Response},
        http::{HeaderMap, header},
    },
};

/// A frame on its way.
pub(crate) struct Passing {
    /// Which connection it is on; they are counted from 0.
    pub(crate) connection: usize,
    /// Towards the server, or from it.
    pub(crate) to_server: bool,
    pub(crate) frame: Value,
}

type Meddle = dyn FnMut(Passing) -> Vec<Value> + Send;

/// The address of a proxy before `server`; what `meddle` gives takes a frame's place.
pub(crate) async fn proxy(
    server: SocketAddr,
    meddle: impl FnMut(Passing) -> Vec<Value> + Send + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let meddle: Arc<Mutex<Meddle>> = Arc::new(Mutex::new(meddle));
    tokio::spawn(async move {
        for connection in 0.. {
            let Ok((client, _)) = listener.accept().await else { return };
            tokio::spawn(carry(client, server, connection, Arc::clone(&meddle)));
        }
    });
    address
}

async fn carry(client: TcpStream, server: SocketAddr, connection: usize, meddle: Arc<Mutex<Meddle>>) {
    let mut headers = HeaderMap::new();
    #[expect(clippy::result_large_err, reason = "the signature is tungstenite's")]
    let accept = |request: &Request, mut response: Response| -> Result<Response, ErrorResponse> {
        headers = request.headers().clone();
        let protocol = headers[header::SEC_WEBSOCKET_PROTOCOL].clone();
        response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
        Ok(response)
    };
    let Ok(near) = accept_hdr_async(client, accept).await else { return };
    let mut request = format!("ws://{server}/v1/connect").into_client_request().expect("a request");
    for name in [header::AUTHORIZATION, header::SEC_WEBSOCKET_PROTOCOL] {
        request.headers_mut().insert(&name, headers[&name].clone());
    }
    let Ok(stream) = TcpStream::connect(server).await else { return };
    let Ok((far, _)) = client_async(request, stream).await else { return };
    let (mut to_client, mut from_client) = near.split();
    let (mut to_server, mut from_server) = far.split();
    let change = |to_server: bool, message: Message| match &message {
        Message::Text(text) => {
            let frame = serde_json::from_str(text).expect("JSON");
            let frames = meddle.lock().expect("not poisoned")(Passing { connection, to_server, frame });
            frames.into_iter().map(|frame| Message::text(frame.to_string())).collect()
        }
        Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => {
            vec![message]
        }
    };
    // The first to end takes both connections with it.
    tokio::select! {
        () = async {
            while let Some(Ok(message)) = from_client.next().await {
                for message in change(true, message) {
                    if to_server.send(message).await.is_err() {
                        return;
                    }
                }
            }
        } => {}
        () = async {
            while let Some(Ok(message)) = from_server.next().await {
                for message in change(false, message) {
                    if to_client.send(message).await.is_err() {
                        return;
                    }
                }
            }
        } => {}
    }
}
