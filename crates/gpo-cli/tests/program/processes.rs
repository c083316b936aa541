//! Several processes at once, and processes that are killed.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::run::{Backups, domain, gpo, program};

fn start(to: &Path) -> Child {
    program()
        .args(["backup", "--all", "--from", &domain(), "--to"])
        .arg(to)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The backups that there are; all of them are whole.
fn backups(folder: &Path) -> BTreeSet<String> {
    let text = folder.to_str().unwrap();
    let verified = gpo(["verify", text]);
    assert_eq!(verified.status, 0, "{verified:?}");
    let list = gpo(["list", text, "--json"]).json();
    let backups = list["backups"].as_array().unwrap().iter();
    backups.map(|b| b["id"].as_str().unwrap().into()).collect()
}

/// The manifest agrees with the folders, and nothing is hidden.
fn assert_tidy(folder: &Path) {
    let list = gpo(["list", folder.to_str().unwrap(), "--json"]).json();
    assert_eq!(list["findings"].as_array().unwrap().len(), 0, "{list}");
    let hidden = fs::read_dir(folder)
        .unwrap()
        .filter(|e| e.as_ref().unwrap().file_name().as_encoded_bytes()[0] == b'.');
    assert_eq!(hidden.count(), 0);
}

#[test]
fn processes_that_back_up_into_one_folder_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for round in 1..=3 {
        let processes: Vec<_> = (0..3).map(|_| start(folder.path())).collect();
        for mut process in processes {
            // The domain has an orphan on each side.
            assert_eq!(process.wait().unwrap().code(), Some(2));
        }
        assert_eq!(backups(folder.path()).len(), round * 3 * 7);
        assert_tidy(folder.path());
    }
}

#[cfg(unix)]
#[test]
fn a_killed_process_leaves_whole_backups_and_the_next_one_tidies_up() {
    let folder = tempfile::tempdir().unwrap();
    let (mut there, mut killed) = (BTreeSet::new(), 0);
    for round in 0..8 {
        let mut process = start(folder.path());
        std::thread::sleep(Duration::from_millis(10 + 12 * round));
        process.kill().unwrap();
        killed += usize::from(process.wait().unwrap().code().is_none());
        let found = backups(folder.path());
        assert!(found.is_superset(&there), "a backup was lost");
        there = found;
    }
    assert!(killed > 0, "every process was done before it was killed");
    assert_eq!(start(folder.path()).wait().unwrap().code(), Some(2));
    assert_eq!(backups(folder.path()).len(), there.len() + 7);
    assert_tidy(folder.path());
}

/// Interrupted at moments that are spread over its time, as by Ctrl-C.
#[cfg(unix)]
#[test]
fn whoever_interrupts_a_command_is_told_that_not_all_was_done() {
    let backups = Backups::new();
    let (mut cancelled, mut after) = (0, Duration::from_millis(2));
    // Up to a second in steps that grow, so that neither a fast machine nor a busy one is missed.
    while cancelled < 3 && after < Duration::from_secs(1) {
        let place = tempfile::tempdir().unwrap();
        let to = format!("dir:{}", place.path().display());
        let process = program()
            .args(["restore", backups.text(), "--all", "--to", &to])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(after);
        after = after * 27 / 25;
        let id = process.id().to_string();
        let interrupted = Command::new("kill").args(["-INT", &id]).status();
        assert!(interrupted.unwrap().success());
        let output = process.wait_with_output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        // None: it had not begun to listen. Zero: it was done.
        if output.status.code().is_some_and(|code| code != 0) {
            cancelled += 1;
            assert_eq!(output.status.code(), Some(2), "{told}");
            assert!(
                told.ends_with("error: cancelled before all was done\n"),
                "{told}"
            );
        }
    }
    assert!(cancelled > 0, "it was never interrupted in its work");
}
