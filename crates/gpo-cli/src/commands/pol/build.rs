//! `gpo pol build`.

use std::path::PathBuf;

use clap::Args;
use gpo_core::{
    Half, LgpoCommand, RegistryEntry, RegistryPol, Text, parse_lgpo_text, parse_reg_text,
};

use gpo_engine::Severity;

use super::super::Exit;
use super::edit::finish;
use super::json::{self, half_name};
use crate::console::Console;
use crate::failure::Failure;
use crate::half_arg::HalfArg;
use crate::input_file::InputFile;

/// Make a registry.pol from the text of Microsoft's LGPO.exe, from a .reg file, or from JSON
///
/// The content says which of them it is; JSON is what `gpo pol dump --json` prints. A text may hold
/// both halves of a GPO, a registry.pol is of one: --half says which one is meant where both are
/// there. An --output in a folder Machine or User is of that half.
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
        let has = |half: Half| entries.iter().any(|entry| entry.half == Some(half));
        let target = InputFile::at(&self.output).half();
        let half = match self.half.given() {
            None if has(Half::Machine) && has(Half::User) => {
                let message = "there are entries for Computer and for User: say with --half \
                               which of them the file is for";
                return Err(Failure::new(message).at(&self.file));
            }
            given => given.or(target),
        };
        // What LGPO.exe prints of a registry.pol that sets nothing; or not what was meant.
        if entries.is_empty() {
            let message = format!("warning: {}: there is no entry", self.file);
            console.message(Severity::Warning, message);
        }
        let is_meant = |entry: &Entry| entry.half.is_none() || half.is_none() || entry.half == half;
        if let (Some(half), Some(other)) = (half, entries.first())
            && !entries.iter().any(is_meant)
        {
            let message = format!("the entries are none for {}", half_name(half));
            return Err(Failure::new(message).at(other.place()).at(&self.file));
        }
        let own = entries.into_iter().filter(is_meant);
        let entries = own.map(|entry| entry.content).collect();
        let pol = RegistryPol { entries };
        finish(console, &pol, &self.output.into(), self.dry_run, true)
    }
}

/// An entry of a text.
struct Entry {
    content: RegistryEntry,
    /// The half that the text says it is for.
    half: Option<Half>,
    /// The line that it starts on, where that is known.
    line: Option<usize>,
}

impl Entry {
    fn place(&self) -> String {
        self.line
            .map_or_else(|| "entry 1".into(), |line| format!("line {line}"))
    }
}

/// The entries of a text; its start says what it is.
fn entries(text: &str) -> Result<Vec<Entry>, Failure> {
    if text.trim_start().starts_with('{') {
        let entries = json::entries(text)?.into_iter();
        let entry = |(half, entry)| Entry {
            content: entry,
            half,
            line: None,
        };
        return Ok(entries.map(entry).collect());
    }
    if text.starts_with("Windows Registry Editor") || text.starts_with("REGEDIT") {
        let line = text.lines().position(|line| line.starts_with('['));
        let entries = parse_reg_text(text)?.into_iter();
        let entry = |(half, entry)| Entry {
            content: entry,
            half: Some(half),
            line: line.map(|line| line + 1),
        };
        return Ok(entries.map(entry).collect());
    }
    let commands = parse_lgpo_text(text)?;
    let entry = |command: LgpoCommand| Entry {
        content: command.entry,
        half: Some(command.half),
        line: Some(command.line),
    };
    Ok(commands.into_iter().map(entry).collect())
}
