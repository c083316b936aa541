//! A disk without room.

use std::fs;
use std::path::PathBuf;

use super::{Place, put};

const SCRIPTS: &str = "{10ad0003-6c1b-4f55-9b5c-7e3a4c2f0003}";

/// A file system of 64 KiB, as long as it is mounted.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: PathBuf) -> Option<Self> {
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
            .arg(&at)
            .output();
        mounted
            .is_ok_and(|output| output.status.success())
            .then_some(Self(at))
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
    let Some(_disk) = SmallDisk::mount(place.path("out")) else {
        println!("SKIPPED: no file system can be mounted here");
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
