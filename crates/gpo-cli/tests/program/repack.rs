use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::run::{Backups, gpo};

fn files(folder: &Path) -> BTreeMap<String, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            if path.is_dir() {
                found.insert(name, None);
                folders.push(path);
            } else {
                found.insert(name, Some(fs::read(path).unwrap()));
            }
        }
    }
    found
}

#[test]
fn an_untouched_set_comes_out_the_same() {
    let backups = Backups::new();
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("new");
    let run = gpo(["repack", backups.text(), to.to_str().unwrap()]);
    assert_eq!((run.status, run.err.as_str()), (0, ""));
    assert_eq!(run.lines().len(), 1 + 7);
    assert_eq!(files(&to), files(backups.path()));

    let again = gpo(["repack", backups.text(), to.to_str().unwrap()]);
    let id = backups.id("Software für alle");
    let error = format!(
        "error: {}/{id}: a backup with this ID is there already\n",
        to.display()
    );
    assert_eq!(again.status, 2, "{again:?}");
    assert!(again.err.contains(&error), "{again:?}");
}

#[test]
fn renamed_folders_get_their_names_back() {
    let backups = Backups::new();
    let before = files(backups.path());
    let place = backups.backup("Software für alle");
    fs::create_dir(backups.path().join("sub")).unwrap();
    fs::rename(&place, backups.path().join("sub/Software")).unwrap();
    fs::remove_file(backups.path().join("manifest.xml")).unwrap();
    let to = tempfile::tempdir().unwrap();
    let run = gpo([
        "repack",
        "--json",
        backups.text(),
        to.path().to_str().unwrap(),
    ]);
    assert_eq!(run.json()["schema"], "gpo/repack/1");
    assert_eq!(run.json()["backups"].as_array().unwrap().len(), 7);
    let mut after = files(to.path());
    assert!(after.remove("manifest.xml").is_some());
    let kept = before
        .into_iter()
        .filter(|(name, _)| name != "manifest.xml");
    assert_eq!(after, kept.collect());
}
