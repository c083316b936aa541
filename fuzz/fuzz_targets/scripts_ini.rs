//! See `gpo_fuzz::scripts_ini`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::scripts_ini(data));
