//! `gpo pol build`.

use std::path::PathBuf;

use clap::Args;
use gpo_core::{Half, RegistryEntry, RegistryPol, Text, parse_lgpo_text, parse_reg_text};

use super::super::Exit;
use super::edit::finish;
use super::json;
use crate::console::Console;
use crate::failure::Failure;
use crate::half_arg::HalfArg;
use crate::input_file::InputFile;

/// Make a registry.pol from the text of Microsoft's LGPO.exe, from a .reg file, or from JSON
///
/// The content says which of them it is; JSON is what `gpo pol dump --json` prints. A text may hold both halves of a GPO, a registry.pol is of one: --half says which one is
/// meant where both are there.
#[derive(Args, Debug)]
#[command(after_help = "\
A command of LGPO text is four lines: Computer or User, key, value name, action.

  Computer
  Software\\Policies\\Demo
  Level
  DWORD:3

Examples:
  gpo pol build computer.txt --output Machine/registry.pol
  gpo pol build settings.reg --output User/registry.pol
  gpo pol build settings.json --output Machine/registry.pol
  gpo pol build both.txt --half User --output User/registry.pol
  gpo pol dump old.pol --format lgpo --half User | gpo pol build - --output new.pol")]
pub(crate) struct Build {
    #[command(flatten)]
    file: InputFile,

    /// The registry.pol, replaced if it is there; - is standard output
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,

    #[command(flatten)]
    half: HalfArg,

    /// Say what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

impl Build {
    pub(super) fn run(self, console: &Console) -> Result<Exit, Failure> {
        let bytes = self.file.read()?;
        let text = Text::decode(&bytes).map_err(|error| Failure::from(error).at(&self.file))?;
        let entries = entries(text.as_str()).map_err(|failure| failure.at(&self.file))?;
        let has = |half: Half| entries.iter().any(|(own, _)| *own == Some(half));
        let half = match self.half.given() {
            None if has(Half::Machine) && has(Half::User) => {
                let message = "there are entries for Computer and for User: say with --half \
                               which of them the file is for";
                return Err(Failure::new(message).at(&self.file));
            }
            given => given,
        };
        let own = entries
            .into_iter()
            .filter(|(own, _)| own.is_none() || half.is_none() || *own == half);
        let entries = own.map(|(_, entry)| entry).collect();
        let pol = RegistryPol { entries };
        finish(console, &pol, &self.output.into(), self.dry_run, true)
    }
}

/// The entries of a text with their halves, where it says them; its start says what it is.
fn entries(text: &str) -> Result<Vec<(Option<Half>, RegistryEntry)>, Failure> {
    if text.trim_start().starts_with('{') {
        return json::entries(text);
    }
    if text.starts_with("Windows Registry Editor") || text.starts_with("REGEDIT") {
        let entries = parse_reg_text(text)?.into_iter();
        return Ok(entries.map(|(half, entry)| (Some(half), entry)).collect());
    }
    let commands = parse_lgpo_text(text)?.into_iter();
    Ok(commands
        .map(|command| (Some(command.half), command.entry))
        .collect())
}
