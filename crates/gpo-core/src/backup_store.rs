//! Where backups are kept.

use std::any::Any;
use std::boxed::Box;
use std::string::String;
use std::vec::Vec;

use crate::contents::{Contents, TreeWriter};
use crate::guid::BackupId;
use crate::source_error::SourceError;

/// A folder in a store that holds a backup: one with a bkupInfo.xml or a Backup.xml in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BackupFolder {
    /// Its path from the root of the store, `/` between the names; empty where the root itself is
    /// the backup. As the store spells it, which may be a name that Windows cannot have.
    pub path: String,
}

impl BackupFolder {
    /// The name of the folder; empty for the root of the store.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The path of the folder that it is in, where its manifest.xml is.
    pub fn parent(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(parent, _)| parent)
    }
}

/// A place with backups, for reading: a folder, a zip archive.
pub trait BackupStore: Send + Sync {
    /// The folders that hold a backup, at any depth, sorted by path. What is inside a backup is not
    /// searched. A folder that may not be read counts as one: opening or reading it is the error.
    ///
    /// # Errors
    ///
    /// Any other failure to read the store.
    fn backups(&self) -> Result<Vec<BackupFolder>, SourceError>;

    /// The files of a backup: `Backup.xml`, `DomainSysvol\GPO\…`.
    ///
    /// # Errors
    ///
    /// Any failure to open it.
    fn open(&self, folder: &BackupFolder) -> Result<Box<dyn Contents + '_>, SourceError>;

    /// The manifest.xml in a folder (the empty path: the root), if there is one.
    ///
    /// # Errors
    ///
    /// Any failure to read it.
    fn manifest(&self, folder: &str) -> Result<Option<Vec<u8>>, SourceError>;
}

/// A store that can be written.
///
/// New backups are made in its root. Between a manifest that is read and one that replaces it,
/// another process may have replaced it, too: locks do not hold between all hosts, and GPMC takes
/// none. Whoever replaces a manifest reads it again, and merges again until it holds what it must.
pub trait BackupStoreWrite: BackupStore {
    /// Begins a backup, out of sight of readers. Dropping the value discards it.
    ///
    /// # Errors
    ///
    /// Any failure to make it.
    fn stage(&self, id: BackupId) -> Result<Box<dyn StagedBackup + '_>, SourceError>;

    /// The names of the backup folders in the root, read as cheaply as the store can.
    ///
    /// # Errors
    ///
    /// Any failure to read the store.
    fn folder_names(&self) -> Result<Vec<String>, SourceError>;

    /// Locks the manifest against other processes, until the value is dropped, where the store
    /// can; `None` where it cannot. The value has no use but to be held.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::TimedOut`](crate::SourceErrorKind::TimedOut) where another process does
    /// not give it free.
    fn lock_manifest(&self) -> Result<Option<Box<dyn Any + Send>>, SourceError>;

    /// Puts new bytes in the place of the root's manifest.xml; a reader sees the old or the new.
    ///
    /// # Errors
    ///
    /// Any failure to write; then the old manifest is there.
    fn replace_manifest(&self, bytes: &[u8]) -> Result<(), SourceError>;

    /// Removes a backup folder: out of sight of readers at once, then file by file. Never follows
    /// links.
    ///
    /// # Errors
    ///
    /// Any failure to remove it.
    fn remove(&self, folder: &BackupFolder) -> Result<(), SourceError>;
}

/// A backup that is being written.
pub trait StagedBackup: TreeWriter + Send {
    /// Gives the backup its place, the folder of its ID, in one step.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::Exists`](crate::SourceErrorKind::Exists) where there is a backup with
    /// this ID; any failure to write. Then nothing of it is visible.
    fn commit(self: Box<Self>) -> Result<(), SourceError>;
}
