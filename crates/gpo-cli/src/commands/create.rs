//! `gpo create`.

use clap::Args;
use gpo_engine::{Cancel, Stamps, plan_new_gpo};

use super::Exit;
use crate::change::ChangeArg;
use crate::console::Console;
use crate::failure::Failure;

/// Make a GPO without settings
///
/// It has the permissions of a new GPO, and no links. Names need not be unique.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo create 'Firewall test' --to dir:domain
  gpo create 'Firewall test' --to ldap:///example.test --dry-run")]
pub(crate) struct Create {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,

    #[command(flatten)]
    change: ChangeArg,
}

impl Create {
    pub(crate) fn run(self, console: &Console, cancel: &Cancel) -> Result<Exit, Failure> {
        self.change.run(console, cancel, |target| {
            Ok(plan_new_gpo(target, &self.name, Stamps::system())?)
        })
    }
}
