//! Removing backups.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

mod common;

use std::fs;

use common::{backup, inst, store_of};
use gpo_core::{BackupFolder, BackupStore, Manifest, SourceErrorKind};
use gpo_engine::delete_backup;
use gpo_local::FolderStore;
use gpo_testkit::{Fault, Faults, Faulty};

fn folder(path: &str) -> BackupFolder {
    BackupFolder { path: path.into() }
}

fn id(n: u32) -> String {
    inst(n).id.to_string()
}

fn listed(store: &dyn BackupStore) -> usize {
    Manifest::parse(&store.manifest("").unwrap().unwrap())
        .unwrap()
        .entries
        .len()
}

#[test]
fn the_folder_goes_and_its_entry() {
    let store = store_of(&[inst(1), inst(2)]);
    delete_backup(&store, &folder(&id(1))).unwrap();
    assert_eq!(store.backups().unwrap(), [folder(&id(2))]);
    assert_eq!(listed(&store), 1);
    let again = delete_backup(&store, &folder(&id(1))).unwrap_err();
    assert_eq!(again.kind(), SourceErrorKind::NotFound);
}

#[test]
fn an_entry_that_another_backup_needs_stays() {
    let store = store_of(&[inst(1)]);
    store.put_backup("copy", backup(&inst(1)));
    delete_backup(&store, &folder("copy")).unwrap();
    assert_eq!(store.backups().unwrap(), [folder(&id(1))]);
    assert_eq!(listed(&store), 1);
}

#[test]
fn what_is_not_in_the_root_is_refused() {
    let store = store_of(&[inst(1)]);
    store.put_backup("sub/folder", backup(&inst(2)));
    for path in ["", "sub/folder"] {
        let error = delete_backup(&store, &folder(path)).unwrap_err();
        assert_eq!(error.kind(), SourceErrorKind::Unsupported, "{path}");
    }
}

#[test]
fn a_folder_that_is_no_backup_is_refused() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("documents/work")).unwrap();
    fs::write(root.path().join("documents/work/thesis.txt"), "years").unwrap();
    let store = FolderStore::open(root.path()).unwrap();
    for path in ["documents", "documents/work", "nothing"] {
        assert!(delete_backup(&store, &folder(path)).is_err(), "{path}");
    }
    assert!(root.path().join("documents/work/thesis.txt").exists());
}

#[test]
fn whatever_fails_a_second_try_finds_a_whole_backup_or_none() {
    let counted = Faults::none();
    let store = store_of(&[inst(1), inst(2)]);
    delete_backup(&Faulty::new(&store, &counted), &folder(&id(1))).unwrap();
    for call in 0..counted.calls() {
        for fault in [Fault::Fail(SourceErrorKind::Denied), Fault::Stop] {
            let store = store_of(&[inst(1), inst(2)]);
            let faults = Faults::at(call, fault);
            let first = delete_backup(&Faulty::new(&store, &faults), &folder(&id(1)));
            let there = store.backup(&id(1)).is_some();
            assert!(there || listed(&store) == 1, "an entry without a folder");
            assert!(first.is_err() || !there, "call {call}, {fault:?}");
            if there {
                assert!(*store.backup(&id(1)).unwrap() == backup(&inst(1)));
                delete_backup(&store, &folder(&id(1))).unwrap();
            }
            assert_eq!((store.backups().unwrap().len(), listed(&store)), (1, 1));
        }
    }
}

#[cfg(unix)]
#[test]
fn links_are_never_followed() {
    let root = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("bkupInfo.xml"), "").unwrap();
    std::os::unix::fs::symlink(outside.path(), root.path().join("link")).unwrap();
    let inside = root.path().join("backup");
    fs::create_dir(&inside).unwrap();
    fs::write(inside.join("bkupInfo.xml"), "").unwrap();
    std::os::unix::fs::symlink(outside.path(), inside.join("link")).unwrap();
    let store = FolderStore::open(root.path()).unwrap();
    assert!(delete_backup(&store, &folder("link")).is_err());
    delete_backup(&store, &folder("backup")).unwrap();
    assert!(!inside.exists());
    assert!(outside.path().join("bkupInfo.xml").exists());
}
