//! `gpo import`, `gpo copy`.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::run::{Run, gpo};

const DOMAIN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/domain");
pub(crate) const GPO: &str = "Software f\u{fc}r alle";

/// A copy of the small domain that can be written.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(Path::new(DOMAIN), &folder.path().join("domain"));
        fs::create_dir(folder.path().join("backups")).unwrap();
        let place = Self { folder };
        let backups = place.text("backups");
        let made = place.run(&["backup", "--from", &place.domain(), "--to", &backups, GPO]);
        assert_eq!(made.status, 0, "{made:?}");
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn domain(&self) -> String {
        format!("dir:{}", self.text("domain"))
    }

    /// The folder of the one backup.
    pub(crate) fn backup(&self) -> String {
        let mut folders = fs::read_dir(self.path("backups")).unwrap();
        let backup = folders.find_map(|entry| {
            let path = entry.unwrap().path();
            path.is_dir().then_some(path)
        });
        backup.unwrap().to_str().unwrap().to_owned()
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
        let run = gpo(args);
        let names = fs::read_dir(self.folder.path()).unwrap();
        let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), 2, "{args:?} left something: {names:?}");
        run
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &place);
        } else {
            fs::copy(entry.path(), place).unwrap();
        }
    }
}

#[test]
fn a_backup_is_imported_into_a_gpo_that_is_made_for_it() {
    let place = Place::new();
    let (backup, to) = (place.backup(), place.domain());
    let args = [
        "import",
        &backup,
        "--to",
        &to,
        "--gpo",
        "Import test",
        "--json",
    ];
    let refused = place.run(&args);
    assert_eq!(refused.status, 2, "{refused:?}");
    let with = |more: &[&str]| place.run(&[&args[..], more].concat());
    let planned = with(&["--create-if-needed", "--dry-run"]).json();
    assert_eq!(
        (&planned["gpo"]["done"], &planned["gpo"]["new_gpo"]),
        (&false.into(), &true.into())
    );
    assert_ne!(planned["gpo"]["changes"]["files"], serde_json::json!([]));
    let again = with(&["--dry-run"]);
    assert_eq!(again.status, 2, "a dry run makes nothing: {again:?}");
    let done = with(&["--create-if-needed"]);
    assert_eq!(done.status, 0, "{done:?}");
    let done = done.json();
    assert_eq!(done["gpo"]["done"], true);
    let id = done["gpo"]["gpo_id"].as_str().unwrap();
    let again = with(&["--create-if-needed"]).json();
    assert_eq!(again["gpo"]["gpo_id"], id, "it is there now");
    let version = |run: &serde_json::Value| run["gpo"]["version_computer"].as_u64().unwrap();
    assert_eq!(version(&again), version(&done) + 1);
    let areas = with(&["--only", "scripts", "--dry-run"]).json();
    let changes = &areas["gpo"]["changes"]["files"];
    assert!(!changes.to_string().contains("Applications"), "{changes}");
    for wrong in [
        &["--only", "nonsense"][..],
        &["--only", "audit", "--except", "audit"],
    ] {
        assert_eq!(with(wrong).status, 2);
    }
}

#[test]
fn a_gpo_is_copied() {
    let place = Place::new();
    let to = place.domain();
    let args = ["copy", "--from", &to, "--gpo", GPO, "--to", &to];
    let planned = place.run(&[&args[..], &["--dry-run"]].concat());
    assert!(
        planned
            .out
            .starts_with(&format!("would make Copy of {GPO}")),
        "{planned:?}"
    );
    let done = place.run(&args);
    assert_eq!(done.status, 0, "{done:?}");
    let named = place.run(&[&args[..], &["--name", "Another", "--with-acl"]].concat());
    assert!(named.out.starts_with("made Another"), "{named:?}");
    let taken = place.run(&[&args[..], &["--name", "another"]].concat());
    assert_eq!(taken.status, 2, "{taken:?}");
    let check = place.run(&["check", "--from", &to, "--json"]).json();
    let findings = |name: &str| {
        let gpos = check["gpos"].as_array().unwrap();
        let gpo = gpos.iter().find(|gpo| gpo["gpo_name"] == name).unwrap();
        gpo["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["kind"].to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        findings("Another"),
        findings(GPO),
        "it is as sound as the other"
    );
}
