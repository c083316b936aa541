//! Reports made from the files of a GPO.

use gpo_core::{
    CLIENT_SIDE_EXTENSIONS, EntryKind, ExtensionGroup, ExtensionList, Gpo, GpoStatus, HalfVersion,
    Inventory,
};
use gpo_report::{GpoFiles, Report, ReportSource};

/// A path in its first line and the bytes of the file behind it: whatever stands there, a report comes
/// out that can be read.
pub fn report_settings(data: &[u8]) {
    let Some(end) = data.iter().position(|&b| b == b'\n') else {
        return;
    };
    let (path, bytes) = (&data[..end], data[end + 1..].to_vec());
    let Some(path) = std::str::from_utf8(path).ok().and_then(|path| path.parse().ok()) else {
        return;
    };
    let groups: Vec<_> = CLIENT_SIDE_EXTENSIONS
        .iter()
        .map(|extension| ExtensionGroup {
            cse: extension.id,
            tools: vec![extension.id],
        })
        .collect();
    let mut inventory = Inventory::default();
    let _ = inventory.insert(path, EntryKind::File(bytes.len() as u64));
    let mut files = GpoFiles::default();
    for (path, _) in inventory.files() {
        files.insert(path.clone(), bytes.clone());
    }
    let gpo = Gpo {
        id: "{31B2F340-016D-11D2-945F-00C04FB984F9}".parse().expect("an ID"),
        domain: String::new(),
        display_name: String::new(),
        status: GpoStatus::empty(),
        machine_version: HalfVersion::default(),
        user_version: HalfVersion::default(),
        machine_extensions: ExtensionList::from_groups(&groups),
        user_extensions: ExtensionList::from_groups(&groups),
        wmi_filter: None,
        wmi_filter_name: String::new(),
        security_descriptor: None,
        inventory,
        machine_objects: Vec::new(),
        user_objects: Vec::new(),
    };
    let source = ReportSource {
        files: Some(&files),
        ..ReportSource::at("2026-01-02T03:04:05Z".parse().expect("a time"))
    };
    let report = Report::of_gpo(&gpo, &source);
    let written = report.to_bytes();
    let read = Report::parse(&written).expect("what was made is read");
    assert_eq!(read.to_bytes(), written);
}
