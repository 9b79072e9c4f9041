//! The limit of open files: what `bench` needs is checked and raised before anything else is done.

use std::process::Command;

/// What `bench` says on stderr, begun with these limits and without a server to measure.
fn bench_says(limits: &str) -> String {
    let program = env!("CARGO_BIN_EXE_antiphon-loadtest");
    let script = format!("{limits} && exec {program} bench --only relay --server /nonexistent/antiphon");
    let output = Command::new("sh").args(["-c", &script]).output().expect("a shell");
    assert!(!output.status.success(), "there is no server");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_soft_limit_is_raised() {
    let said = bench_says("ulimit -Sn 64");
    assert!(said.contains("no server at /nonexistent/antiphon"), "{said}");
}

#[test]
fn a_hard_limit_is_told_with_what_to_do() {
    let said = bench_says("ulimit -n 64");
    assert!(said.contains("400 clients need 500 open files, and this process may have 64 at most"), "{said}");
}
