//! A network that breaks after so many bytes.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// Bytes that pass before a connection is cut, whichever direction comes first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    pub(crate) to_server: usize,
    pub(crate) to_client: usize,
}

/// A connection to `server` through a proxy that cuts it: exactly the budget passes.
pub(crate) async fn breaking(server: SocketAddr, budget: Budget) -> TcpStream {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let (client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
    let (near, _) = accepted.expect("accepted");
    let far = TcpStream::connect(server).await.expect("connected");
    near.set_nodelay(true).expect("a socket");
    far.set_nodelay(true).expect("a socket");
    tokio::spawn(async move {
        let (near_read, near_write) = near.into_split();
        let (far_read, far_write) = far.into_split();
        // The first to end takes both connections with it.
        tokio::select! {
            () = pass(near_read, far_write, budget.to_server) => {}
            () = pass(far_read, near_write, budget.to_client) => {}
        }
    });
    client.expect("connected")
}

async fn pass(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, mut budget: usize) {
    let mut buffer = [0; 4_096];
    while budget > 0 {
        let most = budget.min(buffer.len());
        match from.read(&mut buffer[..most]).await {
            Ok(count) if count > 0 && to.write_all(&buffer[..count]).await.is_ok() => budget -= count,
            Ok(_) | Err(_) => return,
        }
    }
}
