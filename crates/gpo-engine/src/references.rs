//! What a backup names: principals, and paths on servers.

use std::collections::HashSet;

use gpo_core::{
    BackupFolder, BackupStore, BackupXml, Contents, GpoReference, GpoReferences,
    LARGEST_SETTINGS_FILE, PrincipalQuery, ReferenceKind, SourceError, references,
};

use crate::backup_files::{BackupFiles, backup_xml, sysvol_folder};

/// Every principal and path that the settings in a backup name: see [`gpo_core::references`]. Files
/// that Backup.xml lists and that are missing are among those that were not read.
///
/// # Errors
///
/// [`SourceErrorKind::Invalid`](gpo_core::SourceErrorKind::Invalid) where Backup.xml is missing or
/// cannot be read; any failure to read the store.
pub fn backup_references(
    store: &dyn BackupStore,
    folder: &BackupFolder,
) -> Result<GpoReferences, SourceError> {
    let contents = store.open(folder)?;
    let xml = backup_xml(&*contents, &folder.path)?;
    references_of(&*contents, &xml)
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

/// The principals among references, as a directory is asked for them, each once.
pub(crate) fn principals_in(found: &[GpoReference]) -> Vec<PrincipalQuery> {
    let mut seen = HashSet::new();
    let principals = found
        .iter()
        .map(|found| &found.reference)
        .filter(|reference| reference.kind != ReferenceKind::UncPath);
    principals
        .map(|reference| {
            // A security template has a `*` before a SID.
            match reference.text.trim_start_matches('*').parse() {
                Ok(sid) => PrincipalQuery::Sid(sid),
                Err(_) => PrincipalQuery::Name(reference.text.clone()),
            }
        })
        .filter(|query| seen.insert(query.clone()))
        .collect()
}
