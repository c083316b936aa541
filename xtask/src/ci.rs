//! `cargo xtask ci`: everything that must hold before a change goes in.

use std::env;
use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};

use crate::{Command, Result, debian, no_arguments, root};

mod browser;
mod dependencies;
mod features;
mod fuzz;
pub(crate) mod kerberos;
mod licence;
pub(crate) mod metadata;
mod no_std;
mod tests;

pub(crate) const COMMAND: Command = Command {
    name: "ci",
    usage: "",
    about:
        "Runs every check: formatting, lints, tests, documentation, packages, public API, features, no_std,
dependencies, real data, instructions, a report in a browser, a live domain, fuzzing. A step that fails does not keep the later
ones from running; a step that cannot run for lack of a tool is named as SKIPPED. Needs the Rust
toolchain only; with GPO_CI_INSTALL=1 in the environment it installs cargo-fuzz and, on Debian,
valgrind, Chromium and what Kerberos and a domain controller take. Changes no file of the project.",
    run,
};

/// How a step ended that did not fail.
enum Outcome {
    Passed,
    /// Something that the step needs is not there.
    Skipped(String),
}

type Step = fn() -> Result<Outcome>;

const STEPS: &[(&str, Step)] = &[
    ("formatting", formatting),
    ("Kerberos", kerberos::run),
    ("lints", lints),
    ("tests and doc tests", tests::run),
    ("documentation", documentation),
    ("packages", packages),
    ("public API", public_api),
    ("features", features::run),
    ("no_std", no_std::run),
    ("dependencies", dependencies::run),
    ("test data", testdata),
    ("real data", real_data),
    ("instructions", instructions),
    ("report in a browser", browser::run),
    ("live domain", live),
    ("fuzz seeds", fuzz::seeds),
    ("fuzzing", fuzz::targets),
];

fn run(arguments: &[String]) -> Result {
    no_arguments(arguments)?;
    let before = tree_status();
    let mut ended = Vec::new();
    for (name, step) in STEPS {
        eprintln!("\n=== {name}");
        let start = Instant::now();
        let outcome = step();
        if let Err(error) = &outcome {
            eprintln!("{name}: {error}");
        }
        ended.push((*name, outcome, start.elapsed()));
    }
    ended.push(("unchanged tree", unchanged(before), Duration::ZERO));
    summary(&ended)
}

fn summary(ended: &[(&str, Result<Outcome>, Duration)]) -> Result {
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    let mut details = String::new();
    println!();
    for (name, outcome, time) in ended {
        let (word, why) = match outcome {
            Ok(Outcome::Passed) => {
                passed += 1;
                ("passed", String::new())
            }
            Ok(Outcome::Skipped(why)) => {
                skipped += 1;
                ("SKIPPED", format!("  {why}"))
            }
            Err(error) => {
                failed += 1;
                let error = error.to_string();
                let (first, rest) = error.split_once('\n').unwrap_or((&error, ""));
                if !rest.is_empty() {
                    details += &["\n", name, ":\n", rest.trim_end(), "\n"].concat();
                }
                ("FAILED", format!("  {first}"))
            }
        };
        println!("{name:20} {word:8} {:6.1} s{why}", time.as_secs_f64());
    }
    // Behind the table, where a log that is cut in front still has it.
    print!("{details}");
    println!("\n{passed} passed, {failed} failed, {skipped} skipped");
    if failed > 0 {
        return Err("a step failed".into());
    }
    Ok(())
}

/// What differs from the last commit; `None` where there is no git or no checkout.
fn tree_status() -> Option<Vec<u8>> {
    let output = Process::new("git")
        .args(["status", "--porcelain"])
        .current_dir(root())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output.status.success().then_some(output.stdout)
}

fn unchanged(before: Option<Vec<u8>>) -> Result<Outcome> {
    let Some(before) = before else {
        return Ok(Outcome::Skipped("this is no git checkout".into()));
    };
    let after = tree_status().unwrap_or_default();
    if after != before {
        let status = String::from_utf8_lossy(&after).into_owned();
        return Err(format!("the checks changed files:\n{status}").into());
    }
    Ok(Outcome::Passed)
}

fn formatting() -> Result<Outcome> {
    if let Some(skipped) = without(&["fmt", "--version"], "rustfmt") {
        return Ok(skipped);
    }
    execute(&mut cargo(&["fmt", "--all", "--check"]))?;
    execute(cargo(&["fmt", "--check"]).current_dir(root().join("fuzz")))?;
    Ok(Outcome::Passed)
}

fn lints() -> Result<Outcome> {
    if let Some(skipped) = without(&["clippy", "--version"], "clippy") {
        return Ok(skipped);
    }
    let lint = ["clippy", "--locked", "--all-targets"];
    let features = kerberos::features()?;
    let mut workspace = cargo(&lint);
    workspace.arg("--workspace").args(features);
    execute(workspace.args(["--", "-D", "warnings"]))?;
    let without_fuzzer = ["--no-default-features", "--", "-D", "warnings"];
    execute(
        cargo(&lint)
            .args(without_fuzzer)
            .current_dir(root().join("fuzz")),
    )?;
    Ok(Outcome::Passed)
}

fn documentation() -> Result<Outcome> {
    let document = ["doc", "--locked", "--workspace", "--no-deps"];
    let mut document = cargo(&document);
    document.args(kerberos::features()?);
    execute(document.env("RUSTDOCFLAGS", "-D warnings"))?;
    Ok(Outcome::Passed)
}

/// Whether every crate that is published can be: what it needs is in its package, and each depends
/// on versions. Tests have built what is in them.
fn packages() -> Result<Outcome> {
    let mut package = cargo(&["package", "--locked", "--no-verify", "--workspace"]);
    for own in ["gpo-benches", "gpo-examples", "xtask"] {
        package.args(["--exclude", own]);
    }
    // Changes that are not committed are told by the last step.
    execute(package.arg("--allow-dirty"))?;
    Ok(Outcome::Passed)
}

/// Whether an item of a library is gone or new that nobody meant.
fn public_api() -> Result<Outcome> {
    let skipped = crate::api::check()?;
    Ok(skipped.map_or(Outcome::Passed, Outcome::Skipped))
}

/// Whether the committed test data is what its generator makes.
fn testdata() -> Result<Outcome> {
    crate::testdata::check()?;
    Ok(Outcome::Passed)
}

/// The engine against real backups, by the commands that people run for it.
fn real_data() -> Result<Outcome> {
    let shared = crate::shared();
    if !shared.join("corpus").is_dir() {
        let why = format!("there is no {}", shared.join("corpus").display());
        return Ok(Outcome::Skipped(why));
    }
    (crate::corpus::COMMAND.run)(&[])?;
    (crate::report_fidelity::COMMAND.run)(&[])?;
    Ok(Outcome::Passed)
}

/// What the parsers take, against the baseline.
fn instructions() -> Result<Outcome> {
    let has_valgrind = Process::new("valgrind").arg("--version").output().is_ok();
    if !has_valgrind && debian::may_install() {
        debian::install(["valgrind"])?;
    }
    let skipped = crate::bench::instructions::check()?;
    Ok(skipped.map_or(Outcome::Passed, Outcome::Skipped))
}

/// The adapters and the program against a real domain controller.
fn live() -> Result<Outcome> {
    let settings = crate::dc::Settings::parse(&[])?;
    // As in the step of the tests, so that nothing is compiled again.
    let [flag, features] = kerberos::features()?;
    let skipped = crate::live::tests(&settings, &["--workspace", &flag, &features], &[])?;
    Ok(skipped.map_or(Outcome::Passed, Outcome::Skipped))
}

/// Says that a tool of cargo is missing.
fn without(probe: &[&str], tool: &str) -> Option<Outcome> {
    let works = cargo(probe)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    (!works).then(|| Outcome::Skipped(format!("{tool} is not installed")))
}

/// Cargo, to be run in the root of the project.
pub(crate) fn cargo(arguments: &[&str]) -> Process {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut process = Process::new(cargo);
    process.args(arguments).current_dir(root());
    process
}

/// Runs a process to its end.
pub(crate) fn execute(process: &mut Process) -> Result {
    let status = process
        .stdin(Stdio::null())
        .status()
        .map_err(|error| format!("{}: {error}", describe(process)))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("`{}` failed", describe(process)).into())
}

/// Runs a process and takes what it prints.
pub(crate) fn output_of(process: &mut Process) -> Result<String> {
    let output = process
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("{}: {error}", describe(process)))?;
    if !output.status.success() {
        return Err(format!("`{}` failed", describe(process)).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// The compiler, `rustc 1.95.0 (…)`.
pub(crate) fn rustc_version() -> Result<String> {
    let version = output_of(Process::new("rustc").arg("--version"))?;
    Ok(version.trim().to_owned())
}

/// The command line of a process, with the name of its program only.
fn describe(process: &Process) -> String {
    let program = std::path::Path::new(process.get_program());
    let mut text = program
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    for argument in process.get_args() {
        text.push(' ');
        text += &argument.to_string_lossy();
    }
    text
}
