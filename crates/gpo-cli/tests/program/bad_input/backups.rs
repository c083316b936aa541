//! Bad backups.

#![allow(clippy::too_many_lines, reason = "tables of cases")]

use std::fs;
use std::path::Path;

use super::{Place, REGISTRY, TEMPLATE, check, edit, put};

/// Bytes that are no XML of these files, and what is said about them.
fn broken_xml() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let laughs = "<!DOCTYPE l [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;\">]><l>&b;</l>";
    vec![
        ("empty", Vec::new(), ""),
        ("only spaces", b" \r\n".to_vec(), ""),
        (
            "DTD",
            b"<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><x/>".to_vec(),
            "DTD",
        ),
        ("billion laughs", laughs.into(), "DTD"),
        ("cut off", b"<Backups".to_vec(), ""),
        ("NUL", b"<a>\0</a>".to_vec(), ""),
        ("another root", b"<a/>".to_vec(), ""),
        ("two roots", b"<a/><a/>".to_vec(), ""),
        (
            "many attributes",
            format!("<a {}/>", "x='' ".repeat(100_000)).into_bytes(),
            "",
        ),
        ("unknown entity", b"<a>&x;</a>".to_vec(), ""),
        ("cut off UTF-16", vec![0xff, 0xfe, b'<', 0, b'a'], ""),
    ]
}

/// A file with 10,000 elements in each other, which begins as it should.
fn deep(path: &Path) {
    let bytes = fs::read(path).unwrap();
    let end = bytes.windows(2).rposition(|two| two == b"</").unwrap();
    put(
        path,
        [&bytes[..end], "<a>".repeat(10_000).as_bytes()].concat(),
    );
}

#[test]
fn deep_xml() {
    const RESTORE: &str =
        "restore @backups --gpo {10AD0002-6C1B-4F55-9B5C-7E3A4C2F0002} --to dir:@out";
    let too_deep = "nested";
    check(&[
        (
            "manifest.xml",
            &|p| deep(&p.path("backups/manifest.xml")),
            "verify @backups",
            2,
            &["manifest.xml", too_deep],
        ),
        (
            "bkupInfo.xml",
            &|p| deep(&p.backup(TEMPLATE, "bkupInfo.xml")),
            "verify @backups",
            2,
            &["bkupInfo.xml", too_deep],
        ),
        (
            "Backup.xml",
            &|p| deep(&p.backup(TEMPLATE, "Backup.xml")),
            "verify @backups",
            2,
            &["Backup.xml", too_deep],
        ),
        (
            "Backup.xml",
            &|p| deep(&p.backup(TEMPLATE, "Backup.xml")),
            RESTORE,
            2,
            &["Backup.xml", too_deep],
        ),
    ]);
}

#[test]
fn xml() {
    let restore = format!("restore @backups --gpo {TEMPLATE} --to dir:@out");
    for file in ["Backup.xml", "bkupInfo.xml", "manifest.xml", "gpreport.xml"] {
        let place = Place::new();
        let path = match file {
            "manifest.xml" => place.path("backups/manifest.xml"),
            _ => place.backup(TEMPLATE, file),
        };
        for (name, bytes, says) in broken_xml() {
            put(&path, &bytes);
            let run = place.run("verify @backups");
            let name = format!("{file}, {name}: {run:?}");
            // The report is only for people to read, and may have any root.
            let report = file == "gpreport.xml";
            assert_eq!(run.status, if report { 0 } else { 2 }, "{name}");
            if !(report && bytes == b"<a/>") {
                assert!(run.out.contains(file) && run.out.contains(says), "{name}");
            }
            if file == "Backup.xml" {
                let run = place.run(&restore);
                assert_eq!(run.status, 2, "{run:?}");
                assert!(run.err.contains(file) && run.err.contains(says), "{run:?}");
                assert_eq!(fs::read_dir(place.path("out")).unwrap().count(), 0);
            }
        }
    }
}

#[test]
fn backups() {
    const VERIFY: &str = "verify @backups";
    const RESTORE: &str =
        "restore @backups --gpo {10AD0002-6C1B-4F55-9B5C-7E3A4C2F0002} --to dir:@out";
    const REPACK: &str = "repack @backups @out";
    let audit = r"Microsoft\Windows NT\Audit\audit.csv";
    for to in [
        r"..\..\..\..\escaped",
        r"DomainSysvol\GPO\..\..\..\escaped",
        r"\\host\share\escaped",
        r"C:\escaped",
        r"/etc/passwd",
        r"DomainSysvol\GPO\Machine\NUL",
        r"DomainSysvol\GPO\Machine\COM1.txt",
        r"DomainSysvol\GPO\Machine\a.txt:stream",
        r"DomainSysvol\GPO\Machine\a. ",
    ] {
        let place = Place::new();
        edit(&place.backup(TEMPLATE, "Backup.xml"), |text| {
            text.replace(&format!(r"DomainSysvol\GPO\Machine\{audit}"), to)
        });
        let run = place.run(VERIFY);
        assert_eq!(run.status, 2, "{to}: {run:?}");
        let out = run.out;
        assert!(
            out.contains("Backup.xml: ") && out.contains("[bad-location]"),
            "{to}: {out}"
        );
        for command in [RESTORE, REPACK] {
            let run = place.run(command);
            assert_eq!(run.status, 2, "{to}: {run:?}");
            assert!(run.err.contains("Backup.xml: "), "{to}: {run:?}");
        }
    }
    let other_info = |p: &Place| {
        let other = fs::read(p.backup(REGISTRY, "bkupInfo.xml")).unwrap();
        put(&p.backup(TEMPLATE, "bkupInfo.xml"), other);
    };
    let long = |p: &Place| {
        let entry = b"PReg\x01\0\0\0[\0A\0\0\0;\0B\0\0\0;\0\x01\0\0\0;\0\xff\xff\xff\xff;\0";
        put(
            &p.backup(REGISTRY, "DomainSysvol/GPO/Machine/registry.pol"),
            entry,
        );
    };
    let audit_file = "DomainSysvol/GPO/Machine/microsoft/windows nt/Audit/audit.csv";
    let utf16 = |p: &Place| {
        let text = fs::read_to_string(p.backup(TEMPLATE, "Backup.xml")).unwrap();
        let text = text.replacen("utf-8", "utf-16", 1);
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        let bytes: Vec<u8> = [0xff, 0xfe].into_iter().chain(units).collect();
        put(&p.backup(TEMPLATE, "Backup.xml"), bytes);
    };
    check(&[
        (
            "bkupInfo.xml of another",
            &other_info,
            "verify @backups --strict",
            1,
            &["[identity-differs]"],
        ),
        (
            "4 GB length",
            &long,
            VERIFY,
            2,
            &["registry.pol", "[invalid-file]"],
        ),
        (
            "missing file",
            &|p| fs::remove_file(p.backup(TEMPLATE, audit_file)).unwrap(),
            VERIFY,
            2,
            &["audit.csv", "[missing-file]"],
        ),
        (
            "missing file",
            &|p| fs::remove_file(p.backup(TEMPLATE, audit_file)).unwrap(),
            RESTORE,
            2,
            &["audit.csv", "has to be allowed"],
        ),
        (
            "file is a folder",
            &|p| {
                fs::remove_file(p.backup(TEMPLATE, audit_file)).unwrap();
                fs::create_dir(p.backup(TEMPLATE, audit_file)).unwrap();
            },
            VERIFY,
            2,
            &["audit.csv"],
        ),
        (
            "file is a folder",
            &|p| {
                fs::remove_file(p.backup(TEMPLATE, audit_file)).unwrap();
                fs::create_dir(p.backup(TEMPLATE, audit_file)).unwrap();
            },
            RESTORE,
            2,
            &["audit.csv"],
        ),
        ("UTF-16", &utf16, VERIFY, 0, &["7 backups"]),
        ("UTF-16", &utf16, RESTORE, 0, &["made again"]),
        (
            "empty registry.pol",
            &|p| {
                put(
                    &p.backup(REGISTRY, "DomainSysvol/GPO/Machine/registry.pol"),
                    "",
                );
            },
            VERIFY,
            2,
            &["registry.pol"],
        ),
        (
            "nothing to delete",
            &|p| fs::create_dir(p.path("backups/x")).unwrap(),
            "delete @backups/x --yes",
            2,
            &["x: "],
        ),
    ]);
}

/// XML cannot hold the escape character itself, but other files and names can.
#[test]
fn escapes_reach_no_terminal() {
    let escaped = |p: &Place| {
        for xml in ["bkupInfo.xml", "Backup.xml"] {
            let path = p.backup(TEMPLATE, xml);
            edit(&path, |text| {
                text.replace("Рабочие станции", "\u{9b}2J\u{202e}\r\nx")
            });
        }
        put(&p.backup(TEMPLATE, "\u{1b}]0;title\u{7}"), "");
    };
    for command in [
        "list @backups",
        "list @backups --json",
        "verify @backups",
        "show @backups",
    ] {
        let place = Place::new();
        escaped(&place);
        let id = place.backup(TEMPLATE, "");
        let id = id.file_name().unwrap().to_str().unwrap();
        let command = match command {
            "show @backups" => format!("show @backups --id {id}"),
            command => command.to_owned(),
        };
        let run = place.run(&command);
        for text in [&run.out, &run.err] {
            let bad = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
            assert!(!text.contains(bad), "{command}: {run:?}");
        }
        assert!(!run.out.is_empty());
    }
}

#[cfg(unix)]
#[test]
fn links_in_backups_are_not_followed() {
    use std::os::unix::fs::symlink;
    let linked = |p: &Place| {
        let file = p.backup(TEMPLATE, "Backup.xml");
        fs::rename(&file, p.path("Backup.xml")).unwrap();
        symlink(p.path("Backup.xml"), file).unwrap();
    };
    let linked_folder = |p: &Place| {
        fs::rename(p.backup(TEMPLATE, ""), p.path("moved")).unwrap();
        symlink(
            p.path("moved"),
            p.path("backups/{00000000-0000-0000-0000-000000000009}"),
        )
        .unwrap();
    };
    let restore = format!("restore @backups --gpo {TEMPLATE} --to dir:@out");
    let delete = "delete @backups/{00000000-0000-0000-0000-000000000009} --yes";
    check(&[
        (
            "Backup.xml",
            &linked,
            "verify @backups",
            2,
            &["Backup.xml: a link, which is not followed"],
        ),
        (
            "Backup.xml",
            &linked,
            &restore,
            2,
            &["Backup.xml: a link, which is not followed"],
        ),
        (
            "a backup",
            &linked_folder,
            delete,
            2,
            &["{00000000-0000-0000-0000-000000000009}"],
        ),
    ]);
}
