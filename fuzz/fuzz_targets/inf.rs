//! See `gpo_fuzz::inf`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::inf(data));
