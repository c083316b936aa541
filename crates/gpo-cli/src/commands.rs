//! The commands, a file each.

pub(crate) mod acl;
pub(crate) mod admx;
pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod copy;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod diff;
pub(crate) mod edit;
pub(crate) mod export;
pub(crate) mod gpos;
pub(crate) mod gpp;
pub(crate) mod import;
pub(crate) mod inf;
pub(crate) mod links;
pub(crate) mod list;
pub(crate) mod man;
pub(crate) mod migtable;
pub(crate) mod permissions;
pub(crate) mod pol;
pub(crate) mod recover;
pub(crate) mod references;
pub(crate) mod remove;
pub(crate) mod repack;
pub(crate) mod report;
pub(crate) mod restore;
pub(crate) mod scripts;
pub(crate) mod sddl;
pub(crate) mod show;
pub(crate) mod verify;
pub(crate) mod wmi;

use std::process::ExitCode;

use gpo_engine::{Cancel, Status};

use crate::cli::Command;
use crate::console::Console;
use crate::failure::Failure;

/// How a command ended, if it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All is good.
    Good,
    /// There are findings, and the user asked for none.
    Findings,
    /// There are errors among the results, or parts of the work failed.
    Failed,
}

impl Exit {
    /// How a command ended that was to do its work, or only to say what it would do: that something
    /// would fail is a finding then.
    pub(crate) fn of(status: Status, dry_run: bool) -> Self {
        match (status, dry_run) {
            (Status::Failed, true) => Self::Findings,
            _ => status.into(),
        }
    }
}

impl From<Status> for Exit {
    fn from(status: Status) -> Self {
        match status {
            Status::Succeeded | Status::Warnings => Self::Good,
            Status::Failed | Status::Cancelled => Self::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Good => Self::SUCCESS,
            Exit::Findings => Self::from(1),
            Exit::Failed => Self::from(2),
        }
    }
}

/// Runs a command.
pub(crate) fn run(command: Command, console: &Console, cancel: &Cancel) -> Result<Exit, Failure> {
    match command {
        Command::Admx(admx) => admx.run(console),
        Command::Audit(audit) => audit.run(console),
        Command::Backup(backup) => backup.run(console, cancel),
        Command::Check(check) => check.run(console, cancel),
        Command::Delete(delete) => delete.run(console),
        Command::Diff(diff) => diff.run(console, cancel),
        Command::Gpos(gpos) => gpos.run(console, cancel),
        Command::Gpp(gpp) => gpp.run(console),
        Command::Inf(inf) => inf.run(console),
        Command::List(list) => list.run(console, cancel),
        Command::Migtable(migtable) => migtable.run(console),
        Command::Pol(pol) => pol.run(console),
        Command::Import(import) => import.run(console, cancel),
        Command::Copy(copy) => copy.run(console, cancel),
        Command::Create(create) => create.run(console, cancel),
        Command::Export(export) => export.run(console, cancel),
        Command::Edit(edit) => edit.run(console, cancel),
        Command::Remove(remove) => remove.run(console, cancel),
        Command::Links(links) => links.run(console, cancel),
        Command::Permissions(permissions) => permissions.run(console, cancel),
        Command::Acl(acl) => acl.run(console),
        Command::Wmi(wmi) => wmi.run(console),
        Command::Recover(recover) => recover.run(console),
        Command::References(references) => references.run(console),
        Command::Repack(repack) => repack.run(console, cancel),
        Command::Report(report) => report.run(console, cancel),
        Command::Restore(restore) => restore.run(console, cancel),
        Command::Scripts(scripts) => scripts.run(console),
        Command::Sddl(sddl) => sddl.run(console),
        Command::Show(show) => show.run(console),
        Command::Verify(verify) => verify.run(console, cancel),
        Command::Completions(completions) => completions.run(),
        Command::Man(man) => man.run(),
    }
}
