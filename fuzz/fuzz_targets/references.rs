//! See `gpo_fuzz::references`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::references(data));
