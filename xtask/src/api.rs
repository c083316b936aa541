//! The public API of every published library, item by item, in `api/`.
//!
//! The items are what rustdoc knows. Its JSON is an unstable option: it is switched on for rustdoc
//! alone, so that nothing is compiled differently, and the listing belongs to one compiler.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::{Command as Process, ExitCode};

use crate::ci::kerberos;
use crate::ci::metadata::Metadata;
use crate::ci::{cargo, execute, rustc_version};
use crate::{Command, Result, root, write_flag};

pub(crate) const COMMAND: Command = Command {
    name: "api",
    usage: "[--write]",
    about: "Compares the public API of every library with its listing in api/: an item that is gone or changed
is a break. A change that is meant is taken over with --write. A listing belongs to a compiler; with
another one nothing is compared, and the command says so.",
    run,
};

/// Names the rustdoc that this program stands in for.
const RUSTDOC: &str = "XTASK_RUSTDOC";

fn run(arguments: &[String]) -> Result {
    if write_flag(arguments)? {
        let head = rustc_version()?;
        fs::create_dir_all(folder())?;
        for (package, items) in listings()? {
            fs::write(path(&package), format!("{head}\n{items}"))?;
        }
        return Ok(());
    }
    if let Some(why) = check()? {
        println!("SKIPPED: {why}");
    }
    Ok(())
}

/// Compares with the listings; says why where it cannot be done.
pub(crate) fn check() -> Result<Option<String>> {
    let head = rustc_version()?;
    for package in libraries(&Metadata::read()?) {
        let listing = fs::read_to_string(path(&package))?;
        let compiler = listing.lines().next().unwrap_or_default();
        if compiler != head {
            return Ok(Some(format!(
                "the listing of {package} is of {compiler}, this is {head}"
            )));
        }
    }
    let mut changed = Vec::new();
    for (package, items) in listings()? {
        let listing = fs::read_to_string(path(&package))?;
        let (gone, new) = differences(&listing, &items);
        println!(
            "{package:14} {:>5} items, {} gone, {} new",
            items.lines().count(),
            gone.len(),
            new.len()
        );
        let gone = gone.into_iter().map(|item| format!("- {item}"));
        let new = new.into_iter().map(|item| format!("+ {item}"));
        changed.extend(gone.chain(new).map(|line| format!("{package} {line}")));
    }
    if changed.is_empty() {
        return Ok(None);
    }
    let all = changed.join("\n");
    Err(
        format!("the public API changed; `cargo xtask api --write` where it is meant\n{all}")
            .into(),
    )
}

/// What is in the listing alone, and in the API alone.
fn differences<'a>(listing: &'a str, items: &'a str) -> (Vec<&'a str>, Vec<&'a str>) {
    let before: BTreeSet<_> = listing.lines().skip(1).collect();
    let after: BTreeSet<_> = items.lines().collect();
    let gone = before.difference(&after).copied().collect();
    let new = after.difference(&before).copied().collect();
    (gone, new)
}

/// The published libraries, each with a line an item.
fn listings() -> Result<Vec<(String, String)>> {
    let metadata = Metadata::read()?;
    let packages = libraries(&metadata);
    let target = root().join("target");
    let mut document = cargo(&["doc", "--locked", "--no-deps", "--workspace"]);
    document
        // As in the other steps; no item depends on Kerberos.
        .args(kerberos::features()?)
        .env("RUSTDOCFLAGS", "-Z unstable-options --output-format json")
        .env("RUSTDOC", env::current_exe()?)
        .env(
            RUSTDOC,
            env::var_os("RUSTDOC").unwrap_or_else(|| "rustdoc".into()),
        );
    execute(&mut document)?;
    let mut listings = Vec::new();
    for package in packages {
        let json = format!("doc/{}.json", package.replace('-', "_"));
        let api = public_api::Builder::from_rustdoc_json(target.join(json))
            .omit_blanket_impls(true)
            .omit_auto_trait_impls(true)
            .build()?;
        let mut items: Vec<String> = api.items().map(ToString::to_string).collect();
        items.dedup();
        listings.push((package, items.join("\n") + "\n"));
    }
    Ok(listings)
}

/// The packages that others may depend on.
fn libraries(metadata: &Metadata) -> Vec<String> {
    let members = metadata
        .members()
        .filter(|m| m.is_library() && m.is_published());
    members.map(|member| member.name.clone()).collect()
}

/// Where this program was called as rustdoc: calls it, with its unstable options.
pub(crate) fn as_rustdoc() -> Option<ExitCode> {
    let rustdoc: OsString = env::var_os(RUSTDOC)?;
    let mut process = Process::new(rustdoc);
    process
        .args(env::args_os().skip(1))
        .env("RUSTC_BOOTSTRAP", "1");
    let succeeded = process.status().is_ok_and(|status| status.success());
    Some(if succeeded {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn folder() -> PathBuf {
    root().join("api")
}

fn path(package: &str) -> PathBuf {
    folder().join(package).with_extension("txt")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_that_changed_is_gone_and_new() {
        let listing = "rustc 1.95.0\npub fn a()\npub fn b(u8)\n";
        let (gone, new) = differences(listing, "pub fn a()\npub fn b(u16)\npub fn c()\n");
        assert_eq!(gone, ["pub fn b(u8)"]);
        assert_eq!(new, ["pub fn b(u16)", "pub fn c()"]);
        let (gone, new) = differences(listing, "pub fn a()\npub fn b(u8)\n");
        assert!(gone.is_empty() && new.is_empty());
    }
}
