//! `gpo admx`.

mod explain;
mod list;
mod policy_row;
mod search;
mod show;

use clap::{Args, Subcommand};

use super::Exit;
use crate::console::Console;
use crate::failure::Failure;

/// List, show and search administrative templates, and explain the registry values of a GPO
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo admx list --admx C:\\Windows\\PolicyDefinitions
  gpo admx search --from dir:domain 'screen saver'
  gpo admx show --admx templates NoAutoUpdate --language de-DE
  gpo admx explain --admx templates Machine/registry.pol")]
pub(crate) struct Admx {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    List(list::List),
    Show(show::Show),
    Search(search::Search),
    Explain(explain::Explain),
}

impl Admx {
    pub(crate) fn run(self, console: &Console) -> Result<Exit, Failure> {
        match self.action {
            Action::List(list) => list.run(console),
            Action::Show(show) => show.run(console),
            Action::Search(search) => search.run(console),
            Action::Explain(explain) => explain.run(console),
        }
    }
}
