//! See `gpo_fuzz::wmi_filter_queries`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::wmi_filter_queries(data));
