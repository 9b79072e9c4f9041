use std::process::Command;

/// A room has no clock, no randomness and no IO, and neither has anything it stands on.
#[test]
fn the_core_depends_on_no_runtime_no_server_and_no_random_source() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "-p", env!("CARGO_PKG_NAME"), "-e", "normal", "--prefix", "none", "--format", "{p}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs the tests, so it is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).expect("UTF-8");
    let crates: Vec<_> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(crates.contains(&"antiphon-protocol"), "{crates:?}");
    for banned in ["axum", "chrono", "getrandom", "hyper", "kube", "mio", "rand", "rand_core", "redis", "time", "tokio"]
    {
        assert!(!crates.contains(&banned), "{banned} is beneath room-core");
    }
}
