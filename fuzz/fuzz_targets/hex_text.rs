//! See `gpo_fuzz::hex_text`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::hex_text(data));
