//! The load generator and the floor it is compared with.

fn main() {}
