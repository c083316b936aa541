//! `gpo import`, `gpo copy`, `gpo recover`.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::run::{Run, gpo};

const DOMAIN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/domain");
const GPO: &str = "Software f\u{fc}r alle";

/// A copy of the small domain that can be written.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(Path::new(DOMAIN), &folder.path().join("domain"));
        fs::create_dir(folder.path().join("backups")).unwrap();
        let place = Self { folder };
        let backups = place.text("backups");
        let made = place.run(&["backup", "--from", &place.domain(), "--to", &backups, GPO]);
        assert_eq!(made.status, 0, "{made:?}");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn domain(&self) -> String {
        format!("dir:{}", self.text("domain"))
    }

    /// The folder of the one backup.
    fn backup(&self) -> String {
        let mut folders = fs::read_dir(self.path("backups")).unwrap();
        let backup = folders.find_map(|entry| {
            let path = entry.unwrap().path();
            path.is_dir().then_some(path)
        });
        backup.unwrap().to_str().unwrap().to_owned()
    }

    fn run(&self, args: &[&str]) -> Run {
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

/// The journal of a restore that died is found by the next command, and by `gpo recover`.
#[cfg(unix)]
#[test]
fn a_command_that_is_killed_is_undone() {
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Command, Stdio};
    use std::time::Instant;

    let place = Place::new();
    let (backup, to) = (place.backup(), place.domain());
    let policies = place.path("domain/sysvol/example.test/Policies");
    let snapshot = || {
        let mut all = Vec::new();
        let mut open = vec![policies.clone()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path.clone());
                }
                all.push((path.clone(), fs::read(&path).ok()));
            }
        }
        all.push((
            place.path("domain/directory.ldif"),
            fs::read(place.path("domain/directory.ldif")).ok(),
        ));
        all.sort();
        all
    };
    let errors = place.run(&["check", "--from", &to, "--json"]).json()["errors"].clone();
    let begun = Instant::now();
    let run = place.run(&["restore", &backup, "--to", &to]);
    assert_eq!(run.status, 0, "{run:?}");
    let whole = begun.elapsed();
    let (mut killed, mut old, mut new) = (0, 0, 0);
    for part in 0..32 {
        let before = snapshot();
        let mut child = Command::new(env!("CARGO_BIN_EXE_gpo"))
            .args(["restore", &backup, "--to", &to])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(whole * part / 28);
        child.kill().unwrap();
        let status = child.wait().unwrap();
        killed += u32::from(status.signal() == Some(9));
        let recovered = place.run(&["recover", "--to", &to]);
        assert_eq!(recovered.status, 0, "{recovered:?}");
        let after = snapshot();
        let hidden = |path: &Path| {
            let mut names = path.strip_prefix(place.folder.path()).unwrap().iter();
            names.any(|name| name.as_encoded_bytes().starts_with(b"."))
        };
        assert!(!after.iter().any(|(path, _)| hidden(path)), "{after:?}");
        if after == before {
            old += 1;
        } else {
            new += 1;
        }
        let check = place.run(&["check", "--from", &to, "--json"]).json();
        assert_eq!(check["errors"], errors);
    }
    assert!(killed > 0 && old > 0, "{killed} killed, {old} old");
    println!("{killed} killed: {old} old, {new} new");
}
