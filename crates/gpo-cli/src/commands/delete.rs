//! `gpo delete`.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use gpo_core::{BackupFolder, BackupStore, Quoted};
use gpo_engine::{BackupSet, Cancel, delete_backup, find_backup};
use gpo_local::FolderStore;
use serde::Serialize;

use super::Exit;
use crate::backup_arg::BackupArg;
use crate::console::Console;
use crate::failure::Failure;

/// Delete a backup: its folder, and its entry in manifest.xml
///
/// Asks first on a terminal; elsewhere --yes has to say that it is meant.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo delete backups/{602F142B-D8BE-4807-9D7F-8F6AF943FE72}
  gpo delete backups --id {602F142B-D8BE-4807-9D7F-8F6AF943FE72} --yes")]
pub(crate) struct Delete {
    #[command(flatten)]
    backup: BackupArg,

    /// Do not ask
    #[arg(long, short)]
    yes: bool,

    /// Say which backup would be deleted, and do nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct View {
    dry_run: bool,
    deleted: bool,
    folder: String,
}

impl Delete {
    pub(crate) fn run(self, console: &Console) -> Result<Exit, Failure> {
        let (parent, folder) = self.find()?;
        let store = FolderStore::open(&parent)?;
        let what = describe(&store, &folder, &parent)?;
        let deleted = !self.dry_run && (self.yes || ask(&what)?);
        if deleted {
            delete_backup(&store, &folder)
                .map_err(|error| Failure::from(error).at(parent.display()))?;
        }
        let path = parent.join(&folder.path).display().to_string();
        let view = || View {
            dry_run: self.dry_run,
            deleted,
            folder: path.clone(),
        };
        console.result("gpo/delete/1", view, |out| {
            let verb = match (self.dry_run, deleted) {
                (true, _) => "would delete",
                (false, true) => "deleted",
                (false, false) => "kept",
            };
            writeln!(out, "{verb} {what}")
        })?;
        Ok(Exit::Good)
    }

    /// The folder of backups, and the backup in it.
    fn find(&self) -> Result<(PathBuf, BackupFolder), Failure> {
        let path = &self.backup.path;
        if path.is_file() {
            let message = "this is a file: backups are deleted from folders, not from archives";
            return Err(Failure::new(message).at(path.display()));
        }
        let store = FolderStore::open(path)?;
        let folder = find_backup(&store, self.backup.id)
            .map_err(|error| Failure::from(error).at(path.display()))?;
        if self.backup.id.is_none() && !folder.path.is_empty() {
            let message = "this is a set of backups, if only of one: say with --id which to delete";
            return Err(Failure::new(message).at(path.display()));
        }
        let found = path.join(&folder.path);
        // The name of the folder as it is in the folder above it, also for `.` and `..`.
        let found = match (folder.path.as_str(), path.file_name()) {
            ("", None) => found.canonicalize()?,
            _ => found,
        };
        let (Some(parent), Some(name)) = (found.parent(), found.file_name()) else {
            return Err(Failure::new("a backup lies in a folder").at(path.display()));
        };
        let parent = if parent.as_os_str().is_empty() {
            Path::new(".")
        } else {
            parent
        };
        let name = name
            .to_str()
            .ok_or_else(|| Failure::new("the name of the folder is not Unicode"))?;
        Ok((
            parent.to_owned(),
            BackupFolder {
                path: name.to_owned(),
            },
        ))
    }
}

/// The backup in words.
fn describe(
    store: &dyn BackupStore,
    folder: &BackupFolder,
    parent: &Path,
) -> Result<String, Failure> {
    let set = BackupSet::read(store, &Cancel::default())?;
    let member = set.backups.iter().find(|member| member.folder == *folder);
    let inst = member.and_then(|member| member.inst.as_ref());
    let path = parent.join(&folder.path).display().to_string();
    let path = Quoted::bare(&path);
    Ok(match inst {
        Some(inst) => {
            let name = Quoted::new(&inst.display_name);
            format!("{path}, the backup of {name} of {} UTC", inst.time)
        }
        None => path.to_string(),
    })
}

fn ask(what: &str) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::new(format!(
            "{what}: say --yes to delete it without being asked"
        )));
    }
    let mut err = io::stderr().lock();
    write!(err, "Delete {what}? [y/N] ")?;
    err.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
