//! See `gpo_fuzz::sddl_bytes`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::sddl_bytes(data));
