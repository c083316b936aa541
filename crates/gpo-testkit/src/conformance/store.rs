//! What every store of backups keeps to.

use gpo_core::{
    BackupFolder, BackupId, BackupStoreWrite, GpoPath, Guid, SourceErrorKind, StagedBackup,
};

use super::contents::contents;
use super::sample_tree::SampleTree;

/// Tests a store that is empty.
pub fn store(store: &dyn BackupStoreWrite) {
    assert_eq!(store.backups().unwrap(), []);
    assert_eq!(store.folder_names().unwrap(), [""; 0]);
    a_backup_is_visible_once_it_is_committed(store);
    a_backup_that_is_dropped_leaves_nothing(store);
    an_id_is_given_once(store);
    a_name_is_given_once_whatever_its_case(store);
    the_manifest_is_replaced(store);
    several_threads_can_write(store);
    a_backup_is_removed(store);
}

fn id(n: u128) -> BackupId {
    BackupId::new(Guid::from_u128(0xabcd_0000 + n).to_lower())
}

fn folder(n: u128) -> BackupFolder {
    BackupFolder {
        path: id(n).guid().to_upper().to_string(),
    }
}

fn path(text: &str) -> GpoPath {
    text.parse().unwrap()
}

/// Begins a backup with the file that makes it one.
fn stage(store: &dyn BackupStoreWrite, n: u128) -> Box<dyn StagedBackup + '_> {
    let mut staged = store.stage(id(n)).unwrap();
    staged.create_file(&path("bkupInfo.xml")).unwrap();
    staged.append(format!("<{n}/>").as_bytes()).unwrap();
    staged
}

fn a_backup_is_visible_once_it_is_committed(store: &dyn BackupStoreWrite) {
    let mut staged = stage(store, 1);
    let sysvol = path("DomainSysvol\\GPO");
    staged.create_folder(&sysvol).unwrap();
    for (path, content) in SampleTree::default().nodes {
        let path = sysvol.join_path(&path).unwrap();
        match content {
            None => staged.create_folder(&path).unwrap(),
            Some(bytes) => {
                staged.create_file(&path).unwrap();
                for piece in bytes.chunks(1 << 20) {
                    staged.append(piece).unwrap();
                }
            }
        }
    }
    assert_eq!(store.backups().unwrap(), []);
    assert_eq!(store.folder_names().unwrap(), [""; 0]);
    assert!(store.open(&folder(1)).is_err());
    staged.commit().unwrap();
    assert_eq!(store.backups().unwrap(), [folder(1)], "upper case");
    assert_eq!(store.folder_names().unwrap(), [folder(1).path]);
    let opened = store.open(&folder(1)).unwrap();
    assert_eq!(opened.read_all(&path("BKUPINFO.xml"), 9).unwrap(), b"<1/>");
    contents(opened.as_ref(), &sysvol);
}

fn a_backup_that_is_dropped_leaves_nothing(store: &dyn BackupStoreWrite) {
    drop(stage(store, 2));
    assert_eq!(store.backups().unwrap(), [folder(1)]);
    stage(store, 2).commit().unwrap();
    assert_eq!(store.backups().unwrap(), [folder(1), folder(2)]);
}

fn an_id_is_given_once(store: &dyn BackupStoreWrite) {
    let first = stage(store, 3);
    let mut second = store.stage(id(3)).unwrap();
    second.create_file(&path("Backup.xml")).unwrap();
    first.commit().unwrap();
    let error = second.commit().unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Exists, "{error}");
    let opened = store.open(&folder(3)).unwrap();
    assert_eq!(opened.read_all(&path("bkupInfo.xml"), 9).unwrap(), b"<3/>");
    assert!(opened.read_all(&path("Backup.xml"), 9).is_err());
    assert_eq!(store.folder_names().unwrap().len(), 3);
}

fn a_name_is_given_once_whatever_its_case(store: &dyn BackupStoreWrite) {
    let mut staged = stage(store, 4);
    staged.create_file(&path("A\\B\\c.txt")).unwrap();
    for (name, kind) in [
        ("a\\b\\C.TXT", "file"),
        ("A\\b", "folder"),
        ("bkupinfo.XML", "file"),
    ] {
        let error = staged.create_file(&path(name)).unwrap_err();
        assert_eq!(
            error.kind(),
            SourceErrorKind::Exists,
            "{kind} {name}: {error}"
        );
    }
    for name in ["a\\b\\c.txt", "a\\b\\c.txt\\d"] {
        let error = staged.create_folder(&path(name)).unwrap_err();
        assert_eq!(error.kind(), SourceErrorKind::Exists, "{name}: {error}");
    }
    staged.create_folder(&path("a\\b")).unwrap();
    staged.create_file(&path("a\\B\\d.txt")).unwrap();
    staged.commit().unwrap();
    let mut found = Vec::new();
    let opened = store.open(&folder(4)).unwrap();
    opened
        .walk(&GpoPath::root(), &mut |entry| {
            found.push(entry?.path);
            Ok(())
        })
        .unwrap();
    found.sort();
    let found: Vec<_> = found.iter().map(GpoPath::as_str).collect();
    let spelled = ["A", "A\\B", "A\\B\\c.txt", "A\\B\\d.txt", "bkupInfo.xml"];
    assert_eq!(found, spelled, "what comes first gives the spelling");
}

fn the_manifest_is_replaced(store: &dyn BackupStoreWrite) {
    assert_eq!(store.manifest("").unwrap(), None);
    for bytes in [&b"<one/>"[..], b"", b"<another one/>"] {
        let lock = store.lock_manifest().unwrap();
        store.replace_manifest(bytes).unwrap();
        drop(lock);
        assert_eq!(store.manifest("").unwrap().unwrap(), bytes);
    }
    assert_eq!(store.manifest(&folder(1).path).unwrap(), None);
}

fn several_threads_can_write(store: &dyn BackupStoreWrite) {
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                for n in 0..5 {
                    stage(store, 100 + 10 * thread + n).commit().unwrap();
                    let lock = store.lock_manifest().unwrap();
                    store.replace_manifest(&vec![b'x'; 100_000]).unwrap();
                    drop(lock);
                    let manifest = store.manifest("").unwrap().unwrap();
                    assert!(matches!(manifest.len(), 14 | 100_000), "half a manifest");
                }
            });
        }
    });
    assert_eq!(store.backups().unwrap().len(), 24);
    for n in 0..40 {
        let there = store.open(&folder(100 + n)).is_ok();
        assert_eq!(there, n % 10 < 5, "{n}");
    }
}

fn a_backup_is_removed(store: &dyn BackupStoreWrite) {
    store.remove(&folder(2)).unwrap();
    assert!(!store.backups().unwrap().contains(&folder(2)));
    assert!(!store.folder_names().unwrap().contains(&folder(2).path));
    for missing in [folder(2), folder(99)] {
        let error = store.remove(&missing).unwrap_err();
        assert_eq!(error.kind(), SourceErrorKind::NotFound, "{error}");
    }
    stage(store, 2).commit().unwrap();
    assert!(store.open(&folder(2)).is_ok());
}
