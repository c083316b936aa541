//! See `gpo_fuzz::text`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::text(data));
