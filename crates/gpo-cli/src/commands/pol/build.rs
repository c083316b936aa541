//! `gpo pol build`.

use std::path::PathBuf;

use clap::Args;
use gpo_core::{Half, RegistryPol, Text, parse_lgpo_text};

use super::super::Exit;
use super::edit::finish;
use crate::console::Console;
use crate::failure::Failure;
use crate::half_arg::HalfArg;
use crate::input_file::InputFile;

/// Make a registry.pol from the text of Microsoft's LGPO.exe
///
/// LGPO text may hold both halves of a GPO, a registry.pol is of one: --half says which one is
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
        let commands = self
            .file
            .parse(|bytes| parse_lgpo_text(Text::decode(bytes)?.as_str()))?;
        let has = |half: Half| commands.iter().any(|command| command.half == half);
        let half = match self.half.given() {
            None if has(Half::Machine) && has(Half::User) => {
                let message = "there are commands for Computer and for User: say with --half \
                               which of them the file is for";
                return Err(Failure::new(message).at(&self.file));
            }
            given => given,
        };
        let commands = commands.into_iter();
        let own = commands.filter(|command| half.is_none_or(|half| command.half == half));
        let entries = own.map(|command| command.entry).collect();
        let pol = RegistryPol { entries };
        finish(console, &pol, &self.output.into(), self.dry_run, true)
    }
}
