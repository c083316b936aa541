//! `cargo xtask live`: the tests that need a real domain.

use std::process::{Command as Process, Stdio};

use crate::dc::{Controller, Settings, unavailable};
use crate::{Command, Result, root};

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
    if let Some(why) = tests(&Settings::parse(ours)?, &["--workspace"], theirs)? {
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
        let mut test = Process::new(env!("CARGO"));
        test.args(["test", "--locked", "--no-fail-fast", "--test", "live"])
            .args(cargo)
            .args(arguments)
            .envs(controller.variables())
            // Some tests stop the server.
            .env("RUST_TEST_THREADS", "1")
            .current_dir(root())
            .stdin(Stdio::null());
        if !test.status()?.success() {
            return Err("a live test failed".into());
        }
        Ok(())
    });
    if !was_running {
        controller.down()?;
    }
    result.map(|()| None)
}
