//! A TCP proxy before a server, which can cut it off.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, tcp},
    sync::watch,
    task::JoinHandle,
    time::sleep,
};

/// The pause behind an accept that failed.
const ACCEPT_AGAIN: Duration = Duration::from_millis(20);

/// What passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// Everything.
    Open,
    /// Nothing, and nobody is told: as when packets get lost. What was held goes on when it opens again.
    Held,
    /// Nothing: connections are closed, and new ones at once.
    Refused,
}

/// Counts what a gate did to connections.
#[derive(Debug, Default)]
struct Tally {
    open: AtomicU64,
    ended: AtomicU64,
}

/// A proxy on 127.0.0.1. It ends with this value, and so do its connections.
#[derive(Debug)]
pub struct Gate {
    address: SocketAddr,
    passage: watch::Sender<Passage>,
    tally: Arc<Tally>,
    task: JoinHandle<()>,
}

impl Gate {
    /// Before `server`, open.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn before(server: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (passage, watched) = watch::channel(Passage::Open);
        let tally = Arc::<Tally>::default();
        let task = tokio::spawn(accept(listener, server, watched, Arc::clone(&tally)));
        Ok(Self { address, passage, tally, task })
    }

    /// Where to connect.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on this passes.
    pub fn set(&self, passage: Passage) {
        self.passage.send_replace(passage);
    }

    /// Connections at this moment.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.tally.open.load(Relaxed)
    }

    /// Connections that have ended so far.
    #[must_use]
    pub fn ended(&self) -> u64 {
        self.tally.ended.load(Relaxed)
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.task.abort();
        self.passage.send_replace(Passage::Refused);
    }
}

async fn accept(listener: TcpListener, server: SocketAddr, passage: watch::Receiver<Passage>, tally: Arc<Tally>) {
    loop {
        // Without a free descriptor the next attempt fails too: the connection waits until there is one.
        let Ok((near, _)) = listener.accept().await else {
            sleep(ACCEPT_AGAIN).await;
            continue;
        };
        let (mut passage, tally) = (passage.clone(), Arc::clone(&tally));
        tokio::spawn(async move {
            tally.open.fetch_add(1, Relaxed);
            let mut refused = passage.clone();
            tokio::select! {
                _ = refused.wait_for(|passage| *passage == Passage::Refused) => {}
                _ = carry(near, server, &mut passage) => {}
            }
            tally.open.fetch_sub(1, Relaxed);
            tally.ended.fetch_add(1, Relaxed);
        });
    }
}

async fn carry(near: TcpStream, server: SocketAddr, passage: &mut watch::Receiver<Passage>) -> std::io::Result<()> {
    opened(passage).await?;
    let far = TcpStream::connect(server).await?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let (near_read, near_write) = near.into_split();
    let (far_read, far_write) = far.into_split();
    let mut back = passage.clone();
    // The first to end takes both with it: a WebSocket is not half closed.
    tokio::select! {
        ended = pass(near_read, far_write, passage) => ended,
        ended = pass(far_read, near_write, &mut back) => ended,
    }
}

async fn pass(
    mut from: tcp::OwnedReadHalf,
    mut to: tcp::OwnedWriteHalf,
    passage: &mut watch::Receiver<Passage>,
) -> std::io::Result<()> {
    let mut buffer = [0; 4_096];
    loop {
        let count = from.read(&mut buffer).await?;
        opened(passage).await?;
        if count == 0 {
            return Ok(());
        }
        to.write_all(&buffer[..count]).await?;
    }
}

async fn opened(passage: &mut watch::Receiver<Passage>) -> std::io::Result<()> {
    passage.wait_for(|passage| *passage == Passage::Open).await.map(drop).map_err(std::io::Error::other)
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    /// A server that says everything back.
    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut read, mut write) = stream.split();
                    tokio::io::copy(&mut read, &mut write).await
                });
            }
        });
        address
    }

    async fn say(stream: &mut TcpStream, byte: u8) -> std::io::Result<u8> {
        stream.write_all(&[byte]).await?;
        timeout(PATIENCE, stream.read_u8()).await.expect("an answer or an end")
    }

    async fn gate() -> (Gate, TcpStream) {
        let gate = Gate::before(echo().await).await.expect("a gate");
        let mut stream = TcpStream::connect(gate.address()).await.expect("connected");
        assert_eq!(say(&mut stream, 1).await.expect("an echo"), 1);
        assert_eq!((gate.connections(), gate.ended()), (1, 0));
        (gate, stream)
    }

    #[tokio::test]
    async fn what_is_held_goes_on_when_the_gate_opens_again() {
        let (gate, mut stream) = gate().await;
        gate.set(Passage::Held);
        stream.write_all(&[2]).await.expect("written");
        assert!(timeout(Duration::from_millis(50), stream.read_u8()).await.is_err(), "it passed");
        assert_eq!(gate.connections(), 1);
        gate.set(Passage::Open);
        assert_eq!(timeout(PATIENCE, stream.read_u8()).await.expect("in time").expect("an echo"), 2);
    }

    #[tokio::test]
    async fn a_gate_that_refuses_closes_what_there_is_and_what_comes() {
        let (gate, mut stream) = gate().await;
        gate.set(Passage::Refused);
        assert!(say(&mut stream, 2).await.is_err());
        assert!(match TcpStream::connect(gate.address()).await {
            Ok(mut refused) => say(&mut refused, 3).await.is_err(),
            Err(_) => true,
        });
        gate.set(Passage::Open);
        let mut again = TcpStream::connect(gate.address()).await.expect("connected");
        assert_eq!(say(&mut again, 4).await.expect("an echo"), 4);
        assert!(gate.ended() >= 1);
    }
}
