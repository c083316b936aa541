//! Every package builds with every subset of its features.

use super::metadata::{Metadata, Package};
use super::{Outcome, cargo, execute, kerberos, without};
use crate::Result;

pub(super) fn run() -> Result<Outcome> {
    if let Some(skipped) = without(&["clippy", "--version"], "clippy") {
        return Ok(skipped);
    }
    for member in Metadata::read()?.members() {
        let target = if member.is_library() {
            "--lib"
        } else {
            "--bins"
        };
        for features in subsets(member) {
            let build = ["clippy", "--locked", target, "--no-default-features"];
            let of = ["-p", &member.name, "--features", &features];
            // A warning here is about code that only another feature needs.
            execute(cargo(&build).args(of).args(["--", "-D", "warnings"]))?;
        }
    }
    Ok(Outcome::Passed)
}

/// The sets of features of a package that differ from each other, the empty one first; none where
/// it has no features.
fn subsets(package: &Package) -> Vec<String> {
    let features = package.features.keys().map(String::as_str);
    // A name for others; and what is not everywhere, which the step of the lints has where it is.
    let features = features.filter(|name| !["default", kerberos::FEATURE].contains(name));
    let mut subsets = vec![Vec::new()];
    for feature in features {
        let with = subsets.iter().map(|set| [&set[..], &[feature]].concat());
        subsets.extend(with.collect::<Vec<_>>());
    }
    // A feature that another one brings along is there with it in any case.
    subsets.retain(|set| {
        let brought = set.iter().filter_map(|&name| package.features.get(name));
        let features = brought.flatten();
        let mut features = features.filter(|name| package.features.contains_key(*name));
        !package.features.is_empty() && features.all(|name| set.contains(&name.as_str()))
    });
    subsets.iter().map(|set| set.join(",")).collect()
}
