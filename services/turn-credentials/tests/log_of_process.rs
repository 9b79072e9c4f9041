//! The log of the real process, which is read by another one: no line is lost at its end.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    process::{Child, ChildStderr, Command, Stdio},
    time::Duration,
};

use antiphon_service_kit::{
    auth::{KeyRing, NewToken, TokenGrants, TokenRules},
    clock::unix_now_s,
};
use rustix::process::{Pid, Signal, kill_process};

const KEY: &str = "acme:acme-secret-acme-secret-acme-secret";
const PROVIDERS: &str =
    r#"{ type = "static", servers = [{ urls = ["turn:turn.example"], username = "u", credential = "a-password" }] }"#;

/// As many as are sent at once.
const MINTS: usize = 40;

/// Whatever takes longer hangs.
const DEADLINE: Duration = Duration::from_secs(30);

/// The binary, which ends with this value.
struct Service {
    child: Child,
    log: BufReader<ChildStderr>,
    address: SocketAddr,
}

impl Service {
    fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_antiphon-turn-credentials"));
        command.env_clear().env("ANTIPHON_KEYS", KEY).env("ANTIPHON_PROVIDERS", PROVIDERS);
        command.args(["--listen", "127.0.0.1:0", "--subject-credential-burst", &MINTS.to_string()]);
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the binary starts");
        let mut log = BufReader::new(child.stderr.take().expect("piped"));
        let mut seen = String::new();
        let address = loop {
            let begin = seen.len();
            assert!(log.read_line(&mut seen).expect("readable") > 0, "it ended: {seen}");
            if let Some((_, address)) = seen[begin..].trim().split_once("serving address=") {
                break address.parse().expect("an address");
            }
        };
        Self { child, log, address }
    }

    /// Asks for ICE servers so many times, and reads every answer.
    fn mint(&self, times: usize) {
        let ring = KeyRing::new([KEY.parse().expect("a key")], TokenRules::default()).expect("a ring");
        let token = NewToken {
            identity: "ada".parse().expect("an identity"),
            name: None,
            metadata: None,
            attributes: Default::default(),
            grants: TokenGrants { join: true, ..TokenGrants::default() },
            issued_at_s: unix_now_s(),
            lifetime_s: 60,
        };
        let token = ring.sign("acme", &token).expect("signed");
        let ask = |connection| {
            format!(
                "POST /v1/ice-servers HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\nconnection: {connection}\r\n\r\n"
            )
        };
        let mut stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_read_timeout(Some(DEADLINE)).expect("a socket");
        stream.write_all((ask("keep-alive").repeat(times - 1) + &ask("close")).as_bytes()).expect("sent");
        let mut answers = String::new();
        stream.read_to_string(&mut answers).expect("answers");
        assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), times, "{answers}");
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it runs");
    }

    /// What it logs until it ends by itself.
    fn rest_of_log(&mut self) -> String {
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).expect("UTF-8");
        rest
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_process_that_is_asked_to_end_has_logged_every_mint_and_its_end() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut service = Service::start();
        service.mint(MINTS);
        service.signal(signal);
        let log = service.rest_of_log();
        assert_eq!(log.matches("ICE servers were given").count(), MINTS, "{log}");
        let last = log.lines().next_back().expect("a line");
        assert!(last.ends_with("stopped"), "{log}");
        assert!(service.child.wait().expect("ours").success());
    }
}

#[test]
fn a_mint_is_in_the_log_soon_though_nothing_follows_it() {
    let mut service = Service::start();
    service.mint(1);
    let mut line = String::new();
    service.log.read_line(&mut line).expect("a line");
    assert!(line.contains("ICE servers were given"), "{line}");
}
