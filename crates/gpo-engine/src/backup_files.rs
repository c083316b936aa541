//! The files of one backup in a store.

use gpo_core::{
    BackupXml, Contents, Entry, EntryKind, Error, ErrorKind, FileKind, GpoPath, Inventory,
    LARGEST_BACKUP_XML, SourceError, SourceErrorKind,
};

use crate::finding::{Finding, FindingKind};

pub(crate) const BACKUP_XML: &str = "Backup.xml";

/// Where the SYSVOL tree of the GPO lies in a backup.
const SYSVOL: &str = "DomainSysvol\\GPO";

/// The files and folders of one backup, as they are on disk.
#[derive(Debug, Default)]
pub struct BackupFiles {
    /// The tree below `DomainSysvol\GPO`.
    pub sysvol: Inventory,
    /// Everything else: Backup.xml, bkupInfo.xml, gpreport.xml, and what does not belong there.
    pub beside: Inventory,
    /// What is there and cannot be part of a backup, and why: links, devices, names that Windows
    /// does not allow, names that differ in case only.
    pub refused: Vec<SourceError>,
}

impl BackupFiles {
    /// Walks the folder of a backup.
    ///
    /// # Errors
    ///
    /// Any failure to read a folder.
    pub fn read(contents: &dyn Contents) -> Result<Self, SourceError> {
        let mut files = Self::default();
        let sysvol = sysvol_folder();
        contents.walk(&GpoPath::root(), &mut |entry| {
            let Entry { path, kind } = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    files.refused.push(error);
                    return Ok(());
                }
            };
            let inserted = match path.strip_prefix(&sysvol) {
                Some(below) if below.is_root() && kind == EntryKind::Folder => Ok(()),
                Some(below) if !below.is_root() => files.sysvol.insert(below, kind),
                _ => files.beside.insert(path.clone(), kind),
            };
            if let Err(error) = inserted {
                files
                    .refused
                    .push(SourceError::invalid(path.as_str(), error));
            }
            Ok(())
        })?;
        Ok(files)
    }

    /// The files with a format that a reader of the settings misses, each with its path: those that
    /// Backup.xml lists and that are not there, and what cannot be part of a backup.
    ///
    /// # Errors
    ///
    /// As [`BackupXml::inventory`].
    pub(crate) fn lost(&self, xml: &BackupXml) -> gpo_core::Result<Vec<Error>> {
        let missing = xml.inventory(&self.sysvol)?.missing_files.into_iter();
        let missing = missing.filter(|path| FileKind::of(path).has_format());
        let missing = missing.map(|path| {
            let message = "the file is missing; Backup.xml lists it";
            Error::new(ErrorKind::Missing, message).in_file(path.as_str())
        });
        let refused = self.refused.iter().map(|error| {
            let message = error.message().to_owned();
            Error::new(ErrorKind::Path, message).in_file(error.object())
        });
        Ok(missing.chain(refused).collect())
    }

    /// What cannot be part of a backup, as findings.
    pub(crate) fn findings(&self, folder: &str) -> impl Iterator<Item = Finding> {
        self.refused.iter().map(move |error| {
            let kind = match error.kind() {
                SourceErrorKind::Invalid | SourceErrorKind::Unsupported => FindingKind::BadName,
                _ => FindingKind::Unreadable,
            };
            Finding::new(kind, folder, error.message()).in_file(error.object())
        })
    }
}

/// The folder of the SYSVOL tree in a backup.
pub(crate) fn sysvol_folder() -> GpoPath {
    // The name is fit to be a path, so this never is the root.
    SYSVOL.parse().unwrap_or_default()
}

/// Reads the Backup.xml of a backup, whose path in its store is `folder`.
pub(crate) fn backup_xml(contents: &dyn Contents, folder: &str) -> Result<BackupXml, SourceError> {
    read_backup_xml(contents, folder).map_err(|finding| {
        let place = finding.position.map(|place| format!("{place}: "));
        let message = place.unwrap_or_default() + &finding.text;
        SourceError::new(SourceErrorKind::Invalid, BACKUP_XML, message)
    })
}

/// The same, with a finding in the place of an error.
pub(crate) fn read_backup_xml(contents: &dyn Contents, folder: &str) -> Result<BackupXml, Finding> {
    let path = GpoPath::from_name(BACKUP_XML).unwrap_or_default();
    let bytes = contents
        .read_all(&path, LARGEST_BACKUP_XML)
        .map_err(|error| {
            let (kind, text) = match error.kind() {
                SourceErrorKind::NotFound => (FindingKind::MissingFile, "the file is missing"),
                _ => (FindingKind::Unreadable, error.message()),
            };
            Finding::new(kind, folder, text).in_file(BACKUP_XML)
        })?;
    BackupXml::parse(&bytes)
        .map_err(|error| Finding::of_error(FindingKind::InvalidFile, folder, BACKUP_XML, &error))
}
