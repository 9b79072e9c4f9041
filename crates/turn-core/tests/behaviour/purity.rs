//! What turn-core depends on.

use std::process::Command;

#[test]
fn the_relay_has_no_sockets_no_runtime_and_no_randomness() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "-p", env!("CARGO_PKG_NAME"), "-e", "normal", "--prefix", "none", "--format", "{p}"])
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).expect("crate names are ASCII");
    let names: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(names.contains(&"antiphon-ice-core"), "{tree}");
    for banned in ["tokio", "mio", "axum", "hyper", "rand", "getrandom", "socket2", "nix"] {
        assert!(!names.contains(&banned), "turn-core must not depend on {banned}");
    }
}
