//! Tells cargo that the page is part of the binary.

fn main() {
    println!("cargo::rerun-if-changed=../../console/dist");
}
