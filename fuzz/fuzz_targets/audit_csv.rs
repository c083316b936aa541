//! See `gpo_fuzz::audit_csv`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::audit_csv(data));
