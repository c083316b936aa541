//! See `gpo_fuzz::backup_xml`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::backup_xml(data));
