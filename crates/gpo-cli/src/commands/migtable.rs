//! `gpo migtable`.

mod check;
mod create;
mod edit;
mod show;

use clap::{Args, Subcommand};
use gpo_core::{MigrationDestination, MigrationEntry};

use super::Exit;
use crate::console::Console;
use crate::failure::Failure;

/// Make, check and edit migration tables, which say what becomes of principals and paths in
/// another domain
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo migtable create --from backups --map-by-name --output to-new.migtable
  gpo migtable set to-new.migtable Red@old.example 'NEW\\Blue'
  gpo migtable add to-new.migtable '\\\\old\\it' '\\\\new\\it'
  gpo migtable validate to-new.migtable --against dir:domain
  gpo migtable lint to-new.migtable
  gpo migtable show to-new.migtable")]
pub(crate) struct Migtable {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Create(create::Create),
    Show(show::Show),
    Add(edit::Add),
    Set(edit::Set),
    Remove(edit::Remove),
    Validate(check::Validate),
    Lint(check::Lint),
}

impl Migtable {
    pub(crate) fn run(self, console: &Console) -> Result<Exit, Failure> {
        match self.action {
            Action::Create(create) => create.run(console),
            Action::Show(show) => show.run(console),
            Action::Add(add) => add.run(console),
            Action::Set(set) => set.run(console),
            Action::Remove(remove) => remove.run(console),
            Action::Validate(validate) => validate.run(console),
            Action::Lint(lint) => lint.run(console),
        }
    }
}

/// What becomes of a source, in a word for programs, and the text where there is one.
fn destination(entry: &MigrationEntry) -> (&'static str, Option<&str>) {
    match &entry.destination {
        MigrationDestination::Set(text) => ("set", Some(text)),
        MigrationDestination::SameAsSource => ("same-as-source", None),
        MigrationDestination::None => ("none", None),
        MigrationDestination::ByRelativeName => ("by-relative-name", None),
    }
}
