//! What a backup names: principals, and paths on servers.

use gpo_core::{
    BackupFolder, BackupStore, BackupXml, Contents, GpoReferences, LARGEST_SETTINGS_FILE,
    SourceError, SourceErrorKind, references,
};

use crate::backup_files::{BackupFiles, read_backup_xml, sysvol_folder};

/// Every principal and path that the settings in a backup name: see [`gpo_core::references`]. Files
/// that Backup.xml lists and that are missing are among those that were not read.
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
    let xml = backup_xml(&*contents, folder)?;
    references_of(&*contents, &xml)
}

/// The Backup.xml of a backup.
pub(crate) fn backup_xml(
    contents: &dyn Contents,
    folder: &BackupFolder,
) -> Result<BackupXml, SourceError> {
    read_backup_xml(contents, &folder.path)
        .map_err(|finding| SourceError::new(SourceErrorKind::Invalid, "Backup.xml", finding.text))
}

/// The references of the backup with this Backup.xml.
pub(crate) fn references_of(
    contents: &dyn Contents,
    xml: &BackupXml,
) -> Result<GpoReferences, SourceError> {
    let files = BackupFiles::read(contents)?;
    let invalid = |error| SourceError::invalid("Backup.xml", error);
    let lost = files.lost(xml).map_err(invalid)?;
    let gpo = xml.to_gpo(files.sysvol).map_err(invalid)?;
    let sysvol = sysvol_folder();
    let mut references = references(&gpo, |path| {
        let place = sysvol
            .join_path(path)
            .map_err(|error| SourceError::invalid(path.as_str(), error))?;
        contents.read_all(&place, LARGEST_SETTINGS_FILE)
    })?;
    references.unread.extend(lost);
    Ok(references)
}
