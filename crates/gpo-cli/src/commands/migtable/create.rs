//! `gpo migtable create`.

use std::path::PathBuf;

use clap::Args;
use gpo_core::{BackupId, MigrationTable, Quoted};
use gpo_engine::{MigrationEntries, Severity, find_backup};
use gpo_local::open_store;

use super::edit::finish;
use crate::backup_arg::{parse_backup_id, place};
use crate::commands::Exit;
use crate::console::Console;
use crate::failure::Failure;

/// Make a migration table of what backups name
///
/// An entry for each principal and each folder on a server: first those that Backup.xml lists, as
/// GPMC takes them, then what else the settings name, such as the members of groups in preferences.
/// Each stays as it is until its destination is set. Without --from the table is empty. Exit
/// status 1: there are files that cannot be read.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo migtable create --from backups/{602F142B-D8BE-4807-9D7F-8F6AF943FE72} -o to-new.migtable
  gpo migtable create --from backups.zip more-backups --map-by-name -o to-new.migtable
  gpo migtable create --from backups --id {602F142B-D8BE-4807-9D7F-8F6AF943FE72} -o to-new.migtable
  gpo migtable create --from backups --like-gpmc > gpmc.migtable")]
pub(super) struct Create {
    /// Backups, and folders and zip archives of backups
    #[arg(long, value_name = "BACKUP", num_args = 1..)]
    from: Vec<PathBuf>,

    /// Only the backup with this ID, of all that --from names
    #[arg(long, value_name = "BACKUPID", value_parser = parse_backup_id, requires = "from")]
    id: Option<BackupId>,

    #[command(flatten)]
    taken: Taken,

    /// The migration table, replaced if it is there; - is standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    output: PathBuf,

    /// Say what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// What is taken, and what becomes of it.
#[derive(Args, Debug)]
struct Taken {
    /// Map users, computers and groups to those of the same name
    #[arg(long)]
    map_by_name: bool,

    /// Only what GPMC would take, which is what Backup.xml lists
    #[arg(long)]
    like_gpmc: bool,

    /// Also the principals that are only in the permissions of a GPO, for a copy with its DACL
    #[arg(long)]
    with_acl: bool,
}

impl Create {
    pub(super) fn run(self, console: &Console) -> Result<Exit, Failure> {
        let mut entries = MigrationEntries::new()
            .like_gpmc(self.taken.like_gpmc)
            .map_by_name(self.taken.map_by_name)
            .with_permissions(self.taken.with_acl);
        let mut exit = Exit::Good;
        for path in &self.from {
            let at = |failure: Failure| failure.at(path.display());
            let store = open_store(path)?;
            let folders = match self.id {
                Some(id) => vec![
                    find_backup(&*store, Some(id))
                        .map_err(Failure::from)
                        .map_err(at)?,
                ],
                None => store.backups().map_err(Failure::from).map_err(at)?,
            };
            if folders.is_empty() {
                return Err(at(Failure::new("there are no backups here")));
            }
            for folder in &folders {
                let place = place(path, &folder.path);
                let unread = entries
                    .add_backup(&*store, folder)
                    .map_err(|error| Failure::from(error).at(place.display()))?;
                for error in unread {
                    exit = Exit::Findings;
                    let text = format!("{}: {error}", place.display());
                    let text = Quoted::bare(&text);
                    console.message(Severity::Warning, format_args!("warning: {text}"));
                }
            }
        }
        let table = MigrationTable::from_entries(&entries.into_entries())?;
        finish(console, &table, &self.output.into(), self.dry_run, true)?;
        Ok(exit)
    }
}
