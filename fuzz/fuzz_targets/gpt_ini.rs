//! See `gpo_fuzz::gpt_ini`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::gpt_ini(data));
