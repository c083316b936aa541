use std::fs;
use std::path::Path;

use crate::run::{Backups, domain, gpo};

const POLICY: &str = "Default Domain Policy";

fn text(path: &Path) -> String {
    let bytes = fs::read(path).unwrap();
    let units = bytes
        .chunks(2)
        .map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    String::from_utf16(&units.collect::<Vec<_>>()).unwrap()
}

#[test]
fn the_report_of_a_backup_is_the_one_in_it() {
    let backups = Backups::new();
    let backup = backups.backup(POLICY);
    let output = backup.parent().unwrap().join("report.xml");
    let args = [
        "report",
        backup.to_str().unwrap(),
        "--output",
        output.to_str().unwrap(),
    ];
    let run = gpo(args);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(
        run.err.contains("those of gpreport.xml in the backup"),
        "{}",
        run.err
    );
    let stored = text(&backup.join("gpreport.xml"));
    assert_eq!(text(&output), stored);
    for part in [
        "NoLMHash<",
        "<Name>Security</Name>",
        "<SOMPath>example.test</SOMPath>",
    ] {
        assert!(stored.contains(part), "{part} is not in {stored}");
    }

    // The side-car has all of it but the times.
    let report = backup.join("gpreport.xml");
    fs::remove_file(&report).unwrap();
    let run = gpo(args);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.err.contains("those of gpo-sidecar.json"), "{}", run.err);
    let without_times = stored
        .lines()
        .filter(|line| !line.contains("<CreatedTime") && !line.contains("<ModifiedTime"));
    assert_eq!(
        text(&output).lines().collect::<Vec<_>>(),
        without_times.collect::<Vec<_>>()
    );

    fs::write(&report, "<GPO/>").unwrap();
    fs::write(backup.join("gpo-sidecar.json"), "{}").unwrap();
    let run = gpo(args);
    let warnings: Vec<_> = run
        .err
        .lines()
        .filter(|line| line.starts_with("warning: "))
        .collect();
    assert!(
        matches!(warnings[..], [report, sidecar] if report.contains("gpreport.xml") && sidecar.contains("gpo-sidecar.json")),
        "{}",
        run.err
    );

    fs::remove_file(&report).unwrap();
    fs::remove_file(backup.join("gpo-sidecar.json")).unwrap();
    let run = gpo(args);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(
        run.err
            .contains("are missing: they would be in gpreport.xml"),
        "{}",
        run.err
    );
    let made = text(&output);
    assert!(!made.contains("SOMPath") && !made.contains("CreatedTime"));
    assert!(made.contains("NoLMHash<"));
}

#[test]
fn the_report_of_a_domain_says_the_same() {
    let backups = Backups::new();
    let (from, output) = (domain(), backups.backup(POLICY).join("../r.xml"));
    let run = gpo([
        "report",
        "--from",
        &from,
        "--gpo",
        POLICY,
        "-o",
        output.to_str().unwrap(),
    ]);
    assert_eq!((run.status, run.err.as_str()), (0, ""));
    let without_time = |text: String| {
        let (before, rest) = text.split_once("<ReadTime>").unwrap();
        let (_, after) = rest.split_once("</ReadTime>").unwrap();
        format!("{before}{after}")
    };
    let stored = text(&backups.backup(POLICY).join("gpreport.xml"));
    assert_eq!(without_time(text(&output)), without_time(stored));
}

#[test]
fn what_is_not_there_is_named() {
    let from = domain();
    let run = gpo(["report", "--from", &from, "--gpo", "No such GPO"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("No such GPO"), "{}", run.err);
    assert_eq!(gpo(["report"]).status, 2);
    assert_eq!(gpo(["report", "--from", &from]).status, 2);
}

#[test]
fn a_report_has_four_formats() {
    let backups = Backups::new();
    let backup = backups.backup(POLICY);
    let print = |arguments: &[&str]| {
        let run = gpo(["report", backup.to_str().unwrap(), "--quiet"]
            .iter()
            .chain(arguments));
        assert_eq!((run.status, run.err.as_str()), (0, ""), "{arguments:?}");
        run
    };
    assert!(
        print(&["--format", "html"])
            .out
            .starts_with("<!DOCTYPE html>")
    );
    assert!(print(&["--format", "md"]).out.contains(POLICY));
    let json = print(&["--format", "json"]);
    assert_eq!(json.json()["schema"], "gpo/report/1");
    assert_eq!(json.json()["name"], POLICY);
    assert_eq!(print(&["--json"]).out, json.out);
}

#[test]
fn a_set_of_backups_gets_a_page_each_and_an_index() {
    let backups = Backups::new();
    let set = backups.backup(POLICY).parent().unwrap().to_owned();
    let pages = set.parent().unwrap().join("pages");
    let report = |options: &[&str]| {
        let (set, pages) = (set.to_str().unwrap(), pages.to_str().unwrap());
        let args = ["report", set, "--output", pages];
        gpo(args.iter().chain(options))
    };
    let run = report(&["--format", "html"]);
    assert_eq!(run.status, 0, "{run:?}");
    let index = fs::read_to_string(pages.join("index.html")).unwrap();
    assert!(index.contains(&format!(">{POLICY}</a>")), "{index}");
    let links = index.split(" href=\"").skip(1);
    let mut files = 0;
    for link in links.map(|rest| rest.split('"').next().unwrap()) {
        if link.starts_with('#') {
            continue;
        }
        let file = link.replace("%7B", "{").replace("%7D", "}");
        let page = fs::read_to_string(pages.join(file)).unwrap();
        assert!(page.starts_with("<!DOCTYPE html>"), "{link}");
        files += 1;
    }
    assert_eq!(run.lines(), [format!("{files} reports")]);

    fs::write(set.join("broken.txt"), "x").unwrap();
    let broken = set.join("{00000000-0000-4000-8000-000000000001}");
    fs::create_dir(&broken).unwrap();
    fs::write(broken.join("Backup.xml"), "<x/>").unwrap();
    let run = report(&["--json"]);
    assert_eq!(run.status, 2, "{run:?}");
    let json = run.json();
    assert_eq!(json["reports"].as_array().unwrap().len(), files);
    assert_eq!(
        json["failed"],
        serde_json::json!([broken.file_name().unwrap().to_str()])
    );
    assert!(fs::read_dir(&pages).unwrap().count() > files + 1);
}
