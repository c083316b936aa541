//! WMI filters in MOF.

use gpo_core::{parse_wmi_filter_mof, to_wmi_filter_mof};

/// What is read is written as text that is read as the same filter.
pub fn wmi_filter_mof(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    if let Ok((filter, domain)) = parse_wmi_filter_mof(text) {
        let written = to_wmi_filter_mof(&filter, &domain).expect("the filter was read");
        assert_eq!(parse_wmi_filter_mof(&written), Ok((filter, domain)));
    }
}
