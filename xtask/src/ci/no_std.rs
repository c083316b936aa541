//! gpo-core and sddl-parser without std, proved by taking std away.
//!
//! A build without default features on a host that has std proves nothing: a dependency, or a
//! forgotten `#![no_std]`, finds it all the same. Here the crates are checked against a sysroot that
//! holds only core and alloc.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};

use super::{Outcome, cargo, execute, output_of};
use crate::{Result, root};

/// What is checked: a package, and the features that keep it free of std.
const PACKAGES: [(&str, &str); 2] = [("sddl-parser", ""), ("gpo-core", "cpassword")];

/// What a sysroot without std consists of.
const LIBRARIES: [&str; 4] = [
    "alloc",
    "compiler_builtins",
    "core",
    "rustc_std_workspace_core",
];

pub(super) fn run() -> Result<Outcome> {
    let host = host()?;
    let sysroot = build_sysroot(&host)?;
    // The sysroot proves something only if what needs std does not compile with it.
    if compiles(&sysroot, "pub use std::vec::Vec;")? {
        return Err("the sysroot without std has it".into());
    }
    if !compiles(
        &sysroot,
        "#![no_std] extern crate alloc; pub use alloc::vec::Vec;",
    )? {
        return Err("the sysroot without std is broken".into());
    }
    let variable = host.to_ascii_uppercase().replace('-', "_");
    for (package, features) in PACKAGES {
        let check = ["check", "--locked", "--lib", "--no-default-features"];
        // With a target, build scripts and macros keep the sysroot of the host.
        execute(
            cargo(&check)
                .args(["-p", package, "--features", features, "--target", &host])
                .env(
                    format!("CARGO_TARGET_{variable}_RUSTFLAGS"),
                    format!("--sysroot {}", sysroot.display()),
                )
                .env_remove("RUSTFLAGS"),
        )?;
    }
    Ok(Outcome::Passed)
}

fn rustc() -> Process {
    Process::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
}

fn host() -> Result<String> {
    let version = output_of(rustc().arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.ok_or("rustc names no host")?.to_owned())
}

fn build_sysroot(host: &str) -> Result<PathBuf> {
    let libraries = |sysroot: &Path| sysroot.join("lib/rustlib").join(host).join("lib");
    let whole = output_of(rustc().args(["--print", "sysroot"]))?;
    let sysroot = root().join("target/sysroot-without-std");
    if sysroot.exists() {
        fs::remove_dir_all(&sysroot)?;
    }
    let bare = libraries(&sysroot);
    fs::create_dir_all(&bare)?;
    for entry in fs::read_dir(libraries(Path::new(whole.trim())))? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let library = name.strip_prefix("lib").and_then(|n| n.split_once('-'));
        if library.is_some_and(|(library, _)| LIBRARIES.contains(&library)) {
            fs::copy(entry.path(), bare.join(&*name))?;
        }
    }
    Ok(sysroot)
}

fn compiles(sysroot: &Path, code: &str) -> Result<bool> {
    let source = sysroot.join("probe.rs");
    fs::write(&source, code)?;
    let status = rustc()
        .arg("--sysroot")
        .arg(sysroot)
        .args(["--crate-type", "lib", "--emit", "metadata", "--out-dir"])
        .arg(sysroot)
        .arg(&source)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    Ok(status.success())
}
