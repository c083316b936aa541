//! `gpo migtable show`.

use clap::Args;
use gpo_core::{MigrationTable, Quoted};
use serde::Serialize;

use super::destination;
use crate::commands::Exit;
use crate::console::Console;
use crate::failure::Failure;
use crate::input_file::ListedFile;
use crate::table::write_table;

/// List the entries of a migration table
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo migtable show to-new.migtable
  gpo migtable show to-new.migtable --json | jq -r '.entries[].source'")]
pub(super) struct Show {
    #[command(flatten)]
    listed: ListedFile,
}

#[derive(Serialize)]
struct View {
    entries: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    mapping: usize,
    #[serde(rename = "type")]
    kind: String,
    source: String,
    destination: &'static str,
    destination_text: Option<String>,
}

impl Show {
    pub(super) fn run(self, console: &Console) -> Result<Exit, Failure> {
        let ListedFile { file, format } = self.listed;
        let table = file.parse(MigrationTable::parse)?;
        let mut entries = Vec::new();
        for (mapping, entry) in (1..).zip(table.entries()) {
            let entry = entry.map_err(|error| Failure::from(error).at(&file))?;
            let (destination, text) = destination(&entry);
            entries.push(Entry {
                mapping,
                destination,
                destination_text: text.map(str::to_owned),
                kind: entry.kind.name().to_owned(),
                source: entry.source,
            });
        }
        let rows: Vec<_> = entries.iter().map(Entry::row).collect();
        console.in_format(format).result(
            "gpo/migtable-show/1",
            || View { entries },
            |out| write_table(out, &["MAPPING", "TYPE", "SOURCE", "DESTINATION"], &rows),
        )?;
        Ok(Exit::Good)
    }
}

impl Entry {
    fn row(&self) -> Vec<String> {
        let destination = match &self.destination_text {
            Some(text) => text.clone(),
            None => format!("<{}>", self.destination.replace('-', " ")),
        };
        let cells = [&self.kind, &self.source, &destination];
        let cells = cells.map(|cell| Quoted::bare(cell).to_string());
        [self.mapping.to_string()]
            .into_iter()
            .chain(cells)
            .collect()
    }
}
