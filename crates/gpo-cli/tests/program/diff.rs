use std::fs;
use std::path::PathBuf;

use crate::run::{Backups, domain, gpo};

const POLICY: &str = "Default Domain Policy";

/// A set of backups beside which one of the default policy lies whose passwords are shorter.
fn edited() -> (Backups, PathBuf, PathBuf) {
    let backups = Backups::new();
    let before = backups.backup(POLICY);
    let after = backups.path().join("edited");
    let copy = gpo(["repack", before.to_str().unwrap(), after.to_str().unwrap()]);
    assert_eq!(copy.status, 0, "{copy:?}");
    let folder = fs::read_dir(&after)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let after = folder.into_iter().find(|path| path.is_dir()).unwrap();
    let inf = after.join(r"DomainSysvol/GPO/Machine/microsoft/windows nt/SecEdit/GptTmpl.inf");
    let utf_16 = |text: &str| {
        text.encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<_>>()
    };
    let bytes = fs::read(&inf).unwrap();
    let units = bytes
        .chunks(2)
        .map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    let text = String::from_utf16(&units.collect::<Vec<_>>()).unwrap();
    let edited = text.replace("MinimumPasswordLength = 14", "MinimumPasswordLength = 7");
    assert_ne!(edited, text);
    fs::write(&inf, utf_16(&edited)).unwrap();
    (backups, before, after)
}

#[test]
fn a_backup_is_what_the_domain_is() {
    let backups = Backups::new();
    let names = gpo(["list", backups.text(), "--json"]).json();
    for backup in names["backups"].as_array().unwrap() {
        let name = backup["gpo_name"].as_str().unwrap();
        let id = backup["id"].as_str().unwrap();
        let run = gpo([
            "diff",
            backups.text(),
            "--id",
            id,
            "--from",
            &domain(),
            "--gpo",
            name,
        ]);
        assert_eq!((run.status, run.lines().len()), (0, 2), "{run:?}");
    }
}

#[test]
fn a_setting_is_named_with_both_values_and_its_file() {
    let (_backups, before, after) = edited();
    let (before, after) = (before.to_str().unwrap(), after.to_str().unwrap());
    let run = gpo(["diff", before, after]);
    assert_eq!((run.status, run.err.as_str()), (1, ""));
    let lines = run.lines();
    assert!(
        lines[2].ends_with("> Account Policies/Password Policy"),
        "{run:?}"
    );
    assert_eq!(
        lines[3],
        "  ~ Minimum password length: 14 characters -> 7 characters"
    );
    assert_eq!(lines[4], "Files");
    assert!(lines[5].contains(r"SecEdit\GptTmpl.inf: "), "{run:?}");
    assert_eq!(lines.len(), 6);

    let json = gpo(["diff", before, after, "--json"]);
    let found = json.json();
    assert_eq!((json.status, &found["schema"]), (1, &"gpo/diff/1".into()));
    assert_eq!(found["after"]["name"], POLICY);
    assert_eq!(found["changes"][0]["name"], "Minimum password length");
    assert_eq!(found["changes"][0]["after"], "7 characters");
    let html = gpo(["diff", before, after, "--format", "html"]).out;
    assert!(html.contains("<td>7 characters</td>"), "{html}");
    let markdown = gpo(["diff", before, after, "--format", "md"]).out;
    assert!(
        markdown.contains("| 14 characters | 7 characters |"),
        "{markdown}"
    );

    let turned = gpo(["diff", after, before]).out;
    assert!(
        turned.contains("  ~ Minimum password length: 7 characters -> 14"),
        "{turned}"
    );
}

#[test]
fn two_of_a_set_are_named_by_their_ids() {
    let backups = Backups::new();
    let id = backups.id(POLICY);
    let other = backups.id("Laufwerke & <Drucker> \"Etage 2\"");
    let run = gpo(["diff", backups.text(), "--id", &id, "--id", &other]);
    assert_eq!(run.status, 1, "{run:?}");
    assert!(
        run.out
            .contains("  - Minimum password length: 14 characters"),
        "{run:?}"
    );
    let same = gpo([
        "diff",
        backups.text(),
        "--id",
        &id,
        "--id",
        &id,
        "--format",
        "md",
    ]);
    assert_eq!(same.status, 0);
    assert!(same.out.contains("No differences."), "{same:?}");
}

#[test]
fn what_is_not_enough_is_refused() {
    let (_backups, before, after) = edited();
    let (before, after) = (before.to_str().unwrap(), after.to_str().unwrap());
    let id = "{602F142B-D8BE-4807-9D7F-8F6AF943FE72}";
    for arguments in [
        &["diff"][..],
        &["diff", before],
        &["diff", before, after, "--id", id],
        &["diff", before, "--from", &domain()],
        &["diff", before, after, "--from", &domain(), "--gpo", POLICY],
        &["diff", before, "nowhere"],
    ] {
        let run = gpo(arguments);
        assert_eq!((run.status, run.out.as_str()), (2, ""), "{arguments:?}");
        assert!(!run.err.is_empty(), "{arguments:?}");
    }
}
