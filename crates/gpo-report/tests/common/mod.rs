//! What the tests share.

use std::fs;
use std::path::{Path, PathBuf};

/// Every report below the real backups; none, with a word about it, where there are no backups.
pub(crate) fn reports() -> Vec<PathBuf> {
    let shared = std::env::var_os("GPO_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let mut found = Vec::new();
    let mut folders = vec![shared.join("corpus/backups")];
    if !folders[0].is_dir() {
        println!("SKIPPED: no real backups at {}", folders[0].display());
        return found;
    }
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .file_name()
                .is_some_and(|name| name.eq_ignore_ascii_case("gpreport.xml"))
            {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty());
    found.sort();
    found
}
