//! `gpo remove`.

use clap::Args;
use gpo_engine::{Cancel, GpoSelector, find_gpo, plan_removal};

use super::Exit;
use crate::change::ChangeArg;
use crate::console::Console;
use crate::failure::Failure;

/// Remove a GPO from its domain; links to it stay
///
/// `gpo delete` removes a backup.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo remove --gpo 'Firewall test' --to dir:domain --dry-run
  gpo remove --gpo {10AD0005-6C1B-4F55-9B5C-7E3A4C2F0005} --to ldap:///example.test")]
pub(crate) struct Remove {
    /// The GPO, by its name or its ID
    #[arg(long, value_name = "GPO")]
    gpo: GpoSelector,

    #[command(flatten)]
    change: ChangeArg,
}

impl Remove {
    pub(crate) fn run(self, console: &Console, cancel: &Cancel) -> Result<Exit, Failure> {
        self.change.run(console, cancel, |target| {
            let id = find_gpo(target.source(), &self.gpo)?;
            Ok(plan_removal(target, id)?)
        })
    }
}
