//! A folder of backups.

use std::any::Any;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Once;
use std::time::Duration;

use cap_std::fs::Dir;
use gpo_core::{
    BackupFolder, BackupId, BackupStore, BackupStoreWrite, Contents, GpoPath, LARGEST_MANIFEST,
    SourceError, SourceErrorKind, StagedBackup, TreeWriter, same_name,
};

use crate::folder_contents::FolderContents;
use crate::folder_writer::{FolderWriter, sync_folder};
use crate::lookup::{open_file, open_folder, open_folder_as, open_root, spelling};
use crate::partial;

/// How many folders deep backups are searched for.
const DEEPEST: usize = 32;

const MANIFEST: &str = "manifest.xml";

/// A folder of backups, as GPMC keeps them: `{BACKUPID}` folders with a `manifest.xml` beside them.
///
/// Names are found without case on every file system, and no link below the folder is followed.
/// A backup is staged in a hidden folder beside its place (`.{BACKUPID}.partial-…`) and renamed. What
/// a dead process left is removed by the first [`stage`](BackupStoreWrite::stage) of the next,
/// where the system has locks on folders that prove it dead (Linux, macOS).
#[derive(Debug)]
pub struct FolderStore {
    root: Dir,
    /// The path as the caller gave it, for messages.
    label: String,
    sync: bool,
    lock: bool,
    lock_timeout: Duration,
    cleaned: Once,
}

impl FolderStore {
    /// Opens a folder, which must be there.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::NotFound`] where there is no such folder; any failure to open it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SourceError> {
        let (root, label) = open_root(path.as_ref())?;
        Ok(Self {
            root,
            label,
            sync: false,
            lock: true,
            lock_timeout: Duration::from_secs(30),
            cleaned: Once::new(),
        })
    }

    /// Waits until files and folders are on disk, against a loss of power. Without it, only the
    /// death of the process is covered, and writing is much faster.
    #[must_use]
    pub fn with_sync(mut self, sync: bool) -> Self {
        self.sync = sync;
        self
    }

    /// Whether the manifest is locked while it is updated; it is unless this says otherwise.
    ///
    /// Without the lock nothing is lost either, as [`BackupStoreWrite`] says: it saves work where
    /// several processes write at once.
    #[must_use]
    pub fn with_lock(mut self, lock: bool) -> Self {
        self.lock = lock;
        self
    }

    /// How long another process may hold the manifest's lock before that is an error; 30 s unless
    /// this says otherwise.
    #[must_use]
    pub fn with_lock_timeout(mut self, timeout: Duration) -> Self {
        self.lock_timeout = timeout;
        self
    }

    fn label(&self, folder: &str) -> String {
        match folder {
            "" => self.label.clone(),
            folder => format!("{}/{folder}", self.label),
        }
    }

    fn io(&self, folder: &str, error: io::Error) -> SourceError {
        SourceError::io(self.label(folder), error)
    }

    /// Opens a folder by its path from the root, `/` between the names.
    fn folder(&self, path: &str) -> Result<Dir, SourceError> {
        let mut folder = self.root.try_clone().map_err(|e| self.io(path, e))?;
        let names = path.split('/').filter(|_| !path.is_empty());
        if names.clone().any(|name| matches!(name, "" | "." | "..")) {
            let message = "the path has an empty name, \".\" or \"..\"";
            return Err(self.invalid(path, message));
        }
        for name in names {
            folder = open_folder(&folder, name).map_err(|e| self.io(path, e))?;
        }
        Ok(folder)
    }

    fn invalid(&self, path: &str, message: impl Into<String>) -> SourceError {
        SourceError::new(SourceErrorKind::Invalid, self.label(path), message)
    }

    fn find_backups(
        &self,
        folder: &Dir,
        path: &FoundPath,
        depth: usize,
        found: &mut Vec<BackupFolder>,
    ) -> Result<(), SourceError> {
        let entries = match folder.entries() {
            // It may be one: who reads it hears why that is not possible, and the others count.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied && path.is_below() => {
                found.push(BackupFolder {
                    path: path.text.clone(),
                });
                return Ok(());
            }
            entries => entries.map_err(|e| self.io(&path.text, e))?,
        };
        let mut folders = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|e| self.io(&path.text, e))?;
            let kind = entry.file_type().map_err(|e| self.io(&path.text, e))?;
            let name = entry.file_name();
            if kind.is_file() && name.to_str().is_some_and(marks_backup) {
                if !path.unicode {
                    return Err(self.invalid(&path.text, "the name of a backup is not Unicode"));
                }
                found.push(BackupFolder {
                    path: path.text.clone(),
                });
                return Ok(());
            }
            if kind.is_dir() && !name.to_str().is_some_and(partial::is_partial) {
                folders.push(name);
            }
        }
        for name in folders {
            let below = path.join(&name);
            if depth == DEEPEST {
                let message = format!("folders are nested more than {DEEPEST} deep");
                return Err(self.invalid(&below.text, message));
            }
            let folder = match open_folder_as(folder, &name) {
                Ok(folder) => folder,
                // Another process has just deleted it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(self.io(&below.text, error)),
            };
            self.find_backups(&folder, &below, depth + 1, found)?;
        }
        Ok(())
    }
}

/// A path on the way to backups. A name that is not Unicode is shown as well as can be; the error
/// comes only if there is a backup in it.
struct FoundPath {
    text: String,
    unicode: bool,
}

impl FoundPath {
    /// Whether it is a folder below the root that can be named.
    fn is_below(&self) -> bool {
        self.unicode && !self.text.is_empty()
    }

    fn join(&self, name: &std::ffi::OsStr) -> Self {
        let shown = name.to_string_lossy();
        Self {
            text: match self.text.as_str() {
                "" => shown.into_owned(),
                path => format!("{path}/{shown}"),
            },
            unicode: self.unicode && name.to_str().is_some(),
        }
    }
}

/// Whether a file with this name makes its folder a backup.
pub(crate) fn marks_backup(name: &str) -> bool {
    same_name(name, "bkupInfo.xml") || same_name(name, "Backup.xml")
}

impl BackupStore for FolderStore {
    fn backups(&self) -> Result<Vec<BackupFolder>, SourceError> {
        let mut found = Vec::new();
        let root = FoundPath {
            text: String::new(),
            unicode: true,
        };
        self.find_backups(&self.root, &root, 0, &mut found)?;
        found.sort_unstable();
        Ok(found)
    }

    fn open(&self, folder: &BackupFolder) -> Result<Box<dyn Contents + '_>, SourceError> {
        let root = self.folder(&folder.path)?;
        let label = self.label(&folder.path);
        Ok(Box::new(FolderContents::new(root, label)))
    }

    fn manifest(&self, folder: &str) -> Result<Option<Vec<u8>>, SourceError> {
        let dir = self.folder(folder)?;
        let file = match open_file(&dir, MANIFEST) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.io(&join(folder, MANIFEST), error)),
        };
        let failed = |e| self.io(&join(folder, MANIFEST), e);
        let size = file.metadata().map_err(failed)?.len().min(LARGEST_MANIFEST);
        // One byte more than the file has, so that its end is seen in one go.
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1);
        file.take(LARGEST_MANIFEST + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
        if bytes.len() as u64 > LARGEST_MANIFEST {
            let message = format!("the file is larger than {LARGEST_MANIFEST} bytes");
            return Err(self.invalid(&join(folder, MANIFEST), message));
        }
        Ok(Some(bytes))
    }
}

fn join(folder: &str, name: &str) -> String {
    match folder {
        "" => name.to_owned(),
        folder => format!("{folder}/{name}"),
    }
}

impl BackupStoreWrite for FolderStore {
    fn stage(&self, id: BackupId) -> Result<Box<dyn StagedBackup + '_>, SourceError> {
        // Only to tidy up: that it fails is no reason not to make a backup.
        self.cleaned.call_once(|| {
            let _ = partial::remove_stale(&self.root);
        });
        let place = id.guid().to_upper().to_string();
        let staged = partial::create_folder(&self.root, &place).map_err(|e| self.io(&place, e))?;
        let label = self.label(&staged.name);
        Ok(Box::new(StagedFolder {
            store: self,
            writer: Some(FolderWriter::new(staged.folder, label, self.sync)),
            partial: Some(staged.name),
            lock: staged.lock,
            place,
        }))
    }

    /// All folders in the root, whether they hold a backup or not: to know that, each would have to
    /// be opened.
    fn folder_names(&self) -> Result<Vec<String>, SourceError> {
        let mut names = Vec::new();
        for entry in self.root.entries().map_err(|e| self.io("", e))? {
            let entry = entry.map_err(|e| self.io("", e))?;
            if !entry.file_type().map_err(|e| self.io("", e))?.is_dir() {
                continue;
            }
            // A name that is not Unicode is none that a manifest could have.
            if let Ok(name) = entry.file_name().into_string()
                && !partial::is_partial(&name)
            {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Locks the folder itself, so that no file is left behind; where folders cannot be locked
    /// (Windows, some network file systems) there is no lock.
    fn lock_manifest(&self) -> Result<Option<Box<dyn Any + Send>>, SourceError> {
        if !self.lock {
            return Ok(None);
        }
        match partial::lock_folder(&self.root, self.lock_timeout) {
            Ok(lock) => Ok(lock.map(|lock| Box::new(lock) as Box<dyn Any + Send>)),
            Err(error) => Err(self.io("", error)),
        }
    }

    fn replace_manifest(&self, bytes: &[u8]) -> Result<(), SourceError> {
        let replace = || {
            let name = spelling(&self.root, MANIFEST)?;
            let name = name.as_ref().and_then(|name| name.to_str());
            partial::replace_file(&self.root, name.unwrap_or(MANIFEST), bytes, self.sync)
        };
        replace().map_err(|e| self.io(MANIFEST, e))
    }

    fn remove(&self, folder: &BackupFolder) -> Result<(), SourceError> {
        if folder.path.is_empty() {
            let kind = SourceErrorKind::Unsupported;
            let message = "the store's own folder is the backup; open the folder that it is in";
            return Err(SourceError::new(kind, self.label(""), message));
        }
        let parent = self.folder(folder.parent())?;
        let remove = || {
            let name = spelling(&parent, folder.name())?.ok_or(io::ErrorKind::NotFound)?;
            let name = name.to_str().ok_or(io::ErrorKind::NotFound)?;
            if !holds_backup(&open_folder(&parent, name)?)? {
                let message = "no backup: neither bkupInfo.xml nor Backup.xml is in it";
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
            let aside = partial::set_aside(&parent, name)?;
            match parent.remove_dir_all(&aside) {
                // Another process tidied up.
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                result => result,
            }
        };
        remove().map_err(|e| self.io(&folder.path, e))
    }
}

fn holds_backup(folder: &Dir) -> io::Result<bool> {
    for entry in folder.entries()? {
        let entry = entry?;
        if entry.file_type()?.is_file() && entry.file_name().to_str().is_some_and(marks_backup) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A backup in its hidden folder.
struct StagedFolder<'a> {
    store: &'a FolderStore,
    /// The name that it will have.
    place: String,
    /// The name that it has; none once it is in its place.
    partial: Option<String>,
    writer: Option<FolderWriter>,
    /// Proves to others that this process lives.
    lock: Option<File>,
}

impl StagedFolder<'_> {
    fn writer(&mut self) -> Result<&mut FolderWriter, SourceError> {
        self.writer.as_mut().ok_or_else(|| {
            SourceError::new(
                SourceErrorKind::Other,
                &*self.place,
                "the backup is complete",
            )
        })
    }
}

impl TreeWriter for StagedFolder<'_> {
    fn create_folder(&mut self, path: &GpoPath) -> Result<(), SourceError> {
        self.writer()?.create_folder(path)
    }

    fn create_file(&mut self, path: &GpoPath) -> Result<(), SourceError> {
        self.writer()?.create_file(path)
    }

    fn append(&mut self, data: &[u8]) -> Result<(), SourceError> {
        self.writer()?.append(data)
    }
}

impl StagedBackup for StagedFolder<'_> {
    fn commit(mut self: Box<Self>) -> Result<(), SourceError> {
        if let Some(writer) = self.writer.take() {
            writer.finish()?;
        }
        let root = &self.store.root;
        let io = |error| self.store.io(&self.place, error);
        let exists = || {
            let kind = SourceErrorKind::Exists;
            let message = "a backup with this ID is there already";
            SourceError::new(kind, self.store.label(&self.place), message)
        };
        // A rename refuses a folder that is not empty, but only one with the same spelling; some
        // backups were renamed to lower case. Listing the folder each time would take too long.
        if root.symlink_metadata(self.place.to_lowercase()).is_ok() {
            return Err(exists());
        }
        let Some(partial) = &self.partial else {
            return Ok(());
        };
        match root.rename(partial, root, &self.place) {
            Ok(()) => {}
            Err(error) => {
                return Err(match error.kind() {
                    io::ErrorKind::AlreadyExists
                    | io::ErrorKind::DirectoryNotEmpty
                    | io::ErrorKind::NotADirectory => exists(),
                    _ => io(error),
                });
            }
        }
        self.partial = None;
        if self.store.sync {
            sync_folder(root).map_err(|e| self.store.io("", e))?;
        }
        Ok(())
    }
}

impl Drop for StagedFolder<'_> {
    fn drop(&mut self) {
        self.writer = None;
        if let Some(partial) = self.partial.take() {
            // What cannot be removed now is removed by the next run.
            let _ = self.store.root.remove_dir_all(partial);
        }
        // Only now may others take what is left for stale.
        self.lock = None;
    }
}

#[cfg(test)]
mod tests;
