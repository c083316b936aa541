//! See `gpo_fuzz::inf_lines`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::inf_lines(data));
