//! Folders that may not be read, and files that not everybody may.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;

use super::{Place, copy};
use crate::run::{Run, domain, gpo, program};

/// Somebody who is not root: `nobody` on most systems.
const NOBODY: u32 = 65534;

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

/// Runs the program as somebody who may not read everything; says so where that cannot be.
fn run_as_user(args: &[&str]) -> Option<Run> {
    let mut program = program();
    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        program.uid(NOBODY).gid(NOBODY);
    }
    let output = program.args(args).output();
    match output {
        Ok(output) => Some(Run::of(&output)),
        Err(error) => {
            println!("SKIPPED: the program cannot be run by another user: {error}");
            None
        }
    }
}

#[test]
fn the_others_count_where_one_folder_may_not_be_read() {
    let place = Place::new();
    let out = place.path("out");
    let to = out.to_str().unwrap();
    let run = gpo(["backup", "--from", &domain(), "--to", to, "--all"]);
    assert_eq!(run.status, 2, "{run:?}");
    let lost = out.join("lost+found");
    fs::create_dir(&lost).unwrap();
    set_mode(out.parent().unwrap(), 0o755);
    let Some(reached) = run_as_user(&["list", to]) else {
        return;
    };
    if reached.status != 0 {
        println!("SKIPPED: another user does not reach the folder: {reached:?}");
        return;
    }
    set_mode(&lost, 0);
    let listed = run_as_user(&["list", to]).unwrap();
    let verified = run_as_user(&["verify", to]).unwrap();
    set_mode(&lost, 0o755);
    assert_eq!(listed.status, 2, "{listed:?}");
    assert_eq!(listed.lines().len(), 8, "{listed:?}");
    assert!(listed.err.contains("error: lost+found/"), "{listed:?}");
    assert!(
        listed.err.contains("error: 1 backup cannot be read"),
        "{listed:?}"
    );
    assert_eq!(verified.status, 2, "{verified:?}");
    let place = format!("error: {to}/lost+found: Permission denied");
    assert!(verified.out.contains(&place), "{verified:?}");
    assert!(verified.err.contains("info: 8 backups, "), "{verified:?}");
}

/// What an administrator took from the others is not theirs after a change.
#[test]
fn a_changed_file_keeps_its_permissions() {
    let place = Place::new();
    copy(&place.path("domain"), &place.path("out/domain"));
    copy(&place.path("backups"), &place.path("out/backups"));
    let files = ["out/domain/directory.ldif", "out/backups/manifest.xml"].map(|f| place.path(f));
    for file in &files {
        set_mode(file, 0o640);
    }
    for command in [
        "create New --to dir:@out/domain",
        "backup New --from dir:@out/domain --to @out/backups",
    ] {
        let run = place.run(command);
        assert_eq!(run.status, 0, "{run:?}");
    }
    for file in files {
        assert!(fs::read_to_string(&file).unwrap().contains("New"));
        let mode = fs::metadata(&file).unwrap().mode() & 0o777;
        assert_eq!(mode, 0o640, "{}", file.display());
    }
}
