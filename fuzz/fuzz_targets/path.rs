//! See `gpo_fuzz::path`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::path(data));
