//! A domain's SYSVOL on a file server.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use gpo_core::{
    Contents, GpoId, GpoPath, Piece, Sink, SourceError, SourceErrorKind, Sysvol, SysvolWrite,
    TreeWriter, Visitor,
};

use sddl_parser::SecurityDescriptor;
use smb2::types::status::NtStatus;

use crate::connection::{Connection, Link, SHARE};
use crate::descriptor::{read_descriptor, write_descriptor};
use crate::failure::Failure;
use crate::in_flight::InFlight;
use crate::lock::{Handle, Lock, Locks};
use crate::open::{Opened, WirePath};
use crate::propagate::Estate;
use crate::read_file::{AtOnce, open_to_read, read_at_once, read_piece};
use crate::runtime::{Runtime, Task};
use crate::settings::SmbSettings;
use crate::temporary_name::LOCK;
use crate::write::delete;

/// The most files that are asked for at a time: with 64 kB each, what servers give credit for.
const MOST_FILES: usize = 128;

/// How many pieces of one large file are asked for at a time.
const PIECES: usize = 8;

/// The SYSVOL of a domain on one of its controllers.
///
/// A GPO is at `Policies\{GUID}`, as [`Sysvol`] has it: below the folder of the domain in the
/// share SYSVOL.
pub struct SmbSysvol {
    pub(crate) runtime: Arc<Runtime>,
    link: Arc<Link>,
    locks: Arc<Locks>,
    /// The server, and the domain's folder in its share.
    server: String,
    domain: String,
}

impl fmt::Debug for SmbSysvol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmbSysvol")
            .field("server", &self.server)
            .field("domain", &self.domain)
            .finish_non_exhaustive()
    }
}

impl SmbSysvol {
    /// Connects, logs on and opens the share.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::Unreachable`] and [`TimedOut`](SourceErrorKind::TimedOut) where no server
    /// answers, [`Denied`](SourceErrorKind::Denied) where it does not take the log-on or gives a
    /// session that is not protected, [`NotFound`](SourceErrorKind::NotFound) where it has no
    /// SYSVOL, [`Invalid`](SourceErrorKind::Invalid) where the domain's name cannot be a folder's.
    pub fn connect(settings: SmbSettings) -> Result<Self, SourceError> {
        let (server, domain) = (settings.server.clone(), settings.domain.clone());
        GpoPath::from_name(&domain).map_err(|e| SourceError::invalid(domain.as_str(), e))?;
        let sysvol = Self {
            runtime: Arc::new(Runtime::start()?),
            link: Arc::new(Link::new(settings)),
            locks: Arc::default(),
            server,
            domain,
        };
        let link = Arc::clone(&sysvol.link);
        let connected = sysvol
            .runtime
            .run(async move { link.connection().await.map(|_| ()) })?;
        connected.map_err(|failure| failure.at(format!(r"\\{}\{SHARE}", sysvol.server)))?;
        Ok(sysvol)
    }

    /// What a path is called in messages.
    pub(crate) fn label(&self, path: &GpoPath) -> String {
        let separator = if path.is_root() { "" } else { "\\" };
        let (server, domain) = (&self.server, &self.domain);
        format!(r"\\{server}\{SHARE}\{domain}{separator}{path}")
    }

    pub(crate) fn wire(&self, path: &GpoPath) -> Result<WirePath, SourceError> {
        let wire = self.wire_path(path);
        wire.map_err(|failure| failure.at(self.label(path)))
    }

    pub(crate) fn wire_path(&self, path: &GpoPath) -> Result<WirePath, Failure> {
        WirePath::new(&self.domain, path)
    }

    /// Requests that only read, as a task that owns all it needs.
    pub(crate) fn reading<T, F>(
        &self,
        path: WirePath,
        requests: fn(Arc<Connection>, WirePath) -> F,
    ) -> impl Future<Output = Result<T, Failure>> + Send + 'static + use<T, F>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let link = Arc::clone(&self.link);
        async move {
            link.reading(|connection| requests(connection, path.clone()))
                .await
        }
    }

    /// Reads a file piece by piece, several pieces under way.
    fn stream(&self, path: &GpoPath, sink: Sink<'_>) -> Result<(), SourceError> {
        let open = || {
            let opened = self
                .runtime
                .run(self.reading(self.wire(path)?, open_to_read))?;
            let opened = opened.map_err(|failure| failure.at(self.label(path)))?;
            Ok(OpenFile::new(&self.runtime, opened))
        };
        let mut file = open()?;
        let first = file.opened;
        let mut given = 0;
        let mut reopened_at = None;
        let result = loop {
            match self.pieces(&file, &mut given, sink)? {
                // Once again from where it broke, but never without getting on.
                Err(Failure::Broken(_)) if reopened_at != Some(given) => {
                    reopened_at = Some(given);
                    file = open()?;
                    if !file.opened.is_same(&first) {
                        break Err(Failure::changed("the file changed while it was read"));
                    }
                }
                result => break result,
            }
        };
        result.map_err(|failure| failure.at(self.label(path)))
    }

    /// Gives the pieces of an open file from `given` on. The error of the sink is the outer one.
    fn pieces(
        &self,
        file: &OpenFile<'_>,
        given: &mut u64,
        sink: Sink<'_>,
    ) -> Result<Result<(), Failure>, SourceError> {
        let mut pieces: VecDeque<Task<Result<Vec<u8>, Failure>>> = VecDeque::new();
        let (connection, opened) = (&file.connection, file.opened);
        let mut next = *given;
        loop {
            while pieces.len() < PIECES && next < opened.size {
                let left = u32::try_from(opened.size - next).unwrap_or(u32::MAX);
                let length = connection.chunk.min(left);
                let piece = read_piece(Arc::clone(connection), opened.id, next, length);
                pieces.push_back(self.runtime.spawn(piece));
                next += u64::from(length);
            }
            let Some(piece) = pieces.pop_front() else {
                return Ok(Ok(()));
            };
            match piece.wait()? {
                Ok(piece) => {
                    sink(&piece)?;
                    *given += piece.len() as u64;
                }
                Err(failure) => return Ok(Err(failure)),
            }
        }
    }

    /// Takes the lock on a folder, and makes the folder, for as long, where it is not there.
    fn lock_folder(&self, folder: &GpoPath) -> Result<Handle, SourceError> {
        let file = folder.join(LOCK);
        let file = file.map_err(|error| SourceError::invalid(folder.as_str(), error))?;
        let (folder_wire, file) = (self.wire(folder)?, self.wire(&file)?);
        let link = Arc::clone(&self.link);
        let locked = self.runtime.run(async move {
            let connection = link.connection().await?;
            Handle::open(connection, folder_wire, file).await
        })?;
        locked.map_err(|failure| failure.at(self.label(folder)))
    }

    /// Refuses a folder that is there for its lock alone: who locks a GPO that is yet to be made
    /// sees that it is not there.
    fn not_only_locked(&self, folder: &GpoPath) -> Result<(), SourceError> {
        if self.locks.of(folder).is_some_and(|held| held.made_folder()) {
            let failure = Failure::Status(NtStatus::OBJECT_NAME_NOT_FOUND);
            return Err(failure.at(self.label(folder)));
        }
        Ok(())
    }

    /// Changes a folder under a lock: that which is held, or one for this purpose.
    fn locked(
        &self,
        folder: &GpoPath,
        change: impl FnOnce(&Arc<Connection>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        if let Some(held) = self.locks.of(folder) {
            if held.connection.is_dead() {
                let lost = "the connection broke, and the lock on the GPO is lost with it";
                return Err(Failure::Broken(lost.into()).at(self.label(folder)));
            }
            if !held.is_locked() {
                // The folder was removed under it, and is to be there again.
                self.locks.renew(folder, self.lock_folder(folder)?);
            }
            change(&held.connection)?;
            self.locks.keep_folder(folder);
            return Ok(());
        }
        let mut handle = self.lock_folder(folder)?;
        let changed = change(&handle.connection);
        if changed.is_ok() {
            handle.keep_folder();
        }
        self.runtime.run(handle.close())?;
        changed
    }

    /// Gives a file to a sink: what was read of it in one round trip, or all of it piece by piece.
    fn give(
        &self,
        path: &GpoPath,
        read: Result<AtOnce, Failure>,
        sink: Sink<'_>,
    ) -> Result<(), SourceError> {
        match read {
            Ok(AtOnce::Whole(bytes)) if bytes.is_empty() => Ok(()),
            Ok(AtOnce::Whole(bytes)) => sink(&bytes),
            Ok(AtOnce::NotWhole) => self.stream(path, sink),
            Err(failure) => Err(failure.at(self.label(path))),
        }
    }
}

/// A file that is being read, and closed in the end.
struct OpenFile<'a> {
    runtime: &'a Runtime,
    connection: Arc<Connection>,
    opened: Opened,
}

impl<'a> OpenFile<'a> {
    fn new(runtime: &'a Runtime, (connection, opened): (Arc<Connection>, Opened)) -> Self {
        Self {
            runtime,
            connection,
            opened,
        }
    }
}

impl Drop for OpenFile<'_> {
    fn drop(&mut self) {
        let (connection, id) = (Arc::clone(&self.connection), self.opened.id);
        // Nothing hangs on the answer.
        self.runtime
            .spawn(async move { connection.close(id).await });
    }
}

impl Contents for SmbSysvol {
    fn walk(&self, folder: &GpoPath, visit: Visitor<'_>) -> Result<(), SourceError> {
        self.not_only_locked(folder)?;
        self.visit(folder, true, visit)
    }

    fn children(&self, folder: &GpoPath, visit: Visitor<'_>) -> Result<(), SourceError> {
        self.not_only_locked(folder)?;
        self.visit(folder, false, visit)
    }

    fn read(&self, path: &GpoPath, sink: Sink<'_>) -> Result<(), SourceError> {
        let read = self
            .runtime
            .run(self.reading(self.wire(path)?, read_at_once))?;
        self.give(path, read, sink)
    }

    fn read_many(
        &self,
        paths: &[GpoPath],
        in_flight: usize,
        sink: &mut dyn FnMut(usize, Piece<'_>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let mut files = InFlight::new(&self.runtime);
        let mut waiting = paths.iter().enumerate();
        loop {
            while files.running() < in_flight.clamp(1, MOST_FILES)
                && let Some((n, path)) = waiting.next()
            {
                match self.wire(path) {
                    Ok(wire) => files.start(n, self.reading(wire, read_at_once)),
                    Err(error) => sink(n, Piece::Failed(error))?,
                }
            }
            let Some(read) = files.next() else {
                return Ok(());
            };
            let (n, read) = read?;
            if let Some(path) = paths.get(n) {
                Piece::give(n, sink, |sink| self.give(path, read, sink))?;
            }
        }
    }
}

impl Sysvol for SmbSysvol {
    fn descriptor(&self, path: &GpoPath) -> Result<Option<Vec<u8>>, SourceError> {
        let read = self
            .runtime
            .run(self.reading(self.wire(path)?, read_descriptor))?;
        read.map(Some)
            .map_err(|failure| failure.at(self.label(path)))
    }
}

impl SysvolWrite for SmbSysvol {
    fn replace_tree(
        &self,
        folder: &GpoPath,
        fill: &mut dyn FnMut(&mut dyn TreeWriter) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let _writing = self.locks.write_to(folder);
        self.locked(folder, |connection| {
            self.replace_locked(connection, folder, fill)
        })
    }

    fn remove_tree(&self, folder: &GpoPath) -> Result<(), SourceError> {
        let _writing = self.locks.write_to(folder);
        self.visit(folder, false, &mut |_| Ok(()))?;
        self.locked(folder, |connection| self.empty_locked(connection, folder))?;
        if let Some(lock) = self.locks.take_file(folder) {
            self.runtime.run(lock.close())?;
        }
        let (link, wire) = (Arc::clone(&self.link), self.wire(folder)?);
        let deleted = self.runtime.run(async move {
            let connection = link.connection().await?;
            let deleted = |connection| delete(connection, wire.clone());
            connection.patiently(deleted).await
        })?;
        deleted.map_err(|failure: Failure| failure.at(self.label(folder)))
    }

    fn set_descriptor(&self, folder: &GpoPath, descriptor: &[u8]) -> Result<(), SourceError> {
        let invalid = |error: sddl_parser::Error| {
            let message = format!("the descriptor to be written: {error}");
            SourceError::new(SourceErrorKind::Invalid, self.label(folder), message)
        };
        let new = SecurityDescriptor::from_bytes(descriptor).map_err(invalid)?;
        let handed_down = new.dacl().cloned();
        let old = self.descriptor(folder)?.unwrap_or_default();
        let (link, held) = (Arc::clone(&self.link), self.locks.of(folder));
        let wire = self.wire(folder)?;
        let written = self.runtime.run(async move {
            let connection = match held {
                Some(held) => held.connection,
                None => link.connection().await?,
            };
            write_descriptor(Arc::clone(&connection), wire, &new).await?;
            Ok(connection)
        })?;
        let connection = written.map_err(|failure: Failure| failure.at(self.label(folder)))?;
        let Some(new) = handed_down else {
            return Ok(());
        };
        let old = SecurityDescriptor::from_bytes(&old).ok();
        let old = old.and_then(|old| old.dacl().cloned());
        self.propagate(&connection, folder, Estate { old, new })
    }

    /// Taking it removes what a dead process left in the making.
    fn lock(&self, gpo: GpoId) -> Result<Box<dyn Any + Send>, SourceError> {
        let folder = GpoPath::from_name("Policies").and_then(|p| p.join(&gpo.to_string()));
        let folder = folder.map_err(|error| SourceError::invalid(gpo.to_string(), error))?;
        let handle = self.lock_folder(&folder)?;
        if !handle.made_folder() {
            // Nobody sees it; what cannot be removed now, the next one removes.
            let _ = self.remove_temporaries(&handle.connection, &folder);
        }
        let (runtime, locks) = (Arc::clone(&self.runtime), Arc::clone(&self.locks));
        Ok(Box::new(Lock::new(runtime, locks, folder, handle)))
    }
}
