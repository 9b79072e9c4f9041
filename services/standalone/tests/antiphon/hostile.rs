//! Strangers who open connections and do not go on.

use std::{io::Write as _, net::TcpStream};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::support::{Server, antiphon, run};

const CROWD: u64 = 10_000;

/// What this process needs beside the crowd.
const OWN_FILES: u64 = 200;

/// As many of the crowd as this machine's limit of open files lets one process open.
#[expect(clippy::print_stderr, reason = "a smaller test says so")]
fn crowd() -> u64 {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let wanted = Rlimit { current: maximum, maximum };
    setrlimit(Resource::Nofile, wanted).expect("a process may raise its own limit");
    let crowd = CROWD.min(maximum.map_or(CROWD, |maximum| maximum.saturating_sub(OWN_FILES)));
    assert!(crowd >= 3_000, "`ulimit -Hn` is too low to crowd anybody out: {maximum:?}");
    if crowd < CROWD {
        eprintln!("only {crowd} instead of {CROWD} connections, for `ulimit -Hn`");
    }
    crowd
}

fn flood(server: &Server, opening: &[u8], crowd: u64) -> Vec<TcpStream> {
    let open = |_| {
        let mut stream = server.connect();
        // The server may have made room for somebody else already.
        let _ = stream.write_all(opening);
        stream
    };
    (0..crowd).map(open).collect()
}

#[test]
fn ten_thousand_half_open_handshakes_keep_nobody_out() {
    let state = tempfile::tempdir().expect("a directory");
    let server = Server::development(state.path());
    let token = run(antiphon(state.path()).args(["token", "--room", "rehearsal", "--identity", "ada"])).stdout;
    let (_, _socket_from_before) = server.join(token.trim());
    let half = b"GET /v1/connect HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\n";
    let _crowd = flood(&server, half, crowd());
    let (frame, _socket) = server.join(token.trim());
    assert!(frame.contains("joined"), "{frame}");
    assert!(server.get("/healthz").starts_with("HTTP/1.1 200"));
}
