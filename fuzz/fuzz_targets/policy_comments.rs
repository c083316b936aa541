//! See `gpo_fuzz::policy_comments`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::policy_comments(data));
