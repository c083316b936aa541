//! See `gpo_fuzz::wmi_filter_link`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::wmi_filter_link(data));
