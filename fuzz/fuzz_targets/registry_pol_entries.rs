//! See `gpo_fuzz::registry_pol_entries`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::registry_pol_entries(data));
