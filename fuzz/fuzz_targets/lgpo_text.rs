//! See `gpo_fuzz::lgpo_text`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::lgpo_text(data));
