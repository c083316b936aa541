//! The chores of the project: what continuous integration runs, and what makes the files that are
//! not written by hand. `cargo xtask --help` lists them.

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

mod api;
mod bench;
mod ci;
mod corpus;
mod dc;
mod debian;
mod demo;
mod dist;
mod faults;
mod fuzz_seeds;
mod live;
mod report_fidelity;
mod soak;
mod testdata;

/// What a chore ends with.
type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// A chore: what stands behind `cargo xtask`, what it does, and how it is told apart and run.
struct Command {
    name: &'static str,
    usage: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result,
}

const COMMANDS: &[Command] = &[
    api::COMMAND,
    bench::COMMAND,
    ci::COMMAND,
    corpus::COMMAND,
    dc::COMMAND,
    demo::COMMAND,
    dist::COMMAND,
    faults::COMMAND,
    fuzz_seeds::COMMAND,
    bench::instructions::COMMAND,
    live::COMMAND,
    report_fidelity::COMMAND,
    soak::COMMAND,
    testdata::COMMAND,
];

fn main() -> ExitCode {
    if let Some(status) = api::as_rustdoc() {
        return status;
    }
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (name, rest) = match arguments.split_first() {
        Some((name, rest)) => (name.as_str(), rest),
        None => ("--help", &[][..]),
    };
    if matches!(name, "--help" | "-h" | "help") {
        print!("{}", help());
        return ExitCode::SUCCESS;
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        eprintln!("xtask: there is no command {name:?}\n\n{}", help());
        return ExitCode::from(2);
    };
    if rest.iter().any(|a| matches!(a.as_str(), "--help" | "-h")) {
        print!("{}", command.help());
        return ExitCode::SUCCESS;
    }
    match (command.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {name}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn help() -> String {
    let mut text = String::from("The chores of the project.\n\n");
    for command in COMMANDS {
        text += &command.help();
        text.push('\n');
    }
    text
}

impl Command {
    fn help(&self) -> String {
        let about = self.about.replace('\n', "\n    ");
        format!("cargo xtask {} {}\n    {about}\n", self.name, self.usage)
    }
}

/// The root of the project.
fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_path_buf()
}

/// The folder of real data, which need not be there.
fn shared() -> PathBuf {
    env::var_os("GPO_SHARED").map_or_else(|| root().join("../shared"), Into::into)
}

/// Refuses arguments of a command that takes none.
fn no_arguments(arguments: &[String]) -> Result {
    match arguments.first() {
        Some(argument) => Err(format!("unexpected argument {argument:?}").into()),
        None => Ok(()),
    }
}

/// Whether a command that compares with a committed file is to make the file anew.
fn write_flag(arguments: &[String]) -> Result<bool> {
    match arguments {
        [flag, rest @ ..] if flag == "--write" => no_arguments(rest).map(|()| true),
        _ => no_arguments(arguments).map(|()| false),
    }
}
