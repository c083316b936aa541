use super::*;

use std::fs;
use std::path::PathBuf;

use gpo_core::Guid;
use gpo_testkit::{conformance, strategies};
use proptest::prelude::*;
use tempfile::TempDir;

fn new() -> (TempDir, FolderStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = FolderStore::open(folder.path()).unwrap();
    (folder, store)
}

fn id(n: u128) -> BackupId {
    BackupId::new(Guid::from_u128(n))
}

fn path(text: &str) -> GpoPath {
    text.parse().unwrap()
}

/// Every file and folder below, sorted; the numbers in the names of partial ones are left out.
fn tree(folder: &Path) -> Vec<String> {
    fn visit(folder: &Path, root: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap();
            found.push(name.split(".partial-").next().unwrap().to_owned());
            if path.symlink_metadata().unwrap().is_dir() {
                visit(&path, root, found);
            }
        }
    }
    let mut found = Vec::new();
    visit(folder, folder, &mut found);
    found.sort();
    found
}

fn write(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn it_conforms() {
    let (_folder, store) = new();
    conformance::store(&store);
}

#[test]
fn it_conforms_without_lock_and_with_sync() {
    let (folder, store) = new();
    conformance::store(&store.with_sync(true).with_lock(false));
    let hidden = tree(folder.path())
        .into_iter()
        .filter(|name| name.starts_with('.'));
    assert_eq!(
        hidden.collect::<Vec<_>>(),
        [""; 0],
        "nothing is left behind"
    );
}

#[test]
fn a_folder_that_is_not_there_is_not_found() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let error = FolderStore::open(&missing).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::NotFound);
    assert_eq!(error.object(), missing.to_str().unwrap());
    let file = write(&folder, "file", b"");
    assert!(FolderStore::open(file).is_err());
}

#[test]
fn backups_are_found_at_any_depth_and_not_inside_each_other() {
    let (folder, store) = new();
    for file in [
        "{B}/BKUPINFO.XML",
        "a/b c/{A}/Backup.xml",
        "a/b c/{A}/DomainSysvol/GPO/Backup.xml",
        "a/not/a/backup.xml.txt",
        ".git/{C}/Bkupinfo.xml",
        ".{D}.partial-1-2/bkupInfo.xml",
        "é/bkupInfo.xml",
    ] {
        write(&folder, file, b"");
    }
    fs::create_dir_all(folder.path().join("x/Backup.xml")).unwrap();
    let found: Vec<_> = store.backups().unwrap();
    let paths: Vec<_> = found.iter().map(|f| f.path.as_str()).collect();
    assert_eq!(paths, [".git/{C}", "a/b c/{A}", "{B}", "é"]);
    assert_eq!((found[1].name(), found[1].parent()), ("{A}", "a/b c"));

    let (folder, store) = new();
    write(&folder, "backup.xml", b"x");
    let root = store.backups().unwrap();
    assert_eq!(root[0].path, "");
    let opened = store.open(&root[0]).unwrap();
    assert_eq!(opened.read_all(&path("Backup.xml"), 1).unwrap(), b"x");
    assert_eq!(
        store.remove(&root[0]).unwrap_err().kind(),
        SourceErrorKind::Unsupported
    );
}

#[test]
fn a_folder_deeper_than_the_limit_is_an_error_that_names_it() {
    let (folder, store) = new();
    let deep = "d/".repeat(DEEPEST);
    write(&folder, &format!("{deep}Backup.xml"), b"");
    assert_eq!(store.backups().unwrap().len(), 1);
    fs::create_dir(folder.path().join("e")).unwrap();
    write(&folder, &format!("e/{deep}x"), b"");
    let error = store.backups().unwrap_err();
    assert!(
        error
            .object()
            .ends_with("e/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d")
    );
    assert_eq!(error.message(), "folders are nested more than 32 deep");
}

#[test]
fn a_path_cannot_leave_the_store() {
    let outer = tempfile::tempdir().unwrap();
    write(&outer, "secret/Backup.xml", b"");
    fs::create_dir(outer.path().join("store")).unwrap();
    let store = FolderStore::open(outer.path().join("store")).unwrap();
    for path in ["../secret", "..", "a/../../secret", "/etc", "a//b", "."] {
        let folder = BackupFolder { path: path.into() };
        assert_eq!(
            store.open(&folder).err().unwrap().kind(),
            SourceErrorKind::Invalid,
            "{path}"
        );
        assert!(store.remove(&folder).is_err(), "{path}");
        assert!(store.manifest(path).is_err(), "{path}");
    }
    assert!(outer.path().join("secret/Backup.xml").exists());
}

#[test]
fn manifests_are_found_without_case_and_keep_their_name() {
    let (folder, store) = new();
    write(&folder, "Manifest.XML", b"old");
    write(&folder, "sub/manifest.xml", b"sub");
    assert_eq!(store.manifest("").unwrap().unwrap(), b"old");
    assert_eq!(store.manifest("sub").unwrap().unwrap(), b"sub");
    assert_eq!(
        store.manifest("missing").unwrap_err().kind(),
        SourceErrorKind::NotFound
    );
    store.replace_manifest(b"new").unwrap();
    assert_eq!(
        tree(folder.path()),
        ["Manifest.XML", "sub", "sub/manifest.xml"]
    );
    assert_eq!(store.manifest("").unwrap().unwrap(), b"new");
}

#[test]
fn only_a_backup_is_removed() {
    let (folder, store) = new();
    write(&folder, "family/photo.jpg", b"");
    let family = BackupFolder {
        path: "family".into(),
    };
    let error = store.remove(&family).unwrap_err();
    assert_eq!(
        error.message(),
        "no backup: neither bkupInfo.xml nor Backup.xml is in it"
    );
    assert!(folder.path().join("family/photo.jpg").exists());
}

#[test]
fn a_lower_case_folder_of_the_same_id_counts() {
    let (folder, store) = new();
    write(
        &folder,
        "{00000000-0000-0000-0000-00000000000a}/Backup.xml",
        b"",
    );
    let staged = store.stage(id(10)).unwrap();
    assert_eq!(staged.commit().unwrap_err().kind(), SourceErrorKind::Exists);
    assert_eq!(
        store.folder_names().unwrap(),
        ["{00000000-0000-0000-0000-00000000000a}"]
    );
}

#[test]
fn a_lock_that_is_held_is_waited_for_and_then_an_error() {
    let (folder, store) = new();
    let other = FolderStore::open(folder.path())
        .unwrap()
        .with_lock_timeout(Duration::from_millis(50));
    let held = store.lock_manifest().unwrap();
    if held.is_none() {
        println!("SKIPPED: this file system has no locks on folders");
        return;
    }
    let error = other.lock_manifest().unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::TimedOut);
    drop(held);
    assert!(other.lock_manifest().unwrap().is_some());
    let held = store.with_lock(false).lock_manifest().unwrap();
    assert!(held.is_none());
}

#[cfg(unix)]
mod unix {
    use super::*;

    use std::os::unix::fs::symlink;

    #[test]
    fn what_a_dead_process_left_is_removed_and_what_a_living_one_writes_is_not() {
        let (folder, store) = new();
        write(&folder, ".{DEAD}.partial-1-1/DomainSysvol/x", b"");
        write(&folder, ".manifest.xml.partial-1-2", b"");
        write(&folder, ".{MINE}.partial-x-1/keep", b"");
        let living = store.stage(id(1)).unwrap();
        assert_eq!(
            tree(folder.path()),
            [
                ".{00000000-0000-0000-0000-000000000001}",
                ".{MINE}",
                ".{MINE}"
            ],
        );
        let other = FolderStore::open(folder.path()).unwrap();
        other.stage(id(2)).unwrap().commit().unwrap();
        living.commit().unwrap();
        assert_eq!(store.folder_names().unwrap().len(), 3);
    }

    #[test]
    fn links_are_never_followed() {
        let outer = tempfile::tempdir().unwrap();
        write(&outer, "secret/Backup.xml", b"secret");
        let (folder, store) = new();
        symlink(outer.path().join("secret"), folder.path().join("link")).unwrap();
        assert_eq!(store.backups().unwrap(), []);
        let link = BackupFolder {
            path: "link".into(),
        };
        for result in [store.open(&link).map(|_| ()), store.remove(&link)] {
            let error = result.unwrap_err();
            assert_eq!(error.message(), "a link, which is not followed");
        }
        write(&folder, "{A}/bkupInfo.xml", b"");
        symlink(
            outer.path().join("secret/Backup.xml"),
            folder.path().join("{A}/Backup.xml"),
        )
        .unwrap();
        symlink(outer.path().join("secret"), folder.path().join("{A}/dir")).unwrap();
        symlink(
            outer.path().join("nowhere"),
            folder.path().join("{A}/dangling"),
        )
        .unwrap();
        let backup = BackupFolder { path: "{A}".into() };
        let opened = store.open(&backup).unwrap();
        for name in ["Backup.xml", "dir\\Backup.xml", "dangling", "backup.XML"] {
            let error = opened.read_all(&path(name), 100).unwrap_err();
            assert_eq!(error.message(), "a link, which is not followed", "{name}");
        }
        let mut errors = Vec::new();
        opened
            .walk(&GpoPath::root(), &mut |entry| {
                match entry {
                    Ok(entry) => assert_eq!(entry.path.as_str(), "bkupInfo.xml"),
                    Err(error) => {
                        errors.push(error.object().rsplit('/').next().unwrap().to_owned());
                    }
                }
                Ok(())
            })
            .unwrap();
        errors.sort();
        assert_eq!(errors, ["Backup.xml", "dangling", "dir"]);
        symlink(
            outer.path().join("secret/Backup.xml"),
            folder.path().join("manifest.xml"),
        )
        .unwrap();
        assert!(store.manifest("").is_err());
        store.replace_manifest(b"new").unwrap();
        store.remove(&backup).unwrap();
        assert_eq!(
            fs::read(outer.path().join("secret/Backup.xml")).unwrap(),
            b"secret"
        );
        assert_eq!(tree(folder.path()), ["link", "manifest.xml"]);
    }

    #[test]
    fn what_is_no_file_is_an_error_and_does_not_block() {
        let (folder, store) = new();
        write(&folder, "{A}/Backup.xml", b"");
        let _socket =
            std::os::unix::net::UnixListener::bind(folder.path().join("{A}/socket")).unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(folder.path().join("{A}/pipe"))
            .status();
        assert!(made.unwrap().success());
        let opened = store.open(&BackupFolder { path: "{A}".into() }).unwrap();
        let error = opened.read_all(&path("pipe"), 1).unwrap_err();
        assert_eq!(
            error.message(),
            "neither a file nor a folder (a device, a pipe, a socket)"
        );
        assert!(opened.read_all(&path("socket"), 1).is_err());
        let mut errors = 0;
        opened
            .walk(&GpoPath::root(), &mut |entry| {
                errors += u32::from(entry.is_err());
                Ok(())
            })
            .unwrap();
        assert_eq!(errors, 2);
    }

    #[test]
    fn names_that_windows_cannot_have_are_errors_that_name_them() {
        use std::os::unix::ffi::OsStrExt;
        let (folder, store) = new();
        for name in [&b"con"[..], b"a:b", b"a\\b", b"dot.", b"\xff", b"fine"] {
            let name = std::ffi::OsStr::from_bytes(name);
            fs::create_dir_all(folder.path().join("{A}").join(name)).unwrap();
        }
        write(&folder, "{A}/Backup.xml", b"");
        let opened = store.open(&BackupFolder { path: "{A}".into() }).unwrap();
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        opened
            .walk(&GpoPath::root(), &mut |entry| {
                match entry {
                    Ok(entry) => good.push(entry.path.to_string()),
                    Err(error) => bad.push(error.to_string()),
                }
                Ok(())
            })
            .unwrap();
        good.sort();
        assert_eq!(good, ["Backup.xml", "fine"]);
        assert_eq!(bad.len(), 5);
        for name in ["con", "a:b", "dot.", "\u{fffd}"] {
            assert!(
                bad.iter().any(|error| error.contains(name)),
                "{name}: {bad:?}"
            );
        }
        let backup = folder.path().join(std::ffi::OsStr::from_bytes(b"\xfe"));
        fs::create_dir(&backup).unwrap();
        assert_eq!(store.backups().unwrap().len(), 1);
        fs::write(backup.join("Backup.xml"), b"").unwrap();
        let error = store.backups().unwrap_err();
        assert_eq!(error.message(), "the name of a backup is not Unicode");
    }

    #[test]
    fn a_tree_deeper_than_the_limit_is_an_error_and_no_more() {
        let (folder, store) = new();
        write(&folder, &format!("{{A}}/{}x", "d/".repeat(200)), b"");
        write(&folder, "{A}/Backup.xml", b"");
        let opened = store.open(&BackupFolder { path: "{A}".into() }).unwrap();
        let (mut good, mut bad) = (0, Vec::new());
        opened
            .walk(&GpoPath::root(), &mut |entry| {
                match entry {
                    Ok(_) => good += 1,
                    Err(error) => bad.push(error.message().to_owned()),
                }
                Ok(())
            })
            .unwrap();
        assert_eq!(good, 129);
        assert_eq!(bad, ["folders are nested more than 128 deep"]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_tree_is_read_as_it_was_written(tree in strategies::tree()) {
        let (_folder, store) = new();
        let mut staged = store.stage(id(1)).unwrap();
        staged.create_file(&path("bkupInfo.xml")).unwrap();
        for (path, content) in &tree {
            let path = super::tests::path("t").join_path(path).unwrap();
            match content {
                None => staged.create_folder(&path).unwrap(),
                Some(bytes) => {
                    staged.create_file(&path).unwrap();
                    staged.append(bytes).unwrap();
                }
            }
        }
        staged.create_folder(&path("t")).unwrap();
        staged.commit().unwrap();
        let nodes = tree;
        let opened = store.open(&store.backups().unwrap()[0]).unwrap();
        conformance::SampleTree { nodes }.assert_in(&*opened, &path("t"));
    }
}
