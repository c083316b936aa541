//! Disks without room, and such that nobody may write to.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Place, copy, files, put};

const SCRIPTS: &str = "{10ad0003-6c1b-4f55-9b5c-7e3a4c2f0003}";

/// A small file system, as long as it is mounted.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Of so many KiB; says so where none can be mounted.
    fn mount(at: PathBuf, size: u32) -> Option<Self> {
        let disk = Self::mount_as(&at, &format!("size={size}k")).then_some(Self(at));
        if disk.is_none() {
            println!("SKIPPED: no file system can be mounted here");
        }
        disk
    }

    fn mount_as(at: &Path, options: &str) -> bool {
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "tmpfs"])
            .arg(at)
            .output();
        mounted.is_ok_and(|output| output.status.success())
    }

    fn make_read_only(&self) {
        assert!(Self::mount_as(&self.0, "remount,ro"));
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = std::process::Command::new("umount").arg(&self.0).status();
        assert!(unmounted.is_ok_and(|status| status.success()));
    }
}

#[test]
fn a_full_disk_keeps_whole_backups_only() {
    let place = Place::new();
    let Some(_disk) = SmallDisk::mount(place.path("out"), 64) else {
        return;
    };
    put(&place.sysvol(SCRIPTS, "User/large"), vec![b'x'; 200_000]);
    let run = place.run("backup --from dir:@domain --to @out --all --no-report --jobs 1");
    assert_eq!(run.status, 2, "{run:?}");
    assert!(
        run.err
            .contains(&format!("error: 営業部 ログオン {SCRIPTS}: ")),
        "{run:?}"
    );
    assert!(run.err.contains("No space left on device"), "{run:?}");
    let verified = place.run("verify @out");
    assert_eq!(verified.status, 0, "{verified:?}");
    let hidden = fs::read_dir(place.path("out")).unwrap();
    let mut names = hidden.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(names.all(|name| !name.starts_with('.')));
}

/// The commands that write to the domain on the disk, from what is elsewhere.
const WRITES: [&str; 5] = [
    "restore @backups --gpo {10AD0003-6C1B-4F55-9B5C-7E3A4C2F0003} --to dir:@out/domain",
    "import @large --to dir:@out/domain --gpo {10AD0001-6C1B-4F55-9B5C-7E3A4C2F0001}",
    "import @large --to dir:@out/domain --gpo New --create-if-needed",
    "copy --from dir:@domain --gpo {10AD0003-6C1B-4F55-9B5C-7E3A4C2F0003} --to dir:@out/domain",
    "copy --from dir:@domain --gpo {10AD0003-6C1B-4F55-9B5C-7E3A4C2F0003} --to dir:@out/domain --with-acl",
];

/// A place with a domain on a small disk, and with a GPO and its backup that do not fit beside it.
fn place_with_disk() -> Option<(Place, SmallDisk)> {
    let place = Place::new();
    let disk = SmallDisk::mount(place.path("out"), 512)?;
    put(&place.sysvol(SCRIPTS, "User/large"), vec![b'x'; 400_000]);
    fs::remove_dir_all(place.path("backups")).unwrap();
    fs::create_dir(place.path("backups")).unwrap();
    let root = place.path("");
    let args = [
        "backup",
        "--from",
        "dir:domain",
        "--to",
        "backups",
        "{10AD0003-6C1B-4F55-9B5C-7E3A4C2F0003}",
    ];
    let made = crate::run::program().args(args).current_dir(root).output();
    assert!(made.as_ref().unwrap().status.success(), "{made:?}");
    copy(&place.backup(SCRIPTS, ""), &place.path("large"));
    copy(
        Path::new(crate::run::domain().strip_prefix("dir:").unwrap()),
        &place.path("out/domain"),
    );
    fs::create_dir(place.path("state")).unwrap();
    Some((place, disk))
}

#[test]
fn a_target_without_room_stays_as_it_was() {
    let Some((place, _disk)) = place_with_disk() else {
        return;
    };
    let before = files(&place.path("out"));
    for command in WRITES {
        let run = place.run(command);
        assert_eq!(run.status, 2, "{command}: {run:?}");
        assert!(
            run.err.contains("No space left on device"),
            "{command}: {run:?}"
        );
        assert!(run.err.contains("out/domain"), "{command}: {run:?}");
        assert!(files(&place.path("out")) == before, "{command}");
    }
}

#[test]
fn a_target_that_may_not_be_written_stays_as_it_was() {
    let Some((place, disk)) = place_with_disk() else {
        return;
    };
    let before = files(&place.path("out"));
    disk.make_read_only();
    for command in WRITES {
        // Where what was there is kept beside the domain, and elsewhere.
        for command in [command.to_owned(), format!("{command} --state @state")] {
            let run = place.run(&command);
            assert_eq!(run.status, 2, "{command}: {run:?}");
            assert!(
                run.err.contains("Read-only file system"),
                "{command}: {run:?}"
            );
            assert!(run.err.contains("out/"), "{command}: {run:?}");
            assert!(files(&place.path("out")) == before, "{command}");
        }
    }
}
