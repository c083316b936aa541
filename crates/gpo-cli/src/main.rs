//! The program `gpo`: backs up, reads, verifies and restores Group Policy objects.

mod admx_arg;
mod backup_arg;
mod change;
mod cli;
mod commands;
mod console;
mod count;
mod failure;
mod half_arg;
mod hex;
mod input_file;
mod interrupt;
mod json;
mod link_view;
mod live_address;
mod live_domain;
mod location;
mod mapping_arg;
mod new_file;
mod output_file;
mod password;
mod plan_view;
mod progress;
mod secret;
mod state_arg;
mod table;
#[cfg(feature = "gssapi")]
mod ticket_cache;

use std::process::ExitCode;

use clap::Parser;
use gpo_engine::Severity;

use crate::cli::Cli;
use crate::commands::Exit;
use crate::console::Console;
use crate::failure::Failure;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let console = Console::new(cli.json, cli.quiet);
    let cancel = interrupt::cancel_on_ctrl_c();
    match commands::run(cli.command, &console, &cancel) {
        Ok(exit) => {
            if exit == Exit::Failed && cancel.is_cancelled() {
                let failure = Failure::cancelled();
                console.message(Severity::Error, format_args!("error: {failure}"));
            }
            exit.into()
        }
        Err(failure) => console.fail(&failure).into(),
    }
}
