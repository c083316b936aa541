//! `gpo verify`.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use gpo_engine::{Cancel, Finding, Severity, Verification};
use gpo_local::open_store;
use serde::Serialize;

use super::Exit;
use crate::backup_arg::place;
use crate::console::Console;
use crate::count::counted;
use crate::failure::Failure;
use crate::json;

/// Check every file of every backup below a path
///
/// Each finding is a line: how bad it is, the file, the place in it, what is wrong, and in brackets
/// the name of that kind of finding. An error means that something is lost or cannot be restored; a
/// warning, that parts contradict each other.
#[derive(Args, Debug)]
#[command(after_help = "\
Exit status: 0 without errors, 1 with warnings and --strict, 2 with errors.

Examples:
  gpo verify backups
  gpo verify --strict --round-trip backups old-backups.zip
  gpo verify backups --json | jq '.paths[].findings[] | select(.kind == \"missing-file\")'")]
pub(crate) struct Verify {
    /// Folders or zip archives with backups at any depth, or single backups
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,

    /// Warnings make the exit status 1
    #[arg(long)]
    strict: bool,

    /// Write each file that is understood again, in memory, and compare
    #[arg(long)]
    round_trip: bool,
}

#[derive(Serialize)]
struct View {
    paths: Vec<PathView>,
}

#[derive(Serialize)]
struct PathView {
    path: String,
    backups: u64,
    files: u64,
    bytes: u64,
    errors: usize,
    warnings: usize,
    findings: Vec<json::FindingJson>,
}

impl Verify {
    pub(crate) fn run(self, console: &Console, cancel: &Cancel) -> Result<Exit, Failure> {
        let mut checked = Vec::new();
        for path in self.paths {
            let store = open_store(&path)?;
            let check = gpo_engine::Verify::new(&*store).round_trip(self.round_trip);
            let result = check.run(&mut console.progress(), cancel)?;
            checked.push((path, result));
        }
        let count = |severity| {
            checked
                .iter()
                .map(|(_, result)| result.count(severity))
                .sum()
        };
        let (errors, warnings): (usize, usize) = (count(Severity::Error), count(Severity::Warning));
        let view = || View {
            paths: checked
                .iter()
                .map(|(path, result)| view(path, result))
                .collect(),
        };
        console.result("gpo/verify/1", view, |out| {
            for (path, result) in &checked {
                write(out, path, result, console.is_quiet())?;
            }
            Ok(())
        })?;
        let backups: u64 = checked.iter().map(|(_, result)| result.backups).sum();
        let files: u64 = checked.iter().map(|(_, result)| result.files).sum();
        let summary = format!(
            "info: {}, {}: {}, {}",
            counted(backups, "backup", "backups"),
            counted(files, "file", "files"),
            counted(errors, "error", "errors"),
            counted(warnings, "warning", "warnings"),
        );
        console.message(Severity::Info, summary);
        Ok(match (errors, warnings) {
            (0, 0) => Exit::Good,
            (0, _) if self.strict => Exit::Findings,
            (0, _) => Exit::Good,
            _ => Exit::Failed,
        })
    }
}

fn write(
    out: &mut dyn Write,
    path: &std::path::Path,
    result: &Verification,
    quiet: bool,
) -> io::Result<()> {
    for finding in &result.findings {
        if quiet && finding.severity() < Severity::Error {
            continue;
        }
        let folder = place(path, &finding.folder).display().to_string();
        let finding = Finding {
            folder,
            ..finding.clone()
        };
        writeln!(out, "{finding}")?;
    }
    Ok(())
}

fn view(path: &std::path::Path, result: &Verification) -> PathView {
    PathView {
        path: path.display().to_string(),
        backups: result.backups,
        files: result.files,
        bytes: result.bytes,
        errors: result.count(Severity::Error),
        warnings: result.count(Severity::Warning),
        findings: json::findings(&result.findings),
    }
}
