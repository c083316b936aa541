//! Kerberos, the one feature that needs libraries of the system.

use std::fs;
use std::path::PathBuf;
use std::process::{Command as Process, Stdio};

use super::metadata::Metadata;
use super::{Outcome, output_of};
use crate::{Result, debian};

/// The feature of every package that has it.
pub(super) const FEATURE: &str = "gssapi";

/// Sees that the later steps build the feature, and test it against a domain controller.
pub(super) fn run() -> Result<Outcome> {
    let mut missing = self::missing();
    // The second may show only when the first is there.
    while let Some(package) = missing.filter(|_| debian::may_install()) {
        debian::install([package, "pkg-config"])?;
        let still = self::missing();
        if still == missing {
            break;
        }
        missing = still;
    }
    Ok(match missing {
        None => Outcome::Passed,
        Some(package) => Outcome::Skipped(format!("{package} is not installed")),
    })
}

/// Every feature of every package of the workspace that can be built here, as arguments of cargo.
pub(crate) fn features() -> Result<[String; 2]> {
    let with_kerberos = missing().is_none();
    let metadata = Metadata::read()?;
    let mut names = Vec::new();
    for member in metadata.members() {
        let features = member.features.keys();
        let features = features.filter(|name| with_kerberos || *name != FEATURE);
        names.extend(features.map(|feature| format!("{}/{feature}", member.name)));
    }
    Ok(["--features".into(), names.join(",")])
}

/// What the feature needs and is not there: MIT's or Heimdal's library with its headers, and
/// libclang to read them.
fn missing() -> Option<&'static str> {
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
