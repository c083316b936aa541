//! `gpo diff`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use gpo_admx::AdmxSet;
use gpo_core::{BackupId, Quoted};
use gpo_engine::{Cancel, ComparedGpo, GpoSelector, Stamps};
use gpo_report::{Report, ReportChange, changes_html, changes_markdown};
use serde::Serialize;

use super::Exit;
use crate::admx_arg::ReportAdmxArg;
use crate::backup_arg::{BackupArg, parse_backup_id};
use crate::console::{Console, json_bytes};
use crate::failure::Failure;
use crate::live_domain::LiveOptions;
use crate::location::Location;
use crate::output_file::OutputFile;

/// Compare two backups, or a backup with a GPO of a domain: settings, permissions, status, versions
///
/// The first is what was before. Settings are compared as a report shows them, and the files byte by byte;
/// passwords are not shown. Links, owner and times are not compared. Exit status 1: there are
/// differences.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo diff monday/{602F142B-D8BE-4807-9D7F-8F6AF943FE72} friday/{0A5F0D0C-7C0B-4B5C-9B1B-6A1B8B8E7A11}
  gpo diff backups --id {602F142B-D8BE-4807-9D7F-8F6AF943FE72} --id {0A5F0D0C-7C0B-4B5C-9B1B-6A1B8B8E7A11}
  gpo diff backups/{602F142B-D8BE-4807-9D7F-8F6AF943FE72} --from dir:domain --gpo 'Default Domain Policy'")]
pub(crate) struct Diff {
    /// The folder of the backup before, and that of the one after; or a folder or zip archive of
    /// backups, with --id
    #[arg(value_name = "BACKUP", required = true, num_args = 1..=2)]
    backups: Vec<PathBuf>,

    /// The ID of a backup (not of its GPO): once for each of the two, or once for the one
    #[arg(long = "id", value_name = "BACKUPID", value_parser = parse_backup_id)]
    ids: Vec<BackupId>,

    /// The domain of the GPO after: dir:PATH, backup:PATH or `ldaps://HOST`
    #[arg(long, value_name = "SOURCE", requires = "gpo")]
    from: Option<Location>,

    /// The GPO after, by name or ID
    #[arg(long, value_name = "GPO", requires = "from")]
    gpo: Option<GpoSelector>,

    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    #[command(flatten)]
    admx: ReportAdmxArg,

    /// The file to write [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    #[command(flatten)]
    live: LiveOptions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line each: - for what is gone, + for what is new, ~ for what has another value
    Text,
    /// A page for people, which needs nothing but itself
    Html,
    /// For programs, as with --json
    Json,
    /// Text for people, in Markdown
    Md,
}

#[derive(Serialize)]
struct View<'a> {
    before: Identity<'a>,
    after: Identity<'a>,
    changes: &'a [ReportChange],
}

#[derive(Serialize)]
struct Identity<'a> {
    name: &'a str,
    domain: &'a str,
    id: String,
}

impl<'a> From<&'a Report> for Identity<'a> {
    fn from(report: &'a Report) -> Self {
        Self {
            name: &report.name,
            domain: &report.domain,
            id: report.id.to_string(),
        }
    }
}

impl Diff {
    pub(crate) fn run(self, console: &Console, cancel: &Cancel) -> Result<Exit, Failure> {
        let (before, after) = self.read(console, cancel)?;
        let changes = before.compare(&after);
        let (before, after) = (&before.report, &after.report);
        let title = if before.name == after.name {
            format!("Changes of {}", after.name)
        } else {
            format!("{} and {}", before.name, after.name)
        };
        let format = if console.is_json() {
            Format::Json
        } else {
            self.format
        };
        let bytes = match format {
            Format::Text => text(before, after, &changes)?,
            Format::Html => changes_html(&title, &changes).into_bytes(),
            Format::Md => changes_markdown(&title, &changes).into_bytes(),
            Format::Json => {
                let view = View {
                    before: before.into(),
                    after: after.into(),
                    changes: &changes,
                };
                json_bytes("gpo/diff/1", view)?
            }
        };
        let output = self.output.map_or(OutputFile::Stdout, OutputFile::from);
        output.write(&bytes)?;
        Ok(if changes.is_empty() {
            Exit::Good
        } else {
            Exit::Findings
        })
    }

    /// Both GPOs, the one before first.
    fn read(
        &self,
        console: &Console,
        cancel: &Cancel,
    ) -> Result<(ComparedGpo, ComparedGpo), Failure> {
        match (&self.backups[..], &self.ids[..], &self.from, &self.gpo) {
            ([backup], [] | [_], Some(from), Some(gpo)) => {
                let opened = from.open_source(None, &self.live)?;
                let source = opened.source();
                let admx = self.admx.load_for(source, console)?;
                let before = of_backup(backup, self.ids.first(), admx.as_ref(), cancel)?;
                let now = (Stamps::system().now)();
                let after = ComparedGpo::of_source(source, gpo, now, admx.as_ref(), cancel)?;
                Ok((before, after))
            }
            ([before, after], ids @ ([] | [_, _]), None, _) => {
                self.backups(before, after, ids, console, cancel)
            }
            ([set], ids @ [_, _], None, _) => self.backups(set, set, ids, console, cancel),
            _ => Err(Failure::new(
                "name two backups, by two folders or by --id twice, or one backup and --from SOURCE \
                 with --gpo GPO",
            )),
        }
    }

    /// Two backups, each with its ID if IDs are named.
    fn backups(
        &self,
        before: &Path,
        after: &Path,
        ids: &[BackupId],
        console: &Console,
        cancel: &Cancel,
    ) -> Result<(ComparedGpo, ComparedGpo), Failure> {
        let admx = self.admx.load(console)?;
        Ok((
            of_backup(before, ids.first(), admx.as_ref(), cancel)?,
            of_backup(after, ids.last(), admx.as_ref(), cancel)?,
        ))
    }
}

fn of_backup(
    path: &Path,
    id: Option<&BackupId>,
    admx: Option<&AdmxSet>,
    cancel: &Cancel,
) -> Result<ComparedGpo, Failure> {
    let backup = BackupArg {
        path: path.to_owned(),
        id: id.copied(),
    };
    let (store, folder) = backup.open()?;
    ComparedGpo::of_backup(&*store, &folder, admx, cancel)
        .map_err(|error| backup.failure(&folder, error))
}

/// The changes in lines, below a line for each place.
fn text(before: &Report, after: &Report, changes: &[ReportChange]) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    for (mark, report) in [("---", before), ("+++", after)] {
        let (name, domain) = (one_line(&report.name), one_line(&report.domain));
        writeln!(out, "{mark} {name} {} {domain}", report.id)?;
    }
    let mut section: Option<&[String]> = None;
    for change in changes {
        if section != Some(&change.section) {
            writeln!(out, "{}", one_line(&change.section.join(" > ")))?;
            section = Some(&change.section);
        }
        let name = one_line(&change.name);
        match (&change.before, &change.after) {
            (Some(before), Some(after)) => {
                writeln!(
                    out,
                    "  ~ {name}: {} -> {}",
                    one_line(before),
                    one_line(after)
                )?;
            }
            (Some(value), None) => writeln!(out, "  - {name}: {}", one_line(value))?,
            (None, value) => {
                let value = value.as_deref().unwrap_or_default();
                writeln!(out, "  + {name}: {}", one_line(value))?;
            }
        }
    }
    Ok(out)
}

/// Text of others on a line of a terminal.
fn one_line(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    Quoted::bare(&lines.join("; ")).to_string()
}
