use std::net::Ipv4Addr;

use axum::{Extension, body::Body, extract::Request, response::Response, routing::get};
use futures_util::{StreamExt as _, stream};
use http::{StatusCode, header};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    task::JoinHandle,
};

use super::*;
use crate::drain::{ShutdownTrigger, shutdown};

const SHORT: HumanDuration = HumanDuration(Duration::from_millis(50));
const CLOSE_REQUEST: &[u8] = b"GET /peer HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

struct Running {
    address: SocketAddr,
    trigger: ShutdownTrigger,
    server: JoinHandle<io::Result<()>>,
}

/// Longer than any of these tests, where they do not shorten it.
fn patient() -> ServeConfig {
    let long = HumanDuration::from_secs(60);
    ServeConfig {
        header_timeout: long,
        tls_handshake_timeout: long,
        request_timeout: long,
        http_connection_lifetime: long,
        ..ServeConfig::default()
    }
}

fn start(server: Server) -> Running {
    let router = Router::new()
        .route("/peer", get(async |Extension(peer): Extension<PeerAddr>| peer.0.to_string()))
        .route("/body", axum::routing::post(async |body: String| body))
        .route("/never", get(async || std::future::pending::<()>().await))
        .route("/stream", get(lasting))
        .route("/echo", get(echo));
    let listener = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a free port");
    let address = listener.local_addr().expect("bound");
    let (trigger, shutdown) = shutdown();
    let server = tokio::spawn(server.run(listener, router, shutdown));
    Running { address, trigger, server }
}

/// An answer that begins and does not end.
async fn lasting() -> (Extension<Streamed>, Body) {
    let begun = stream::once(std::future::ready(Ok::<_, std::convert::Infallible>("begun")));
    (Extension(Streamed::default()), Body::from_stream(begun.chain(stream::pending())))
}

async fn echo(mut request: Request) -> Response {
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let mut io = TokioIo::new(upgrade.await.expect("upgraded"));
        let mut byte = [0];
        while let Ok(1) = io.read(&mut byte).await {
            io.write_all(&byte).await.expect("written");
        }
    });
    let switching = Response::builder().status(StatusCode::SWITCHING_PROTOCOLS);
    let switching = switching.header(header::CONNECTION, "upgrade").header(header::UPGRADE, "echo");
    switching.body(Body::empty()).expect("valid")
}

async fn connect(running: &Running) -> TcpStream {
    TcpStream::connect(running.address).await.expect("connected")
}

/// Everything until the server closes. A reset is a close too: what was not read makes the system send one.
async fn read_to_end(mut stream: impl AsyncRead + Unpin) -> String {
    let mut text = Vec::new();
    let _ = timeout(Duration::from_secs(20), stream.read_to_end(&mut text)).await.expect("closed in time");
    String::from_utf8_lossy(&text).into_owned()
}

async fn request(running: &Running, request: &[u8]) -> String {
    let mut stream = connect(running).await;
    stream.write_all(request).await.expect("written");
    read_to_end(stream).await
}

async fn upgrade(running: &Running) -> TcpStream {
    let mut stream = connect(running).await;
    stream
        .write_all(b"GET /echo HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n")
        .await
        .expect("written");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("a response"));
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    stream
}

async fn assert_echoes(stream: &mut TcpStream) {
    stream.write_all(b"x").await.expect("open");
    assert_eq!(stream.read_u8().await.expect("open"), b'x');
}

#[tokio::test]
async fn a_handler_knows_who_connected() {
    let running = start(Server::new(patient()));
    let stream = connect(&running).await;
    let own = stream.local_addr().expect("connected").to_string();
    let mut stream = stream;
    stream.write_all(CLOSE_REQUEST).await.expect("written");
    assert!(read_to_end(stream).await.ends_with(&own));
}

#[tokio::test]
async fn headers_that_do_not_come_end_the_connection() {
    let running = start(Server::new(ServeConfig { header_timeout: SHORT, ..patient() }));
    for begun in [&b""[..], b"GET / HT", b"GET / HTTP/1.1\r\nhost: a\r\nx-slow: "] {
        assert_eq!(request(&running, begun).await, "", "{begun:?}");
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_is_answered() {
    let running = start(Server::new(ServeConfig { request_timeout: SHORT, ..patient() }));
    let answer = request(&running, b"POST /body HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc").await;
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("timed_out"), "{answer}");
}

#[tokio::test]
async fn a_head_that_is_too_large_is_answered() {
    let running = start(Server::new(patient()));
    let long = "a".repeat(2 * MAX_HEAD_BYTES);
    let answer = request(&running, format!("GET /{long} HTTP/1.1\r\n").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 414") || answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn a_connection_that_only_reads_slowly_ends_with_its_lifetime() {
    let running = start(Server::new(ServeConfig { http_connection_lifetime: SHORT, ..patient() }));
    assert_eq!(read_to_end(connect(&running).await).await, "");
}

#[tokio::test]
async fn a_crowd_of_silent_connections_keeps_nobody_out() {
    let config = ServeConfig { max_http_connections: 8, ..patient() };
    let running = start(Server { patience: SHORT.0, ..Server::new(config) });
    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(connect(&running).await);
        assert!(request(&running, CLOSE_REQUEST).await.starts_with("HTTP/1.1 200"));
    }
    assert_eq!(read_to_end(silent.remove(0)).await, "", "the oldest had to go");
}

#[tokio::test]
async fn a_request_that_has_come_is_answered_though_its_connection_is_evicted() {
    let listener = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a free port");
    let mut client = TcpStream::connect(listener.local_addr().expect("bound")).await.expect("connected");
    client.write_all(CLOSE_REQUEST).await.expect("written");
    let (stream, peer) = listener.accept().await.expect("accepted");
    let gate = Gate::new(gate::Limits { connections: 1, per_address: 1, patience: PATIENCE });
    let enter = |now| match gate.enter(None, now) {
        Admission::Entered { pass, evicted, .. } => (pass, evicted),
        Admission::AddressFull | Admission::Full { .. } => panic!("not let in"),
    };
    let (pass, evicted) = enter(Instant::now());
    let _newcomer = enter(Instant::now() + PATIENCE);
    let router = Router::new().route("/peer", get(async || "answered"));
    let (_trigger, shutdown) = shutdown();
    let shared = Arc::new(Shared::new(&patient(), router, None, shutdown));
    let permit = Arc::new(Semaphore::new(1)).try_acquire_owned().expect("one");
    let stream = OpenConnection::new(stream, permit, &ServeMetrics::default().open);
    connection::serve(shared, stream, peer, pass, evicted).await;
    assert!(read_to_end(client).await.ends_with("answered"));
}

#[tokio::test]
async fn an_upgraded_connection_leaves_its_place_in_http() {
    let config = ServeConfig { max_http_connections: 1, ..patient() };
    let running = start(Server::new(config));
    let mut upgraded = Vec::new();
    for _ in 0..10 {
        upgraded.push(upgrade(&running).await);
    }
    assert!(request(&running, CLOSE_REQUEST).await.starts_with("HTTP/1.1 200"));
    for stream in &mut upgraded {
        assert_echoes(stream).await;
    }
}

#[tokio::test]
async fn one_connection_too_many_is_closed_and_the_others_go_on() {
    let running = start(Server::new(ServeConfig { max_connections: 2, ..patient() }));
    let mut first = upgrade(&running).await;
    let second = upgrade(&running).await;
    assert_eq!(read_to_end(connect(&running).await).await, "");
    assert_echoes(&mut first).await;
    drop(second);
    // The server learns of the close in its own time: until then, newcomers are closed.
    let answered = async { while !request(&running, CLOSE_REQUEST).await.starts_with("HTTP/1.1 200") {} };
    timeout(Duration::from_secs(20), answered).await.expect("the place was given back");
}

#[tokio::test]
async fn an_answer_that_lasts_takes_no_place_from_others() {
    let config = ServeConfig { max_http_connections: 1, ..patient() };
    let running = start(Server { patience: Duration::from_secs(60), ..Server::new(config) });
    let mut lasting = connect(&running).await;
    lasting.write_all(b"GET /stream HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("written");
    let mut answer = String::new();
    while !answer.contains("begun") {
        let mut bytes = [0; 1_024];
        let count = timeout(Duration::from_secs(20), lasting.read(&mut bytes)).await.expect("in time").expect("read");
        assert!(count > 0, "closed: {answer}");
        answer += &String::from_utf8_lossy(&bytes[..count]);
    }
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    assert!(request(&running, CLOSE_REQUEST).await.starts_with("HTTP/1.1 200"), "the place was given back");
}

#[tokio::test]
async fn a_stop_finishes_requests_and_closes_idle_connections() {
    let running = start(Server::new(patient()));
    let idle = connect(&running).await;
    let mut upgraded = upgrade(&running).await;
    let mut slow = connect(&running).await;
    slow.write_all(b"POST /body HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nab").await.expect("written");
    // A request that was answered on a later connection: the server has seen the earlier ones.
    assert!(request(&running, CLOSE_REQUEST).await.starts_with("HTTP/1.1 200"));
    running.trigger.stop();
    assert_eq!(read_to_end(idle).await, "");
    slow.write_all(b"cd").await.expect("written");
    assert!(read_to_end(slow).await.ends_with("abcd"));
    running.server.await.expect("no panic").expect("ends well");
    assert_echoes(&mut upgraded).await;
    assert!(TcpStream::connect(running.address).await.is_err(), "nothing listens any more");
}

mod https {
    use rustls_pki_types::ServerName;
    use tokio_rustls::{
        TlsConnector,
        rustls::{ClientConfig, RootCertStore},
    };

    use super::*;
    use crate::tls::TlsConfig;

    fn generated() -> Option<TlsSource> {
        TlsConfig { https: true, ..crate::config::defaults() }.load().expect("generated")
    }

    #[tokio::test]
    async fn https_serves_what_http_serves() {
        let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("generated");
        let files = tempfile::tempdir().expect("a directory");
        let (cert, key) = (files.path().join("cert.pem"), files.path().join("key.pem"));
        std::fs::write(&cert, pair.cert.pem()).expect("written");
        std::fs::write(&key, pair.signing_key.serialize_pem()).expect("written");
        let from_files = TlsConfig { tls_cert: Some(cert), tls_key: Some(key), ..crate::config::defaults() };
        let running = start(Server::new(patient()).with_tls(from_files.load().expect("a pair")));

        let mut roots = RootCertStore::empty();
        roots.add(pair.cert.der().clone()).expect("a certificate");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").expect("a name");
        let connector = TlsConnector::from(Arc::new(config));
        let mut stream = connector.connect(name, connect(&running).await).await.expect("shaken hands");
        stream.write_all(CLOSE_REQUEST).await.expect("written");
        assert!(read_to_end(stream).await.starts_with("HTTP/1.1 200"));
    }

    #[tokio::test]
    async fn a_handshake_that_stops_ends_the_connection() {
        let config = ServeConfig { tls_handshake_timeout: SHORT, ..patient() };
        let running = start(Server::new(config).with_tls(generated()));
        for begun in [&b""[..], b"\x16\x03\x01", b"GET / HTTP/1.1\r\n\r\n"] {
            read_to_end({
                let mut stream = connect(&running).await;
                stream.write_all(begun).await.expect("written");
                stream
            })
            .await;
        }
    }

    #[tokio::test]
    async fn a_crowd_of_half_open_handshakes_keeps_nobody_out() {
        let config = ServeConfig { max_http_connections: 8, ..patient() };
        let running = start(Server { patience: SHORT.0, ..Server::new(config).with_tls(generated()) });
        let mut silent = Vec::new();
        for _ in 0..50 {
            silent.push(connect(&running).await);
        }
        // Plain text in the place of a ClientHello is answered by an alert: the server has taken this one in.
        assert_ne!(request(&running, b"GET / HTTP/1.1\r\n\r\n").await, "");
    }
}
