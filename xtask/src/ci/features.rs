//! Each feature of a library builds alone, and so does the library without any.

use super::metadata::Metadata;
use super::{Outcome, cargo, execute, kerberos, without};
use crate::Result;

pub(super) fn run() -> Result<Outcome> {
    if let Some(skipped) = without(&["clippy", "--version"], "clippy") {
        return Ok(skipped);
    }
    let metadata = Metadata::read()?;
    for member in metadata.members().filter(|member| member.is_library()) {
        if member.features.is_empty() {
            continue;
        }
        let alone = member.features.keys().map(String::as_str);
        // That one has a step of its own.
        let alone = alone.filter(|feature| *feature != kerberos::FEATURE);
        for features in alone.chain([""]) {
            let build = ["clippy", "--locked", "--lib", "--no-default-features"];
            let of = ["-p", &member.name, "--features", features];
            // A warning here is about code that only another feature needs.
            execute(cargo(&build).args(of).args(["--", "-D", "warnings"]))?;
        }
    }
    Ok(Outcome::Passed)
}
