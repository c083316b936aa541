//! One measured process.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::Result;

/// What a process took from start to end.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Usage {
    pub(super) wall: Duration,
    /// In the program and, for it, in the system.
    pub(super) cpu: Duration,
    /// The most memory that it had at once, in bytes.
    pub(super) peak: u64,
}

/// GNU time, which reads the figures of a process that has ended from the system.
const TIME: &str = "/usr/bin/time";

pub(super) fn check_tools() -> Result {
    if !Path::new(TIME).exists() {
        return Err(format!("{TIME} is missing (the package `time` of Debian)").into());
    }
    Ok(())
}

/// How many instructions a run takes: the difference between a process of some runs and one of more.
/// None without valgrind.
pub(super) fn instructions(process: &Command, scratch: &Path) -> Result<Option<u64>> {
    const FEW: u64 = 2;
    const MORE: u64 = 5;
    let few = counted(process, FEW, scratch)?;
    let more = counted(process, MORE, scratch)?;
    let (Some(few), Some(more)) = (few, more) else {
        return Ok(None);
    };
    Ok(Some(more.saturating_sub(few) / (MORE - FEW)))
}

/// The instructions of a process that is told how often to run.
fn counted(process: &Command, runs: u64, scratch: &Path) -> Result<Option<u64>> {
    let file = scratch.join("callgrind.out");
    let output = Command::new("valgrind")
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(process.get_program())
        .args(process.get_args())
        .arg(runs.to_string())
        .stdin(Stdio::null())
        .output();
    let output = match output {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if !output.status.success() {
        return Err("valgrind failed".into());
    }
    let profile = fs::read_to_string(file)?;
    let total = profile
        .lines()
        .find_map(|line| line.strip_prefix("totals: "));
    Ok(Some(
        total.ok_or("valgrind counted nothing")?.trim().parse()?,
    ))
}

/// Runs a process; gives what it took and the last line that it wrote to stderr.
pub(super) fn run(process: &Command, scratch: &Path) -> Result<(Usage, String)> {
    let figures = scratch.join("time.txt");
    let start = Instant::now();
    let output = Command::new(TIME)
        .args(["--format", "%U %S %M", "--output"])
        .arg(&figures)
        .arg(process.get_program())
        .args(process.get_args())
        .envs(
            process
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .output()?;
    let wall = start.elapsed();
    let errors = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        let program = process.get_program().to_string_lossy();
        return Err(format!("{program} failed: {errors}").into());
    }
    let figures = fs::read_to_string(figures)?;
    let mut figures = figures.split_whitespace().map(str::parse::<f64>);
    let mut next = || -> Result<f64> { Ok(figures.next().ok_or("time wrote too little")??) };
    let (user, system, kilobytes) = (next()?, next()?, next()?);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "time writes a natural number"
    )]
    let peak = kilobytes as u64 * 1024;
    let usage = Usage {
        wall,
        cpu: Duration::from_secs_f64(user + system),
        peak,
    };
    Ok((usage, errors.lines().last().unwrap_or_default().into()))
}
