//! `gpo completions`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Exit;
use crate::cli::Cli;
use crate::console::write_raw;
use crate::failure::Failure;

/// Print a script that completes the commands and options of gpo in a shell
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo completions bash > ~/.local/share/bash-completion/completions/gpo
  gpo completions powershell >> $PROFILE")]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "gpo", &mut script);
        write_raw(&script)?;
        Ok(Exit::Good)
    }
}
