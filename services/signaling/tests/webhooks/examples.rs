//! The receivers of docs/webhooks.md, in four languages: each is sent real webhooks, and a forged one.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::Stdio,
    sync::Mutex,
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    net::TcpListener,
    process::{Child, ChildStdout, Command},
};

use crate::{
    SECRET, server,
    support::{tcp, until},
};

#[path = "../../../../examples/webhooks/receiver.rs"]
#[expect(dead_code, reason = "its main is for the command line")]
mod rust;

const EXPECTED: [&str; 3] = ["room.started rehearsal ", "participant.joined rehearsal ada", "chat.sent rehearsal "];

/// A process that prints a line for each event.
struct Example {
    lines: Lines<BufReader<ChildStdout>>,
    address: SocketAddr,
    _process: Child,
}

/// Whether these programs are here. CI has them all.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
async fn is_here(program: &str, version: &str) -> bool {
    let status = Command::new(program).arg(version).stdout(Stdio::null()).stderr(Stdio::null()).status().await;
    let is_here = status.is_ok_and(|status| status.success());
    if !is_here {
        assert!(std::env::var_os("CI").is_none(), "CI has {program}");
        eprintln!("\n*** SKIPPED: the receiver of webhooks needs {program} ***\n");
    }
    is_here
}

impl Example {
    async fn start(program: &str, arguments: &[&str]) -> Self {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/webhooks");
        let mut process = Command::new(program)
            .args(arguments)
            .arg("0")
            .current_dir(directory)
            .env("WEBHOOK_SECRET", SECRET)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it starts");
        let mut lines = BufReader::new(process.stdout.take().expect("piped")).lines();
        // A compiler may have to run first; how long that takes is not the test's.
        let first = lines.next_line().await.expect("a pipe").expect("a line");
        let port = first.strip_prefix("listening on ").and_then(|port| port.parse().ok()).expect("a port");
        Self { lines, address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)), _process: process }
    }

    async fn receives_what_is_genuine_only(mut self) {
        let address = self.address;
        let mut told = Vec::new();
        sends_to(address, async {
            while told.len() < EXPECTED.len() {
                told.push(self.lines.next_line().await.expect("a pipe").expect("a line"));
            }
        })
        .await;
        assert_eq!(told.iter().map(|line| line.trim_end()).collect::<Vec<_>>(), EXPECTED.map(str::trim_end));
    }
}

/// Sends events to a receiver until it has told of them, and then a forged one.
async fn sends_to(address: SocketAddr, told: impl Future<Output = ()>) {
    let endpoint = format!(r#"{{ tenant = "acme", url = "http://{address}/", secrets = ["{SECRET}"] }}"#);
    let server = server(&[endpoint]);
    let mut ada = server.person("ada").join().await;
    ada.chat("hello").await;
    crate::support::within("the events", told).await;
    server.until_metric("webhook_deliveries_total", &[("outcome", "delivered")], 3.0).await;

    let mut stream = tcp(address).await;
    let forged = "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\nwebhook-id: evt_1\r\nwebhook-timestamp: 1763650000\r\n\
                  webhook-signature: v1,AAAA\r\ncontent-length: 2\r\n\r\n{}";
    stream.write_all(forged.as_bytes()).await.expect("written");
    let mut answer = Vec::new();
    crate::support::within("an answer", stream.read_to_end(&mut answer)).await.expect("an answer");
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.split(' ').nth(1) == Some("401"), "{answer}");
}

#[tokio::test]
async fn the_receiver_in_node_takes_what_is_genuine_only() {
    if is_here("node", "--version").await {
        Example::start("node", &["receiver.mjs"]).await.receives_what_is_genuine_only().await;
    }
}

#[tokio::test]
async fn the_receiver_in_python_takes_what_is_genuine_only() {
    if is_here("python3", "--version").await {
        Example::start("python3", &["receiver.py"]).await.receives_what_is_genuine_only().await;
    }
}

#[tokio::test]
async fn the_receiver_in_go_takes_what_is_genuine_only() {
    if is_here("go", "version").await {
        // `go run` leaves its child behind when it is killed.
        let directory = tempfile::tempdir().expect("a directory");
        let program = directory.path().join("receiver");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/webhooks/receiver.go");
        let built = Command::new("go").arg("build").arg("-o").arg(&program).arg(source).status().await;
        assert!(built.expect("go starts").success());
        let program = program.to_str().expect("UTF-8");
        Example::start(program, &[]).await.receives_what_is_genuine_only().await;
    }
}

#[tokio::test]
async fn the_receiver_in_rust_takes_what_is_genuine_only() {
    static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let router = rust::router(SECRET, |line| TOLD.lock().expect("unpoisoned").push(line.to_owned())).expect("a secret");
    let serving = tokio::spawn(axum::serve(listener, router).into_future());
    sends_to(address, until("events", || TOLD.lock().expect("unpoisoned").len() == 3)).await;
    assert_eq!(*TOLD.lock().expect("unpoisoned"), EXPECTED);
    serving.abort();
}
