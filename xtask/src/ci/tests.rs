//! The tests and doc tests, and what of their output is told again when some fail.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::process::{Child, Stdio};

use super::{Outcome, cargo, kerberos};
use crate::Result;

/// After how many bytes no more of what failed is told again.
const TOLD: usize = 16 * 1024;

/// Runs every test. The output of many steps follows, so the error says again what each test that
/// failed printed.
pub(super) fn run() -> Result<Outcome> {
    let test = ["test", "--locked", "--workspace", "--no-fail-fast"];
    let mut child = cargo(&test)
        .args(kerberos::features()?)
        // The same start each time, as with fuzzing: what fails here fails again on the next machine.
        .env("PROPTEST_RNG_SEED", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let failures = failures(&mut child)?;
    if child.wait()?.success() {
        return Ok(Outcome::Passed);
    }
    Err(format!("tests failed\n{}", String::from_utf8_lossy(&failures)).into())
}

/// Passes on what the tests print and keeps the sections between `failures:` and `test result:`.
fn failures(child: &mut Child) -> Result<Vec<u8>> {
    let stdout = child.stdout.take().ok_or("the tests have no output")?;
    let mut kept = Vec::new();
    let mut inside = false;
    let mut all = io::stdout().lock();
    for line in BufReader::new(stdout).split(b'\n') {
        let mut line = line?;
        line.push(b'\n');
        all.write_all(&line)?;
        inside = (inside || line == b"failures:\n") && !line.starts_with(b"test result:");
        if inside && kept.len() < TOLD {
            kept.extend_from_slice(&line);
        }
    }
    Ok(kept)
}
