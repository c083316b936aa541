//! A domain's SYSVOL on a file server.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use gpo_core::{Contents, Entry, EntryKind, GpoPath, Piece, SourceError, SourceErrorKind, Sysvol};

use crate::connection::{Connection, Link, SHARE};
use crate::descriptor::read_descriptor;
use crate::failure::Failure;
use crate::in_flight::InFlight;
use crate::listing::{Listed, list};
use crate::open::{ATTRIBUTE_DIRECTORY, ATTRIBUTE_REPARSE_POINT, Opened, WirePath};
use crate::read_file::{AtOnce, open_to_read, read_at_once, read_piece};
use crate::runtime::{Runtime, Task};
use crate::settings::SmbSettings;
use crate::temporary_name::is_temporary;

/// How many folders are listed at a time.
const LISTINGS: usize = 16;

/// How many pieces of one large file are asked for at a time.
const PIECES: usize = 8;

/// The SYSVOL of a domain on one of its controllers.
///
/// A GPO is at `Policies\{GUID}`, as [`Sysvol`] has it: below the folder of the domain in the
/// share SYSVOL.
pub struct SmbSysvol {
    runtime: Runtime,
    link: Arc<Link>,
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
            runtime: Runtime::start()?,
            link: Arc::new(Link::new(settings)),
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
    fn label(&self, path: &GpoPath) -> String {
        let separator = if path.is_root() { "" } else { "\\" };
        let (server, domain) = (&self.server, &self.domain);
        format!(r"\\{server}\{SHARE}\{domain}{separator}{path}")
    }

    fn wire(&self, path: &GpoPath) -> Result<WirePath, SourceError> {
        WirePath::new(&self.domain, path).map_err(|failure| failure.at(self.label(path)))
    }

    /// Requests that only read, as a task that owns all it needs.
    fn reading<T, F>(
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

    /// A file or folder of a listing; none where it is one in the making.
    fn entry(&self, folder: &GpoPath, listed: Listed) -> Option<Result<Entry, SourceError>> {
        let refused = |name: &str, message: String| {
            let label = format!("{}\\{name}", self.label(folder));
            Some(Err(SourceError::new(
                SourceErrorKind::Invalid,
                label,
                message,
            )))
        };
        let name = match listed.name {
            Ok(name) if is_temporary(&name) => return None,
            Ok(name) => name,
            Err(name) => return refused(&name, "the name is not valid UTF-16".into()),
        };
        if listed.attributes & ATTRIBUTE_REPARSE_POINT != 0 {
            return refused(&name, Failure::link().message());
        }
        match folder.join(&name) {
            Err(error) => refused(&name, error.to_string()),
            Ok(path) => {
                let kind = if listed.attributes & ATTRIBUTE_DIRECTORY == 0 {
                    EntryKind::File(listed.size)
                } else {
                    EntryKind::Folder
                };
                Some(Ok(Entry { path, kind }))
            }
        }
    }

    /// Lists folders, one level or all below, and gives each folder's entries as they come.
    fn visit(
        &self,
        folder: &GpoPath,
        deep: bool,
        visit: &mut dyn FnMut(Result<Entry, SourceError>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let mut listings = InFlight::new(&self.runtime);
        let mut waiting = VecDeque::from([folder.clone()]);
        loop {
            while listings.running() < LISTINGS
                && let Some(next) = waiting.pop_front()
            {
                let wire = self.wire(&next)?;
                listings.start(next, self.reading(wire, list));
            }
            let Some(listed) = listings.next() else {
                return Ok(());
            };
            let (at, listed) = listed?;
            let listed = listed.map_err(|failure| {
                if failure.is_not_found() && at != *folder {
                    let message = "the folder went away while the tree was read";
                    return Failure::changed(message).at(self.label(&at));
                }
                failure.at(self.label(&at))
            })?;
            for entry in listed {
                let Some(entry) = self.entry(&at, entry) else {
                    continue;
                };
                if let Ok(entry) = &entry
                    && deep
                    && entry.kind == EntryKind::Folder
                {
                    waiting.push_back(entry.path.clone());
                }
                visit(entry)?;
            }
        }
    }

    /// Reads a file piece by piece, several pieces under way.
    fn stream(
        &self,
        path: &GpoPath,
        sink: &mut dyn FnMut(&[u8]) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let at = |failure: &Failure| failure.at(self.label(path));
        let open = || {
            self.runtime
                .run(self.reading(self.wire(path)?, open_to_read))
        };
        let (mut connection, first) = open()?.map_err(|failure| at(&failure))?;
        let mut file = first;
        let mut given = 0;
        let mut reopened_at = None;
        let result = loop {
            let result = self.pieces(&connection, &file, &mut given, sink)?;
            match result {
                // Once again from where it broke, but never without getting on.
                Err(Failure::Broken(_)) if reopened_at != Some(given) => {
                    reopened_at = Some(given);
                    (connection, file) = open()?.map_err(|failure| at(&failure))?;
                    if !file.is_same(&first) {
                        break Err(Failure::changed("the file changed while it was read"));
                    }
                }
                result => break result,
            }
        };
        self.runtime
            .spawn(async move { connection.close(file.id).await });
        result.map_err(|failure| at(&failure))
    }

    /// Gives the pieces of an open file from `given` on. The error of the sink is the outer one.
    fn pieces(
        &self,
        connection: &Arc<Connection>,
        file: &Opened,
        given: &mut u64,
        sink: &mut dyn FnMut(&[u8]) -> Result<(), SourceError>,
    ) -> Result<Result<(), Failure>, SourceError> {
        let mut pieces: VecDeque<Task<Result<Vec<u8>, Failure>>> = VecDeque::new();
        let mut next = *given;
        loop {
            while pieces.len() < PIECES && next < file.size {
                let left = u32::try_from(file.size - next).unwrap_or(u32::MAX);
                let length = connection.chunk.min(left);
                let piece = read_piece(Arc::clone(connection), file.id, next, length);
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

    /// Gives a file to a sink: what was read of it in one round trip, or all of it piece by piece.
    fn give(
        &self,
        path: &GpoPath,
        read: Result<AtOnce, Failure>,
        sink: &mut dyn FnMut(&[u8]) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        match read {
            Ok(AtOnce::Whole(bytes)) if bytes.is_empty() => Ok(()),
            Ok(AtOnce::Whole(bytes)) => sink(&bytes),
            Ok(AtOnce::NotWhole) => self.stream(path, sink),
            Err(failure) => Err(failure.at(self.label(path))),
        }
    }
}

impl Contents for SmbSysvol {
    fn walk(
        &self,
        folder: &GpoPath,
        visit: &mut dyn FnMut(Result<Entry, SourceError>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        self.visit(folder, true, visit)
    }

    fn children(
        &self,
        folder: &GpoPath,
        visit: &mut dyn FnMut(Result<Entry, SourceError>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        self.visit(folder, false, visit)
    }

    fn read(
        &self,
        path: &GpoPath,
        sink: &mut dyn FnMut(&[u8]) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
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
            while files.running() < in_flight.max(1)
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
