//! The file formats on real files: all of them are read and written back, and the broken ones among
//! them are refused for the reason that `corpus/broken.tsv` names.
//!
//! The files lie in `$GPO_SHARED`, else in `../shared` beside the project's root.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed step is a failed test"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{Write, stderr};
use std::path::{Path, PathBuf};

use gpo_core::{GptIni, RegistryEntry, RegistryName, RegistryPol, RegistryPolRef, RegistryValue};

/// The folder of real data; says so where there is none.
fn shared() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("GPO_SHARED").map_or_else(beside, PathBuf::from);
    if folder.join("corpus").is_dir() {
        return Some(folder);
    }
    // Not `eprintln!`, which the test runner swallows.
    let _ = writeln!(stderr(), "SKIPPED: no corpus at {}", folder.display());
    None
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
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
fn check_all(
    is_kind: impl Fn(&str) -> bool,
    at_least: usize,
    check: impl Fn(&[u8]) -> Result<(), String>,
) {
    let Some(shared) = shared() else { return };
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_lowercase();
    let mut broken: BTreeMap<&str, &str> = include_str!("corpus/broken.tsv")
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
fn same(written: gpo_core::Result<Vec<u8>>, read: &[u8], how: &str) -> Result<(), String> {
    match written {
        Ok(written) if written == read => Ok(()),
        Ok(_) => Err(format!("{how}: other bytes")),
        Err(error) => Err(format!("{how}: {error}")),
    }
}

#[test]
fn registry_pol() {
    check_all(
        |name| name.rsplit_once('.').is_some_and(|(_, kind)| kind == "pol"),
        450,
        |bytes| {
            let (saved, damage) = RegistryPol::parse_lossy(bytes);
            let pol = RegistryPol::parse(bytes).map_err(|error| {
                format!(
                    "{error}; saved {}, damage {}",
                    saved.entries.len(),
                    damage.len()
                )
            })?;
            same(pol.to_bytes(), bytes, "written back")?;
            let entries = pol.entries.iter().map(rebuilt).collect();
            same(RegistryPol { entries }.to_bytes(), bytes, "rebuilt")?;
            let walked = RegistryPolRef::parse(bytes).unwrap().entries().count();
            assert_eq!((walked, &saved), (pol.entries.len(), &pol));
            Ok(())
        },
    );
}

/// The entry anew, from what its accessors say.
fn rebuilt(entry: &RegistryEntry) -> RegistryEntry {
    let name = |name: &RegistryName| match name.as_str() {
        Some(text) => text.parse().unwrap(),
        None => RegistryName::from_units(&name.units().collect::<Vec<_>>()).unwrap(),
    };
    let value = &entry.value;
    let value = if let Some(text) = value.as_sz() {
        RegistryValue::Sz(text.to_owned())
    } else if let Some(text) = value.as_expand_sz() {
        RegistryValue::ExpandSz(text.to_owned())
    } else if let Some(number) = value.as_dword() {
        RegistryValue::Dword(number)
    } else if let Some(number) = value.as_qword() {
        RegistryValue::Qword(number)
    } else if let Some(texts) = value.as_multi_sz() {
        RegistryValue::MultiSz(texts.to_vec())
    } else {
        match value {
            RegistryValue::None => RegistryValue::None,
            RegistryValue::Binary(data) => RegistryValue::Binary(data.clone()),
            RegistryValue::Raw(data_type, data) => RegistryValue::Raw(*data_type, data.clone()),
            other => panic!("no accessor reads {other:?}"),
        }
    };
    RegistryEntry {
        key: name(&entry.key),
        value_name: name(&entry.value_name),
        value,
    }
}

#[test]
fn gpt_ini() {
    check_all(
        |name| name == "gpt.ini",
        80,
        |bytes| {
            let mut gpt = GptIni::parse(bytes).map_err(|error| error.to_string())?;
            same(gpt.to_bytes(), bytes, "written back")?;
            let version = gpt.version().map_err(|error| error.to_string())?;
            gpt.set_version(version).unwrap();
            same(gpt.to_bytes(), bytes, "version set to itself")
        },
    );
}
