//! Reading and writing trees of files.

use std::vec::Vec;

use crate::inventory::EntryKind;
use crate::path::GpoPath;
use crate::source_error::{SourceError, SourceErrorKind};

/// A file or folder of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it is, from the root of the tree, spelled as it is there.
    pub path: GpoPath,
    /// What it is.
    pub kind: EntryKind,
}

/// Takes what a walk finds: each entry, or why there is none. An error from it ends the walk.
pub type Visitor<'a> =
    &'a mut (dyn FnMut(Result<Entry, SourceError>) -> Result<(), SourceError> + 'a);

/// Takes the bytes of a file, piece by piece. An error from it ends the reading.
pub type Sink<'a> = &'a mut (dyn FnMut(&[u8]) -> Result<(), SourceError> + 'a);

/// The files below one folder, by path: a SYSVOL, a backup in a folder or in a zip archive.
///
/// Paths are found without case, component by component, as on Windows. Nothing outside the folder
/// is ever reached: a link that leaves it is an error, and so is, below a GPO, any link at all.
///
/// The trait is blocking and object-safe, so that an adapter can hide a runtime of its own behind
/// it, and an engine can hold sources of several kinds.
// Turned down: `std::io::Read` for content. A network adapter would need a reader that owns a
// connection for each file; a sink lets it keep many requests in flight and reuse its buffers.
pub trait Contents: Send + Sync {
    /// Visits every file and folder below `folder`, each folder before what is in it, in no
    /// further order. The folder itself is not visited.
    ///
    /// What cannot be an entry (a link, a device, a name that [`GpoPath`] refuses) is given to the
    /// visitor as an error, and the walk goes on unless the visitor returns an error.
    ///
    /// # Errors
    ///
    /// What the visitor returned; [`SourceErrorKind::NotFound`] where the folder is not there; any
    /// failure to read a folder.
    fn walk(&self, folder: &GpoPath, visit: Visitor<'_>) -> Result<(), SourceError>;

    /// Visits what is directly in `folder`, in no particular order.
    ///
    /// This default walks the whole tree below; an adapter that can list one folder does so.
    ///
    /// # Errors
    ///
    /// As [`walk`](Self::walk).
    fn children(&self, folder: &GpoPath, visit: Visitor<'_>) -> Result<(), SourceError> {
        let depth = folder.components().count() + 1;
        self.walk(folder, &mut |entry| match &entry {
            Ok(found) if found.path.components().count() != depth => Ok(()),
            _ => visit(entry),
        })
    }

    /// Reads a file in pieces, in order.
    ///
    /// # Errors
    ///
    /// What the sink returned; any failure to read.
    fn read(&self, path: &GpoPath, sink: Sink<'_>) -> Result<(), SourceError>;

    /// Reads many files, with up to `in_flight` requests under way.
    ///
    /// The sink gets the index of the file and [`Piece`]s of it. Files come in any order, but the
    /// pieces of one file follow each other. A file that fails comes as [`Piece::Failed`] and the
    /// others go on. This default reads one file after the other, which is best where there is no
    /// network in between.
    ///
    /// # Errors
    ///
    /// What the sink returned.
    fn read_many(
        &self,
        paths: &[GpoPath],
        in_flight: usize,
        sink: &mut dyn FnMut(usize, Piece<'_>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let _ = in_flight;
        for (n, path) in paths.iter().enumerate() {
            Piece::give(n, sink, |sink| self.read(path, sink))?;
        }
        Ok(())
    }

    /// Reads a whole file of at most `limit` bytes.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::Invalid`] where the file is larger; any failure to read.
    fn read_all(&self, path: &GpoPath, limit: u64) -> Result<Vec<u8>, SourceError> {
        let mut bytes = Vec::new();
        self.read(path, &mut |data| {
            if bytes.len() as u64 + data.len() as u64 > limit {
                let message = std::format!("the file is larger than {limit} bytes");
                return Err(SourceError::new(
                    SourceErrorKind::Invalid,
                    path.as_str(),
                    message,
                ));
            }
            bytes.extend_from_slice(data);
            Ok(())
        })?;
        Ok(bytes)
    }
}

/// A piece of one of many files.
#[derive(Debug)]
pub enum Piece<'a> {
    /// Bytes of the file.
    Data(&'a [u8]),
    /// The end of the file.
    End,
    /// The file could not be read, or not to its end.
    Failed(SourceError),
}

impl Piece<'_> {
    /// Gives the pieces of the n-th of many files to their sink: what `read` passes on, then the
    /// end, or that reading failed.
    ///
    /// # Errors
    ///
    /// What the sink returned, which ends the reading of all files; that of one ends only that one.
    pub fn give(
        n: usize,
        sink: &mut dyn FnMut(usize, Piece<'_>) -> Result<(), SourceError>,
        read: impl FnOnce(Sink<'_>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let mut refused = None;
        let read = read(&mut |data| {
            sink(n, Piece::Data(data)).map_err(|error| {
                refused = Some(error);
                SourceError::new(SourceErrorKind::Cancelled, "", "")
            })
        });
        match (refused, read) {
            (Some(error), _) => Err(error),
            (None, Ok(())) => sink(n, Piece::End),
            (None, Err(error)) => sink(n, Piece::Failed(error)),
        }
    }
}

/// A tree of files that is being written, piece by piece.
pub trait TreeWriter {
    /// Makes a folder, and the folders above it that are missing. A folder that is there is fine.
    ///
    /// # Errors
    ///
    /// Any failure to make it.
    fn create_folder(&mut self, path: &GpoPath) -> Result<(), SourceError>;

    /// Begins a file; its content follows through [`append`](Self::append). The file before it is
    /// finished by this.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::Exists`] where it was written before; any failure to make it.
    fn create_file(&mut self, path: &GpoPath) -> Result<(), SourceError>;

    /// Appends to the file that was begun last.
    ///
    /// # Errors
    ///
    /// Any failure to write.
    fn append(&mut self, data: &[u8]) -> Result<(), SourceError>;
}
