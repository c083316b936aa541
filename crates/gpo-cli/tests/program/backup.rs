//! `gpo backup` and `gpo restore`.

use std::fs;
use std::path::Path;

use crate::run::gpo;

const DOMAIN: &str = concat!("dir:", env!("CARGO_MANIFEST_DIR"), "/../../testdata/domain");
const GPO: &str = "Software f\u{fc}r alle";

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_gpo_comes_back_from_its_backup() {
    let place = tempfile::tempdir().unwrap();
    let (backups, domain) = (place.path().join("backups"), place.path().join("new"));
    fs::create_dir(&backups).unwrap();
    fs::create_dir(&domain).unwrap();
    let made = gpo([
        "backup",
        "--from",
        DOMAIN,
        "--to",
        text(&backups),
        GPO,
        "--json",
    ])
    .json();
    assert_eq!(made["status"], "succeeded");
    let to = format!("dir:{}", text(&domain));
    let plan = gpo([
        "restore",
        text(&backups),
        "--gpo",
        GPO,
        "--to",
        &to,
        "--dry-run",
        "--json",
    ]);
    assert_eq!(plan.json()["gpos"][0]["restored"], false);
    assert_eq!(
        fs::read_dir(&domain).unwrap().count(),
        0,
        "a dry run writes nothing"
    );
    let done = gpo(["restore", text(&backups), "--gpo", GPO, "--to", &to]);
    assert_eq!(done.status, 0, "{done:?}");
    let again = gpo([
        "backup",
        "--from",
        &to,
        "--to",
        text(&backups),
        "--all",
        "--json",
    ])
    .json();
    assert_eq!(again["gpos"][0]["gpo_name"], GPO);
}

#[test]
fn arguments_that_cannot_be_met_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let here = text(place.path());
    let too_long = "x".repeat(2048);
    for (args, message) in [
        (
            &["backup", "--from", DOMAIN, "--to", here][..],
            "<--all|GPO>",
        ),
        (
            &["backup", "--from", DOMAIN, "--to", here, "no such"],
            "no GPO of this name",
        ),
        (
            &["backup", "--from", DOMAIN, "--to", "/nonexistent", "--all"],
            "/nonexistent",
        ),
        (
            &[
                "backup",
                "--from",
                DOMAIN,
                "--to",
                here,
                "--all",
                "--comment",
                &too_long,
            ],
            "2047",
        ),
        (
            &[
                "backup",
                "--from",
                DOMAIN,
                "--to",
                here,
                "--all",
                "--dry-run",
                "--comment",
                "\u{1b}",
            ],
            "U+001B",
        ),
        (&["restore", here, "--all", "--to", "dir:."], "no backups"),
        (&["repack", here, "/tmp/never-made"], "no backups"),
    ] {
        let run = gpo(args);
        assert_eq!(run.status, 2, "{args:?}: {run:?}");
        assert!(run.err.contains(message), "{args:?}: {run:?}");
    }
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
}

#[test]
fn any_number_of_jobs_is_taken() {
    let place = tempfile::tempdir().unwrap();
    let jobs = ["--jobs", "99999999999"];
    let args = ["backup", "--from", DOMAIN, "--to", text(place.path()), GPO];
    let run = gpo(args.into_iter().chain(jobs));
    assert_eq!(run.status, 0, "{run:?}");
}

#[test]
fn a_set_is_not_repacked_into_itself() {
    let place = tempfile::tempdir().unwrap();
    let backups = text(place.path());
    assert_eq!(
        gpo(["backup", "--from", DOMAIN, "--to", backups, GPO]).status,
        0
    );
    let run = gpo(["repack", backups, &format!("{backups}/sub")]);
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.err.contains("in the old one"), "{run:?}");
    assert!(!place.path().join("sub").exists());
}
