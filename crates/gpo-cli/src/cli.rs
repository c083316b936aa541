//! The command line.

use clap::{Parser, Subcommand};

use crate::commands;

/// Backs up, reads, verifies and restores Group Policy objects in the format of Microsoft's GPMC.
#[derive(Debug, Parser)]
#[command(name = "gpo", version, max_term_width = 100, after_help = HELP)]
pub(crate) struct Cli {
    /// Print the result as JSON, and nothing else, on standard output
    // Listed after the options of the command.
    #[arg(long, global = true, display_order = 900)]
    pub(crate) json: bool,

    /// Print neither warnings nor progress
    #[arg(long, short, global = true, display_order = 901)]
    pub(crate) quiet: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

const HELP: &str = "\
A BACKUP is the folder of one backup, or a folder or zip archive with one, or with several and --id.
Results go to standard output, messages to standard error.
Exit status: 0 good, 1 findings or warnings where they were asked for, 2 failed.

Examples:
  gpo backup --from dir:domain --to backups --all
                                             every GPO of a domain in a folder
  gpo restore backups --id {602F142B-D8BE-4807-9D7F-8F6AF943FE72} --to dir:domain
  gpo list D:\\Backups                        the backups in a folder
  gpo list backups.zip --name Firewall       some of the backups in an archive
  gpo show backups/{602F142B-D8BE-4807-9D7F-8F6AF943FE72}
  gpo verify backups --strict                check everything, warnings count
  gpo check --from dir:domain                whether directory and SYSVOL fit together
  gpo pol dump Machine/registry.pol          what a file of a GPO says
  gpo COMMAND --help                         more about a command";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Backup(commands::backup::Backup),
    List(commands::list::List),
    Show(commands::show::Show),
    Verify(commands::verify::Verify),
    Repack(commands::repack::Repack),
    Report(commands::report::Report),
    Diff(commands::diff::Diff),
    Restore(commands::restore::Restore),
    Import(commands::import::Import),
    Copy(commands::copy::Copy),
    Export(commands::export::Export),
    Create(commands::create::Create),
    Edit(commands::edit::Edit),
    Remove(commands::remove::Remove),
    Links(commands::links::Links),
    Permissions(commands::permissions::Permissions),
    Recover(commands::recover::Recover),
    Acl(commands::acl::Acl),
    Wmi(commands::wmi::Wmi),
    Delete(commands::delete::Delete),
    Gpos(commands::gpos::Gpos),
    Check(commands::check::Check),
    References(commands::references::References),
    Migtable(commands::migtable::Migtable),
    Pol(commands::pol::Pol),
    Inf(commands::inf::Inf),
    Gpp(commands::gpp::Gpp),
    Audit(commands::audit::Audit),
    Admx(commands::admx::Admx),
    Scripts(commands::scripts::Scripts),
    Sddl(commands::sddl::Sddl),
    Completions(commands::completions::Completions),
    Man(commands::man::Man),
}
