//! Antiphon in one process.

fn main() {}
