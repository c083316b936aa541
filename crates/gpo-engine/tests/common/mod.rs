//! Backups for tests.

#![allow(dead_code, reason = "each test uses a part of it")]

use gpo_core::{BackupId, BackupInst, BackupStoreWrite, BkupInfo, Guid};
use gpo_testkit::MemoryTree;

/// What bkupInfo.xml says about backup number n, of a GPO of the same number.
pub(crate) fn inst(n: u32) -> BackupInst {
    BackupInst {
        gpo_id: Guid::from_u128((1 << 64) + u128::from(n)).into(),
        gpo_domain: "example.test".into(),
        gpo_domain_id: None,
        domain_controller: "dc1.example.test".into(),
        time: format!("2026-04-22T18:00:{n:02}").parse().unwrap(),
        id: BackupId::new(Guid::from_u128(n.into())),
        comment: String::new(),
        display_name: format!("GPO {n}"),
        software_installation: false,
        unusual: None,
    }
}

/// The folder of a backup that has nothing but its bkupInfo.xml.
pub(crate) fn tree(inst: &BackupInst) -> MemoryTree {
    tree_of(
        "bkupInfo.xml",
        BkupInfo::new(inst.clone()).to_bytes().unwrap(),
    )
}

/// A folder with one file.
pub(crate) fn tree_of(name: &str, bytes: impl Into<Vec<u8>>) -> MemoryTree {
    let mut tree = MemoryTree::default();
    tree.put_file(&name.parse().unwrap(), bytes).unwrap();
    tree
}

/// Puts such a backup into its place.
pub(crate) fn commit(store: &dyn BackupStoreWrite, inst: &BackupInst) {
    let mut staged = store.stage(inst.id).unwrap();
    staged
        .create_file(&"bkupInfo.xml".parse().unwrap())
        .unwrap();
    let bytes = BkupInfo::new(inst.clone()).to_bytes().unwrap();
    staged.append(&bytes).unwrap();
    staged.commit().unwrap();
}
