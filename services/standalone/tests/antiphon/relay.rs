//! The relay of the single process.

use std::net::UdpSocket;

use crate::support::{DEADLINE, SECRET, Server, antiphon, run};

/// What a STUN Binding request is answered with (RFC 8489 §5): does something listen there?
fn answers_stun(address: &str) -> bool {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    socket.set_read_timeout(Some(DEADLINE)).expect("a duration");
    let request = [&[0x00, 0x01, 0, 0, 0x21, 0x12, 0xa4, 0x42][..], &[7; 12]].concat();
    socket.send_to(&request, address).expect("sent");
    let mut answer = [0; 64];
    socket.recv(&mut answer).is_ok() && answer[..2] == [0x01, 0x01] && answer[8..20] == [7; 12]
}

/// Host and port of a URI.
fn place(uri: &str) -> &str {
    uri.split_once(':').and_then(|(_, rest)| rest.split('?').next()).expect("a URI")
}

#[test]
fn it_is_on_by_default_printed_and_handed_out_at_a_join_and_by_http() {
    let state = tempfile::tempdir().expect("a directory");
    let mut server = Server::development(state.path());
    let uri = server.running.row("relay");
    assert!(uri.starts_with("turn:127.0.0.1:") && uri.ends_with("?transport=udp"), "{uri}");
    assert!(answers_stun(place(&uri)), "{uri}");
    let token = run(antiphon(state.path()).args(["token", "--room", "rehearsal", "--identity", "ada"]));
    let token = token.stdout.trim();
    let (frame, _socket) = server.join(token);
    let answer = server.request(&format!(
        "POST /v1/ice-servers HTTP/1.1\r\nhost: a\r\nconnection: close\r\nauthorization: Bearer {token}\r\ncontent-length: 0\r\n\r\n"
    ));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    for text in [frame, answer] {
        assert!(text.contains(&uri) && text.contains("credential") && text.contains("refreshAfter"), "{text}");
        assert!(text.contains(&format!("stun:{}", place(&uri))), "{text}");
    }
}

#[test]
fn development_servers_on_one_machine_have_relays_of_their_own() {
    let states = [tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory")];
    let mut servers = states.each_ref().map(|state| {
        // The usual port, which one of them has at the most.
        let mut command = antiphon(state.path());
        Server::start(command.env_remove("ANTIPHON_TURN_LISTEN").args(["--listen", "127.0.0.1:0"]))
    });
    let [one, other] = servers.each_mut().map(|server| server.running.row("relay"));
    assert_ne!(one, other);
    assert!(answers_stun(place(&one)) && answers_stun(place(&other)), "{one} {other}");
}

#[test]
fn a_real_server_whose_port_is_taken_says_what_to_do() {
    let state = tempfile::tempdir().expect("a directory");
    let taken = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("bound");
    let path = state.path().join("antiphon.toml");
    let file = format!("[auth]\nkeys = [\"app:{SECRET}\"]\n[turn]\nturn-listen = [\"{address}\"]\n");
    std::fs::write(&path, file).expect("written");
    let mut command = antiphon(state.path());
    let said = run(command.env_remove("ANTIPHON_TURN_LISTEN").args(["--listen", "127.0.0.1:0", "--config"]).arg(&path));
    assert_eq!((said.code, said.stderr.lines().last().is_some()), (Some(1), true), "{said:?}");
    for text in ["--relay=false", "turn-listen", &address.to_string(), "in use"] {
        assert!(said.stderr.contains(text), "{text}: {}", said.stderr);
    }
}

#[test]
fn without_it_nobody_is_told_of_one() {
    let state = tempfile::tempdir().expect("a directory");
    let server = Server::start(antiphon(state.path()).args(["--listen", "127.0.0.1:0", "--relay=false"]));
    assert!(!server.stdout().contains("relay"), "{}", server.stdout());
    let token = run(antiphon(state.path()).args(["token", "--room", "rehearsal", "--identity", "ada"]));
    let (frame, _socket) = server.join(token.stdout.trim());
    assert!(!frame.contains("turn:"), "{frame}");
}
