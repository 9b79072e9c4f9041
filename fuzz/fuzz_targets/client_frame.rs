#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| antiphon_protocol::fuzz::client_frame(bytes));
