//! docs/rest.md, run as somebody would who reads it beside the development server.

use std::process::{Command, Stdio};

use crate::support::{Server, run};

const PAGE: &str = include_str!("../../../../docs/rest.md");

/// The blocks that a shell is to run, in their order.
fn blocks() -> Vec<&'static str> {
    PAGE.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default()).collect()
}

#[test]
fn every_block_of_the_page_works() {
    let state = tempfile::tempdir().expect("a directory");
    let server = Server::development(state.path());
    let blocks = blocks();
    assert!(blocks.len() >= 8, "{blocks:?}");
    let script = blocks.join("\necho\n").replace("localhost:7880", &server.address.to_string());
    assert!(!script.contains("7880"), "another address: {script}");
    let directory = std::path::Path::new(env!("CARGO_BIN_EXE_antiphon")).parent().expect("a directory");
    let path = std::env::var("PATH").unwrap_or_default();
    let mut shell = Command::new("bash");
    shell
        .args(["-euo", "pipefail", "-c", &script])
        .env_clear()
        .env("PATH", format!("{}:{path}", directory.display()))
        .env("XDG_RUNTIME_DIR", state.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let said = run(&mut shell);
    assert_eq!(said.code, Some(0), "{said:?}");
    for expected in [r#""metadata":"third act""#, r#""maxParticipants":12"#, r#""identity":"mallory""#, "Five minutes"]
    {
        assert!(said.stdout.contains(expected), "{expected}: {said:?}");
    }
    let once: Vec<_> = said.stdout.matches(r#""text":"Once.""#).collect();
    assert_eq!(once.len(), 2, "answered twice: {said:?}");
}
