//! Replays what fuzzing found worth keeping. `cargo fuzz` runs the same function.

use std::{fs, path::Path};

use antiphon_ice_core::fuzz;
use proptest::prelude::*;

#[test]
fn the_corpus_replays() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/rest_credentials");
    let files: Vec<_> = fs::read_dir(corpus).expect("the corpus").map(|entry| entry.expect("a file").path()).collect();
    assert!(files.len() >= 10, "{files:?}");
    for file in files {
        fuzz::credentials(&fs::read(&file).expect("readable"));
    }
}

proptest! {
    #[test]
    fn random_bytes_break_nothing(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        fuzz::credentials(&bytes);
    }
}
