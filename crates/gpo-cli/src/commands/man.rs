//! `gpo man`.

use clap::{Args, CommandFactory};
use clap_mangen::Man as Page;

use super::Exit;
use crate::cli::Cli;
use crate::console::write_raw;
use crate::failure::Failure;

/// Print the manual page of gpo, or of one of its commands
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo man | man -l -
  gpo man list > gpo-list.1")]
pub(crate) struct Man {
    /// The command; without it, the page is about the program
    command: Option<String>,
}

impl Man {
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let mut program = Cli::command();
        // Gives the commands their full names and the options that all share.
        program.build();
        let page = match &self.command {
            None => Page::new(program),
            Some(name) => {
                let command = program.find_subcommand(name).cloned();
                let unknown = || Failure::new(format!("there is no command {name:?}"));
                let command = command.ok_or_else(unknown)?;
                Page::new(command.display_name(format!("gpo-{name}")))
            }
        };
        let mut text = Vec::new();
        page.render(&mut text)?;
        write_raw(&text)?;
        Ok(Exit::Good)
    }
}
