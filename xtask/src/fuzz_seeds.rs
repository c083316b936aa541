//! `cargo xtask fuzz-seeds`: the inputs that fuzzing starts from.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use gpo_core::PREFERENCE_KINDS;

use crate::{Command, Result, no_arguments, root};

mod archives;
mod reports;
mod security_descriptors;
mod templates;
mod text_formats;
mod xml_formats;

pub(crate) const COMMAND: Command = Command {
    name: "fuzz-seeds",
    usage: "",
    about: "Writes fuzz/seeds anew, from code and from testdata/. The same code writes the same files.",
    run,
};

/// Larger files make fuzzing slow.
const LARGEST: usize = 16 << 10;

fn run(arguments: &[String]) -> Result {
    no_arguments(arguments)?;
    let folder = root().join("fuzz/seeds");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    for ((target, name), bytes) in seeds()? {
        let folder = folder.join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}

/// Target and file name of a seed, and its bytes.
type Seeds = BTreeMap<(&'static str, String), Vec<u8>>;

fn seeds() -> Result<Seeds> {
    let mut seeds = Seeds::new();
    let mut add = |target, name: &str, bytes: &[u8]| {
        seeds.insert((target, name.to_owned()), bytes.to_vec());
    };
    archives::add(&mut add)?;
    reports::add(&mut add)?;
    security_descriptors::add(&mut add)?;
    templates::add(&mut add);
    text_formats::add(&mut add)?;
    xml_formats::add(&mut add)?;
    let testdata = root().join("testdata");
    if testdata.is_dir() {
        from_testdata(&testdata, "", &mut add)?;
    }
    Ok(seeds)
}

/// Takes a target, the name of a seed, and its bytes.
type Add<'a> = dyn FnMut(&'static str, &str, &[u8]) + 'a;

/// The target that reads a file of this name.
fn target_of(file: &str) -> Option<&'static str> {
    Some(match file.to_ascii_lowercase().as_str() {
        "registry.pol" => "registry_pol",
        "gpt.ini" => "gpt_ini",
        "gpttmpl.inf" => "security_template",
        "scripts.ini" | "psscripts.ini" => "scripts_ini",
        "fdeploy.ini" | "fdeploy1.ini" => "folder_redirection",
        "audit.csv" => "audit_csv",
        "comment.cmtx" => "policy_comments",
        "backup.xml" => "backup_xml",
        "bkupinfo.xml" => "bkup_info",
        "manifest.xml" => "manifest",
        file if is_preferences(file) => "preferences",
        _ => return None,
    })
}

fn is_preferences(file: &str) -> bool {
    let stem = file.strip_suffix(".xml").unwrap_or_default();
    PREFERENCE_KINDS
        .iter()
        .any(|kind| kind.name.eq_ignore_ascii_case(stem))
}

fn from_testdata(folder: &Path, prefix: &str, add: &mut Add<'_>) -> Result {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let file = entry.file_name();
        let file = file.to_str().ok_or("a name in testdata/ is not UTF-8")?;
        let name = format!("{prefix}{file}");
        if entry.file_type()?.is_dir() {
            from_testdata(&entry.path(), &format!("{name}-"), add)?;
        } else if let Some(target) = target_of(file) {
            let bytes = fs::read(entry.path())?;
            if bytes.len() <= LARGEST {
                add(target, &name, &bytes);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_seeds_are_those_that_are_written() {
        let folder = root().join("fuzz/seeds");
        let mut committed = BTreeMap::new();
        for target in fs::read_dir(folder).unwrap() {
            let target = target.unwrap();
            for seed in fs::read_dir(target.path()).unwrap() {
                let seed = seed.unwrap();
                let name = (target.file_name(), seed.file_name());
                committed.insert(name, fs::read(seed.path()).unwrap());
            }
        }
        let written: BTreeMap<_, _> = seeds()
            .unwrap()
            .into_iter()
            .map(|((target, name), bytes)| ((target.into(), name.into()), bytes))
            .collect();
        assert!(
            committed == written,
            "run `cargo xtask fuzz-seeds` and commit what it writes"
        );
    }
}
