//! `gpo migtable add`, `set` and `remove`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use gpo_core::{
    MigrationDestination, MigrationEntry, MigrationSourceKind, MigrationTable, Quoted, same_name,
};
use gpo_engine::{Severity, TableFinding, lint_table};

use crate::commands::Exit;
use crate::console::Console;
use crate::failure::Failure;
use crate::input_file::InputFile;
use crate::new_file::NewFile;
use crate::output_file::OutputFile;

/// Add an entry to a migration table, or set the destination of the one that is there
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo migtable add to-new.migtable 'ADD YOUR DOMAIN ADMINS' 'NEW\\Domain Admins'
  gpo migtable add to-new.migtable Red@old.example 'NEW\\Blue' --type GlobalGroup
  gpo migtable add to-new.migtable '\\\\old\\it' '\\\\new\\it'
  gpo migtable add to-new.migtable 'OLD\\Green' --none")]
pub(super) struct Add {
    #[command(flatten)]
    edited: Edited,

    #[command(flatten)]
    destination: Destination,

    /// What the source is [default: `UNCPath` for a path, else `Unknown`]
    #[arg(long = "type", value_enum, ignore_case = true)]
    kind: Option<Kind>,
}

/// Set the destination of an entry
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo migtable set to-new.migtable Red@old.example 'NEW\\Blue'
  gpo migtable set to-new.migtable Red@old.example --by-relative-name
  gpo migtable set to-new.migtable Red@old.example Blue@new.example --output other.migtable")]
pub(super) struct Set {
    #[command(flatten)]
    edited: Edited,

    #[command(flatten)]
    destination: Destination,
}

/// Take an entry out of a migration table
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo migtable remove to-new.migtable Red@old.example")]
pub(super) struct Remove {
    #[command(flatten)]
    edited: Edited,
}

#[derive(Args, Debug)]
struct Edited {
    #[command(flatten)]
    file: InputFile,

    /// The source of the entry: name@dns.domain, DOMAIN\name, a name, a SID, or a path
    #[arg(value_name = "SOURCE")]
    source: String,

    /// Where to write [default: FILE itself]; - is standard output
    #[arg(long, short, value_name = "OUTPUT")]
    output: Option<PathBuf>,

    /// Say what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct Destination {
    /// What takes the place of the source
    #[arg(value_name = "DESTINATION")]
    text: Option<String>,

    /// The source stays
    #[arg(long)]
    same_as_source: bool,

    /// The source is taken out of its settings
    #[arg(long)]
    none: bool,

    /// The principal of the same name takes its place
    #[arg(long)]
    by_relative_name: bool,
}

/// The types that GPMC knows.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "PascalCase")]
enum Kind {
    User,
    Computer,
    LocalGroup,
    GlobalGroup,
    UniversalGroup,
    #[value(name = "UNCPath")]
    UncPath,
    Unknown,
}

impl Destination {
    fn value(self) -> MigrationDestination {
        match self.text {
            Some(text) => MigrationDestination::Set(text),
            None if self.none => MigrationDestination::None,
            None if self.by_relative_name => MigrationDestination::ByRelativeName,
            None => MigrationDestination::SameAsSource,
        }
    }
}

impl Add {
    pub(super) fn run(self, console: &Console) -> Result<Exit, Failure> {
        let destination = self.destination.value();
        let kind = match self.kind {
            Some(kind) => kind.to_possible_value(),
            None if self.edited.source.starts_with(r"\\") => Kind::UncPath.to_possible_value(),
            None => Kind::Unknown.to_possible_value(),
        };
        let kind = kind.as_ref().map_or("Unknown", |kind| kind.get_name());
        let kind = MigrationSourceKind::from_name(kind);
        self.edited.edit(console, |table, source, at| match at {
            Some(n) => Ok(table.set_destination(n, &destination)?),
            None => Ok(table.push(&MigrationEntry {
                kind,
                source: source.to_owned(),
                destination,
            })?),
        })
    }
}

impl Set {
    pub(super) fn run(self, console: &Console) -> Result<Exit, Failure> {
        let destination = self.destination.value();
        self.edited.edit(console, |table, source, at| {
            let n = at.ok_or_else(|| missing(source))?;
            Ok(table.set_destination(n, &destination)?)
        })
    }
}

impl Remove {
    pub(super) fn run(self, console: &Console) -> Result<Exit, Failure> {
        self.edited.edit(console, |table, source, at| {
            let n = at.ok_or_else(|| missing(source))?;
            table.remove(n);
            Ok(())
        })
    }
}

fn missing(source: &str) -> Failure {
    Failure::new(format!("there is no entry for {}", Quoted::new(source)))
}

impl Edited {
    /// Edits the table; `edit` gets the number of the entry for the source, where there is one.
    fn edit(
        self,
        console: &Console,
        edit: impl FnOnce(&mut MigrationTable, &str, Option<usize>) -> Result<(), Failure>,
    ) -> Result<Exit, Failure> {
        let before = self.file.parse(MigrationTable::parse)?;
        let mut table = before.clone();
        let is_own = |entry: gpo_core::Result<MigrationEntry>| {
            entry.is_ok_and(|entry| same_name(&entry.source, &self.source))
        };
        let at = before.entries().position(is_own);
        edit(&mut table, &self.source, at).map_err(|failure| failure.at(&self.file))?;
        let known = lint_table(&before);
        let is_known = |finding: &TableFinding| {
            let mut known = known.iter();
            known.any(|old| (old.kind, &old.text) == (finding.kind, &finding.text))
        };
        for finding in lint_table(&table) {
            // What was wrong before is not of this edit.
            if is_known(&finding) {
                continue;
            }
            if finding.kind.severity() == Severity::Error {
                return Err(Failure::new(Quoted::bare(&finding.text).to_string()).at(&self.file));
            }
            console.message(finding.kind.severity(), &finding);
        }
        let output = OutputFile::or_input(self.output, &self.file);
        finish(console, &table, &output, self.dry_run, table != before)
    }
}

/// Writes the table, unless it is only to be said what would be written.
pub(super) fn finish(
    console: &Console,
    table: &MigrationTable,
    output: &OutputFile,
    dry_run: bool,
    changed: bool,
) -> Result<Exit, Failure> {
    let new = NewFile {
        schema: "gpo/migtable-write/1",
        bytes: table.to_bytes()?,
        entries: table.entries().count(),
        changed,
    };
    new.write(console, output, dry_run)
}
