//! Each feature of a package builds alone, and so does the package without any.

use super::metadata::Metadata;
use super::{Outcome, cargo, execute, kerberos, without};
use crate::Result;

pub(super) fn run() -> Result<Outcome> {
    if let Some(skipped) = without(&["clippy", "--version"], "clippy") {
        return Ok(skipped);
    }
    let metadata = Metadata::read()?;
    for member in metadata.members() {
        if member.features.is_empty() {
            continue;
        }
        let target = if member.is_library() {
            "--lib"
        } else {
            "--bins"
        };
        let alone = member.features.keys().map(String::as_str);
        // What it needs is not everywhere; the step of the lints has it where it is.
        let alone = alone.filter(|feature| *feature != kerberos::FEATURE);
        for features in alone.chain([""]) {
            let build = ["clippy", "--locked", target, "--no-default-features"];
            let of = ["-p", &member.name, "--features", features];
            // A warning here is about code that only another feature needs.
            execute(cargo(&build).args(of).args(["--", "-D", "warnings"]))?;
        }
    }
    Ok(Outcome::Passed)
}
