//! Bad domains, and commands that cannot be carried out.

#![allow(clippy::too_many_lines, reason = "tables of cases")]

use std::fs;
use std::path::Path;

use super::{Place, TEMPLATE, check, edit, put};

const ONE: &str = "backup --from dir:@domain --to @out {10AD0002-6C1B-4F55-9B5C-7E3A4C2F0002}";

#[test]
fn places() {
    check(&[
        (
            "missing folder",
            &|_| {},
            "backup --from dir:@domain --to @none --all",
            2,
            &["none: No such file"],
        ),
        (
            "a file as folder",
            &|p| put(&p.path("file"), ""),
            "backup --from dir:@domain --to @file --all",
            2,
            &["file: "],
        ),
        (
            "missing domain",
            &|_| {},
            "backup --from dir:@none --to @out --all",
            2,
            &["none: No such file"],
        ),
        (
            "empty domain",
            &|p| fs::create_dir(p.path("empty")).unwrap(),
            "backup --from dir:@empty --to @out --all",
            2,
            &["no domain is here"],
        ),
        ("missing backups", &|_| {}, "list @none", 2, &["none: "]),
        (
            "missing GPO",
            &|_| {},
            "backup --from dir:@domain --to @out nobody",
            2,
            &["nobody: the domain has no GPO of this name"],
        ),
        (
            "comment that XML cannot hold",
            &|_| {},
            "backup --from dir:@domain --to @out --all --comment \u{1b}[2J",
            2,
            &["the comment has the character U+001B"],
        ),
        (
            "long comment",
            &|_| {},
            &format!(
                "backup --from dir:@domain --to @out --all --comment {}",
                "x".repeat(2048)
            ),
            2,
            &["2048 characters; at most 2047"],
        ),
    ]);
}

#[test]
fn halves_and_versions() {
    check(&[
        (
            "no folder",
            &|_| {},
            "backup --from dir:@domain --to @out {10AD0007-6C1B-4F55-9B5C-7E3A4C2F0007}",
            2,
            &[
                "{10AD0007",
                "its folder in SYSVOL is missing; nothing of it was backed up",
            ],
        ),
        (
            "no container",
            &|_| {},
            "backup --from dir:@domain --to @out {10AD0008-6C1B-4F55-9B5C-7E3A4C2F0008}",
            2,
            &["{10AD0008", "its container in the directory is missing"],
        ),
        (
            "half kept",
            &|_| {},
            "backup --from dir:@domain --to @out --allow-half {10AD0008-6C1B-4F55-9B5C-7E3A4C2F0008}",
            2,
            &["the half that is there was backed up"],
        ),
        (
            "other versions",
            &|_| {},
            "backup --from dir:@domain --to @out {10AD0006-6C1B-4F55-9B5C-7E3A4C2F0006}",
            0,
            &[
                "warning: Versionen verschieden",
                "version 2 in the directory and 1 in SYSVOL",
            ],
        ),
        (
            "no GPT.INI",
            &|p| fs::remove_file(p.sysvol(TEMPLATE, "GPT.INI")).unwrap(),
            ONE,
            0,
            &["warning: ", "GPT.INI is missing"],
        ),
        (
            "GPT.INI without version",
            &|p| {
                put(
                    &p.sysvol(TEMPLATE, "GPT.INI"),
                    "[General]\r\nVersion=many\r\n",
                );
            },
            ONE,
            0,
            &["warning: ", "the version in SYSVOL counts as 0"],
        ),
    ]);
    let place = Place::new();
    place.run(
        "backup --from dir:@domain --to @out --allow-half {10AD0008-6C1B-4F55-9B5C-7E3A4C2F0008}",
    );
    fs::rename(place.path("out"), place.path("half")).unwrap();
    fs::create_dir(place.path("out")).unwrap();
    let run = place.run("restore @half --all --to dir:@out");
    assert_eq!(run.status, 2, "{run:?}");
    assert!(
        run.err.contains("half a GPO, which has to be allowed"),
        "{run:?}"
    );
}

#[cfg(unix)]
#[test]
fn files_of_sysvol() {
    use std::os::unix::fs::symlink;
    let pipe = |path: &Path| {
        let made = std::process::Command::new("mkfifo")
            .arg(path)
            .status()
            .unwrap();
        assert!(made.success());
    };
    check(&[
        (
            "link out of the tree",
            &|p| symlink("/etc", p.sysvol(TEMPLATE, "etc")).unwrap(),
            ONE,
            2,
            &["/etc: a link, which is not followed"],
        ),
        (
            "link to a file",
            &|p| symlink("/etc/passwd", p.sysvol(TEMPLATE, "MACHINE/x")).unwrap(),
            ONE,
            2,
            &["/MACHINE/x: a link, which is not followed"],
        ),
        (
            "link to itself",
            &|p| symlink("loop", p.sysvol(TEMPLATE, "loop")).unwrap(),
            ONE,
            2,
            &["/loop: a link, which is not followed"],
        ),
        (
            "folder of the GPO a link",
            &|p| {
                fs::rename(p.sysvol(TEMPLATE, ""), p.path("moved")).unwrap();
                symlink(
                    "../../../../moved",
                    p.sysvol(TEMPLATE, "").parent().unwrap().join(TEMPLATE),
                )
                .unwrap();
            },
            ONE,
            2,
            &["a link, which is not followed"],
        ),
        (
            "pipe",
            &|p| pipe(&p.sysvol(TEMPLATE, "pipe")),
            ONE,
            2,
            &["/pipe: neither a file nor a folder"],
        ),
        (
            "folder called GPT.INI",
            &|p| {
                fs::remove_file(p.sysvol(TEMPLATE, "GPT.INI")).unwrap();
                fs::create_dir(p.sysvol(TEMPLATE, "GPT.INI")).unwrap();
            },
            ONE,
            0,
            &["warning: ", "GPT.INI: a folder, not a file"],
        ),
        (
            "names that differ in case",
            &|p| {
                put(&p.sysvol(TEMPLATE, "MACHINE/a"), "");
                put(&p.sysvol(TEMPLATE, "MACHINE/A"), "");
            },
            ONE,
            2,
            &["MACHINE\\"],
        ),
        (
            "control character",
            &|p| put(&p.sysvol(TEMPLATE, "a\u{1b}[2J"), ""),
            ONE,
            2,
            &["\\u{1b}", "has a control character"],
        ),
        (
            "device name",
            &|p| put(&p.sysvol(TEMPLATE, "NUL.txt"), ""),
            ONE,
            2,
            &["NUL.txt"],
        ),
        (
            "backslash in a name",
            &|p| put(&p.sysvol(TEMPLATE, "..\\x"), ""),
            ONE,
            2,
            &["..\\x"],
        ),
        (
            "deep folders",
            &|p| fs::create_dir_all(p.sysvol(TEMPLATE, &"d/".repeat(200))).unwrap(),
            ONE,
            2,
            &["nested more than 128 deep"],
        ),
        (
            "broken settings",
            &|p| {
                put(
                    &p.sysvol(TEMPLATE, "MACHINE/Microsoft/Windows NT/SecEdit/GptTmpl.inf"),
                    [0xff, 0xfe, 0],
                );
            },
            ONE,
            0,
            &["warning: ", "GptTmpl.inf"],
        ),
    ]);
}

#[test]
fn directory_ldif() {
    const ALL: &str = "backup --from dir:@domain --to @out --all";
    let name = "displayName: Versionen verschieden";
    let replaced =
        |text: &'static str| move |p: &Place| put(&p.path("domain/directory.ldif"), text);
    let edited = |to: &'static str| move |p: &Place| p.edit_ldif(name, to);
    check(&[
        (
            "missing",
            &|p| fs::remove_file(p.path("domain/directory.ldif")).unwrap(),
            ALL,
            2,
            &["no domain is here"],
        ),
        (
            "a folder",
            &|p| {
                fs::remove_file(p.path("domain/directory.ldif")).unwrap();
                fs::create_dir(p.path("domain/directory.ldif")).unwrap();
            },
            ALL,
            2,
            &["directory.ldif: "],
        ),
        (
            "empty",
            &replaced(""),
            ALL,
            2,
            &["directory.ldif: ", "domainDNS"],
        ),
        (
            "no LDIF",
            &replaced("\u{7f}ELF\0\0"),
            ALL,
            2,
            &["directory.ldif: line 1"],
        ),
        (
            "no domain",
            &replaced("dn: CN=x\nobjectClass: top\n"),
            ALL,
            2,
            &["directory.ldif: no record with the objectClass domainDNS"],
        ),
        (
            "a line without colon",
            &edited("displayName"),
            ALL,
            2,
            &["directory.ldif: line 376", "is no line of LDIF"],
        ),
        (
            "broken base64",
            &edited("displayName:: ===="),
            ALL,
            2,
            &["directory.ldif: line 376"],
        ),
        (
            "a value elsewhere",
            &edited("displayName:< file:///etc/passwd"),
            ALL,
            2,
            &["directory.ldif: line 376"],
        ),
        (
            "another change type",
            &edited("changetype: delete"),
            ALL,
            2,
            &["directory.ldif: line 376"],
        ),
        (
            "a record without dn",
            &edited("\ncn: x"),
            ALL,
            2,
            &["directory.ldif: line 377"],
        ),
        (
            "cut off in base64",
            &|p| {
                edit(&p.path("domain/directory.ldif"), |text| {
                    text[..text.rfind("::").unwrap() + 4].into()
                });
            },
            ALL,
            2,
            &["directory.ldif: line "],
        ),
        (
            "escapes in a name",
            &edited("displayName:: G1sySg=="),
            ALL,
            2,
            &["\\u{1b}[2J"],
        ),
    ]);
}
