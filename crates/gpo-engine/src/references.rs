//! What a backup names: principals, and paths on servers.

use gpo_core::{
    BackupFolder, BackupStore, GpoReferences, SourceError, SourceErrorKind, references,
};

use crate::backup_files::{BackupFiles, LARGEST_FILE, read_backup_xml, sysvol_folder};

/// Every principal and path that the settings in a backup name: see [`gpo_core::references`].
///
/// # Errors
///
/// [`SourceErrorKind::Invalid`] where Backup.xml is missing or cannot be read; any failure to read
/// the store.
pub fn backup_references(
    store: &dyn BackupStore,
    folder: &BackupFolder,
) -> Result<GpoReferences, SourceError> {
    let contents = store.open(folder)?;
    let xml = read_backup_xml(&*contents, &folder.path).map_err(|finding| {
        SourceError::new(SourceErrorKind::Invalid, "Backup.xml", finding.text)
    })?;
    let files = BackupFiles::read(&*contents)?;
    let gpo = xml
        .to_gpo(files.sysvol)
        .map_err(|error| SourceError::invalid("Backup.xml", error))?;
    let sysvol = sysvol_folder();
    references(&gpo, |path| {
        let place = sysvol
            .join_path(path)
            .map_err(|error| SourceError::invalid(path.as_str(), error))?;
        contents.read_all(&place, LARGEST_FILE)
    })
}
