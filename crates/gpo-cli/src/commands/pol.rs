//! `gpo pol`.

mod build;
mod dump;
mod edit;
mod json;

use clap::{Args, Subcommand};

use super::Exit;
use crate::console::Console;
use crate::failure::Failure;

/// Show, make and edit registry.pol, the registry values of a GPO
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo pol dump Machine/registry.pol
  gpo pol dump Machine/registry.pol --format lgpo > computer.txt
  gpo pol build computer.txt --output Machine/registry.pol
  gpo pol set Machine/registry.pol 'Software\\Policies\\Demo' Level REG_DWORD 3
  gpo pol delete Machine/registry.pol 'Software\\Policies\\Demo' Level")]
pub(crate) struct Pol {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Dump(dump::Dump),
    Build(build::Build),
    Set(edit::Set),
    Delete(edit::Delete),
}

impl Pol {
    pub(crate) fn run(self, console: &Console) -> Result<Exit, Failure> {
        match self.action {
            Action::Dump(dump) => dump.run(console),
            Action::Build(build) => build.run(console),
            Action::Set(set) => set.run(console),
            Action::Delete(delete) => delete.run(console),
        }
    }
}
