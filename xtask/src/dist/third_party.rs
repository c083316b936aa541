//! The licences of the crates that are built into the program: most ask that their text goes along.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use crate::Result;
use crate::ci::metadata::{Metadata, Package};
use crate::ci::{cargo, output_of};

/// How the names of such files begin.
const FILES: [&str; 5] = ["licen", "copying", "copyright", "notice", "unlicense"];

/// A list of the crates, and each text once, with the crates that it is of.
pub(super) fn licences() -> Result<String> {
    let metadata = Metadata::read()?;
    let built = built()?;
    let third_party = metadata.packages.iter().filter(|package| {
        let named = (package.name.clone(), package.version.clone());
        !metadata.is_member(package) && built.contains(&named)
    });
    let mut list = String::from("What is built into the program beside its own code:\n\n");
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in third_party {
        let name = format!("{} {}", package.name, package.version);
        let licence = package.license.as_deref().unwrap_or_default();
        writeln!(list, "{name}: {licence}")?;
        for text in texts_of(package)? {
            texts.entry(text).or_default().push(name.clone());
        }
    }
    for (text, packages) in texts {
        let line = "-".repeat(72);
        let packages = packages.join(", ");
        write!(list, "\n{line}\n{packages}\n\n{}\n", text.trim_end())?;
    }
    Ok(list)
}

/// Names and versions of the crates that the program is made of on this system.
fn built() -> Result<BTreeSet<(String, String)>> {
    let tree = ["tree", "--locked", "--package=gpo-cli", "--edges=normal"];
    let tree = output_of(cargo(&tree).args(["--prefix=none", "--format={p}"]))?;
    let packages = tree.lines().filter_map(|line| {
        let (name, version) = line.split_once(" v")?;
        let version = version.split(' ').next()?;
        Some((name.to_owned(), version.to_owned()))
    });
    Ok(packages.collect())
}

/// The texts in the folder of a package, without what differs in the ends of lines.
fn texts_of(package: &Package) -> Result<BTreeSet<String>> {
    let folder = package.manifest_path.parent();
    let folder = folder.ok_or("a package without a folder")?;
    let mut texts = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default();
        let name = name.to_string_lossy().to_lowercase();
        if path.is_file() && FILES.iter().any(|start| name.starts_with(start)) {
            let text = String::from_utf8_lossy(&fs::read(path)?).into_owned();
            let lines: Vec<_> = text.lines().map(str::trim_end).collect();
            texts.insert(lines.join("\n"));
        }
    }
    Ok(texts)
}
