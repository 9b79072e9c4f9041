#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = antiphon_turn_core::fuzz::relay(bytes, std::time::Instant::now());
    antiphon_turn_core::fuzz::frames(bytes);
});
