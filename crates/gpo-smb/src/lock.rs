//! Keeping other writers away from a GPO's folder.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use gpo_core::GpoPath;
use smb2::types::FileId;

use crate::connection::Connection;
use crate::failure::Failure;
use crate::open::WirePath;
use crate::runtime::Runtime;
use crate::write::{create_passing_folder, open_exclusively};

/// The handles that make a lock: the server closes them with the connection, and deletes what they
/// stand for.
#[derive(Clone)]
pub(crate) struct Handles {
    pub(crate) connection: Arc<Connection>,
    /// The lock's file, until somebody has to remove the folder it is in.
    file: Option<FileId>,
    /// The folder, where the lock made it.
    folder: Option<FileId>,
}

impl Handles {
    /// Opens the lock's file, and makes the folder that it is in if there is none.
    pub(crate) async fn open(
        connection: Arc<Connection>,
        folder: WirePath,
        file: WirePath,
    ) -> Result<Self, Failure> {
        let made = Arc::clone(&connection)
            .patiently(|connection| create_passing_folder(connection, folder.clone()))
            .await?;
        let mut handles = Self {
            connection: Arc::clone(&connection),
            file: None,
            folder: made,
        };
        let opened = Arc::clone(&connection)
            .patiently(|connection| open_exclusively(connection, file.clone()))
            .await;
        match opened {
            Ok(opened) => {
                handles.file = Some(opened);
                Ok(handles)
            }
            Err(failure) => {
                handles.close().await;
                Err(failure)
            }
        }
    }

    /// Closes what is open. An error says that the connection is gone, and the handles with it.
    pub(crate) async fn close(self) {
        for handle in [self.file, self.folder].into_iter().flatten() {
            let _ = self.connection.close(handle).await;
        }
    }
}

/// The locks that are held through an adapter, and the folders that it writes to.
#[derive(Default)]
pub(crate) struct Locks {
    held: Mutex<BTreeMap<GpoPath, Handles>>,
    written: Mutex<BTreeSet<GpoPath>>,
    freed: Condvar,
}

impl Locks {
    fn held(&self) -> MutexGuard<'_, BTreeMap<GpoPath, Handles>> {
        // Every change is whole: a panic elsewhere leaves nothing half done.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn written(&self) -> MutexGuard<'_, BTreeSet<GpoPath>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lock that is held on a folder.
    pub(crate) fn of(&self, folder: &GpoPath) -> Option<Handles> {
        self.held().get(folder).cloned()
    }

    /// Takes the file of a lock out of it, for a folder that is to be removed.
    pub(crate) fn take_file(&self, folder: &GpoPath) -> Option<Handles> {
        let mut held = self.held();
        let handles = held.get_mut(folder)?;
        let file = handles.file.take();
        Some(Handles {
            connection: Arc::clone(&handles.connection),
            file,
            folder: None,
        })
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
        handles: Handles,
    ) -> Self {
        locks.held().insert(folder.clone(), handles);
        Self {
            runtime,
            locks,
            folder,
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let handles = self.locks.held().remove(&self.folder);
        if let Some(handles) = handles {
            // Waiting, so that whoever comes next finds nothing of it.
            let _ = self.runtime.run(handles.close());
        }
    }
}
