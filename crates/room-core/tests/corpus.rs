//! Replays what fuzzing found worth keeping. `cargo fuzz` runs the same function.

use std::{fs, path::Path};

use antiphon_room_core::{Event, Room};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

#[test]
fn the_corpus_replays() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/room_commands");
    let files: Vec<_> = fs::read_dir(corpus).expect("the corpus").map(|entry| entry.expect("a file").path()).collect();
    assert!(files.len() >= 10, "{files:?}");
    for file in files {
        let bytes = fs::read(&file).expect("readable");
        let live = match bytes.split_first().expect("a mode") {
            (0, entries) => entries.split(|byte| *byte == b'\n').any(|entry| Event::from_bytes(entry).is_ok()),
            (1, snapshot) => Room::from_snapshot(snapshot).is_ok(),
            (_, commands) => !commands.is_empty(),
        };
        assert!(live, "{} means nothing to this version", file.display());
        antiphon_room_core::fuzz::commands(&bytes);
    }
}

#[test]
fn random_bytes_break_nothing() {
    let mut random = StdRng::seed_from_u64(1);
    let mut bytes = vec![0; 4_096];
    for _ in 0..500 {
        random.fill_bytes(&mut bytes);
        antiphon_room_core::fuzz::commands(&bytes);
    }
}
