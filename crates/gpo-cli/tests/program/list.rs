use std::fs;

use crate::run::{Backups, gpo};

const NAMES: [&str; 7] = [
    "Arbeitsplätze – Grundschutz",
    "Default Domain Policy",
    "Laufwerke & <Drucker> \"Etage 2\"",
    "Software für alle",
    "Versionen verschieden",
    "Рабочие станции: безопасность",
    "営業部 ログオン",
];

#[test]
fn the_table_has_a_row_for_each_backup() {
    let backups = Backups::new();
    let run = gpo(["list", backups.text()]);
    assert_eq!((run.status, run.err.as_str()), (0, ""));
    let lines = run.lines();
    assert!(lines[0].starts_with("TIME (UTC)"), "{}", lines[0]);
    assert_eq!(lines.len(), 1 + NAMES.len());
    for name in NAMES {
        let row = lines.iter().find(|line| line.contains(name)).expect(name);
        assert!(
            row.contains("example.test") && row.ends_with("for a test"),
            "{row}"
        );
    }
}

#[test]
fn json_has_the_fields_of_bkup_info() {
    let backups = Backups::new();
    let json = gpo(["list", backups.text(), "--name", "default", "--json"]).json();
    assert_eq!(json["schema"], "gpo/list/1");
    let [backup] = json["backups"].as_array().unwrap().as_slice() else {
        panic!("{json}");
    };
    assert_eq!(backup["gpo_name"], "Default Domain Policy");
    assert_eq!(backup["gpo_id"], "{31B2F340-016D-11D2-945F-00C04FB984F9}");
    assert_eq!(backup["gpo_domain"], "example.test");
    assert_eq!(backup["comment"], "for a test");
    assert_eq!(backup["folder"], backup["id"]);
    assert!(backup["time"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn criteria_narrow_the_list() {
    let backups = Backups::new();
    let count = |args: &[&str]| {
        let run = gpo([&["list", backups.text()], args].concat());
        assert_eq!(run.status, 0, "{run:?}");
        run.lines().len() - 1
    };
    assert_eq!(count(&["--name", "POLICY"]), 1);
    assert_eq!(count(&["--not-name", "policy"]), 6);
    assert_eq!(
        count(&[
            "--name",
            "e",
            "--not-name",
            "policy",
            "--not-name",
            "Software"
        ]),
        3
    );
    assert_eq!(count(&["--gpo", "31b2f340-016d-11d2-945f-00c04fb984f9"]), 1);
    assert_eq!(
        count(&["--not-gpo", "{31B2F340-016D-11D2-945F-00C04FB984F9}"]),
        6
    );
    assert_eq!(count(&["--domain", "EXAMPLE.test"]), 7);
    assert_eq!(count(&["--not-domain", "example.test"]), 0);
    assert_eq!(count(&["--most-recent"]), 7);
    let run = gpo(["list", backups.text(), "--gpo", "31b2f340"]);
    assert_eq!(run.status, 2);
}

#[test]
fn where_the_manifest_disagrees_there_is_a_warning() {
    let backups = Backups::new();
    let id = backups.id("Software für alle");
    fs::remove_dir_all(backups.path().join(&id)).unwrap();
    let run = gpo(["list", backups.text()]);
    assert_eq!(run.status, 0);
    assert!(
        run.err.starts_with("warning: ") && run.err.contains(&id),
        "{}",
        run.err
    );
    assert!(run.err.trim_end().ends_with("[entry-without-folder]"));
    assert_eq!(gpo(["list", backups.text(), "--quiet"]).err, "");
}

#[test]
fn a_backup_that_cannot_be_read_is_an_error_and_the_others_are_listed() {
    let backups = Backups::new();
    let info = backups.backup("Default Domain Policy").join("bkupInfo.xml");
    fs::write(&info, "<BackupInst").unwrap();
    let run = gpo(["list", backups.text()]);
    assert_eq!(run.status, 2);
    assert!(run.out.contains("Software für alle"), "{}", run.out);
    let unread = "error: 1 backup cannot be read and so cannot be listed";
    assert!(run.err.contains(unread), "{}", run.err);
    let json = gpo(["list", backups.text(), "--json"]);
    assert_eq!(json.status, 2);
    assert_eq!(json.json()["backups"].as_array().unwrap().len(), 6);
}

#[test]
fn a_name_cannot_send_an_escape_sequence() {
    let backups = Backups::new();
    let info = backups.backup("Default Domain Policy").join("bkupInfo.xml");
    let text = fs::read_to_string(&info).unwrap();
    // XML cannot hold an escape character; it can hold other ones that terminals obey.
    fs::write(
        &info,
        text.replace("Default Domain Policy", "a\u{9b}31mb\u{202e}c\nd"),
    )
    .unwrap();
    let run = gpo(["list", backups.text()]);
    assert!(
        run.out.contains("a\\u{9b}31mb\\u{202e}c\\u{a}d"),
        "{}",
        run.out
    );
    let json = gpo(["list", backups.text(), "--json"]);
    assert!(json.out.contains(r"a\u009b31mb\u202ec\nd"), "{}", json.out);
    let names = json.json()["backups"].to_string();
    assert!(names.contains("a\u{9b}31mb\u{202e}c\\nd"), "{names}");
}

#[test]
fn what_is_not_there_is_an_error_that_names_it() {
    for args in [["list", "/no/such/folder"], ["show", "/no/such/folder"]] {
        let run = gpo(args);
        assert_eq!((run.status, run.out.as_str()), (2, ""));
        assert!(run.err.contains("/no/such/folder"), "{}", run.err);
    }
    let json = gpo(["list", "/no/such/folder", "--json"]).json();
    assert_eq!(json["schema"], "gpo/error/1");
}
