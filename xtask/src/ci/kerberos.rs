//! Kerberos, the one feature that needs libraries of the system.

use std::fs;
use std::path::PathBuf;
use std::process::{Command as Process, Stdio};

use super::metadata::Metadata;
use super::{Outcome, cargo, execute, output_of};
use crate::Result;

/// The feature of every package that has it.
pub(super) const FEATURE: &str = "gssapi";

/// Builds the feature of the packages that have it.
pub(super) fn run() -> Result<Outcome> {
    if let Some(missing) = missing() {
        return Ok(Outcome::Skipped(format!("{missing} is not installed")));
    }
    for member in Metadata::read()?.members() {
        if member.features.contains_key(FEATURE) {
            let of = ["-p", &member.name, "--features", FEATURE, "--all-targets"];
            execute(
                cargo(&["clippy", "--locked"])
                    .args(of)
                    .args(["--", "-D", "warnings"]),
            )?;
        }
    }
    Ok(Outcome::Passed)
}

/// Every feature of every package of the workspace that builds without libraries of the system, as
/// arguments of cargo.
pub(super) fn other_features() -> Result<[String; 2]> {
    let metadata = Metadata::read()?;
    let mut names = Vec::new();
    for member in metadata.members() {
        let features = member.features.keys().filter(|name| *name != FEATURE);
        names.extend(features.map(|feature| format!("{}/{feature}", member.name)));
    }
    Ok(["--features".into(), names.join(",")])
}

/// What the feature needs and is not there: MIT's or Heimdal's library with its headers, and
/// libclang to read them.
pub(super) fn missing() -> Option<&'static str> {
    let found = |library: &&str| {
        Process::new("pkg-config")
            .args(["--exists", library])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    if !["mit-krb5-gssapi", "heimdal-gssapi"].iter().any(found) {
        return Some("libkrb5-dev");
    }
    let llvm = output_of(Process::new("llvm-config").arg("--libdir")).ok();
    let asked = std::env::var_os("LIBCLANG_PATH").map(PathBuf::from);
    let mut folders = asked
        .into_iter()
        .chain(llvm.map(|folder| folder.trim().into()));
    let has_libclang = folders.any(|folder| {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.any(|name| name.starts_with("libclang.") || name.starts_with("libclang-1"))
    });
    (!has_libclang).then_some("libclang-dev")
}
