//! See `gpo_fuzz::backup_time`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::backup_time(data));
