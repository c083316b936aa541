//! The queries of WMI filters.

use gpo_core::{parse_wmi_queries, to_wmi_queries};

/// What is read is written as text that is read as the same queries.
pub fn wmi_filter_queries(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    if let Ok(queries) = parse_wmi_queries(text) {
        assert_eq!(parse_wmi_queries(&to_wmi_queries(&queries)), Ok(queries));
    }
}
