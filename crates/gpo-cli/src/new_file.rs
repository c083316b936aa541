//! A file of entries that a command made or edited.

use serde::Serialize;

use gpo_core::Quoted;

use crate::commands::Exit;
use crate::console::Console;
use crate::count::counted;
use crate::failure::Failure;
use crate::output_file::OutputFile;

/// A file of entries, to be written.
pub(crate) struct NewFile {
    /// The schema of what is printed as JSON.
    pub(crate) schema: &'static str,
    pub(crate) bytes: Vec<u8>,
    pub(crate) entries: usize,
    /// Whether it says something else than the file it was read from.
    pub(crate) changed: bool,
}

#[derive(Serialize)]
struct View {
    dry_run: bool,
    changed: bool,
    output: Option<String>,
    entries: usize,
    bytes: usize,
}

impl NewFile {
    /// Writes the file, unless it is only to be said what would be written.
    pub(crate) fn write(
        &self,
        console: &Console,
        output: &OutputFile,
        dry_run: bool,
    ) -> Result<Exit, Failure> {
        if !dry_run {
            output.write(&self.bytes)?;
        }
        // Standard output is for the file then.
        if !dry_run && output.path().is_none() {
            return Ok(Exit::Good);
        }
        let path = output.path().map(|path| path.display().to_string());
        let view = || View {
            dry_run,
            changed: self.changed,
            output: path.clone(),
            entries: self.entries,
            bytes: self.bytes.len(),
        };
        console.result(self.schema, view, |out| {
            let verb = if dry_run { "would write" } else { "wrote" };
            let place = Quoted::bare(path.as_deref().unwrap_or("standard output"));
            let note = if self.changed { "" } else { ", as it was" };
            let entries = counted(self.entries, "entry", "entries");
            let size = self.bytes.len();
            writeln!(out, "{verb} {place}: {entries}, {size} bytes{note}")
        })?;
        Ok(Exit::Good)
    }
}
