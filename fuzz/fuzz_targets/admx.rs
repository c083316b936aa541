//! See `gpo_fuzz::admx`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::admx(data));
