//! `gpo man`.

use std::io;

use clap::builder::Resettable;
use clap::{Args, Command, CommandFactory};
use clap_mangen::Man as Page;
use clap_mangen::roff::{Roff, roman};

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
        // There is no page of `gpo help`, which says what the pages say.
        let mut program = Cli::command().disable_help_subcommand(true);
        // Gives the commands their full names and the options that all share.
        program.build();
        let mut command = &program;
        for name in &self.command {
            let unknown = || Failure::new(format!("there is no command {name:?}"));
            command = command.find_subcommand(name).ok_or_else(unknown)?;
        }
        let name = [&["gpo".to_owned()], self.command.as_slice()].concat();
        write_raw(&page(command.clone().display_name(name.join("-")))?)?;
        Ok(Exit::Good)
    }
}

/// A page in the language of `man`, with the date of the release where there is one.
fn page(command: Command) -> io::Result<Vec<u8>> {
    let notes = command.get_after_help().map(ToString::to_string);
    let mut text = Vec::new();
    Page::new(command.after_help(Resettable::Reset))
        .date(option_env!("GPO_RELEASE_DATE").unwrap_or_default())
        .source(concat!("gpo ", env!("CARGO_PKG_VERSION")))
        .manual("User Commands")
        .render(&mut text)?;
    let mut roff = Roff::new();
    for part in notes.unwrap_or_default().split("\n\n") {
        if let Some(examples) = part.strip_prefix("Examples:\n") {
            // As they are: a command that is filled or hyphenated cannot be copied.
            roff.control("SH", ["EXAMPLES"]).control("nf", []);
            for line in examples.lines() {
                roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
            }
            roff.control("fi", []);
        } else {
            roff.control("SH", ["NOTES"]);
            for line in part.lines() {
                roff.text([roman(line)]).control("br", []);
            }
        }
    }
    roff.to_writer(&mut text)?;
    Ok(text)
}
