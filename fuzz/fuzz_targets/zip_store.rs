//! See `gpo_fuzz::zip_store`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::zip_store(data));
