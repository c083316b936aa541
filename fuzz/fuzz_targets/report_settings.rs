//! See `gpo_fuzz::report_settings`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::report_settings(data));
