//! See `gpo_fuzz::migration_table`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::migration_table(data));
