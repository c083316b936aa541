//! `gpo migtable validate` and `lint`.

use clap::Args;
use gpo_core::{MigrationTable, Quoted};
use gpo_engine::{Severity, TableFinding, lint_table, validate_destinations, validate_table};
use serde::Serialize;

use crate::commands::Exit;
use crate::console::Console;
use crate::count::counted;
use crate::failure::Failure;
use crate::input_file::InputFile;
use crate::live_domain::LiveOptions;
use crate::location::Location;

/// Check that a migration table can be used
///
/// Each mapping has to be whole, of a type that GPMC knows, and for another source; paths have to be
/// paths, with a destination; no chain of mappings leads back to its start. Exit status: 1 for
/// warnings, 2 for errors.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo migtable validate to-new.migtable
  gpo migtable validate to-new.migtable --against dir:domain
  gpo migtable validate to-new.migtable --json | jq '.findings[]'")]
pub(super) struct Validate {
    #[command(flatten)]
    file: InputFile,

    /// Also look up in this domain the destinations, and the sources that stay as they are
    #[arg(long, value_name = "TARGET")]
    against: Option<Location>,

    #[command(flatten)]
    live: LiveOptions,
}

/// Check a migration table, and say what is doubtful about it
///
/// In addition to `validate`: placeholders that nobody filled in, and sources that somebody seems
/// to have edited where the destination should have been. Exit status: 1 for warnings, 2 for errors.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo migtable lint to-new.migtable
  gpo migtable lint - --json < to-new.migtable")]
pub(super) struct Lint {
    #[command(flatten)]
    file: InputFile,
}

#[derive(Serialize)]
struct View {
    mappings: usize,
    findings: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    severity: String,
    kind: &'static str,
    mapping: Option<usize>,
    text: String,
}

impl Validate {
    pub(super) fn run(self, console: &Console) -> Result<Exit, Failure> {
        let table = self.file.parse(MigrationTable::parse)?;
        let mut findings = validate_table(&table);
        if let Some(target) = &self.against {
            let target = target.open_source(None, &self.live)?;
            findings.extend(validate_destinations(&table, target.source().directory)?);
        }
        print(console, &table, &findings)
    }
}

impl Lint {
    pub(super) fn run(self, console: &Console) -> Result<Exit, Failure> {
        let table = self.file.parse(MigrationTable::parse)?;
        print(console, &table, &lint_table(&table))
    }
}

fn print(
    console: &Console,
    table: &MigrationTable,
    findings: &[TableFinding],
) -> Result<Exit, Failure> {
    let row = |finding: &TableFinding| Row {
        severity: finding.kind.severity().to_string(),
        kind: finding.kind.name(),
        mapping: finding.mapping,
        text: finding.text.clone(),
    };
    let mappings = table.entries().count();
    console.result(
        "gpo/migtable-check/1",
        || View {
            mappings,
            findings: findings.iter().map(row).collect(),
        },
        |out| {
            for finding in findings {
                writeln!(out, "{}", Quoted::bare(&finding.to_string()))?;
            }
            let errors = count(findings, Severity::Error);
            let warnings = count(findings, Severity::Warning);
            writeln!(
                out,
                "checked {}: {}, {}",
                counted(mappings, "mapping", "mappings"),
                counted(errors, "error", "errors"),
                counted(warnings, "warning", "warnings")
            )
        },
    )?;
    let worst = findings.iter().map(|finding| finding.kind.severity()).max();
    Ok(match worst {
        Some(Severity::Error) => Exit::Failed,
        Some(_) => Exit::Findings,
        None => Exit::Good,
    })
}

fn count(findings: &[TableFinding], severity: Severity) -> usize {
    let same = |finding: &&TableFinding| finding.kind.severity() == severity;
    findings.iter().filter(same).count()
}
