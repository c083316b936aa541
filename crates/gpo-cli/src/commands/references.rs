//! `gpo references`.

use clap::Args;
use gpo_core::{GpoReference, Quoted, ReferenceKind, ReferenceSource};
use gpo_engine::{Severity, backup_references};
use serde::Serialize;

use super::Exit;
use crate::backup_arg::BackupArg;
use crate::console::Console;
use crate::failure::Failure;
use crate::table::write_table;

/// List the principals and server paths that the settings in a backup name
///
/// These are what has to be mapped when the GPO goes to another domain. GPMC lists some of them in
/// Backup.xml; the column GPMC says which. Exit status 1: there are files that cannot be read.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo references backups/{602F142B-D8BE-4807-9D7F-8F6AF943FE72}
  gpo references backups.zip --id {602F142B-D8BE-4807-9D7F-8F6AF943FE72} --json")]
pub(crate) struct References {
    #[command(flatten)]
    backup: BackupArg,
}

#[derive(Serialize)]
struct View {
    references: Vec<Row>,
    unread: Vec<String>,
}

#[derive(Serialize)]
struct Row {
    file: Option<String>,
    object: Option<Object>,
    place: String,
    kind: &'static str,
    setting: &'static str,
    text: String,
    listed: bool,
}

#[derive(Serialize)]
struct Object {
    half: &'static str,
    rdns: Vec<String>,
}

impl References {
    pub(crate) fn run(self, console: &Console) -> Result<Exit, Failure> {
        let (store, folder) = self.backup.open()?;
        let found = backup_references(&*store, &folder)
            .map_err(|error| Failure::from(error).at(&folder.path))?;
        let view = View {
            references: found.found.iter().map(Row::from).collect(),
            unread: found.unread.iter().map(ToString::to_string).collect(),
        };
        let unread = view.unread.clone();
        let rows: Vec<_> = view.references.iter().map(Row::cells).collect();
        console.result(
            "gpo/references/1",
            || view,
            |out| write_table(out, &["KIND", "TEXT", "SETTING", "GPMC", "PLACE"], &rows),
        )?;
        for error in &unread {
            let error = Quoted::bare(error);
            console.message(Severity::Warning, format_args!("warning: {error}"));
        }
        Ok(if unread.is_empty() {
            Exit::Good
        } else {
            Exit::Findings
        })
    }
}

impl From<&GpoReference> for Row {
    fn from(found: &GpoReference) -> Self {
        let (file, object) = match &found.source {
            ReferenceSource::Container => (None, None),
            ReferenceSource::File(path) => (Some(path.to_string()), None),
            ReferenceSource::Object { half, rdns } => {
                let (half, rdns) = (half.name(), rdns.clone());
                (None, Some(Object { half, rdns }))
            }
        };
        Self {
            file,
            object,
            place: found.reference.place.to_string(),
            kind: match found.reference.kind {
                ReferenceKind::Sid => "sid",
                ReferenceKind::Account => "account",
                ReferenceKind::UncPath => "path",
            },
            setting: found.reference.setting.name(),
            text: found.reference.text.clone(),
            listed: found.is_listed,
        }
    }
}

impl Row {
    fn cells(&self) -> Vec<String> {
        let source = match (&self.file, &self.object) {
            (Some(file), _) => file.clone(),
            (None, Some(object)) => format!("{}: {}", object.half, object.rdns.join(", ")),
            (None, None) => String::new(),
        };
        let place = format!("{source}: {}", self.place);
        vec![
            self.kind.to_owned(),
            Quoted::bare(&self.text).to_string(),
            self.setting.to_owned(),
            if self.listed { "lists it" } else { "-" }.to_owned(),
            Quoted::bare(&place).to_string(),
        ]
    }
}
