//! A relay whose process has no more files.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
    time::Duration,
};

use antiphon_turn_core::stun::{Class, HEADER_BYTES, Method, Writer};

use crate::server::SECRET;

/// Open files of the process: some are its own.
const FILES: &str = "64";

const CONNECTIONS: usize = 100;

/// A relay in a process of its own. It ends when dropped.
struct Process {
    child: Child,
    address: SocketAddr,
    _directory: tempfile::TempDir,
}

impl Process {
    fn start() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let secrets = directory.path().join("secrets");
        std::fs::write(&secrets, SECRET).expect("written");
        let mut child = Command::new("sh")
            .args([
                "-c",
                "ulimit -n \"$1\"; shift; exec \"$@\"",
                "sh",
                FILES,
                env!("CARGO_BIN_EXE_antiphon-turn-relay"),
            ])
            .args(["--turn-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--turn-threads", "1"])
            .arg("--turn-secrets-file")
            .arg(&secrets)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a process");
        let mut log = BufReader::new(child.stderr.take().expect("its log"));
        let address = loop {
            let mut line = String::new();
            assert!(log.read_line(&mut line).expect("UTF-8") > 0, "the relay ended");
            if let Some(address) = tcp_address(&line) {
                break address;
            }
        };
        // What is logged must be read, or who logs would wait.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Self { child, address, _directory: directory }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn tcp_address(line: &str) -> Option<SocketAddr> {
    let (before, _) = line.split_once("?transport=tcp")?;
    before.rsplit_once("turn:")?.1.parse().ok()
}

/// A connection with a Binding request on its way.
fn asking(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("the system takes it");
    stream.write_all(&Writer::new(Method::Binding, Class::Request, &[7; 12]).finish()).expect("sent");
    stream
}

fn is_answered(stream: &mut TcpStream, patience: Duration) -> bool {
    stream.set_read_timeout(Some(patience)).expect("set");
    stream.read_exact(&mut [0; HEADER_BYTES]).is_ok()
}

#[test]
fn connections_that_wait_for_a_file_are_served_when_others_have_gone() {
    let relay = Process::start();
    let streams: Vec<_> = (0..CONNECTIONS).map(|_| asking(relay.address)).collect();
    let mut waiting = Vec::new();
    let mut served = Vec::new();
    for mut stream in streams {
        // The system hands connections over in their order: behind the first that waits all do.
        let patience = if waiting.is_empty() { 2_000 } else { 1 };
        let is_served = is_answered(&mut stream, Duration::from_millis(patience));
        if is_served { &mut served } else { &mut waiting }.push(stream);
    }
    assert!(!served.is_empty() && !waiting.is_empty(), "{} of {CONNECTIONS} are served", served.len());
    drop(served);
    for mut stream in waiting {
        // As long as no connection comes, nothing but those that go tells the relay of these.
        assert!(is_answered(&mut stream, Duration::from_secs(20)), "it still waits");
    }
}
