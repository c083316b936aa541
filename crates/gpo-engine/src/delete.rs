//! Removing a backup from its store.

use gpo_core::{BackupFolder, BackupStoreWrite, SourceError, SourceErrorKind, same_name};

use crate::backup_set::{BackupSet, SetMember};
use crate::manifest_update::ManifestUpdate;
use crate::observer::Cancel;

/// Removes a backup in the root of a store, as `IGPMBackup::Delete` does: first its entry in the
/// manifest, then its folder, which no reader sees from then on.
///
/// Where other backups of the set have the same ID, the entry is theirs, too, and stays.
///
/// # Errors
///
/// [`SourceErrorKind::NotFound`] where the folder is not there or is no backup: it must have a
/// bkupInfo.xml or a Backup.xml. [`SourceErrorKind::Unsupported`] where it is not in the root of
/// the store, whose manifest this updates. Any failure to write; then the backup is there, perhaps
/// without its entry.
pub fn delete_backup(
    store: &dyn BackupStoreWrite,
    folder: &BackupFolder,
) -> Result<(), SourceError> {
    if folder.path.is_empty() || !folder.parent().is_empty() {
        let kind = SourceErrorKind::Unsupported;
        let message = "only a backup in the root of its store can be removed";
        return Err(SourceError::new(kind, &*folder.path, message));
    }
    let mut update = ManifestUpdate::begin(store)?;
    let set = BackupSet::read(store, &Cancel::default())?;
    // On a file system that ignores case, a person may have spelled the name in another way.
    let exact = |member: &&SetMember| member.folder == *folder;
    let similar = |member: &&SetMember| same_name(&member.folder.path, &folder.path);
    let members = &set.backups;
    let found = members
        .iter()
        .find(exact)
        .or_else(|| members.iter().find(similar));
    let Some(member) = found else {
        let message = "there is no backup: neither a bkupInfo.xml nor a Backup.xml is in it";
        return Err(SourceError::new(
            SourceErrorKind::NotFound,
            &*folder.path,
            message,
        ));
    };
    let shared = |id| {
        set.backups
            .iter()
            .filter(|other| other.id() == Some(id))
            .count()
            > 1
    };
    let entry = member.id().filter(|id| !shared(*id));
    if let Some(id) = entry {
        update.remove(id)?;
    }
    store.remove(&member.folder)?;
    if let Some(id) = entry {
        update.remove(id)?;
    }
    Ok(())
}
