#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| antiphon_room_core::fuzz::commands(bytes));
