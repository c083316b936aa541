//! `gpo admx list`.

use clap::Args;

use super::policy_row::print_rows;
use crate::admx_arg::AdmxArg;
use crate::commands::Exit;
use crate::console::Console;
use crate::failure::Failure;

/// List the policies of all templates
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo admx list --admx templates
  gpo admx list --from dir:domain --language fr-FR --json")]
pub(crate) struct List {
    #[command(flatten)]
    admx: AdmxArg,
}

impl List {
    pub(super) fn run(self, console: &Console) -> Result<Exit, Failure> {
        let set = self.admx.load(console)?;
        print_rows(console, "gpo/admx-list/1", set.policies())?;
        Ok(Exit::Good)
    }
}
