//! Keeping other writers away from a GPO's folder.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use gpo_core::GpoPath;
use smb2::types::FileId;

use crate::connection::Connection;
use crate::failure::Failure;
use crate::open::WirePath;
use crate::runtime::Runtime;
use crate::write::{create_folder, delete, open_exclusively};

/// What a lock is made of: a file that the server deletes when it is closed, or with the
/// connection.
#[derive(Clone)]
pub(crate) struct Handle {
    pub(crate) connection: Arc<Connection>,
    /// None when somebody had to remove the folder that it was in.
    file: Option<FileId>,
    /// The folder, if it was made for the lock, and nothing has been put into it.
    made: Option<WirePath>,
}

impl Handle {
    /// Opens the lock's file, and makes the folder that it is in if there is none.
    ///
    /// The folder cannot be made to go with the connection as well: nothing is renamed in a folder
    /// that somebody holds open to delete it.
    pub(crate) async fn open(
        connection: Arc<Connection>,
        folder: WirePath,
        file: WirePath,
    ) -> Result<Self, Failure> {
        let made = Arc::clone(&connection)
            .patiently(|connection| create_folder(connection, folder.clone()))
            .await?;
        let mut handle = Self {
            connection: Arc::clone(&connection),
            file: None,
            made: made.then_some(folder),
        };
        let opened = connection
            .patiently(|connection| open_exclusively(connection, file.clone()))
            .await;
        match opened {
            Ok(opened) => {
                handle.file = Some(opened);
                Ok(handle)
            }
            Err(failure) => {
                handle.close().await;
                Err(failure)
            }
        }
    }

    /// Whether it still keeps others away: its file goes with the folder.
    pub(crate) fn is_locked(&self) -> bool {
        self.file.is_some()
    }

    /// Whether the folder is there for the lock alone.
    pub(crate) fn made_folder(&self) -> bool {
        self.made.is_some()
    }

    /// The folder stays, whatever is in it.
    pub(crate) fn keep_folder(&mut self) {
        self.made = None;
    }

    /// Gives the lock back. An error says that the connection is gone, and the file with it.
    pub(crate) async fn close(self) {
        if let Some(file) = self.file {
            let _ = self.connection.close(file).await;
        }
        if let Some(folder) = self.made {
            // Only if nothing is in it.
            let _ = delete(self.connection, folder).await;
        }
    }
}

/// The locks that are held through an adapter, and the folders that it writes to.
#[derive(Default)]
pub(crate) struct Locks {
    held: Mutex<BTreeMap<GpoPath, Handle>>,
    written: Mutex<BTreeSet<GpoPath>>,
    freed: Condvar,
}

impl Locks {
    fn held(&self) -> MutexGuard<'_, BTreeMap<GpoPath, Handle>> {
        // Every change is whole: a panic elsewhere leaves nothing half done.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn written(&self) -> MutexGuard<'_, BTreeSet<GpoPath>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lock that is held on a folder.
    pub(crate) fn of(&self, folder: &GpoPath) -> Option<Handle> {
        self.held().get(folder).cloned()
    }

    /// Puts a new lock in the place of the one that is held.
    pub(crate) fn renew(&self, folder: &GpoPath, handle: Handle) {
        self.held().insert(folder.clone(), handle);
    }

    /// Notes that a folder has been written to, so that it stays when its lock goes.
    pub(crate) fn keep_folder(&self, folder: &GpoPath) {
        if let Some(handle) = self.held().get_mut(folder) {
            handle.keep_folder();
        }
    }

    /// Takes the file of a lock out of it, for a folder that is to be removed.
    pub(crate) fn take_file(&self, folder: &GpoPath) -> Option<Handle> {
        let mut held = self.held();
        let handle = held.get_mut(folder)?;
        handle.keep_folder();
        let taken = handle.clone();
        handle.file = None;
        Some(taken)
    }

    /// Waits until no other thread writes to a folder.
    pub(crate) fn write_to(self: &Arc<Self>, folder: &GpoPath) -> Writing {
        let mut written = self.written();
        while !written.insert(folder.clone()) {
            written = self
                .freed
                .wait(written)
                .unwrap_or_else(PoisonError::into_inner);
        }
        Writing {
            locks: Arc::clone(self),
            folder: folder.clone(),
        }
    }
}

/// A folder that one thread writes to.
pub(crate) struct Writing {
    locks: Arc<Locks>,
    folder: GpoPath,
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.locks.written().remove(&self.folder);
        self.locks.freed.notify_all();
    }
}

/// A lock that somebody holds.
pub(crate) struct Lock {
    runtime: Arc<Runtime>,
    locks: Arc<Locks>,
    folder: GpoPath,
}

impl Lock {
    pub(crate) fn new(
        runtime: Arc<Runtime>,
        locks: Arc<Locks>,
        folder: GpoPath,
        handle: Handle,
    ) -> Self {
        locks.renew(&folder, handle);
        Self {
            runtime,
            locks,
            folder,
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let handle = self.locks.held().remove(&self.folder);
        if let Some(handle) = handle {
            // Waiting, so that whoever comes next finds nothing of it.
            let _ = self.runtime.run(handle.close());
        }
    }
}
