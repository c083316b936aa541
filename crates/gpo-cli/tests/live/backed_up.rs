//! What is in a folder of backups.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use gpo_core::{BackupObject, BackupXml, BkupInfo, DsObject};

/// A backup of a GPO.
pub(crate) struct BackedUp {
    pub(crate) id: String,
    pub(crate) folder: PathBuf,
    pub(crate) xml: BackupXml,
}

impl BackedUp {
    /// The backups in a folder, by the names of their GPOs.
    pub(crate) fn all(folder: &Path) -> BTreeMap<String, Self> {
        let mut found = BTreeMap::new();
        for entry in fs::read_dir(folder).unwrap() {
            let folder = entry.unwrap().path();
            let Ok(info) = fs::read(folder.join("bkupInfo.xml")) else {
                continue;
            };
            let inst = BkupInfo::parse(&info).unwrap().inst;
            let xml = fs::read(folder.join("Backup.xml")).unwrap();
            let backup = Self {
                id: inst.gpo_id.to_string(),
                xml: BackupXml::parse(&xml).unwrap(),
                folder,
            };
            found.insert(inst.display_name, backup);
        }
        found
    }

    /// Its SYSVOL tree.
    pub(crate) fn tree(&self) -> BTreeMap<String, Option<Vec<u8>>> {
        tree(&self.folder.join("DomainSysvol/GPO"))
    }

    /// Backup.xml without what differs in every backup: times, versions, which restoring raises,
    /// the IDs of objects, which are new when they are made again, and the order of values, which
    /// a directory does not keep.
    pub(crate) fn settings(&self) -> BackupXml {
        let mut xml = self.xml.clone();
        xml.core.machine_version = None;
        xml.core.user_version = None;
        for block in &mut xml.extensions {
            for object in &mut block.objects {
                if let BackupObject::Directory(object) = object {
                    make_comparable(object);
                }
            }
        }
        xml
    }
}

fn make_comparable(object: &mut DsObject) {
    for attribute in &mut object.attributes {
        if attribute.name == "objectGUID" {
            attribute.values.clear();
        }
        attribute.values.sort_unstable();
    }
    object.children.iter_mut().for_each(make_comparable);
}

/// Files with their content, and folders, by their path below a folder, in small letters: a backup
/// spells some names as GPMC does.
pub(crate) fn tree(folder: &Path) -> BTreeMap<String, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(above) = folders.pop() {
        for entry in fs::read_dir(&above).unwrap() {
            let path = entry.unwrap().path();
            let name = path
                .strip_prefix(folder)
                .unwrap()
                .to_str()
                .unwrap()
                .to_lowercase();
            if path.is_dir() {
                found.insert(name, None);
                folders.push(path);
            } else {
                found.insert(name, Some(fs::read(path).unwrap()));
            }
        }
    }
    found
}
