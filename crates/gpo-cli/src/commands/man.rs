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
  gpo man list > gpo-list.1
  gpo man migtable create")]
pub(crate) struct Man {
    /// The command, with the one below it where there are several; without it, the page is about
    /// the program
    command: Vec<String>,
}

impl Man {
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let mut program = Cli::command();
        // Gives the commands their full names and the options that all share.
        program.build();
        let mut command = &program;
        for name in &self.command {
            let unknown = || Failure::new(format!("there is no command {name:?}"));
            command = command.find_subcommand(name).ok_or_else(unknown)?;
        }
        let page = match self.command.as_slice() {
            [] => Page::new(command.clone()),
            names => {
                let name = format!("gpo-{}", names.join("-"));
                Page::new(command.clone().display_name(name))
            }
        };
        let mut text = Vec::new();
        page.render(&mut text)?;
        write_raw(&text)?;
        Ok(Exit::Good)
    }
}
