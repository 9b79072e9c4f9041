//! Ten thousand connections that come to nothing, and headers that never end.

#[path = "support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "shared with the other tests")]
mod support;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use antiphon_service_kit::serve::ServeConfig;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use support::{TestServer, only, until};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Semaphore,
};

const HALF_OPEN: usize = 10_000;

/// Connections that are being opened at a time.
const AT_ONCE: usize = 512;

/// Descriptors that the test needs: its own half-open sockets, those that the server has accepted, and some.
const DESCRIPTORS: u64 = 15_000;

fn raise_descriptor_limit() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let enough = |limit: Option<u64>| limit.is_none_or(|limit| limit >= DESCRIPTORS);
    if !enough(current) {
        assert!(enough(maximum), "this test needs {DESCRIPTORS} file descriptors (ulimit -Hn)");
        setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).expect("up to the hard limit");
    }
}

/// One connection that comes to nothing, in one of three ways; it is held until the server closes it.
async fn half_open(address: SocketAddr, number: usize, opening: Arc<Semaphore>, opened: Arc<AtomicUsize>) {
    let permit = opening.acquire_owned().await.expect("open");
    let Ok(mut stream) = TcpStream::connect(address).await else { return };
    // A server that has closed already is what is to be shown.
    let _ = match number % 3 {
        0 => Ok(()),
        1 => stream.write_all(b"GET /v1/connect HTTP/1.1\r\nhost: a\r\nsec-websocket-").await,
        _ => {
            let upgrade = b"GET /v1/connect HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r";
            stream.write_all(upgrade).await
        }
    };
    opened.fetch_add(1, Ordering::Relaxed);
    drop(permit);
    let _ = stream.read(&mut [0; 64]).await;
}

/// Sends a header a byte at a time, for ever.
async fn slow_header(address: SocketAddr) {
    let Ok(mut stream) = TcpStream::connect(address).await else { return };
    let mut next = tokio::time::interval(Duration::from_millis(50));
    let head = b"GET /v1/connect HTTP/1.1\r\nx-slow: ".iter().chain(std::iter::repeat(&b'x'));
    for byte in head {
        next.tick().await;
        if stream.write_all(&[*byte]).await.is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_half_open_handshakes_and_slow_headers_keep_nobody_out() {
    raise_descriptor_limit();
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let opened = Arc::new(AtomicUsize::new(0));
    let opening = Arc::new(Semaphore::new(AT_ONCE));
    let mut attack = tokio::task::JoinSet::new();
    for _ in 0..200 {
        attack.spawn(slow_header(server.address));
    }
    for number in 0..HALF_OPEN {
        attack.spawn(half_open(server.address, number, Arc::clone(&opening), Arc::clone(&opened)));
    }
    until("the flood", || opened.load(Ordering::Relaxed) > 3_000).await;

    let mut bob = server.person("bob").join().await;
    bob.chat("in spite of it").await;
    ada.expect_chat("in spite of it").await;
    until("all of it", || opened.load(Ordering::Relaxed) == HALF_OPEN).await;
    let mut carol = server.person("carol").join().await;
    carol.offer(&ada.sid, "v=0").await;
    assert_eq!(ada.expect(only!(Offer)).await.from, carol.sid);
    // Those without a request have given way to others, down to the limit beside the three that are in.
    let limit = ServeConfig::default().max_http_connections;
    until("silence to give way", || server.figure("antiphon_http_connections_open", &[]) <= limit as f64 + 3.0).await;
    assert!(server.figure("antiphon_http_connections_refused_total", &[]) >= HALF_OPEN as f64 - limit as f64);
    attack.abort_all();
}
