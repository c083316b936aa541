//! A store of backups in memory.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gpo_core::{
    BackupFolder, BackupId, BackupStore, BackupStoreWrite, Contents, GpoPath, Sink, SourceError,
    SourceErrorKind, StagedBackup, TreeWriter, Visitor, same_name,
};

use crate::memory_tree::MemoryTree;

/// Backups in memory.
///
/// It has no lock on the manifest, so that tests meet the races that a lock hides.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    backups: BTreeMap<String, Arc<MemoryTree>>,
    manifests: BTreeMap<String, Vec<u8>>,
}

impl MemoryStore {
    /// Puts a backup at a path, `/` between the names, whatever was there.
    pub fn put_backup(&self, path: &str, tree: MemoryTree) {
        let mut state = self.state();
        state.take_backup(path);
        state.backups.insert(path.to_owned(), Arc::new(tree));
    }

    /// Puts a manifest.xml into a folder; the empty path is the root.
    pub fn put_manifest(&self, folder: &str, bytes: impl Into<Vec<u8>>) {
        self.state()
            .manifests
            .insert(folder.to_owned(), bytes.into());
    }

    /// The files of a backup.
    pub fn backup(&self, path: &str) -> Option<Arc<MemoryTree>> {
        self.state().backup(path).cloned()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is a single call: a panic elsewhere leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn backup(&self, path: &str) -> Option<&Arc<MemoryTree>> {
        let same = |other: &&String| same_name(other, path);
        let spelled = self.backups.keys().find(same)?;
        self.backups.get(spelled)
    }

    fn take_backup(&mut self, path: &str) -> Option<Arc<MemoryTree>> {
        let same = |other: &&String| same_name(other, path);
        let spelled = self.backups.keys().find(same)?.clone();
        self.backups.remove(&spelled)
    }
}

fn not_found(path: &str) -> SourceError {
    SourceError::new(SourceErrorKind::NotFound, path, "there is no such backup")
}

impl BackupStore for MemoryStore {
    fn backups(&self) -> Result<Vec<BackupFolder>, SourceError> {
        let paths = self.state().backups.keys().cloned().collect::<Vec<_>>();
        Ok(paths
            .into_iter()
            .map(|path| BackupFolder { path })
            .collect())
    }

    /// The backup as it is now; what is written later does not show.
    fn open(&self, folder: &BackupFolder) -> Result<Box<dyn Contents + '_>, SourceError> {
        let tree = self.state().backup(&folder.path).cloned();
        match tree {
            Some(tree) => Ok(Box::new(Snapshot(tree))),
            None => Err(not_found(&folder.path)),
        }
    }

    fn manifest(&self, folder: &str) -> Result<Option<Vec<u8>>, SourceError> {
        Ok(self.state().manifests.get(folder).cloned())
    }
}

impl BackupStoreWrite for MemoryStore {
    fn stage(&self, id: BackupId) -> Result<Box<dyn StagedBackup + '_>, SourceError> {
        Ok(Box::new(Staged {
            store: self,
            place: id.guid().to_upper().to_string(),
            tree: MemoryTree::default(),
        }))
    }

    fn folder_names(&self) -> Result<Vec<String>, SourceError> {
        let state = self.state();
        let root = state.backups.keys().filter(|path| !path.contains('/'));
        Ok(root.cloned().collect())
    }

    fn lock_manifest(&self) -> Result<Option<Box<dyn Any + Send>>, SourceError> {
        Ok(None)
    }

    fn replace_manifest(&self, bytes: &[u8]) -> Result<(), SourceError> {
        self.put_manifest("", bytes);
        Ok(())
    }

    fn remove(&self, folder: &BackupFolder) -> Result<(), SourceError> {
        match self.state().take_backup(&folder.path) {
            Some(_) => Ok(()),
            None => Err(not_found(&folder.path)),
        }
    }
}

/// A backup that was opened.
struct Snapshot(Arc<MemoryTree>);

impl Contents for Snapshot {
    fn walk(&self, folder: &GpoPath, visit: Visitor<'_>) -> Result<(), SourceError> {
        self.0.walk(folder, visit)
    }

    fn read(&self, path: &GpoPath, sink: Sink<'_>) -> Result<(), SourceError> {
        self.0.read(path, sink)
    }
}

/// A backup that is being written.
struct Staged<'a> {
    store: &'a MemoryStore,
    place: String,
    tree: MemoryTree,
}

impl TreeWriter for Staged<'_> {
    fn create_folder(&mut self, path: &GpoPath) -> Result<(), SourceError> {
        self.tree.create_folder(path)
    }

    fn create_file(&mut self, path: &GpoPath) -> Result<(), SourceError> {
        self.tree.create_file(path)
    }

    fn append(&mut self, data: &[u8]) -> Result<(), SourceError> {
        self.tree.append(data)
    }
}

impl StagedBackup for Staged<'_> {
    fn commit(self: Box<Self>) -> Result<(), SourceError> {
        let mut state = self.store.state();
        if state.backup(&self.place).is_some() {
            let message = "a backup with this ID is there already";
            return Err(SourceError::new(
                SourceErrorKind::Exists,
                self.place,
                message,
            ));
        }
        state.backups.insert(self.place, Arc::new(self.tree));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_conforms() {
        crate::conformance::store(&MemoryStore::default());
    }
}
