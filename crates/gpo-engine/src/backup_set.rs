//! The backups of a store.

use gpo_core::{BackupFolder, BackupStore, BkupInfo, GpoPath, SourceError};

/// The largest bkupInfo.xml that is read, in bytes. The comment, the longest field, has at most
/// 2,047 characters in GPMC.
const LARGEST_BKUP_INFO: u64 = 1024 * 1024;

/// Reads the bkupInfo.xml of a backup.
pub(crate) fn read_bkup_info(
    store: &dyn BackupStore,
    folder: &BackupFolder,
) -> Result<BkupInfo, SourceError> {
    let contents = store.open(folder)?;
    let path = GpoPath::from_name("bkupInfo.xml").map_err(|e| SourceError::invalid("", e))?;
    let bytes = contents.read_all(&path, LARGEST_BKUP_INFO)?;
    BkupInfo::parse(&bytes)
        .map_err(|e| SourceError::invalid(format!("{}/bkupInfo.xml", folder.path), e))
}
