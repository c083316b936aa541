//! The fuzz targets: their seeds replayed, then each one let loose for a while.

use std::env;
use std::fs;
use std::process::{Command as Process, Stdio};

use super::{Outcome, cargo, execute, without};
use crate::{Result, debian, root, soak};

/// How many inputs each target runs, and how many seconds it has for them. Where it is a matter of time
/// alone, a faster machine finds what the one before did not; `cargo xtask soak` is for that.
const RUNS: u32 = 200_000;
const SECONDS: u32 = 20;

pub(super) fn seeds() -> Result<Outcome> {
    let test = ["test", "--locked", "--no-default-features"];
    execute(cargo(&test).current_dir(root().join("fuzz")))?;
    Ok(Outcome::Passed)
}

pub(super) fn targets() -> Result<Outcome> {
    let compiler = env::var_os("CXX").unwrap_or_else(|| "c++".into());
    let works = Process::new(compiler)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !works.is_ok_and(|status| status.success()) {
        return Ok(Outcome::Skipped("there is no C++ compiler".into()));
    }
    let probe = ["fuzz", "--version"];
    if debian::is_asked_for() && without(&probe, "cargo-fuzz").is_some() {
        execute(&mut cargo(&["install", "--locked", "cargo-fuzz"]))?;
    }
    if let Some(skipped) = without(&probe, "cargo-fuzz") {
        return Ok(skipped);
    }

    // Without a sanitizer, which a stable toolchain does not have; the code has no unsafe block.
    execute(&mut cargo(&["fuzz", "build", "-s", "none"]))?;
    let failed: Vec<_> = soak::targets()?
        .into_iter()
        .filter(|name| run_target(name).is_err())
        .collect();
    if failed.is_empty() {
        return Ok(Outcome::Passed);
    }
    let failed = failed.join(", ");
    Err(format!("inputs that break these are in fuzz/artifacts: {failed}").into())
}

fn run_target(name: &str) -> Result {
    // What is found goes into the first folder, which git ignores.
    let found = format!("fuzz/corpus/{name}");
    fs::create_dir_all(root().join(&found))?;
    let seeds = format!("fuzz/seeds/{name}");
    let time = format!("-max_total_time={SECONDS}");
    let dictionary = format!("-dict=fuzz/dictionaries/{name}.dict");
    // The same start each time: what fails here fails again on the next machine. New ground is
    // broken by long runs, not by these.
    let runs = format!("-runs={RUNS}");
    let limits = [
        "-seed=1",
        "-reload=0",
        "-timeout=10",
        "-rss_limit_mb=2048",
        "-verbosity=0",
    ];
    eprintln!("{name}");
    execute(
        cargo(&["fuzz", "run", "-s", "none", name, &found, &seeds])
            .args(["--", &runs, &time, &dictionary])
            .args(limits),
    )
}
