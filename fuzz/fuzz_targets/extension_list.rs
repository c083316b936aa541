//! See `gpo_fuzz::extension_list`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::extension_list(data));
