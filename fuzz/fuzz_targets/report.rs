//! See `gpo_fuzz::report`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::report(data));
