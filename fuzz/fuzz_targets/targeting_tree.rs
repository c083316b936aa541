//! See `gpo_fuzz::targeting_tree`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::targeting_tree(data));
