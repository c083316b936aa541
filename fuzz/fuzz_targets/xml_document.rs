//! See `gpo_fuzz::xml_document`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::xml_document(data));
