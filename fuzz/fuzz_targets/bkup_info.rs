//! See `gpo_fuzz::bkup_info`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::bkup_info(data));
