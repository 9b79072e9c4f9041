//! `antiphon --webhook URL`.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, TcpListener},
};

use http::{HeaderMap, HeaderName, HeaderValue};
use standardwebhooks::Webhook;

use crate::support::{DEADLINE, SECRET, Server, antiphon, run};

/// Takes the next webhook: its headers and its body.
fn take(receiver: &TcpListener) -> (HeaderMap, String) {
    let (stream, _) = receiver.accept().expect("a webhook");
    stream.set_read_timeout(Some(DEADLINE)).expect("a duration");
    let mut reader = BufReader::new(stream);
    let mut headers = HeaderMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a head");
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            if line.trim_end().is_empty() {
                break;
            }
            continue;
        };
        let name: HeaderName = name.parse().expect("a name");
        headers.insert(name, HeaderValue::from_str(value).expect("a value"));
    }
    let length = headers["content-length"].to_str().expect("text").parse().expect("a length");
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    let mut stream = reader.into_inner();
    stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").expect("open");
    (headers, String::from_utf8(body).expect("JSON"))
}

#[test]
fn it_is_told_of_the_rooms_of_every_tenant_and_signed_as_it_was_printed() {
    let state = tempfile::tempdir().expect("a directory");
    let receiver = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let url = format!("http://{}/hook", receiver.local_addr().expect("bound"));
    let keys = format!("acme/one:{SECRET},globex/two:{SECRET}");
    let mut server = Server::start(antiphon(state.path()).env("ANTIPHON_KEYS", &keys).args([
        "--listen",
        "127.0.0.1:0",
        "--webhook",
        &url,
    ]));
    assert_eq!(server.running.row("webhook"), url);
    let webhook = Webhook::new(&server.running.row("signed with")).expect("a secret");
    let mut sockets = Vec::new();
    for (key, tenant) in [("one", "acme"), ("two", "globex")] {
        let token = ["token", "--room", "rehearsal", "--identity", "ada", "--key", key];
        let token = run(antiphon(state.path()).env("ANTIPHON_KEYS", &keys).args(token));
        sockets.push(server.join(token.stdout.trim()));
        for kind in ["room.started", "participant.joined"] {
            let (headers, body) = take(&receiver);
            webhook.verify(body.as_bytes(), &headers).expect("a signature");
            assert!(body.contains(&format!(r#""type":"{kind}""#)), "{body}");
            assert!(body.contains(&format!(r#""tenant":"{tenant}""#)), "{body}");
        }
    }
}

#[test]
fn what_is_no_url_and_a_file_beside_it_are_refused() {
    let state = tempfile::tempdir().expect("a directory");
    let refused = |arguments: &[&str]| {
        let said = run(antiphon(state.path()).args(["--listen", "127.0.0.1:0"]).args(arguments));
        assert_ne!(said.code, Some(0), "{said:?}");
        said.stderr
    };
    let no_url = refused(&["--webhook", "app.example"]);
    assert!(no_url.contains("--webhook: url: expected a URL"), "{no_url}");
    let file = state.path().join("antiphon.toml");
    std::fs::write(&file, "").expect("written");
    let both = refused(&["--config", file.to_str().expect("UTF-8"), "--webhook", "http://127.0.0.1:1/"]);
    assert!(both.contains("--webhook") && both.contains("--config"), "{both}");
}
