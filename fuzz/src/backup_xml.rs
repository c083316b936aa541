//! Backup.xml.

use gpo_core::{BackupXml, EntryKind, Inventory};

/// What is read is written, and read again the same; what the engine does with a Backup.xml that it
/// does not trust ends well.
pub fn backup_xml(data: &[u8]) {
    let Ok(backup) = BackupXml::parse(data) else {
        return;
    };
    let bytes = backup.to_bytes().expect("it came out of a file");
    assert_eq!(BackupXml::parse(&bytes).as_ref(), Ok(&backup));
    regenerate(&backup);
}

/// The GPO that a backup is of makes a Backup.xml that is readable, and of the same GPO.
fn regenerate(backup: &BackupXml) {
    let Ok(listed) = backup.inventory(&Inventory::default()) else {
        return;
    };
    let mut inventory = listed.inventory;
    for file in listed.missing_files {
        if inventory.insert(file, EntryKind::File(0)).is_err() {
            return;
        }
    }
    let Ok(gpo) = backup.to_gpo(inventory) else {
        return;
    };
    let controller = backup.domain_controller().unwrap_or_default();
    for build in [BackupXml::build, BackupXml::build_lgpo] {
        let groups = backup.security_groups.clone();
        let built = build(&gpo, controller, groups, backup.file_paths.clone());
        let bytes = built.to_bytes().expect("it came out of a file");
        assert_eq!(BackupXml::parse(&bytes).as_ref(), Ok(&built));
        assert_eq!(built.core.id, backup.core.id);
    }
}
