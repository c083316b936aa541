//! See `gpo_fuzz::registry_pol`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::registry_pol(data));
