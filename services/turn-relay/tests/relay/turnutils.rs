//! Debian's TURN tools: `turnutils_uclient` and `turnutils_stunclient` against the relay, `turnutils_peer` as the peer.

use std::{
    net::UdpSocket,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use antiphon_ice_core::{
    UnixTime,
    credentials::{Secrets, mint},
};
use antiphon_service_kit::clock::unix_now_s;
use antiphon_turn_core::Transport;
use secrecy::ExposeSecret as _;
use tokio::task::block_in_place;

use crate::server::{RelayServer, SECRET, config, eventually};

/// `turnutils_peer`, which sends back whatever comes.
struct Peer {
    process: Child,
    port: u16,
}

impl Peer {
    async fn start() -> Self {
        let port = UdpSocket::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound").port();
        let mut command = Command::new("turnutils_peer");
        command.args(["-L", "127.0.0.1", "-p", &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().expect("turnutils_peer of Debian's package coturn: make tools");
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
        socket.set_read_timeout(Some(Duration::from_millis(100))).expect("set");
        eventually("the peer answers", async || {
            block_in_place(|| {
                socket.send_to(b"hello?", ("127.0.0.1", port)).is_ok() && socket.recv(&mut [0; 16]).is_ok()
            })
        })
        .await;
        Self { process, port }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Gone already, maybe.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs `turnutils_uclient` against the relay; gives whether it went well, and what it said.
fn run(server: &RelayServer, transport: Transport, peer: &Peer, arguments: &[&str]) -> (bool, String) {
    let port = server.address(transport).port().to_string();
    let mut command = Command::new("timeout");
    command.args(["60", "turnutils_uclient", "-c", "-p", &port, "-e", "127.0.0.1", "-r", &peer.port.to_string()]);
    if transport == Transport::Tcp {
        command.arg("-t");
    }
    let output =
        command.args(arguments).arg("127.0.0.1").output().expect("turnutils_uclient of Debian's package coturn");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), said)
}

/// What stands behind `name=` in what the client said last.
fn said_number(said: &str, name: &str) -> Option<u64> {
    let (_, behind) = said.rsplit_once(name)?;
    behind.trim_start_matches('=').split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn uclient_loses_nothing() {
    let server = RelayServer::start(config());
    let peer = Peer::start().await;
    let with_indications = |with: bool| {
        let arguments = ["-W", SECRET, "-u", "acme/ada", "-m", "4", "-n", "50", "-l", "160", "-z", "5"];
        if with { [&arguments[..], &["-s"]].concat() } else { arguments.to_vec() }
    };
    let cases =
        [Transport::Udp, Transport::Tcp].into_iter().flat_map(|transport| [(transport, false), (transport, true)]);
    // All at once: each waits for seconds when all has come.
    let runs = block_in_place(|| {
        thread::scope(|scope| {
            let started = cases.map(|(transport, indications)| {
                let (server, peer) = (&server, &peer);
                let arguments = with_indications(indications);
                scope.spawn(move || (transport, indications, run(server, transport, peer, &arguments)))
            });
            let started: Vec<_> = started.collect();
            started.into_iter().map(|run| run.join().expect("it ran")).collect::<Vec<_>>()
        })
    });
    for (transport, indications, (went_well, said)) in runs {
        let context = format!("{transport:?}, indications: {indications}: {said}");
        assert!(went_well, "{context}");
        let (sent, received) = (said_number(&said, "tot_send_msgs"), said_number(&said, "tot_recv_msgs"));
        assert_eq!((sent, received), (Some(200), Some(200)), "{context}");
        assert!(said.contains("Total lost packets 0 "), "{context}");
    }
    eventually("what was relayed is counted", async || {
        server.metric("antiphon_turn_bytes_total", "to_clients").await >= 4.0 * 200.0 * 160.0
    })
    .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn uclient_is_refused_with_wrong_and_expired_credentials() {
    let server = RelayServer::start(config());
    let peer = Peer::start().await;
    let expired = mint(&Secrets::parse(SECRET).expect("long enough"), "acme/ada", UnixTime(unix_now_s() - 1));
    let wrong_password = ["-u", "1900000000:acme/ada", "-w", "wrong"];
    let wrong_secret = ["-W", "the secret of another deployment", "-u", "acme/ada"];
    let no_tenant = ["-W", SECRET, "-u", "ada"];
    let late = ["-u", &expired.username, "-w", expired.password.expose_secret()];
    for credential in [&wrong_password[..], &wrong_secret, &no_tenant, &late] {
        for transport in [Transport::Udp, Transport::Tcp] {
            let arguments = [credential, &["-m", "1", "-n", "1"]].concat();
            let refused_before = server.metric("antiphon_turn_errors_total", "401").await;
            let (went_well, said) = block_in_place(|| run(&server, transport, &peer, &arguments));
            assert!(!went_well && said.contains("Cannot complete Allocation"), "{credential:?}: {said}");
            // The challenge, and the refusal of what followed it.
            eventually("both are counted", async || {
                server.metric("antiphon_turn_errors_total", "401").await >= refused_before + 2.0
            })
            .await;
        }
    }
    assert!(server.allocations("acme").await.is_empty());
    assert_eq!(server.metric("antiphon_turn_allocations_begun_total", "").await, 0.0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stunclient_learns_its_address() {
    let server = RelayServer::start(config());
    let port = server.address(Transport::Udp).port().to_string();
    let output = block_in_place(|| {
        Command::new("timeout").args(["20", "turnutils_stunclient", "-p", &port, "127.0.0.1"]).output()
    });
    let output = output.expect("turnutils_stunclient of Debian's package coturn");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("UDP reflexive addr: 127.0.0.1:"), "{said}");
    server.stop().await;
}
