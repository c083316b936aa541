//! `cargo xtask live`: the tests that need a real domain.

use std::path::PathBuf;
use std::process::{Command as Process, Stdio};

use serde::Deserialize;

use crate::ci::kerberos::features;
use crate::ci::{cargo, output_of};
use crate::dc::{Controller, Settings, unavailable};
use crate::{Command, Result};

mod content;
mod ldif;

pub(crate) const COMMAND: Command = Command {
    name: "live",
    usage: "[--address IP] [--smb-port N] [--option 'NAME = VALUE']… [-- TEST ARGUMENTS]",
    about: "Starts a domain controller as `dc up` does, fills it with GPOs of every kind by the
server's own tools, and runs the tests named `live` of every crate against it. It is stopped
afterwards, unless it was up before: then it stays, with its content, for the next run. Says
SKIPPED and why where no domain controller can run.",
    run,
};

fn run(arguments: &[String]) -> Result {
    let (ours, theirs) = match arguments.iter().position(|argument| argument == "--") {
        Some(at) => arguments.split_at(at),
        None => (arguments, &[][..]),
    };
    let [flag, features] = features()?;
    let cargo = ["--workspace", &flag, &features];
    if let Some(why) = tests(&Settings::parse(ours)?, &cargo, theirs)? {
        println!("SKIPPED: no domain controller can run here: {why}");
    }
    Ok(())
}

/// Runs the tests; or says why they cannot run. `cargo` names packages and features.
pub(crate) fn tests(
    settings: &Settings,
    cargo: &[&str],
    arguments: &[String],
) -> Result<Option<String>> {
    if let Some(why) = unavailable()? {
        return Ok(Some(why));
    }
    let controller = Controller::new(settings);
    let was_running = controller.is_running()?;
    controller.up(!was_running)?;
    let result = content::make(&controller).and_then(|()| {
        let tests = build(cargo)?;
        if !was_running && tests.len() > 1 {
            controller.keep()?;
        }
        let mut failed = Vec::new();
        for (n, test) in tests.iter().enumerate() {
            // What one leaves is none of the next one's business.
            if !was_running && n > 0 {
                controller.go_back()?;
            }
            println!("\n--- {}", test.package.display());
            if !test.run(&controller, arguments)? {
                failed.push(test.package.display().to_string());
            }
        }
        match failed.as_slice() {
            [] => Ok(()),
            failed => Err(format!("live tests failed in {}", failed.join(", ")).into()),
        }
    });
    if !was_running {
        controller.down()?;
    }
    result.map(|()| None)
}

/// The tests of a package.
struct LiveTest {
    package: PathBuf,
    program: PathBuf,
}

/// A message of cargo's about something that it built.
#[derive(Deserialize)]
struct Built {
    manifest_path: Option<PathBuf>,
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

fn build(packages: &[&str]) -> Result<Vec<LiveTest>> {
    let test = ["test", "--locked", "--no-run", "--test", "live"];
    let messages = "--message-format=json-render-diagnostics";
    let output = output_of(cargo(&test).arg(messages).args(packages))?;
    let mut tests = Vec::new();
    for line in output.lines() {
        let built: Built = serde_json::from_str(line)?;
        if let (Some(manifest), Some(target), Some(program)) =
            (built.manifest_path, built.target, built.executable)
            && target.name == "live"
        {
            let package = manifest.parent().unwrap_or(&manifest).to_path_buf();
            tests.push(LiveTest { package, program });
        }
    }
    Ok(tests)
}

impl LiveTest {
    /// Says whether they passed.
    fn run(&self, controller: &Controller, arguments: &[String]) -> Result<bool> {
        let status = Process::new(&self.program)
            .args(arguments.iter().filter(|argument| *argument != "--"))
            .envs(controller.variables())
            // Some stop the server.
            .env("RUST_TEST_THREADS", "1")
            .current_dir(&self.package)
            .stdin(Stdio::null())
            .status()?;
        Ok(status.success())
    }
}
