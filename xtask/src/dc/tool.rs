//! Running the programs of Samba, `OpenLDAP` and OpenSSL.

use std::ffi::OsStr;
use std::process::{Command as Process, Stdio};

use crate::Result;

/// Seconds until a program that got stuck is ended.
const LIMIT: &str = "300";

/// A program that is ended when it does not end by itself.
pub(crate) fn limited(program: impl AsRef<OsStr>) -> Process {
    let mut process = Process::new("timeout");
    process.args(["--kill-after=5", LIMIT]).arg(program);
    process
}

/// Runs a process and takes what it prints; where it fails, the end of that is the error.
pub(crate) fn capture(process: &mut Process) -> Result<String> {
    // The arguments may hold a password, so that only the name of the program is told.
    let program = process
        .get_args()
        .nth(2)
        .unwrap_or(process.get_program())
        .to_string_lossy()
        .into_owned();
    let output = process
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(stdout);
    }
    let text = stdout + &String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.get(lines.len().saturating_sub(15)..).unwrap_or(&[]);
    Err(format!("{program}: {}\n  {}", output.status, last.join("\n  ")).into())
}
