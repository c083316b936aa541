//! What may be depended on: the licences, the Rust versions, nothing that is not used, nothing in a
//! library that only a command line needs, and of the own crates those below.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::licence::is_permissive;
use super::metadata::{Declared, Metadata, Package};
use super::{Outcome, cargo, output_of};
use crate::Result;

/// Who takes a library does not want these.
const COMMAND_LINE_ONLY: &[&str] = &[
    "clap",
    "clap_complete",
    "clap_mangen",
    "console",
    "ctrlc",
    "dialoguer",
    "env_logger",
    "indicatif",
    "miette",
    "rpassword",
];

/// What each library may know of the others: DESIGN.md has the picture. The engine knows no adapter,
/// an adapter neither the engine nor another adapter.
const ARROWS: &[(&str, &[&str])] = &[
    ("sddl-parser", &[]),
    ("gpo-core", &["sddl-parser"]),
    ("gpo-admx", &["gpo-core", "sddl-parser"]),
    ("gpo-report", &["gpo-admx", "gpo-core", "sddl-parser"]),
    (
        "gpo-engine",
        &["gpo-report", "gpo-admx", "gpo-core", "sddl-parser"],
    ),
    ("gpo-ldap", &["gpo-core", "sddl-parser"]),
    ("gpo-local", &["gpo-core", "sddl-parser"]),
    ("gpo-smb", &["gpo-core", "sddl-parser"]),
    ("gpo-testkit", &["gpo-core", "sddl-parser"]),
];

pub(super) fn run() -> Result<Outcome> {
    let metadata = Metadata::read()?;
    let mut findings = Vec::new();
    for package in &metadata.packages {
        let licence = package.license.as_deref().unwrap_or("(none)");
        if !is_permissive(licence) {
            findings.push(format!("{} is under {licence}", named(package)));
        }
    }
    for member in metadata.members() {
        for name in unused(member)? {
            findings.push(format!("{} lists {name} and does not use it", member.name));
        }
        if member.is_library() && member.is_published() {
            let own: Vec<_> = metadata.members().map(|own| own.name.as_str()).collect();
            let needed = member.declared.iter().filter(|d| d.is_built());
            let needed = needed.map(|d| d.name.as_str());
            let needed = needed.filter(|name| own.contains(name));
            findings.extend(against_the_arrows(&member.name, needed));
        }
        for dependency in metadata.dependencies(member) {
            if needs_newer_rust(member, dependency)? {
                let least = dependency.rust_version.as_deref().unwrap_or_default();
                findings.push(format!(
                    "{} promises Rust {}, its dependency {} needs {least}",
                    member.name,
                    member.rust_version.as_deref().unwrap_or_default(),
                    named(dependency)
                ));
            }
            let name = dependency.name.as_str();
            if member.is_library() && COMMAND_LINE_ONLY.contains(&name) {
                findings.push(format!("the library {} pulls in {name}", member.name));
            }
        }
    }
    findings.extend(xml_without_its_feature()?);
    println!(
        "{} packages: licences, Rust versions, use, libraries free of the command line, arrows down",
        metadata.packages.len()
    );
    if findings.is_empty() {
        return Ok(Outcome::Passed);
    }
    Err(findings.join("\n").into())
}

fn named(package: &Package) -> String {
    format!("{} {}", package.name, package.version)
}

/// The dependencies that no source file of a package names.
fn unused(package: &Package) -> Result<BTreeSet<String>> {
    let mut unused: BTreeSet<String> = package.declared.iter().map(Declared::crate_name).collect();
    let mut folders: Vec<_> = package
        .manifest_path
        .parent()
        .map(Path::to_owned)
        .into_iter()
        .collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                // Another package is not this one.
                if !path.join("Cargo.toml").exists() && !path.ends_with("target") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = fs::read_to_string(path)?;
                unused.retain(|name| !names(&source, name));
            }
        }
    }
    Ok(unused)
}

/// Whether a source has this word.
fn names(source: &str, word: &str) -> bool {
    source
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .any(|other| other == word)
}

fn needs_newer_rust(member: &Package, dependency: &Package) -> Result<bool> {
    let Some(needed) = &dependency.rust_version else {
        return Ok(false);
    };
    let promised = member.rust_version.as_deref();
    let promised = promised.ok_or_else(|| format!("{} has no rust-version", member.name))?;
    Ok(version(needed)? > version(promised)?)
}

/// The dependencies of a library that it must not know.
fn against_the_arrows<'a>(library: &str, needed: impl Iterator<Item = &'a str>) -> Vec<String> {
    let below = ARROWS.iter().find(|(name, _)| *name == library);
    let Some((_, below)) = below else {
        return vec![format!("{library} has no place among the crates")];
    };
    let above = needed.filter(|name| !below.contains(name));
    let above = above.map(|name| format!("{library} must not know {name}"));
    above.collect()
}

/// `1.89` and `1.89.0` as numbers that can be compared.
fn version(text: &str) -> Result<Vec<u32>> {
    let numbers = text.split('.').chain(["0", "0"]).take(3);
    let numbers: std::result::Result<_, _> = numbers.map(str::parse).collect();
    numbers.map_err(|_| format!("{text:?} is no version of Rust").into())
}

/// Who wants registry.pol alone pays for no XML.
fn xml_without_its_feature() -> Result<Option<String>> {
    let tree = [
        "tree",
        "--locked",
        "-p",
        "gpo-core",
        "--no-default-features",
    ];
    let tree = output_of(cargo(&tree).args(["-e", "normal", "--prefix", "none"]))?;
    let xml = tree.lines().find(|line| line.starts_with("quick-xml "));
    Ok(xml.map(|line| format!("gpo-core without features pulls in {line}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrow_up_is_found() {
        let engine = ["gpo-core", "gpo-ldap"];
        let found = against_the_arrows("gpo-engine", engine.into_iter());
        assert_eq!(found, ["gpo-engine must not know gpo-ldap"]);
        assert_eq!(
            against_the_arrows("gpo-new", [].into_iter()),
            ["gpo-new has no place among the crates"]
        );
    }

    #[test]
    fn versions_are_numbers() {
        assert!(version("1.9").unwrap() < version("1.10").unwrap());
        assert_eq!(version("1.89").unwrap(), version("1.89.0").unwrap());
        assert!(version("x").is_err());
    }
}
