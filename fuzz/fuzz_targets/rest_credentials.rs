#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| antiphon_ice_core::fuzz::credentials(bytes));
