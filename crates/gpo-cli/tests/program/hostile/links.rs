//! Symbolic links, hard links, and files that are no files.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use super::{Attack, Must, meet};
use crate::bad_input::{Place, TEMPLATE, put};
use crate::run::gpo;

const AUDIT: &str = "DomainSysvol/GPO/Machine/microsoft/windows nt/Audit/audit.csv";

/// What is put in the place of a file or folder.
#[derive(Clone, Copy)]
enum Trap {
    /// A link to a file that holds a secret, outside the set.
    Link,
    /// A link to itself.
    Loop,
    /// A link to nothing.
    Dangling,
    /// A link to a device that never ends.
    Endless,
    /// A pipe that nobody writes to: whoever opens it waits for ever.
    Pipe,
    /// A socket.
    Socket,
    /// A folder with the name of a file.
    Folder,
}

const TRAPS: &[(Trap, &str)] = &[
    (Trap::Link, "a link to a secret"),
    (Trap::Loop, "a link to itself"),
    (Trap::Dangling, "a link to nothing"),
    (Trap::Endless, "a link to /dev/zero"),
    (Trap::Pipe, "a pipe"),
    (Trap::Socket, "a socket"),
    (Trap::Folder, "a folder"),
];

fn set(trap: Trap, place: &Place, path: &Path) {
    let secret = place.path("secret");
    put(&secret, "top secret");
    let _ = fs::remove_file(path);
    match trap {
        Trap::Link => symlink(secret, path).unwrap(),
        Trap::Loop => symlink(path, path).unwrap(),
        Trap::Dangling => symlink(place.path("nothing"), path).unwrap(),
        Trap::Endless => symlink("/dev/zero", path).unwrap(),
        Trap::Pipe => assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
        Trap::Socket => {
            // The name of a socket is short, so it is made elsewhere.
            let short = tempfile::tempdir().unwrap();
            let socket = short.path().join("s");
            drop(UnixListener::bind(&socket).unwrap());
            let moved = Command::new("mv").arg(socket).arg(path).status();
            assert!(moved.unwrap().success());
        }
        Trap::Folder => fs::create_dir(path).unwrap(),
    }
}

pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for &(trap, name) in TRAPS {
        for file in ["Backup.xml", "bkupInfo.xml", "gpreport.xml", AUDIT] {
            let make = move |place: &Place| set(trap, place, &place.backup(TEMPLATE, file));
            let (_, short) = file.rsplit_once('/').unwrap_or(("", file));
            attacks.push(Attack::new(
                format!("{short}: {name}"),
                make,
                Must::Verify(2, short),
            ));
        }
        let make = move |place: &Place| set(trap, place, &place.path("backups/manifest.xml"));
        attacks.push(Attack::new(
            format!("manifest.xml: {name}"),
            make,
            Must::Verify(2, "manifest.xml"),
        ));
    }
    for folder in [
        "DomainSysvol",
        "DomainSysvol/GPO",
        "DomainSysvol/GPO/Machine",
    ] {
        let make = move |place: &Place| {
            let path = place.backup(TEMPLATE, folder);
            fs::rename(&path, place.path("moved")).unwrap();
            symlink(place.path("moved"), path).unwrap();
        };
        let name = format!("{folder}: a link to a folder");
        attacks.push(Attack::new(
            name,
            make,
            Must::Verify(2, "a link, which is not followed"),
        ));
    }
    attacks
}

#[test]
fn links() {
    meet("links", &attacks());
}

/// What is written to is somebody else's file by another name: a new file takes the name.
#[test]
fn what_is_written_replaces_links_and_leaves_their_targets() {
    let place = Place::new();
    let id = place.backup(TEMPLATE, "");
    let id = id.file_name().unwrap().to_str().unwrap();
    let out = place.path("out");
    let (outside, linked) = (out.join("outside"), out.join("linked"));
    put(&outside, "mine");
    put(&linked, "mine");
    fs::create_dir(out.join("set")).unwrap();
    symlink(&outside, out.join("set/manifest.xml")).unwrap();
    let run = place.run("backup --from dir:@domain --to @out/set --all");
    assert!(run.err.contains("manifest.xml"), "{run:?}");
    assert_eq!(fs::read_to_string(&outside).unwrap(), "mine");

    fs::create_dir(out.join("hard")).unwrap();
    fs::hard_link(&linked, out.join("hard/manifest.xml")).unwrap();
    place.run("backup --from dir:@domain --to @out/hard --all");
    assert_eq!(fs::read_to_string(&linked).unwrap(), "mine");

    // A GPO whose file is another one's, too.
    place.run("restore @backups --all --to dir:@out/new");
    let policies = out.join("new/sysvol/example.test/Policies");
    let file = policies
        .join(TEMPLATE)
        .join("Machine/microsoft/windows nt/Audit/audit.csv");
    if file.exists() {
        let other = out.join("audit.csv");
        fs::hard_link(&file, &other).unwrap();
        let before = fs::read(&other).unwrap();
        place.run(&format!("restore @backups --id {id} --to dir:@out/new"));
        assert_eq!(fs::read(&other).unwrap(), before);
    }

    // Deleting a backup removes the names of its files, and no file elsewhere.
    let moved = out.join("moved");
    put(&moved.join("keep"), "mine");
    let set = out.join("links");
    let backup = set.join(id);
    crate::bad_input::copy(&place.backup(TEMPLATE, ""), &backup);
    symlink(&moved, backup.join("DomainSysvol/away")).unwrap();
    let run = gpo(["delete", set.to_str().unwrap(), "--id", id, "--yes"]);
    assert_eq!(
        fs::read_to_string(moved.join("keep")).unwrap(),
        "mine",
        "{run:?}"
    );
}
