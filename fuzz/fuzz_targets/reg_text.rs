//! See `gpo_fuzz::reg_text`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::reg_text(data));
