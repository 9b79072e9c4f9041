//! Rooms in Redis.

use std::path::Path;

use antiphon_redis_fixture::{Server as Redis, eventually};

use crate::support::{SECRET, Server, antiphon, run};

fn server(state: &Path, flags: &[&str]) -> Server {
    Server::start(
        antiphon(state).env("ANTIPHON_KEYS", format!("app:{SECRET}")).args(["--listen", "127.0.0.1:0"]).args(flags),
    )
}

fn admin_token(state: &Path) -> String {
    let said = run(antiphon(state).env("ANTIPHON_KEYS", format!("app:{SECRET}")).args(["token", "--admin"]));
    said.stdout.trim().to_owned()
}

fn token_for(state: &Path, identity: &str) -> String {
    let said = run(antiphon(state).env("ANTIPHON_KEYS", format!("app:{SECRET}")).args([
        "token",
        "--room",
        "rehearsal",
        "--identity",
        identity,
    ]));
    said.stdout.trim().to_owned()
}

fn request(server: &Server, method: &str, token: &str, body: &str) -> String {
    server.request(&format!(
        "{method} /v1/rooms HTTP/1.1\r\nhost: a\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ))
}

async fn ready(server: &Server) {
    eventually("the server is ready", async || server.get("/readyz").starts_with("HTTP/1.1 200")).await;
}

#[tokio::test]
async fn two_servers_on_one_redis_have_the_same_rooms() {
    let (redis, state) = (Redis::start().await, tempfile::tempdir().expect("a directory"));
    let flags = ["--backplane", &redis.url()];
    let (one, other) = (server(state.path(), &flags), server(state.path(), &flags));
    ready(&one).await;
    ready(&other).await;
    let token = admin_token(state.path());
    let created = request(&one, "POST", &token, r#"{"name":"rehearsal"}"#);
    assert!(created.starts_with("HTTP/1.1 201"), "{created}");
    let listed = request(&other, "GET", &token, "");
    assert!(listed.starts_with("HTTP/1.1 200") && listed.contains("rehearsal"), "{listed}");

    let (joined, _ada) = one.join(&token_for(state.path(), "ada"));
    assert!(joined.contains("joined"), "{joined}");
    let (joined, _bob) = other.join(&token_for(state.path(), "bob"));
    assert!(joined.contains("joined") && joined.contains("\"ada\""), "who is in the room: {joined}");
}

#[tokio::test]
async fn a_server_whose_redis_is_not_there_starts_and_waits_for_it() {
    let (redis, state) = (Redis::start().await, tempfile::tempdir().expect("a directory"));
    redis.kill();
    let mut server = server(state.path(), &["--backplane", &redis.url()]);
    server.running.wait_for_log("Redis is away");
    assert!(server.get("/healthz").starts_with("HTTP/1.1 200"));
    assert!(server.get("/readyz").starts_with("HTTP/1.1 503"));
    redis.restart().await;
    ready(&server).await;
    redis.kill();
    let answer = request(&server, "GET", &admin_token(state.path()), "");
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200"), "every server is without it, so none leaves");
}

#[tokio::test]
async fn a_server_that_does_not_fit_what_is_in_redis_says_so_and_ends() {
    let (redis, state) = (Redis::start().await, tempfile::tempdir().expect("a directory"));
    let first = server(state.path(), &["--backplane", &redis.url()]);
    ready(&first).await;
    let second = run(antiphon(state.path()).args([
        "--listen",
        "127.0.0.1:0",
        "--backplane-partitions",
        "8",
        "--backplane",
        &redis.url(),
    ]));
    assert_eq!(second.code, Some(1), "{}", second.stderr);
    assert!(second.stderr.contains("the same number of partitions"), "{}", second.stderr);
}

#[test]
fn mistakes_about_the_backplane_are_one_line() {
    let state = tempfile::tempdir().expect("a directory");
    for (flags, code, expected) in [
        (&["--backplane", "postgres://a"][..], 2, "expected \"memory\" or an address of Redis"),
        (&["--backplane", "redis://user:secret@a"], 2, "a password does not belong in an address"),
        (&["--backplane", "redis://a", "--backplane-username", "ada"], 1, "backplane-password-file is not"),
        (
            &["--backplane", "redis://a", "--backplane-password-file", "/nowhere"],
            1,
            "backplane-password-file /nowhere: No such file",
        ),
        (&["--backplane", "rediss://a", "--backplane-ca-file", "/nowhere"], 1, "/nowhere"),
    ] {
        let said = run(antiphon(state.path()).args(["--listen", "127.0.0.1:0"]).args(flags));
        assert_eq!((said.code, said.stderr.lines().count()), (Some(code), 1), "{}", said.stderr);
        assert!(said.stderr.contains(expected), "{}", said.stderr);
    }
}
