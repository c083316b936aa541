//! See `gpo_fuzz::guid`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::guid(data));
