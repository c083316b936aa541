//! BACKUP: one backup, as a person names it.

use std::path::{Path, PathBuf};

use clap::Args;
use gpo_core::{BackupFolder, BackupId, BackupStore, Guid, SourceErrorKind};
use gpo_engine::{Plan, Severity, StatusMessage, find_backup};
use gpo_local::open_store;

use crate::failure::Failure;

/// The code of an error about something that is missing.
const NOT_FOUND: u32 = 0x8007_0002;

/// One backup.
#[derive(Args, Clone, Debug)]
pub(crate) struct BackupArg {
    /// The folder of a backup; or a folder or zip archive with one, or with several and --id
    #[arg(value_name = "BACKUP")]
    pub(crate) path: PathBuf,

    /// The ID of the backup (not of its GPO)
    #[arg(long, value_name = "BACKUPID", value_parser = parse_backup_id)]
    pub(crate) id: Option<BackupId>,
}

impl BackupArg {
    /// An error of a backup, in the place that the user named.
    pub(crate) fn failure(&self, folder: &BackupFolder, error: impl Into<Failure>) -> Failure {
        error.into().at(place(&self.path, &folder.path).display())
    }

    /// Lets a message say which backup it is about, and which option would allow it.
    pub(crate) fn explain(&self, folder: &BackupFolder, message: &mut StatusMessage) {
        message.text.push_str(match message.object_path.as_str() {
            "INCOMPLETE.txt" => " (--allow-half)",
            "Backup.xml" | "bkupInfo.xml" if message.error_code == NOT_FOUND => {
                " (--allow-missing)"
            }
            _ => "",
        });
        let backup = place(&self.path, &folder.path);
        message.object_path = format!("{}: {}", backup.display(), message.object_path);
    }

    /// The same for every reason why a plan would fail.
    pub(crate) fn explain_errors(&self, folder: &BackupFolder, plan: &mut Plan) {
        let messages = plan.messages.iter_mut();
        messages
            .filter(|message| message.severity == Severity::Error)
            .for_each(|message| self.explain(folder, message));
    }

    /// Finds the backup.
    pub(crate) fn open(&self) -> Result<(Box<dyn BackupStore>, BackupFolder), Failure> {
        let store = open_store(&self.path)?;
        let folder = find_backup(&*store, self.id).map_err(|error| {
            let failure = match (self.id, error.kind()) {
                (None, SourceErrorKind::Invalid) => Failure::new(format!("{error}, with --id")),
                _ => error.into(),
            };
            failure.at(self.path.display())
        })?;
        Ok((store, folder))
    }
}

/// A folder of a store in the place that the user named, with a single separator between the names.
pub(crate) fn place(store: &Path, folder: &str) -> PathBuf {
    let named = Path::new(folder);
    store.components().chain(named.components()).collect()
}

/// Reads a GUID with or without its braces, which shells take for something else.
pub(crate) fn parse_guid(text: &str) -> Result<Guid, gpo_core::Error> {
    if text.starts_with('{') {
        text.parse()
    } else {
        format!("{{{text}}}")
            .parse()
            .map_err(|error: gpo_core::Error| {
                // Say what the user wrote.
                text.parse::<Guid>().err().unwrap_or(error)
            })
    }
}

pub(crate) fn parse_backup_id(text: &str) -> Result<BackupId, gpo_core::Error> {
    parse_guid(text).map(BackupId::new)
}
