//! Finding the one backup that a person named.

use gpo_core::{BackupFolder, BackupId, BackupStore, SourceError, SourceErrorKind};

use crate::backup_set::BackupSet;
use crate::observer::Cancel;

/// How many backups an error names before it stops.
const MOST_NAMED: usize = 20;

/// The backup with this ID; without an ID, the only one of the store, which may be that backup
/// itself or the folder that it lies in.
///
/// # Errors
///
/// [`SourceErrorKind::NotFound`] where there is no such backup; [`SourceErrorKind::Invalid`] where
/// several have the ID (the error names them: open the folder of the one that is meant), or where
/// the store is a set of several and no ID is given; any failure to read the store.
pub fn find_backup(
    store: &dyn BackupStore,
    id: Option<BackupId>,
) -> Result<BackupFolder, SourceError> {
    let Some(id) = id else {
        let folders = store.backups()?;
        return match folders.as_slice() {
            [folder] => Ok(folder.clone()),
            [] => Err(SourceError::new(
                SourceErrorKind::NotFound,
                "",
                "there is no backup: nothing below has a bkupInfo.xml or a Backup.xml",
            )),
            _ => {
                let names = names(&folders);
                let message = format!("this is a set of backups, {names}: say which by its ID");
                Err(SourceError::new(SourceErrorKind::Invalid, "", message))
            }
        };
    };
    let set = BackupSet::read(store, &Cancel::default())?;
    let found: Vec<BackupFolder> = set
        .backups
        .into_iter()
        .filter(|member| member.id() == Some(id))
        .map(|member| member.folder)
        .collect();
    match found.as_slice() {
        [folder] => Ok(folder.clone()),
        [] => {
            let message = "no backup has this ID";
            Err(SourceError::new(
                SourceErrorKind::NotFound,
                id.to_string(),
                message,
            ))
        }
        _ => {
            let message = format!(
                "several backups have this ID; name the folder of one: {}",
                names(&found)
            );
            Err(SourceError::new(
                SourceErrorKind::Invalid,
                id.to_string(),
                message,
            ))
        }
    }
}

fn names(folders: &[BackupFolder]) -> String {
    let named: Vec<&str> = folders
        .iter()
        .take(MOST_NAMED)
        .map(|folder| folder.path.as_str())
        .collect();
    let more = match folders.len().checked_sub(MOST_NAMED) {
        Some(more @ 1..) => format!(" and {more} more"),
        _ => String::new(),
    };
    named.join(", ") + &more
}
