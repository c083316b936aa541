//! Commands that write to a domain, killed while they do, and `gpo recover`.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use gpo_testkit::FaultCount;

use crate::import::{GPO, Place};

/// How often each command is killed, at moments that are spread over its time.
const ROUNDS: u32 = 14;

/// What the GPOs of a domain are by their folders: files with their content, folders without.
type Gpos = BTreeMap<String, BTreeMap<String, Option<Vec<u8>>>>;

/// The GPOs in SYSVOL; and the bytes of the directory, without the empty line that separates its
/// last record from one that was taken back.
fn snapshot(place: &Place) -> (Gpos, Vec<u8>) {
    let policies = place.path("domain/sysvol/example.test/Policies");
    let mut gpos = Gpos::new();
    for entry in fs::read_dir(policies).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        gpos.insert(name, tree(&folder));
    }
    let directory = fs::read(place.path("domain/directory.ldif")).unwrap();
    (gpos, directory.trim_ascii_end().to_vec())
}

fn tree(folder: &Path) -> BTreeMap<String, Option<Vec<u8>>> {
    let (mut found, mut open) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
            found.insert(name.to_owned(), fs::read(&path).ok());
            if path.is_dir() {
                open.push(path);
            }
        }
    }
    found
}

/// The same without the number that grows with each change.
fn settings(gpos: &Gpos) -> Gpos {
    let mut gpos = gpos.clone();
    for files in gpos.values_mut() {
        files.retain(|name, _| name != "GPT.INI");
    }
    gpos
}

/// Kills a command again and again; `spoil` is what it puts right. Afterwards the domain is what it
/// was before, or what `is_new` says of its GPOs: when the command was done, now before, and after.
fn kill(
    place: &Place,
    args: &[&str],
    spoil: impl Fn(),
    is_new: impl Fn(&Gpos, &Gpos, &Gpos) -> bool,
) -> FaultCount {
    let to = place.domain();
    let command = args[0];
    let differing = || {
        let check = place.run(&["check", "--from", &to, "--json"]).json();
        let version = |finding: &&serde_json::Value| finding["kind"] == "versions-differ";
        let gpos = check["gpos"].as_array().unwrap().iter();
        let found = gpos.flat_map(|gpo| gpo["findings"].as_array().unwrap());
        found.filter(version).count()
    };
    let before = differing();
    assert!(
        before > 0,
        "one GPO of the domain is told to have two versions"
    );
    spoil();
    let begun = Instant::now();
    let run = place.run(args);
    assert_eq!(run.status, 0, "{run:?}");
    let whole = begun.elapsed();
    let done = settings(&snapshot(place).0);
    let mut count = FaultCount {
        operation: format!("gpo {command}"),
        kind: "killed at some moment, in a folder".into(),
        points: ROUNDS.into(),
        ..FaultCount::default()
    };
    for part in 0..ROUNDS {
        spoil();
        let (old_gpos, directory) = snapshot(place);
        let mut child = Command::new(env!("CARGO_BIN_EXE_gpo"))
            .args(args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(whole * part / (ROUNDS - 2));
        child.kill().unwrap();
        count.fired += u64::from(child.wait().unwrap().signal() == Some(9));
        // Which looks that nothing is beside the domain, either: no journal.
        let recovered = place.run(&["recover", "--to", &to]);
        assert_eq!(recovered.status, 0, "{recovered:?}");
        let (after, directory_after) = snapshot(place);
        let names = tree(&place.path("domain")).into_keys();
        let hidden: Vec<_> = names
            .filter(|name| name.split('/').any(|part| part.starts_with('.')))
            .collect();
        assert_eq!(hidden, [""; 0], "{command}");
        if after == old_gpos {
            assert!(directory == directory_after, "{command}: the directory");
            count.old += 1;
        } else {
            let whole = is_new(&done, &settings(&old_gpos), &settings(&after));
            assert!(whole, "{command}: {old_gpos:?} {after:?}");
            assert!(directory != directory_after, "{command}: the directory");
            count.new += 1;
        }
        assert_eq!(differing(), before, "{command}: both sides agree");
    }
    println!("{count}");
    count
}

#[test]
fn a_command_that_is_killed_is_undone() {
    let place = Place::new();
    let (backup, to) = (place.backup(), place.domain());
    // The GPO that is restored, and one that is made for the import.
    let import = ["import", &backup, "--to", &to, "--gpo", "Imported"];
    let made = place.run(&[&import[..], &["--create-if-needed", "--json"]].concat());
    let imported = made.json()["gpo"]["gpo_id"].as_str().unwrap().to_owned();
    let list = place
        .run(&["list", &place.text("backups"), "--json"])
        .json();
    let original = list["backups"][0]["gpo_id"].as_str().unwrap();
    let spelled = |id: &str| {
        let mut folders = snapshot(&place).0.into_keys();
        let folder = folders.find(|folder| folder.eq_ignore_ascii_case(id));
        folder.unwrap()
    };
    let [original, imported] = [original, &imported].map(spelled);
    let policies = place.path("domain/sysvol/example.test/Policies");
    let spoil = |gpo: &str| fs::write(policies.join(gpo).join("old.txt"), "old").unwrap();
    let mut sums = (0, 0);
    let mut add = |count: FaultCount| sums = (sums.0 + count.fired, sums.1 + count.old);
    let is_done = |done: &Gpos, _: &Gpos, after: &Gpos| after == done;
    let restore = ["restore", &backup, "--to", &to];
    add(kill(&place, &restore, || spoil(&original), is_done));
    add(kill(&place, &import, || spoil(&imported), is_done));
    let copy = ["copy", "--from", &to, "--gpo", GPO, "--to", &to];
    let is_copy = |done: &Gpos, before: &Gpos, after: &Gpos| {
        let mut after = after.clone();
        let made = after.keys().find(|id| !before.contains_key(*id)).cloned();
        let files = made.and_then(|made| after.remove(&made));
        files.as_ref() == done.get(&original) && after == *before
    };
    add(kill(&place, &copy, || (), is_copy));
    assert!(sums.0 > 0 && sums.1 > 0, "{sums:?}");
}
