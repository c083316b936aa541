//! `gpo repack`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use gpo_core::{BackupStoreWrite, Quoted, SourceErrorKind};
use gpo_engine::{Cancel, RepackedBackup, Stamps};
use gpo_local::{FolderStore, open_store};
use serde::Serialize;

use super::Exit;
use crate::console::Console;
use crate::failure::Failure;
use crate::json;
use crate::table::write_table;

/// Write the backups of any set as a clean one, as GPMC would have written it
///
/// Reads folders of any name at any depth, with or without a manifest, zip archives, and backups
/// of LGPO.exe. IDs, times, names and comments stay; folders are named by their ID, folders that
/// version control lost are made, and there is a sound manifest.xml. Backup.xml is written anew
/// only where it is not in GPMC's form; everything else is copied byte for byte.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo repack baseline.zip backups
  gpo repack checkout/GPOs clean && gpo verify clean")]
pub(crate) struct Repack {
    /// A folder or zip archive with backups at any depth
    #[arg(value_name = "SRC")]
    from: PathBuf,

    /// The folder to write to; made if it is not there
    #[arg(value_name = "DST")]
    to: PathBuf,

    /// Say what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct View {
    dry_run: bool,
    status: &'static str,
    backups: Vec<BackupView>,
    messages: Vec<json::MessageJson>,
}

#[derive(Serialize)]
struct BackupView {
    folder: String,
    id: String,
    rebuilt: bool,
    backup: Option<json::Inst>,
}

impl From<&RepackedBackup> for BackupView {
    fn from(backup: &RepackedBackup) -> Self {
        Self {
            folder: backup.folder.clone(),
            id: backup.id.to_string(),
            rebuilt: backup.rebuilt,
            backup: backup.inst.as_ref().map(Into::into),
        }
    }
}

impl Repack {
    pub(crate) fn run(self, console: &Console, cancel: &Cancel) -> Result<Exit, Failure> {
        let from = open_store(&self.from)?;
        if from.backups()?.is_empty() {
            return Err(Failure::new("there are no backups here").at(self.from.display()));
        }
        if let (Ok(from), Ok(to)) = (self.from.canonicalize(), self.to_canonical())
            && to.starts_with(&from)
        {
            let message = "the new set would lie in the old one, which then holds everything twice";
            return Err(Failure::new(message).at(self.to.display()));
        }
        let outcome = if self.dry_run {
            let there = match FolderStore::open(&self.to) {
                Ok(to) => to.folder_names()?,
                Err(error) if error.kind() == SourceErrorKind::NotFound => Vec::new(),
                Err(error) => return Err(error.into()),
            };
            gpo_engine::Repack::dry_run(&*from, &there, Stamps::system())
                .run(&mut console.progress(), cancel)
        } else {
            match fs::create_dir(&self.to) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(Failure::from(error).at(self.to.display()));
                }
                _ => {}
            }
            let to = FolderStore::open(&self.to)?;
            gpo_engine::Repack::new(&*from, &to, Stamps::system())
                .run(&mut console.progress(), cancel)
        };
        let view = || View {
            dry_run: self.dry_run,
            status: json::status(outcome.status),
            backups: outcome.value.iter().map(Into::into).collect(),
            messages: json::messages(&outcome.messages),
        };
        console.result("gpo/repack/1", view, |out| write(out, &outcome.value))?;
        Ok(outcome.status.into())
    }
}

impl Repack {
    /// The folder to write to without links and dots, also where it is not there yet.
    fn to_canonical(&self) -> io::Result<PathBuf> {
        self.to.canonicalize().or_else(|_| {
            let parent = self
                .to
                .parent()
                .filter(|parent| !parent.as_os_str().is_empty());
            let parent = parent.unwrap_or(Path::new(".")).canonicalize()?;
            Ok(parent.join(self.to.file_name().unwrap_or_default()))
        })
    }
}

fn write(out: &mut dyn Write, backups: &[RepackedBackup]) -> io::Result<()> {
    let row = |backup: &RepackedBackup| {
        let name = backup.inst.as_ref().map(|inst| inst.display_name.as_str());
        vec![
            backup.id.to_string(),
            Quoted::bare(name.unwrap_or_default()).to_string(),
            Quoted::bare(&backup.folder).to_string(),
        ]
    };
    let rows: Vec<_> = backups.iter().map(row).collect();
    write_table(out, &["BACKUP", "NAME", "FROM"], &rows)
}
