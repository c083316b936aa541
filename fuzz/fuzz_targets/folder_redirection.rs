//! See `gpo_fuzz::folder_redirection`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::folder_redirection(data));
