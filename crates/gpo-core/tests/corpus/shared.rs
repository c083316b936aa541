//! The files, and what is expected of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{Write, stderr};
use std::path::{Path, PathBuf};

use gpo_core::{GpoPath, PREFERENCE_KINDS};

/// The folder of real data; says so where there is none.
pub(crate) fn shared() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("GPO_SHARED").map_or_else(beside, PathBuf::from);
    if folder.join("corpus").is_dir() {
        return Some(folder);
    }
    // Not `eprintln!`, which the test runner swallows.
    let _ = writeln!(stderr(), "SKIPPED: no corpus at {}", folder.display());
    None
}

/// Where the file lies in a GPO; files outside a backup by their name.
pub(crate) fn place(path: &str) -> Option<GpoPath> {
    if let Some((_, place)) = path.split_once("/DomainSysvol/GPO/") {
        return place.parse().ok();
    }
    let name = path.rsplit('/').next()?.to_lowercase();
    // Samba's copies of files that it also turns into XML.
    let name = name.trim_end_matches(".sambabackup");
    let stem = name.trim_end_matches(".xml");
    let is_preferences = PREFERENCE_KINDS.iter().any(|kind| {
        stem.strip_prefix(&kind.name.to_lowercase())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    });
    let place = match name {
        "scripts.ini" | "psscripts.ini" => format!(r"Machine\Scripts\{name}"),
        "fdeploy.ini" | "fdeploy1.ini" => format!(r"User\Documents & Settings\{name}"),
        "gpttmpl.inf" => r"Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf".into(),
        "audit.csv" => r"Machine\Microsoft\Windows NT\Audit\audit.csv".into(),
        _ if name.rsplit_once('.').is_some_and(|(_, kind)| kind == "pol") => {
            r"Machine\registry.pol".into()
        }
        _ if is_preferences => format!(r"Machine\Preferences\x\{name}"),
        _ => return None,
    };
    place.parse().ok()
}

pub(crate) fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Checks every file that `is_kind` takes by its lower-case name. A check that fails has to fail
/// with the message in the table, and each line of the table for this kind has to be met.
pub(crate) fn check_all(
    is_kind: impl Fn(&str) -> bool,
    at_least: usize,
    check: impl Fn(&[u8]) -> Result<(), String>,
) {
    let Some(shared) = shared() else { return };
    let name = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or_default().to_lowercase();
        // Samba's copies of files that it also turns into XML.
        name.trim_end_matches(".sambabackup").to_owned()
    };
    let mut broken: BTreeMap<&str, &str> = include_str!("broken.tsv")
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .filter(|(path, _)| is_kind(&name(path)))
        .collect();
    let mut files = Vec::new();
    for folder in ["corpus", "lgpo"] {
        files_below(&shared.join(folder), &mut files);
    }
    let (mut checked, mut wrong) = (0, String::new());
    for file in files {
        let path = file
            .strip_prefix(&shared)
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/");
        if !is_kind(&name(&path)) {
            continue;
        }
        checked += 1;
        let result = check(&fs::read(&file).unwrap());
        let expected = broken.remove(path.as_str()).map(str::to_owned);
        if result.as_ref().err() != expected.as_ref() {
            let found = result.err().unwrap_or_else(|| "no error".into());
            writeln!(wrong, "{path}\t{found}").unwrap();
        }
    }
    assert!(
        wrong.is_empty(),
        "other results than in the table:\n{wrong}"
    );
    assert!(
        broken.is_empty(),
        "in the table, but not there: {broken:#?}"
    );
    assert!(checked >= at_least, "only {checked} files");
}

/// An error as text; a write that differs is one, too.
pub(crate) fn same(
    written: gpo_core::Result<Vec<u8>>,
    read: &[u8],
    how: &str,
) -> Result<(), String> {
    match written {
        Ok(written) if written == read => Ok(()),
        Ok(_) => Err(format!("{how}: other bytes")),
        Err(error) => Err(format!("{how}: {error}")),
    }
}
