//! Domains in folders that somebody made to do harm.

use std::fmt::Write as _;

use crate::bad_input::{Place, REGISTRY, TEMPLATE};

use super::obeyed;

/// A text of directory.ldif, what stands there instead, and what must be said of it.
const CHANGES: &[(&str, &str, &str, &str)] = &[
    (
        "a value from a file",
        "displayName: Default Domain Policy",
        "displayName:< file:///etc/passwd",
        "directory.ldif",
    ),
    (
        "a value from a server",
        "displayName: Default Domain Policy",
        "displayName:< http://127.0.0.1:1/x",
        "directory.ldif",
    ),
    (
        "SYSVOL on another server",
        r"\\example.test\SysVol\example.test\Policies\{31B2F340",
        r"\\evil.test\sysvol\evil\Policies\{31B2F340",
        "",
    ),
    (
        "SYSVOL above",
        r"\\example.test\SysVol\example.test\Policies\{31B2F340",
        r"\\example.test\sysvol\..\..\{31B2F340",
        "",
    ),
    (
        "a change record",
        "dn: CN={31B2F340",
        "changetype: delete\ndn: CN={31B2F340",
        "directory.ldif",
    ),
    (
        "a version that is none",
        "versionNumber: 3\n",
        "versionNumber: 99999999999999999999\n",
        "versionNumber",
    ),
    (
        "a name that escapes",
        "displayName: Default Domain Policy",
        "displayName:: G10wO293bmVkBxtbMko=",
        "",
    ),
    (
        "base64 that is none",
        "displayName: Default Domain Policy",
        "displayName:: ====",
        "directory.ldif",
    ),
];

#[test]
fn directories() {
    let mut failures = String::new();
    for (name, from, to, says) in CHANGES {
        let place = Place::new();
        place.edit_ldif(from, to);
        for command in [
            "gpos --from dir:@domain",
            "check --from dir:@domain",
            "backup --from dir:@domain --to @out --all",
            "report --from dir:@domain --gpo {31B2F340-016D-11D2-945F-00C04FB984F9} --format md",
        ] {
            let run = place.run(command);
            let said = format!("{}{}", run.out, run.err);
            if said.chars().any(obeyed) || said.contains("root:") {
                writeln!(failures, "{name}: {command}: {said:?}").unwrap();
            }
            if command.starts_with("backup") && !said.contains(says) {
                writeln!(failures, "{name}: {command} says {said}").unwrap();
            }
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

/// Links and pipes in SYSVOL.
#[test]
fn sysvol() {
    use std::os::unix::fs::symlink;
    let place = Place::new();
    let link = place.sysvol(REGISTRY, "Machine/link");
    symlink("/etc/passwd", link).unwrap();
    let pipe = place.sysvol(TEMPLATE, "MACHINE/pipe");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(pipe)
            .status()
            .unwrap()
            .success()
    );
    let run = place.run("backup --from dir:@domain --to @out --all");
    assert_eq!(run.status, 2, "{run:?}");
    assert!(
        run.err.contains("a link") && run.err.contains("pipe"),
        "{run:?}"
    );
}
