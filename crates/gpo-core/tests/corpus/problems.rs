//! Values that cannot be applied, in real files.

use std::fmt::Write as _;
use std::fs;

use gpo_core::SettingsFile;

use crate::shared::{files_below, place, shared};

/// What Windows wrote, Windows can apply: a problem in a real file would be one of the check.
#[test]
fn real_files_have_no_wrong_values() {
    let Some(shared) = shared() else { return };
    let mut files = Vec::new();
    files_below(&shared.join("corpus"), &mut files);
    files.sort();
    let (mut found, mut read) = (String::new(), 0);
    for file in files {
        let path = file.strip_prefix(&shared).unwrap();
        let path = path.to_string_lossy().replace('\\', "/");
        let Some(place) = place(&path) else { continue };
        // What is refused as a whole is in `broken.tsv`.
        let Ok(settings) = SettingsFile::parse(&place, &fs::read(&file).unwrap()) else {
            continue;
        };
        read += 1;
        for problem in settings.problems() {
            writeln!(found, "{path}\t{problem}").unwrap();
        }
    }
    assert_eq!(found, "");
    assert!(read > 800, "only {read}");
}
