//! See `gpo_fuzz::preferences`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::preferences(data));
