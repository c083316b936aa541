//! Links to WMI filters.

use gpo_core::WmiFilterLink;

/// A link that is understood means the same in both of its forms.
pub fn wmi_filter_link(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let link = WmiFilterLink::from_text(text);
    assert_eq!(link.as_str(), text);
    let Ok((filter, domain)) = link.target() else {
        return;
    };
    for written in [WmiFilterLink::in_backup, WmiFilterLink::in_directory] {
        let written = written(filter, domain).expect("the domain came out of a link");
        assert_eq!(written.target(), Ok((filter, domain)));
    }
}
