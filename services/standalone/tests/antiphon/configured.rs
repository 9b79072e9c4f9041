//! `antiphon --config FILE`.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use crate::support::{SECRET, Said, Server, antiphon, run};

fn file_with(state: &Path, text: &str) -> std::path::PathBuf {
    let path = state.join("antiphon.toml");
    std::fs::write(&path, text).expect("written");
    path
}

/// Starts with a file that is refused.
fn refused(text: &str) -> Said {
    let state = tempfile::tempdir().expect("a directory");
    let said = run(antiphon(state.path()).arg("--config").arg(file_with(state.path(), text)));
    assert_eq!((said.stdout.as_str(), said.stderr.lines().count()), ("", 1), "{}", said.stderr);
    said
}

#[test]
fn mistakes_in_the_file_are_one_line_with_place_key_and_cure() {
    let cases = [
        (
            "[server]\nlisen = \"127.0.0.1:1\"",
            "antiphon.toml:2: server.lisen: no such setting, did you mean server.listen?",
        ),
        ("[server]\n\nlisten = \"7880\"", "antiphon.toml:3: server.listen: expected an address and a port"),
        ("[rooms]\nresume-window = \"soon\"", "antiphon.toml:2: rooms.resume-window: expected a duration such as"),
        ("[signaling]\nping-interval = \"0\"", "antiphon.toml:2: signaling.ping-interval: expected 1s at least"),
        ("[signaling]\njoin-timeout = \"999ms\"", "antiphon.toml:2: signaling.join-timeout: expected 1s at least"),
        (
            "[signaling]\njoin-timeout = \"soon\"",
            "antiphon.toml:2: signaling.join-timeout: expected a duration such as",
        ),
        ("[http]\nmax-connections = 0", "antiphon.toml:2: http.max-connections: expected a whole number from 1"),
        ("[server\n", "antiphon.toml:1: "),
    ];
    for (text, expected) in cases {
        let said = refused(text);
        assert_eq!(said.code, Some(2));
        assert!(said.stderr.contains(expected), "{text}: {}", said.stderr);
    }
}

#[test]
fn a_real_server_needs_keys() {
    let said = refused("[server]\nlisten = \"127.0.0.1:0\"");
    assert_eq!(said.code, Some(1));
    assert!(said.stderr.contains("auth.keys: expected at least one API key"), "{}", said.stderr);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let state = tempfile::tempdir().expect("a directory");
    let said = run(antiphon(state.path()).args(["--config", "/nowhere/antiphon.toml"]));
    assert_eq!(said.code, Some(2));
    assert!(said.stderr.contains("config /nowhere/antiphon.toml: No such file"), "{}", said.stderr);
}

#[test]
fn mistakes_in_flags_and_environment_are_one_line() {
    let state = tempfile::tempdir().expect("a directory");
    let flag = run(antiphon(state.path()).arg("--lisen=127.0.0.1:1"));
    assert!(flag.stderr.contains("'--lisen'") && flag.stderr.contains("did you mean --listen?"), "{}", flag.stderr);
    let variable = run(antiphon(state.path()).env("ANTIPHON_LISTEN", "here"));
    assert!(
        variable.stderr.contains("environment variable ANTIPHON_LISTEN: expected an address"),
        "{}",
        variable.stderr
    );
    let secret = run(antiphon(state.path()).env("ANTIPHON_KEYS", "app:0123456789"));
    assert!(secret.stderr.contains("ANTIPHON_KEYS: a key's secret has at least 32 bytes"), "{}", secret.stderr);
    let argument = run(antiphon(state.path()).arg(format!("--keys=app:{SECRET}")));
    assert!(argument.stderr.contains("use the environment variable ANTIPHON_KEYS"), "{}", argument.stderr);
    for said in [flag, variable, secret, argument] {
        assert_eq!((said.code, said.stderr.lines().count()), (Some(2), 1), "{}", said.stderr);
        assert!(!said.stderr.contains("0123456789"), "{}", said.stderr);
    }
}

#[test]
fn only_tokens_of_its_keys_open_it() {
    let state = tempfile::tempdir().expect("a directory");
    let server = Server::configured(state.path(), &format!("[auth]\nkeys = [\"acme/app:{SECRET}\"]\n"));
    assert!(!server.stdout().contains("development") && !server.stdout().contains(SECRET), "{}", server.stdout());
    assert!(!state.path().join("antiphon/dev-keys").exists());
    let answer = server.post_json("/dev/token", r#"{"room":"rehearsal","identity":"ada"}"#);
    assert!(answer.starts_with("HTTP/1.1 405") || answer.starts_with("HTTP/1.1 404"), "{answer}");
    let config = state.path().join("antiphon.toml");
    let token = run(antiphon(state.path())
        .args(["token", "--room", "rehearsal", "--identity", "ada", "--config"])
        .arg(&config));
    let (frame, _socket) = server.join(token.stdout.trim());
    assert!(frame.contains("joined"), "{frame}");
}

#[test]
fn the_command_for_a_token_that_is_printed_works_as_it_stands() {
    let state = tempfile::Builder::new().prefix("it's a place").tempdir().expect("a directory");
    let mut server = Server::configured(state.path(), &format!("[auth]\nkeys = [\"app:{SECRET}\"]\n"));
    let printed = server.running.row("token");
    let mut shell = Command::new("sh");
    shell.args(["-c", &printed]).env_clear().stdout(Stdio::piped()).stderr(Stdio::piped());
    let token = run(&mut shell);
    let (frame, _socket) = server.join(token.stdout.trim());
    assert!(frame.contains("joined"), "{printed}: {frame}");
}

#[test]
fn anyone_may_join_only_where_the_file_says_so() {
    let state = tempfile::tempdir().expect("a directory");
    let file = format!("[auth]\nkeys = [\"app:{SECRET}\"]\n[page]\nanyone-may-join = true\n");
    let server = Server::configured(state.path(), &file);
    let answer = server.post_json("/dev/token", r#"{"room":"rehearsal","identity":"ada"}"#);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let answer = server.request("GET /dev/admin-token HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 404"), "to join is not to administer: {answer}");
    server.running.interrupt();
    let (_, _, stderr) = server.running.wait();
    assert!(stderr.contains("anyone-may-join is set"), "{stderr}");
}

#[test]
fn metrics_can_have_an_address_of_their_own() {
    let state = tempfile::tempdir().expect("a directory");
    let file = format!("[server]\nmetrics-listen = \"127.0.0.1:0\"\n[auth]\nkeys = [\"app:{SECRET}\"]\n");
    let server = Server::configured(state.path(), &file);
    let answer = server.get("/metrics");
    assert!(!answer.contains("antiphon_http_connections_open"), "{answer}");
}

#[test]
fn several_keys_are_chosen_from_by_id() {
    let state = tempfile::tempdir().expect("a directory");
    let config = file_with(state.path(), &format!("[auth]\nkeys = [\"a:{SECRET}\", \"b:{SECRET}\"]\n"));
    let token = |key: &[&str]| {
        run(antiphon(state.path())
            .args(["token", "--room", "r", "--identity", "i"])
            .args(key)
            .arg("--config")
            .arg(&config))
    };
    assert!(token(&[]).stderr.contains("choose with --key one of a, b"));
    assert!(token(&["--key", "c"]).stderr.contains("expected one of a, b"));
    assert_eq!(token(&["--key", "b"]).code, Some(0));
    let with_secret = token(&["--key", &format!("b:{SECRET}")]);
    assert!(with_secret.stderr.contains("without its secret") && !with_secret.stderr.contains(SECRET));
    assert!(token(&["--key", "b", "--ttl", "2d"]).stderr.contains("--ttl: expected 1d at most"));
}
