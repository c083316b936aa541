//! A process that is killed while it writes leaves what was there before, or what it was writing,
//! and nothing in between.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use gpo_core::{
    BackupId, BackupStore, BackupStoreWrite, Contents, DirectoryWrite, GpoPath, Guid, SourceError,
    SysvolWrite, TreeWriter,
};
use gpo_local::{FolderDomain, FolderStore};
use gpo_testkit::{FaultCount, sample};

const FILES: usize = 30;

/// How often each is killed.
const ROUNDS: u64 = 8;

/// Names the folder to the child, which is this program again.
const FOLDER: &str = "GPO_LOCAL_TEST_FOLDER";

/// Runs an ignored test of this file in a process of its own, and kills it after a while.
fn run_and_kill(child: &str, folder: &Path, after: Duration) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", child, "--ignored", "--test-threads=1"])
        .env(FOLDER, folder)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
}

fn killed(what: &str) -> FaultCount {
    FaultCount {
        operation: what.into(),
        kind: "killed at some moment, in a folder".into(),
        points: ROUNDS,
        ..FaultCount::default()
    }
}

fn folder_of_child() -> Option<std::path::PathBuf> {
    let folder = std::env::var_os(FOLDER);
    if folder.is_none() {
        println!("SKIPPED: runs as the child of another test only");
    }
    folder.map(Into::into)
}

/// A tree in which every file says the same.
fn fill(tree: &mut dyn TreeWriter, text: &str) -> Result<(), SourceError> {
    for n in 0..FILES {
        let path: GpoPath = format!("folder {}\\{n}", n % 3).parse().unwrap();
        tree.create_file(&path)?;
        tree.append(text.as_bytes())?;
    }
    Ok(())
}

/// What the files of a tree say, if it is whole.
fn texts(contents: &dyn Contents, folder: &GpoPath) -> BTreeSet<Vec<u8>> {
    let mut files = Vec::new();
    contents
        .walk(folder, &mut |entry| {
            let entry = entry?;
            files.extend(matches!(entry.kind, gpo_core::EntryKind::File(_)).then_some(entry.path));
            Ok(())
        })
        .unwrap();
    files.retain(|path| path.file_name() != Some("Backup.xml"));
    assert_eq!(files.len(), FILES, "half a tree");
    let read = |path| contents.read_all(path, 100).unwrap();
    files.iter().map(read).collect()
}

#[test]
#[ignore = "the child of another test"]
fn child_that_backs_up() {
    let Some(folder) = folder_of_child() else {
        return;
    };
    let store = FolderStore::open(folder).unwrap();
    for n in 0.. {
        let mut staged = store.stage(BackupId::new(Guid::from_u128(n))).unwrap();
        staged.create_file(&"Backup.xml".parse().unwrap()).unwrap();
        fill(&mut *staged, "whole").unwrap();
        staged.commit().unwrap();
        store.replace_manifest(&vec![b'm'; 100_000]).unwrap();
    }
}

#[test]
fn a_killed_backup_leaves_whole_backups_only() {
    let (mut backups, mut count) = (0, killed("Store of backups"));
    for round in 0..ROUNDS {
        let folder = tempfile::tempdir().unwrap();
        let after = Duration::from_millis(60 + 17 * round);
        run_and_kill("child_that_backs_up", folder.path(), after);
        let store = FolderStore::open(folder.path()).unwrap();
        for backup in store.backups().unwrap() {
            let contents = store.open(&backup).unwrap();
            assert_eq!(texts(&*contents, &GpoPath::root()).len(), 1);
            backups += 1;
        }
        count.note(!store.backups().unwrap().is_empty());
        let manifest = store.manifest("").unwrap().unwrap_or_default();
        assert!(matches!(manifest.len(), 0 | 100_000), "half a manifest");
        store
            .stage(BackupId::new(Guid::from_u128(u128::MAX)))
            .unwrap();
        if cfg!(unix) {
            let hidden = fs::read_dir(folder.path())
                .unwrap()
                .filter(|entry| entry.as_ref().unwrap().file_name().as_encoded_bytes()[0] == b'.');
            assert_eq!(hidden.count(), 0, "the next run tidies up");
        }
    }
    assert!(backups > 0, "killed too early to prove anything");
    println!("{count}");
}

#[test]
#[ignore = "the child of another test"]
fn child_that_restores() {
    let Some(folder) = folder_of_child() else {
        return;
    };
    let domain = FolderDomain::open(folder).unwrap();
    let gpo = "Policies\\{A}".parse().unwrap();
    for n in 0u32.. {
        let text = n.to_string();
        domain
            .replace_tree(&gpo, &mut |tree| fill(tree, &text))
            .unwrap();
        let mut container = sample::container(1);
        container.display_name = text;
        domain.put_container(&container).unwrap();
    }
}

#[test]
fn a_killed_restore_leaves_the_old_tree_or_the_new_one() {
    let mut count = killed("Tree in SYSVOL");
    for round in 0..ROUNDS {
        let folder = tempfile::tempdir().unwrap();
        let domain = FolderDomain::open(folder.path()).unwrap();
        domain.create_domain(&sample::domain(), &[]).unwrap();
        let gpo: GpoPath = "Policies\\{A}".parse().unwrap();
        domain
            .replace_tree(&gpo, &mut |tree| fill(tree, "first"))
            .unwrap();
        let after = Duration::from_millis(60 + 17 * round);
        run_and_kill("child_that_restores", folder.path(), after);
        // The next write puts right what was cut off between two renames.
        let other = "Policies\\{B}".parse().unwrap();
        domain.replace_tree(&other, &mut |_| Ok(())).unwrap();
        let texts = texts(&domain, &gpo);
        assert_eq!(texts.len(), 1, "a mixture");
        count.note(!texts.contains(&b"first"[..]));
        domain.put_container(&sample::container(2)).unwrap();
    }
    assert!(count.new > 0, "killed too early to prove anything");
    println!("{count}");
}
