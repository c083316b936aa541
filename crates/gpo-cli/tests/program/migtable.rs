use std::fs;
use std::path::Path;

use crate::run::{Backups, gpo, gpo_raw};

/// What GPMC's editor writes around the entries.
const START: &str = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n<MigrationTable xmlns:xsd=\
    \"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
    xmlns=\"http://www.microsoft.com/GroupPolicy/GPOOperations/MigrationTable\"";

fn utf16(bytes: &[u8]) -> String {
    let units = bytes
        .as_chunks()
        .0
        .iter()
        .map(|unit| u16::from_le_bytes(*unit));
    String::from_utf16(&units.collect::<Vec<_>>()).unwrap()
}

/// A table of these, each a type, a source and the destination's element.
fn table(entries: &[[&str; 3]]) -> String {
    let mapping = |[kind, source, destination]: &[&str; 3]| {
        format!(
            "\r\n  <Mapping>\r\n    <Type>{kind}</Type>\r\n    <Source>{source}</Source>\r\n    \
             {destination}\r\n  </Mapping>"
        )
    };
    let mappings: String = entries.iter().map(mapping).collect();
    format!("{START}>{mappings}\r\n</MigrationTable>")
}

fn write(path: &Path, text: &str) {
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_table_is_made_edited_and_written_as_gpmc_writes_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.migtable");
    let path = file.to_str().unwrap();
    let run = gpo(["migtable", "create", "--output", path]);
    assert_eq!((run.status, run.err.as_str()), (0, ""), "{run:?}");
    assert_eq!(utf16(&fs::read(path).unwrap()), START.to_owned() + " />");
    for args in [
        &[
            "add",
            path,
            "Red@old.example",
            r"NEW\Blue",
            "--type",
            "globalgroup",
        ][..],
        &["add", path, "ADD YOUR DOMAIN ADMINS", "--none"],
        &["add", path, r"\\old\it", r"\\new\it"],
        &["add", path, "Green", "x"],
        &["set", path, "red@OLD.example", "--by-relative-name"],
        &["add", path, r"\\OLD\it", r"\\new2\it"],
        &["remove", path, "green"],
    ] {
        let run = gpo(["migtable"].iter().chain(args));
        assert_eq!((run.status, run.err.as_str()), (0, ""), "{run:?}");
        assert!(run.out.contains("wrote "), "{run:?}");
    }
    let expected = table(&[
        [
            "GlobalGroup",
            "Red@old.example",
            "<DestinationByRelativeName />",
        ],
        ["Unknown", "ADD YOUR DOMAIN ADMINS", "<DestinationNone />"],
        [
            "UNCPath",
            r"\\old\it",
            r"<Destination>\\new2\it</Destination>",
        ],
    ]);
    assert_eq!(utf16(&fs::read(path).unwrap()), expected);
    let run = gpo(["migtable", "set", path, "Nobody", "x"]);
    assert_eq!(run.status, 2);
    assert!(
        run.err.contains("there is no entry for \"Nobody\""),
        "{run:?}"
    );
    assert_eq!(gpo(["migtable", "set", path, "Red@old.example"]).status, 2);

    let run = gpo([
        "migtable",
        "remove",
        path,
        "Red@old.example",
        "--dry-run",
        "--json",
    ]);
    let json = run.json();
    assert_eq!(json["schema"], "gpo/migtable-write/1");
    assert_eq!(
        (&json["dry_run"], &json["entries"]),
        (&true.into(), &2.into())
    );
    assert_eq!(utf16(&fs::read(path).unwrap()), expected);

    let shown = gpo(["migtable", "show", path]);
    let cells: Vec<Vec<_>> = shown
        .lines()
        .iter()
        .map(|line| {
            line.split("  ")
                .filter(|cell| !cell.is_empty())
                .map(str::trim)
                .collect()
        })
        .collect();
    assert_eq!(
        cells[1],
        ["1", "GlobalGroup", "Red@old.example", "<by relative name>"]
    );
    assert_eq!(cells[3], ["3", "UNCPath", r"\\old\it", r"\\new2\it"]);
    let json = gpo(["migtable", "show", path, "--json"]).json();
    assert_eq!(json["schema"], "gpo/migtable-show/1");
    assert_eq!(json["entries"][2]["type"], "UNCPath");
    assert_eq!(json["entries"][2]["destination_text"], r"\\new2\it");
    assert_eq!(json["entries"][0]["destination"], "by-relative-name");
}

#[test]
fn a_table_names_what_backups_name() {
    let backups = Backups::new();
    let list = gpo(["list", backups.text(), "--json"]).json();
    let bytes = gpo_raw(["migtable", "create", "--from", backups.text()]);
    let all = utf16(&bytes);
    assert!(all.starts_with(START), "{all}");
    let gpmc = utf16(&gpo_raw([
        "migtable",
        "create",
        "--like-gpmc",
        "--from",
        backups.text(),
    ]));
    let (mut listed, mut others) = (0, 0);
    for backup in list["backups"].as_array().unwrap() {
        let folder = backups.path().join(backup["folder"].as_str().unwrap());
        let json = gpo(["references".as_ref(), folder.as_os_str(), "--json".as_ref()]).json();
        let own_folder = format!(r"\Policies\{}\", backup["gpo_id"].as_str().unwrap());
        for found in json["references"].as_array().unwrap() {
            let text = found["text"].as_str().unwrap();
            // Where the GPO itself is follows from the target: it is mapped without an entry.
            if text.contains(&own_folder) {
                assert!(!all.contains(text), "{text} in {all}");
                continue;
            }
            let server = text
                .strip_prefix(r"\\")
                .and_then(|text| text.split('\\').next());
            if let Some(server) = server {
                let start = format!(r"<Source>\\{server}\");
                assert!(all.contains(&start), "{text} in {all}");
                if found["listed"] == true {
                    assert!(gpmc.contains(&start), "{text} in {gpmc}");
                    listed += 1;
                } else if !gpmc.contains(&start) {
                    others += 1;
                }
            }
        }
    }
    assert!(listed + others > 0, "{listed} {others}");
    let sources: Vec<_> = all
        .lines()
        .filter(|line| line.contains("<Source>"))
        .collect();
    let mut folded: Vec<_> = sources.iter().map(|line| line.to_lowercase()).collect();
    folded.sort();
    folded.dedup();
    assert_eq!(folded.len(), sources.len(), "no source comes twice");
    assert!(!all.contains("<DestinationByRelativeName />"));
    let named = utf16(&gpo_raw([
        "migtable",
        "create",
        "--map-by-name",
        "--from",
        backups.text(),
    ]));
    for mapping in named.split("<Mapping>").skip(1) {
        let open = mapping.contains("<Type>Unknown<") || mapping.contains("<Type>UNCPath<");
        assert_eq!(
            open,
            mapping.contains("<DestinationSameAsSource />"),
            "{mapping}"
        );
    }
}

#[test]
fn what_is_wrong_is_said_with_its_mapping() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.migtable");
    let same = "<DestinationSameAsSource />";
    for (entries, validate, lint) in [
        (
            vec![["GlobalGroup", "Red@old.example", same]],
            vec![],
            vec![],
        ),
        (
            vec![
                ["UNCPath", r"\\a\b", "<DestinationNone />"],
                ["Group", "x", same],
            ],
            vec!["invalid 1", "unknown-type 2"],
            vec!["invalid 1", "unknown-type 2"],
        ),
        (
            vec![["Unknown", "x", same], ["Unknown", "X", same]],
            vec!["invalid 2"],
            vec!["invalid 2"],
        ),
        (
            vec![
                ["Unknown", "a", "<Destination>b</Destination>"],
                ["Unknown", "b", "<Destination>a</Destination>"],
            ],
            vec!["invalid null"],
            vec!["invalid null"],
        ),
        (
            vec![["Unknown", "x", ""]],
            vec!["invalid 1"],
            vec!["invalid 1"],
        ),
        (
            vec![["Unknown", "ADD YOUR DOMAIN ADMINS", same]],
            vec![],
            vec!["placeholder 1"],
        ),
        (
            vec![
                [
                    "User",
                    "a@old.example",
                    "<Destination>b@new.example</Destination>",
                ],
                ["User", "c@new.example", same],
                ["GlobalGroup", r"NEW\Red", same],
                [
                    "User",
                    "d@old.example",
                    "<Destination>d@CHANGEME</Destination>",
                ],
            ],
            vec![],
            vec!["edited-source 2", "edited-source 3", "placeholder 4"],
        ),
    ] {
        write(&file, &table(&entries));
        for (command, expected) in [("validate", &validate), ("lint", &lint)] {
            let run = gpo(["migtable", command, file.to_str().unwrap(), "--json"]);
            let json = run.json();
            assert_eq!(json["schema"], "gpo/migtable-check/1");
            let findings = json["findings"].as_array().unwrap();
            let found: Vec<_> = findings
                .iter()
                .map(|f| format!("{} {}", f["kind"].as_str().unwrap(), f["mapping"]))
                .collect();
            assert_eq!(&found, expected, "{command} {entries:?}");
            let worst = if findings.iter().any(|f| f["severity"] == "error") {
                2
            } else {
                i32::from(!findings.is_empty())
            };
            assert_eq!(run.status, worst, "{run:?}");
        }
    }
    let run = gpo(["migtable", "lint", file.to_str().unwrap()]);
    assert_eq!(
        run.lines(),
        [
            "warning: mapping 2: \"c@new.example\" is in the domain that mapping 1 goes to [edited-source]",
            "warning: mapping 3: GPMC writes a GlobalGroup as name@dns.domain, here is \"NEW\\Red\" [edited-source]",
            "warning: mapping 4: the destination \"d@CHANGEME\" is a placeholder [placeholder]",
            "checked 4 mappings: 0 errors, 3 warnings",
        ]
    );
}

#[test]
fn a_file_that_is_no_table_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.migtable");
    for (bytes, message) in [
        (&b"<MigrationTable/>"[..], "namespace"),
        (b"\xff\xfe<\0M", "byte"),
        (b"<MigrationTable xmlns='x'><a></b>", "line 1"),
        (b"", "byte 0"),
    ] {
        fs::write(&file, bytes).unwrap();
        for command in ["show", "validate", "lint"] {
            let run = gpo(["migtable", command, file.to_str().unwrap()]);
            assert_eq!(run.status, 2, "{run:?}");
            assert!(
                run.err.contains("x.migtable: ") && run.err.contains(message),
                "{run:?}"
            );
        }
    }
}
