//! See `gpo_fuzz::security_template`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::security_template(data));
