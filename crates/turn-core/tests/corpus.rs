//! What fuzzing began from and what it found.

use std::{fs, path::Path, time::Instant};

#[test]
fn the_corpus_passes() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/turn_relay");
    let entries: Vec<_> =
        fs::read_dir(&corpus).expect("a corpus").map(|entry| entry.expect("readable").path()).collect();
    assert!(entries.len() >= 15, "{} entries", entries.len());
    let (mut allocations, mut relayed) = (0, 0);
    for path in entries {
        let bytes = fs::read(&path).expect("readable");
        let reached = antiphon_turn_core::fuzz::relay(&bytes, any_time());
        allocations += reached.allocations;
        relayed += reached.relayed;
        antiphon_turn_core::fuzz::frames(&bytes);
    }
    assert!(allocations >= 15 && relayed >= 10, "the corpus came no further than {allocations} and {relayed}");
}

/// A quick look with random sequences; `make fuzz TARGET_NAME=turn_relay` looks longer.
#[test]
fn random_sequences_pass() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..300 {
        let bytes: Vec<u8> = (0..400)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 24) as u8
            })
            .collect();
        antiphon_turn_core::fuzz::relay(&bytes, any_time());
        antiphon_turn_core::fuzz::frames(&bytes);
    }
}

fn any_time() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "there is no other way to an Instant")]
    Instant::now()
}
