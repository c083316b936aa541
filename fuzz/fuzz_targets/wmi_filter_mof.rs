//! See `gpo_fuzz::wmi_filter_mof`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpo_fuzz::wmi_filter_mof(data));
