//! Listing the backups of a store, and finding some of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

mod common;

use common::{inst, tree, tree_of};
use gpo_core::{BackupFolder, BackupInst, Manifest, SourceErrorKind};
use gpo_engine::{BackupSet, Cancel, FindingKind, SearchCriteria, find_backup};
use gpo_testkit::MemoryStore;

fn read(store: &MemoryStore) -> BackupSet {
    BackupSet::read(store, &Cancel::default()).unwrap()
}

/// Puts backups into folders named by their IDs, with a manifest.
fn store(insts: &[BackupInst]) -> MemoryStore {
    let store = MemoryStore::default();
    let mut manifest = Manifest::default();
    for inst in insts {
        store.put_backup(&inst.id.to_string(), tree(inst));
        manifest.insert(inst.clone());
    }
    store.put_manifest("", manifest.to_bytes().unwrap());
    store
}

fn findings(store: &MemoryStore) -> Vec<(FindingKind, String)> {
    let findings = read(store).findings.into_iter();
    findings
        .map(|finding| (finding.kind, finding.folder))
        .collect()
}

#[test]
fn a_set_that_agrees_with_its_manifest_has_no_findings() {
    let store = store(&[inst(1), inst(2)]);
    assert_eq!(findings(&store), []);
    let insts: Vec<_> = read(&store)
        .backups
        .into_iter()
        .map(|b| b.inst.unwrap())
        .collect();
    assert_eq!(insts, [inst(1), inst(2)]);
}

#[test]
fn the_folders_say_what_is_there_and_the_manifest_is_compared() {
    use FindingKind::{
        EntryDiffers, EntryTwice, EntryWithoutFolder, FolderName, FolderWithoutEntry, InvalidFile,
        InvalidManifest, MissingFile, NoManifest, SharedId,
    };
    let id = |n| inst(n).id.to_string();
    let manifest = |insts: &[BackupInst]| {
        let mut manifest = Manifest::default();
        for inst in insts {
            manifest.insert(inst.clone());
        }
        manifest
    };

    let set = store(&[inst(1), inst(2)]);
    set.put_backup(&id(3), tree(&inst(3)));
    assert_eq!(findings(&set), [(FolderWithoutEntry, id(3))]);

    set.put_manifest(
        "",
        manifest(&[inst(1), inst(2), inst(3), inst(4)])
            .to_bytes()
            .unwrap(),
    );
    assert_eq!(findings(&set), [(EntryWithoutFolder, String::new())]);

    let renamed = BackupInst {
        display_name: "Renamed".into(),
        ..inst(2)
    };
    set.put_manifest(
        "",
        manifest(&[inst(1), renamed, inst(3)]).to_bytes().unwrap(),
    );
    assert_eq!(findings(&set), [(EntryDiffers, id(2))]);

    let mut twice = manifest(&[inst(1), inst(2), inst(3)]);
    twice.entries.push(twice.entries[0].clone());
    set.put_manifest("", twice.to_bytes().unwrap());
    assert_eq!(findings(&set), [(EntryTwice, String::new())]);

    set.put_manifest("", "<Backups");
    assert_eq!(findings(&set), [(InvalidManifest, String::new())]);

    let bare = MemoryStore::default();
    bare.put_backup("sub/folder", tree(&inst(1)));
    bare.put_backup("sub/other", tree(&inst(1)));
    assert_eq!(
        findings(&bare),
        [
            (FolderName, "sub/folder".into()),
            (FolderName, "sub/other".into()),
            (SharedId, "sub/other".into()),
            (NoManifest, "sub".into()),
        ]
    );

    let broken = store(&[inst(1), inst(2)]);
    broken.put_backup(&id(1), tree_of("bkupInfo.xml", "<BackupInst"));
    broken.put_backup(&id(2), tree_of("Backup.xml", ""));
    assert_eq!(
        findings(&broken),
        [(InvalidFile, id(1)), (MissingFile, id(2))]
    );
}

#[test]
fn criteria_are_joined_by_and() {
    let other_domain = BackupInst {
        gpo_domain: "other.test".into(),
        ..inst(3)
    };
    let newer = BackupInst {
        time: inst(9).time,
        gpo_id: inst(1).gpo_id,
        ..inst(4)
    };
    let same_gpo_elsewhere = BackupInst {
        gpo_id: inst(1).gpo_id,
        ..other_domain.clone()
    };
    let same_gpo_elsewhere = BackupInst {
        id: inst(5).id,
        ..same_gpo_elsewhere
    };
    let set = read(&store(&[
        inst(1),
        inst(2),
        other_domain,
        newer,
        same_gpo_elsewhere,
    ]));
    let all = SearchCriteria::default();
    for (criteria, found) in [
        (all.clone(), vec![1, 2, 3, 4, 5]),
        (
            SearchCriteria {
                gpo: Some(inst(1).gpo_id),
                ..all.clone()
            },
            vec![1, 4, 5],
        ),
        (
            SearchCriteria {
                not_gpo: vec![inst(1).gpo_id, inst(2).gpo_id],
                ..all.clone()
            },
            vec![3],
        ),
        (
            SearchCriteria {
                domain: Some("OTHER.test".into()),
                ..all.clone()
            },
            vec![3, 5],
        ),
        (
            SearchCriteria {
                not_domain: vec!["other.test".into()],
                ..all.clone()
            },
            vec![1, 2, 4],
        ),
        (
            SearchCriteria {
                name: vec!["gpo".into(), "2".into()],
                ..all.clone()
            },
            vec![2],
        ),
        (
            SearchCriteria {
                not_name: vec!["2".into(), "GPO 3".into()],
                ..all.clone()
            },
            vec![1, 4],
        ),
        (
            SearchCriteria {
                most_recent: true,
                ..all.clone()
            },
            vec![2, 3, 4, 5],
        ),
        (
            // Of the newest ones, those with this name; not the newest of those with this name.
            SearchCriteria {
                most_recent: true,
                name: vec!["1".into()],
                ..all.clone()
            },
            vec![],
        ),
        (
            SearchCriteria {
                gpo: Some(inst(1).gpo_id),
                most_recent: true,
                domain: Some("example.test".into()),
                ..all
            },
            vec![4],
        ),
    ] {
        let ids: Vec<_> = set.search(&criteria).map(|(_, inst)| inst.id).collect();
        let expected: Vec<_> = found.into_iter().map(|n| inst(n).id).collect();
        assert_eq!(ids, expected, "{criteria:?}");
    }
}

#[test]
fn a_backup_is_found_by_its_id_or_because_the_store_is_one() {
    let set = store(&[inst(1), inst(2)]);
    set.put_backup("renamed", tree(&inst(3)));
    let folder = |path: &str| BackupFolder { path: path.into() };
    let find = |n| find_backup(&set, Some(inst(n).id));
    assert_eq!(find(1).unwrap(), folder(&inst(1).id.to_string()));
    assert_eq!(find(3).unwrap(), folder("renamed"));
    assert_eq!(find(4).unwrap_err().kind(), SourceErrorKind::NotFound);

    set.put_backup("again", tree(&inst(3)));
    let error = find(3).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Invalid);
    assert!(error.to_string().contains("again, renamed"), "{error}");

    let error = find_backup(&set, None).unwrap_err().to_string();
    assert!(error.contains("of backups, again, renamed, "), "{error}");
    assert!(error.ends_with(": say which by its ID"), "{error}");
    let empty = MemoryStore::default();
    assert_eq!(
        find_backup(&empty, None).unwrap_err().kind(),
        SourceErrorKind::NotFound
    );
    let one = MemoryStore::default();
    one.put_backup("", tree(&inst(1)));
    assert_eq!(find_backup(&one, None).unwrap(), folder(""));
    assert_eq!(find_backup(&one, Some(inst(1).id)).unwrap(), folder(""));
}
