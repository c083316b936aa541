//! References, compared with a search of every file for what looks like one.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use gpo_core::{ReferenceKind, SettingsFile, Text};

use crate::shared::{files_below, place, shared};

/// Each SID of a domain and each `\\server` in the corpus is a reference, and there are no others, but
/// for those that `references.tsv` lists with the reason.
///
/// Backup.xml and what lies beside it is not searched: it belongs to the backup, not to the GPO.
#[test]
fn references_are_all_that_a_search_finds() {
    let Some(shared) = shared() else { return };
    let mut files = Vec::new();
    files_below(&shared.join("corpus"), &mut files);
    files.sort();
    let (mut missed, mut seen) = (String::new(), 0);
    for file in files {
        let path = file.strip_prefix(&shared).unwrap();
        let path = path.to_string_lossy().replace('\\', "/");
        if is_of_backup(&path) {
            continue;
        }
        let bytes = fs::read(&file).unwrap();
        let (sids, paths) = search(&bytes);
        seen += sids + paths;
        let (mut found_sids, mut found_paths) = (0, 0);
        if let Some(mut settings) =
            place(&path).and_then(|place| SettingsFile::parse(&place, &bytes).ok())
        {
            let before = settings.to_bytes().unwrap();
            for reference in settings.references().iter().rev() {
                match reference.kind {
                    ReferenceKind::Sid if reference.text.contains("S-1-5-21-") => found_sids += 1,
                    ReferenceKind::UncPath => found_paths += 1,
                    _ => {}
                }
                let other = match reference.kind {
                    ReferenceKind::UncPath => r"\\other\share",
                    _ if reference.text.starts_with('*') => "*S-1-5-18",
                    _ => "S-1-5-18",
                };
                let mut changed = settings.clone();
                changed.set_reference(reference, other).unwrap();
                if reference.text != other {
                    assert_ne!(
                        changed.to_bytes().unwrap(),
                        before,
                        "{path}: {}",
                        reference.place
                    );
                }
                settings.set_reference(reference, &reference.text).unwrap();
            }
            assert_eq!(settings.to_bytes().unwrap(), before, "{path}");
        }
        if (found_sids, found_paths) != (sids, paths) {
            writeln!(
                missed,
                "{path}\t{sids}\t{found_sids}\t{paths}\t{found_paths}"
            )
            .unwrap();
        }
    }
    let expected: String = include_str!("references.tsv")
        .lines()
        .filter_map(|line| Some(line.rsplit_once('\t')?.0.to_owned() + "\n"))
        .collect();
    assert_eq!(
        missed, expected,
        "path, SIDs searched and found, paths searched and found"
    );
    assert!(seen > 300, "only {seen}");
}

fn is_of_backup(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default().to_lowercase();
    ["backup.xml", "bkupinfo.xml", "manifest.xml", "source.txt"].contains(&name.as_str())
        || name.starts_with("gpreport")
        || Path::new(&name)
            .extension()
            .is_some_and(|kind| kind == "htm" || kind == "html")
}

/// How often `S-1-5-21-` and a digit, and `\\` and the start of a name, stand in a file.
fn search(bytes: &[u8]) -> (usize, usize) {
    let text = match bytes.strip_prefix(b"PReg") {
        Some(entries) => {
            let units = entries
                .as_chunks()
                .0
                .iter()
                .map(|unit| u16::from_le_bytes(*unit));
            String::from_utf16_lossy(&units.collect::<Vec<_>>())
        }
        None => Text::decode_lossy(bytes).0.into_str().into_owned(),
    };
    let count = |start: &str, next: fn(char) -> bool| {
        let hits = text.match_indices(start);
        let hits = hits.filter(|(at, _)| !text[..*at].ends_with('\\'));
        hits.filter(|(at, _)| text[at + start.len()..].starts_with(next))
            .count()
    };
    (
        count("S-1-5-21-", |c| c.is_ascii_digit()),
        count(r"\\", char::is_alphanumeric),
    )
}
