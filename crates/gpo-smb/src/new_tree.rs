//! A new tree of a GPO, written beside the old one.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use gpo_core::{EntryKind, GpoPath, SourceError, SourceErrorKind, TreeWriter};
use smb2::types::FileId;

use crate::connection::Connection;
use crate::failure::Failure;
use crate::runtime::Task;
use crate::sysvol::SmbSysvol;
use crate::temporary_name::temporary_name;
use crate::tree_removal::{CHANGES, Found};
use crate::write::{create_folder, create_to_write, write_at_once, write_piece};

/// Writes the files of a new tree under temporary names, each in the folder that it will be in.
///
/// A folder that is not there yet gets a temporary name as well, and what is below it its own.
/// Several files are under way at a time: that one could not be written is told at a later call,
/// or at the end.
pub(crate) struct NewTree<'a> {
    sysvol: &'a SmbSysvol,
    connection: Arc<Connection>,
    /// The GPO's folder. All other paths are from there.
    root: GpoPath,
    /// What is there.
    pub(crate) old: BTreeMap<GpoPath, Found>,
    /// What is written.
    pub(crate) new: BTreeMap<GpoPath, Written>,
    names: u64,
    file: Option<OpenFile>,
    under_way: VecDeque<(GpoPath, Task<Result<(), Failure>>)>,
}

/// A file or folder of the new tree.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) is_folder: bool,
    /// Where it lies now.
    pub(crate) at: GpoPath,
    /// Where it belongs, if it lies under a temporary name.
    pub(crate) moves_to: Option<GpoPath>,
    /// Whether it is a folder of the old tree.
    is_old: bool,
}

/// The file that is being written.
struct OpenFile {
    at: GpoPath,
    /// None as long as all of it fits into one request.
    handle: Option<FileId>,
    /// How much was sent, and what was not yet.
    sent: u64,
    buffer: Vec<u8>,
}

impl<'a> NewTree<'a> {
    pub(crate) fn new(
        sysvol: &'a SmbSysvol,
        connection: Arc<Connection>,
        root: GpoPath,
        old: BTreeMap<GpoPath, Found>,
    ) -> Self {
        Self {
            sysvol,
            connection,
            root,
            old,
            new: BTreeMap::new(),
            names: 0,
            file: None,
            under_way: VecDeque::new(),
        }
    }

    /// Waits until all is written.
    pub(crate) fn finish(&mut self) -> Result<(), SourceError> {
        self.finish_file()?;
        self.settle()
    }

    /// Waits until nothing is under way any more, after a failure.
    pub(crate) fn abandon(&mut self) {
        while let Some((_, task)) = self.under_way.pop_front() {
            // The first failure is the one to tell.
            let _ = task.wait();
        }
        if let Some(handle) = self.file.take().and_then(|file| file.handle) {
            let connection = Arc::clone(&self.connection);
            let close = async move { connection.close(handle).await };
            let _ = self.sysvol.runtime.run(close);
        }
    }

    fn full(&self, path: &GpoPath) -> Result<GpoPath, SourceError> {
        let full = self.root.join_path(path);
        full.map_err(|error| SourceError::invalid(path.as_str(), error))
    }

    fn fail(&self, path: &GpoPath, failure: &Failure) -> SourceError {
        match self.full(path) {
            Ok(full) => failure.at(self.sysvol.label(&full)),
            Err(error) => error,
        }
    }

    /// Where what comes next in a folder is written, and where it moves to.
    fn place(
        &mut self,
        parent: &GpoPath,
        name: &str,
    ) -> Result<(GpoPath, Option<GpoPath>), SourceError> {
        let folder = self.new.get(parent);
        let at = folder.map_or(parent, |folder| &folder.at);
        let join = |name: &str| {
            let joined = at.join(name);
            joined.map_err(|error| SourceError::invalid(name, error))
        };
        if folder.is_some_and(|folder| !folder.is_old) {
            return Ok((join(name)?, None));
        }
        let temporary = join(&temporary_name(self.names))?;
        let moves_to = join(name)?;
        self.names += 1;
        Ok((temporary, Some(moves_to)))
    }

    /// Makes a folder, and those above it that are missing.
    fn make_folders(&mut self, path: &GpoPath) -> Result<(), SourceError> {
        let mut missing = Vec::new();
        let mut at = path.clone();
        while !at.is_root() {
            match self.new.get(&at) {
                Some(written) if written.is_folder => break,
                Some(_) => {
                    let message = "a file of the new tree is where a folder should be";
                    let failure = Failure::Other(SourceErrorKind::Exists, message.into());
                    return Err(self.fail(&at, &failure));
                }
                None => {}
            }
            let parent = at.parent().unwrap_or_default();
            missing.push(at);
            at = parent;
        }
        while let Some(folder) = missing.pop() {
            self.make_folder(folder)?;
        }
        Ok(())
    }

    /// Makes a folder in one that is there.
    fn make_folder(&mut self, path: GpoPath) -> Result<(), SourceError> {
        let parent = path.parent().unwrap_or_default();
        let in_old = parent.is_root() || self.new.get(&parent).is_some_and(|p| p.is_old);
        if in_old
            && let Some((
                spelled,
                Found {
                    kind: EntryKind::Folder,
                    ..
                },
            )) = self.old.get_key_value(&path)
        {
            let kept = Written {
                is_folder: true,
                at: spelled.clone(),
                moves_to: None,
                is_old: true,
            };
            self.new.insert(path, kept);
            return Ok(());
        }
        let (at, moves_to) = self.place(&parent, path.file_name().unwrap_or_default())?;
        let wire = self.sysvol.wire(&self.full(&at)?)?;
        let connection = Arc::clone(&self.connection);
        let made = self.sysvol.runtime.run(async move {
            connection
                .patiently(|connection| create_folder(connection, wire.clone()))
                .await
        })?;
        made.map_err(|failure| self.fail(&path, &failure))?;
        let written = Written {
            is_folder: true,
            at,
            moves_to,
            is_old: false,
        };
        self.new.insert(path, written);
        Ok(())
    }

    /// Starts a request once there are not too many under way.
    fn start(
        &mut self,
        at: GpoPath,
        request: impl Future<Output = Result<(), Failure>> + Send + 'static,
    ) -> Result<(), SourceError> {
        if self.under_way.len() >= CHANGES {
            self.settle_one()?;
        }
        let task = self.sysvol.runtime.spawn(request);
        self.under_way.push_back((at, task));
        Ok(())
    }

    fn settle_one(&mut self) -> Result<(), SourceError> {
        match self.under_way.pop_front() {
            Some((at, task)) => task.wait()?.map_err(|failure| self.fail(&at, &failure)),
            None => Ok(()),
        }
    }

    fn settle(&mut self) -> Result<(), SourceError> {
        while !self.under_way.is_empty() {
            self.settle_one()?;
        }
        Ok(())
    }

    /// Sends what is in the buffer, of a file that more follows of.
    fn send_piece(&mut self) -> Result<(), SourceError> {
        let Some(mut file) = self.file.take() else {
            return Ok(());
        };
        let handle = if let Some(handle) = file.handle {
            handle
        } else {
            let wire = self.sysvol.wire(&self.full(&file.at)?)?;
            let create = create_to_write(Arc::clone(&self.connection), wire);
            let created = self.sysvol.runtime.run(create)?;
            created.map_err(|failure| self.fail(&file.at, &failure))?.id
        };
        file.handle = Some(handle);
        let piece = std::mem::take(&mut file.buffer);
        let length = piece.len() as u64;
        let write = write_piece(Arc::clone(&self.connection), handle, file.sent, piece);
        file.sent += length;
        let at = file.at.clone();
        self.file = Some(file);
        self.start(at, write)
    }

    fn finish_file(&mut self) -> Result<(), SourceError> {
        if self
            .file
            .as_ref()
            .is_some_and(|f| f.handle.is_some() && !f.buffer.is_empty())
        {
            self.send_piece()?;
        }
        if self.file.as_ref().is_some_and(|f| f.handle.is_some()) {
            // All of it has to be there before it is closed.
            self.settle()?;
        }
        let Some(file) = self.file.take() else {
            return Ok(());
        };
        let connection = Arc::clone(&self.connection);
        if let Some(handle) = file.handle {
            let close = async move { connection.close(handle).await };
            return self.start(file.at, close);
        }
        let wire = self.sysvol.wire(&self.full(&file.at)?)?;
        self.start(file.at, write_at_once(connection, wire, file.buffer))
    }
}

impl TreeWriter for NewTree<'_> {
    fn create_folder(&mut self, path: &GpoPath) -> Result<(), SourceError> {
        self.finish_file()?;
        self.make_folders(path)
    }

    fn create_file(&mut self, path: &GpoPath) -> Result<(), SourceError> {
        self.finish_file()?;
        let Some(name) = path.file_name().filter(|_| !self.new.contains_key(path)) else {
            let message = "it was written before";
            let failure = Failure::Other(SourceErrorKind::Exists, message.into());
            return Err(self.fail(path, &failure));
        };
        let parent = path.parent().unwrap_or_default();
        self.make_folders(&parent)?;
        let (at, moves_to) = self.place(&parent, name)?;
        self.file = Some(OpenFile {
            at: at.clone(),
            handle: None,
            sent: 0,
            buffer: Vec::new(),
        });
        let written = Written {
            is_folder: false,
            at,
            moves_to,
            is_old: false,
        };
        self.new.insert(path.clone(), written);
        Ok(())
    }

    fn append(&mut self, data: &[u8]) -> Result<(), SourceError> {
        let piece = usize::try_from(self.connection.chunk).unwrap_or(usize::MAX);
        let mut rest = data;
        while !rest.is_empty() {
            let Some(file) = &mut self.file else {
                let message = "no file was begun";
                return Err(SourceError::new(SourceErrorKind::Other, "", message));
            };
            let room = piece.saturating_sub(file.buffer.len());
            let (now, later) = rest.split_at(room.min(rest.len()));
            file.buffer.extend_from_slice(now);
            rest = later;
            // Only where more follows, so that a file of one piece goes in one round trip.
            if !rest.is_empty() {
                self.send_piece()?;
            }
        }
        Ok(())
    }
}
