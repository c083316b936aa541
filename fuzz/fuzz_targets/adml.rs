//! See `gpo_fuzz::adml`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::adml(data));
