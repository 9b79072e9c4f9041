//! `antiphon` without arguments.

use crate::support::{SECRET, Server, antiphon, run};

#[test]
fn it_prints_the_page_a_token_command_and_a_warning() {
    let state = tempfile::tempdir().expect("a directory");
    let server = Server::development(state.path());
    let text = server.stdout();
    assert!(text.contains("development server"), "{text}");
    assert!(text.contains(&format!("http://{}", server.address)), "{text}");
    assert!(text.contains(&format!("http://{}/admin", server.address)), "{text}");
    assert!(text.contains("token --room rehearsal --identity ada"), "{text}");
    assert!(text.contains("for development only"), "{text}");
    for (path, expected) in [("/", "text/html"), ("/healthz", "alive"), ("/readyz", "ready"), ("/metrics", "antiphon_")]
    {
        let answer = server.get(path);
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(expected), "{path}: {answer}");
    }
}

#[test]
fn the_token_command_beside_it_opens_a_room() {
    let state = tempfile::tempdir().expect("a directory");
    let server = Server::development(state.path());
    let token = run(antiphon(state.path()).args(["token", "--room", "rehearsal", "--identity", "ada", "--moderate"]));
    assert_eq!((token.code, token.stderr.as_str()), (Some(0), ""));
    let (frame, _socket) = server.join(token.stdout.trim());
    assert!(frame.contains("joined") && frame.contains("MODERATOR"), "{frame}");
}

#[test]
fn the_page_gets_tokens_without_an_application() {
    let state = tempfile::tempdir().expect("a directory");
    let server = Server::development(state.path());
    let answer = server.post_json("/dev/token", r#"{"room":"rehearsal","identity":"ada","name":"Ada"}"#);
    let token = answer.split(r#"{"token":""#).nth(1).and_then(|rest| rest.split('"').next()).expect("a token");
    let (frame, _socket) = server.join(token);
    assert!(frame.contains("joined") && frame.contains("Ada"), "{frame}");
    let cases = [
        (r#"{"room":"","identity":"ada"}"#, "HTTP/1.1 400", "room name must be"),
        (r#"{"room":"rehearsal"}"#, "HTTP/1.1 422", "expected JSON"),
        ("nonsense", "HTTP/1.1 400", "malformed"),
        (&format!(r#"{{"room":"{}"}}"#, "a".repeat(10_000)), "HTTP/1.1 413", "too_large"),
    ];
    for (body, status, detail) in cases {
        let answer = server.post_json("/dev/token", body);
        assert!(answer.starts_with(status) && answer.contains(detail), "{body}: {answer}");
    }
}

#[test]
fn pages_of_this_machine_may_join_on_any_port_and_others_may_not() {
    let state = tempfile::tempdir().expect("a directory");
    let server = Server::development(state.path());
    let asks = |origin: &str| {
        server.request(&format!(
            "OPTIONS /dev/token HTTP/1.1\r\nhost: a\r\nconnection: close\r\norigin: {origin}\r\n\
             access-control-request-method: POST\r\naccess-control-request-headers: content-type\r\n\r\n"
        ))
    };
    for origin in ["http://localhost:5173", "http://127.0.0.1:8080", "http://[::1]:1"] {
        assert_eq!(server.upgrade_from(origin), 101, "{origin}");
        let answer = asks(origin);
        assert!(answer.contains(&format!("access-control-allow-origin: {origin}\r\n")), "{answer}");
    }
    for origin in ["https://evil.example", "http://localhost.evil.example:80", "null"] {
        assert_eq!(server.upgrade_from(origin), 403, "{origin}");
        let answer = asks(origin);
        assert!(!answer.contains("access-control-allow-origin"), "{answer}");
    }
}

#[test]
fn origins_that_are_named_are_the_only_ones() {
    let state = tempfile::tempdir().expect("a directory");
    let server = Server::start(antiphon(state.path()).args([
        "--listen",
        "127.0.0.1:0",
        "--allowed-origins",
        "http://localhost:1",
    ]));
    assert_eq!(server.upgrade_from("http://localhost:1"), 101);
    assert_eq!(server.upgrade_from("http://localhost:2"), 403);
}

#[test]
fn a_token_of_another_key_opens_nothing() {
    let state = tempfile::tempdir().expect("a directory");
    let server = Server::development(state.path());
    let foreign = format!("devkey:{}", SECRET);
    let token = run(antiphon(state.path()).env("ANTIPHON_KEYS", foreign).args([
        "token",
        "--room",
        "rehearsal",
        "--identity",
        "ada",
    ]));
    let (frame, _socket) = server.join(token.stdout.trim());
    assert!(frame.contains("unauthenticated"), "{frame}");
}

#[test]
fn without_a_server_the_token_command_says_what_is_missing() {
    let state = tempfile::tempdir().expect("a directory");
    let token = run(antiphon(state.path()).args(["token", "--room", "rehearsal", "--identity", "ada"]));
    assert_eq!(token.code, Some(1));
    assert!(token.stderr.contains("start `antiphon`") && token.stderr.contains("ANTIPHON_KEYS"), "{}", token.stderr);
    assert_eq!((token.stdout.as_str(), token.stderr.lines().count()), ("", 1));
}

#[test]
fn keys_of_the_environment_are_used_and_not_printed() {
    let state = tempfile::tempdir().expect("a directory");
    let keys = format!("app:{}", SECRET);
    let server = Server::start(antiphon(state.path()).env("ANTIPHON_KEYS", &keys).args(["--listen", "127.0.0.1:0"]));
    assert!(!server.stdout().contains(SECRET), "{}", server.stdout());
    let token = run(antiphon(state.path()).env("ANTIPHON_KEYS", &keys).args([
        "token",
        "--room",
        "rehearsal",
        "--identity",
        "ada",
    ]));
    let (frame, _socket) = server.join(token.stdout.trim());
    assert!(frame.contains("joined"), "{frame}");
}

#[test]
fn a_port_in_use_is_one_line_that_names_the_flag() {
    let state = tempfile::tempdir().expect("a directory");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("bound").to_string();
    let said = run(antiphon(state.path()).args(["--listen", &address]));
    assert_eq!(said.code, Some(1));
    assert!(said.stderr.contains(&address) && said.stderr.contains("--listen"), "{}", said.stderr);
    assert_eq!((said.stdout.as_str(), said.stderr.lines().count()), ("", 1), "{}", said.stderr);
}

#[test]
fn ctrl_c_ends_it_well_and_takes_its_key_away() {
    let state = tempfile::tempdir().expect("a directory");
    let server = Server::development(state.path());
    let key_file = state.path().join("antiphon/dev-keys");
    assert!(key_file.exists());
    server.running.interrupt();
    let (status, stdout, stderr) = server.running.wait();
    assert_eq!(status.code(), Some(0), "{stderr}");
    assert!(stdout.contains("Stopping"), "{stdout}");
    assert!(!key_file.exists());
}

#[test]
fn a_second_ctrl_c_does_not_wait_for_clients() {
    let state = tempfile::tempdir().expect("a directory");
    let mut server = Server::start(antiphon(state.path()).args(["--listen", "127.0.0.1:0", "--drain-timeout", "1h"]));
    let token = run(antiphon(state.path()).args(["token", "--room", "rehearsal", "--identity", "ada"]));
    let (_, _socket_that_stays) = server.join(token.stdout.trim());
    server.running.interrupt();
    server.running.row("Stopping");
    server.running.interrupt();
    let (status, _, stderr) = server.running.wait();
    assert_eq!(status.code(), Some(0), "{stderr}");
    assert!(stderr.contains("stopped at once"), "{stderr}");
}

#[test]
fn no_secret_and_no_token_is_logged() {
    let state = tempfile::tempdir().expect("a directory");
    let mut server =
        Server::start(antiphon(state.path()).env("ANTIPHON_LOG", "debug").args(["--listen", "127.0.0.1:0"]));
    let secret = server.running.row("secret");
    let token = run(antiphon(state.path()).args(["token", "--room", "rehearsal", "--identity", "ada"])).stdout;
    let token = token.trim();
    let joined = server.join(token);
    let refused = server.join(&format!("{token}x"));
    drop((joined, refused));
    server.running.interrupt();
    let (_, _, stderr) = server.running.wait();
    assert!(stderr.contains("serving"), "{stderr}");
    let signature = token.rsplit('.').next().expect("three parts");
    for hidden in [secret.as_str(), token, signature] {
        assert!(!stderr.contains(hidden), "{stderr}");
    }
}

#[test]
fn who_sits_at_the_machine_is_its_admin_and_nobody_else() {
    let state = tempfile::tempdir().expect("a directory");
    let server = Server::development(state.path());
    let ask = |host: &str, more: &str| {
        server.request(&format!(
            "POST /dev/admin-token HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: 0\r\n{more}\r\n"
        ))
    };
    for (host, more) in [("evil.example", ""), ("a", ""), ("localhost", "x-forwarded-for: 192.0.2.7\r\n")] {
        let answer = ask(host, more);
        assert!(answer.starts_with("HTTP/1.1 404") && !answer.contains("token\":"), "{host}: {answer}");
    }
    let answer = ask(&format!("localhost:{}", server.address.port()), "");
    let token = answer.split(r#"{"token":""#).nth(1).and_then(|rest| rest.split('"').next()).expect("a token");
    let rooms = list_rooms(&server, token);
    assert!(rooms.starts_with("HTTP/1.1 200") && rooms.contains(r#""rooms":[]"#), "{rooms}");
    let (frame, _socket) = server.join(token);
    assert!(frame.contains("permission_denied"), "an admin's token joins no room: {frame}");
}

#[test]
fn the_token_command_makes_tokens_for_the_rest_api() {
    let state = tempfile::tempdir().expect("a directory");
    let server = Server::development(state.path());
    let token = run(antiphon(state.path()).args(["token", "--admin"]));
    assert_eq!((token.code, token.stderr.as_str()), (Some(0), ""));
    let rooms = list_rooms(&server, token.stdout.trim());
    assert!(rooms.starts_with("HTTP/1.1 200"), "{rooms}");
    let both = run(antiphon(state.path()).args(["token", "--admin", "--room", "rehearsal"]));
    assert_eq!(both.code, Some(2), "{}", both.stderr);
    let neither = run(antiphon(state.path()).args(["token"]));
    assert!(neither.code == Some(2) && neither.stderr.contains("--room"), "{}", neither.stderr);
}

fn list_rooms(server: &Server, token: &str) -> String {
    server.request(&format!(
        "GET /v1/rooms HTTP/1.1\r\nhost: a\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\r\n"
    ))
}
