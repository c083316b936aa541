//! See `gpo_fuzz::ldif`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::ldif(data));
