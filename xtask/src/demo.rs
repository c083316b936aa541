//! The main job on the small domain in `testdata/`: backs it up, lists and verifies the backups.

use std::fs;
use std::path::Path;
use std::process::Command as Process;

use crate::ci::{cargo, execute};
use crate::{Command, Result, no_arguments, root};

pub(crate) const COMMAND: Command = Command {
    name: "demo",
    usage: "",
    about: "Backs up the domain in testdata/ into target/demo, and lists and verifies what was made.",
    run,
};

/// Exit status of a program that says what failed, which is what is to be shown here.
const FAILED_IN_PART: i32 = 2;

fn run(arguments: &[String]) -> Result {
    no_arguments(arguments)?;
    let root = root();
    let backups = root.join("target/demo");
    if backups.exists() {
        fs::remove_dir_all(&backups)?;
    }
    fs::create_dir_all(&backups)?;
    execute(&mut cargo(&["build", "--quiet", "--package", "gpo-cli"]))?;
    println!("The domain has a container without a folder, and a folder without a container:");
    println!("they are errors, and the other GPOs go on.\n");
    let backup = "backup --from dir:testdata/domain --to target/demo --all --comment demo";
    if gpo(&root, backup)? != FAILED_IN_PART {
        return Err("expected exit status 2, because of the two halves".into());
    }
    for command in ["list target/demo", "verify target/demo"] {
        println!();
        if gpo(&root, command)? != 0 {
            return Err(format!("gpo {command} failed").into());
        }
    }
    Ok(())
}

fn gpo(root: &Path, command: &str) -> Result<i32> {
    println!("$ gpo {command}");
    let program = root
        .join("target/debug/gpo")
        .with_extension(std::env::consts::EXE_EXTENSION);
    let status = Process::new(program)
        .args(command.split(' '))
        .current_dir(root)
        .status()?;
    Ok(status.code().unwrap_or(-1))
}
