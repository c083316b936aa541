//! See `gpo_fuzz::sddl_conditional`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::sddl_conditional(data));
