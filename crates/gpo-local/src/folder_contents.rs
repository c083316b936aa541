//! A folder of files, for reading.

use std::io::{self, Read};
use std::path::Path;

use cap_std::fs::{Dir, File, FileType};
use gpo_core::{
    Contents, Entry, EntryKind, GpoPath, Piece, Sink, SourceError, SourceErrorKind, Sysvol,
    Visitor, same_name,
};

use crate::lookup::{open_file, open_folder, open_root};

/// How many folders deep a tree may be. Each level holds a file handle while it is walked.
const DEEPEST: usize = 128;

/// How much is read at once, in bytes.
const CHUNK: usize = 128 * 1024;

/// The files below a folder: those of a backup, a SYSVOL, or administrative templates.
#[derive(Debug)]
pub struct FolderContents {
    root: Dir,
    /// What the folder is called in messages.
    label: String,
}

impl FolderContents {
    /// Opens a folder for reading, by whatever links lead to it.
    ///
    /// # Errors
    ///
    /// Any failure to open it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SourceError> {
        let (root, label) = open_root(path.as_ref())?;
        Ok(Self::new(root, label))
    }

    pub(crate) fn new(root: Dir, label: String) -> Self {
        Self { root, label }
    }

    /// The path of a file as the user knows it.
    pub(crate) fn label(&self, path: &GpoPath) -> String {
        if path.is_root() {
            return self.label.clone();
        }
        format!("{}/{}", self.label, path.as_str().replace('\\', "/"))
    }

    fn io(&self, path: &GpoPath, error: io::Error) -> SourceError {
        SourceError::io(self.label(path), error)
    }

    /// The folder at this path; none for the root.
    pub(crate) fn folder(&self, path: &GpoPath) -> Result<Dir, SourceError> {
        let mut folder: Option<Dir> = None;
        for name in path.components() {
            let parent = folder.as_ref().unwrap_or(&self.root);
            folder = Some(open_folder(parent, name).map_err(|e| self.io(path, e))?);
        }
        match folder {
            Some(folder) => Ok(folder),
            None => self.root.try_clone().map_err(|e| self.io(path, e)),
        }
    }

    /// The folder at this path; it and those above it are made where they are missing.
    pub(crate) fn make_folder(&self, path: &GpoPath) -> Result<Dir, SourceError> {
        let mut folder = self.root.try_clone().map_err(|e| self.io(path, e))?;
        for name in path.components() {
            let made = open_folder(&folder, name).or_else(|error| {
                if error.kind() != io::ErrorKind::NotFound {
                    return Err(error);
                }
                match folder.create_dir(name) {
                    // Another process made it.
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
                    _ => open_folder(&folder, name),
                }
            });
            folder = made.map_err(|e| self.io(path, e))?;
        }
        Ok(folder)
    }

    /// Whether there are only folders.
    pub(crate) fn is_without_files(&self) -> Result<bool, SourceError> {
        let mut found = false;
        let walk = self.walk(&GpoPath::root(), &mut |entry| match entry {
            Ok(entry) if entry.kind == EntryKind::Folder => Ok(()),
            _ => {
                found = true;
                Err(SourceError::new(SourceErrorKind::Cancelled, "", ""))
            }
        });
        if found {
            Ok(false)
        } else {
            walk.map(|()| true)
        }
    }

    /// Visits what is directly in a folder.
    fn list_folder(
        &self,
        folder: &Dir,
        path: &GpoPath,
        visit: Visitor<'_>,
    ) -> Result<(), SourceError> {
        for entry in folder.entries().map_err(|e| self.io(path, e))? {
            let entry = entry.map_err(|e| self.io(path, e))?;
            let name = entry.file_name();
            let entry_path = match name.to_str().map(|name| path.join(name)) {
                Some(Ok(path)) => path,
                Some(Err(error)) => {
                    visit(Err(SourceError::invalid(self.label(path), error)))?;
                    continue;
                }
                None => {
                    let label = format!("{}/{}", self.label(path), name.to_string_lossy());
                    visit(Err(invalid(label, "the name is not Unicode")))?;
                    continue;
                }
            };
            let file_type = entry.file_type().map_err(|e| self.io(&entry_path, e))?;
            let kind = if file_type.is_dir() {
                EntryKind::Folder
            } else if file_type.is_file() {
                EntryKind::File(entry.metadata().map_err(|e| self.io(&entry_path, e))?.len())
            } else {
                visit(Err(invalid(self.label(&entry_path), what_it_is(file_type))))?;
                continue;
            };
            visit(Ok(Entry {
                path: entry_path,
                kind,
            }))?;
        }
        Ok(())
    }

    fn walk_folder(
        &self,
        folder: &Dir,
        path: &GpoPath,
        depth: usize,
        visit: Visitor<'_>,
    ) -> Result<(), SourceError> {
        let mut folders = Vec::new();
        self.list_folder(folder, path, &mut |entry| match entry {
            Ok(entry) if entry.kind == EntryKind::Folder => {
                folders.push(entry.path);
                Ok(())
            }
            entry => visit(entry),
        })?;
        for path in folders {
            let Some(name) = path.file_name() else {
                continue;
            };
            if depth == DEEPEST {
                let message = format!("folders are nested more than {DEEPEST} deep");
                visit(Err(invalid(self.label(&path), message)))?;
                continue;
            }
            let folder = open_folder(folder, name).map_err(|e| self.io(&path, e))?;
            visit(Ok(Entry {
                path: path.clone(),
                kind: EntryKind::Folder,
            }))?;
            self.walk_folder(&folder, &path, depth + 1, visit)?;
        }
        Ok(())
    }

    /// Reads a file of this folder into the buffer, piece by piece.
    fn read_in(
        &self,
        folder: &Dir,
        path: &GpoPath,
        buffer: &mut Vec<u8>,
        sink: Sink<'_>,
    ) -> Result<(), SourceError> {
        let name = path
            .file_name()
            .ok_or_else(|| invalid(self.label(path), "a folder, not a file"))?;
        let mut file = open_file(folder, name).map_err(|e| self.io(path, e))?;
        let size = self.regular_size(&file, path)?;
        // One byte more than the file has: a read that gives no more than it has has seen its end.
        let wanted = usize::try_from(size).map_or(CHUNK, |size| CHUNK.min(size.saturating_add(1)));
        if buffer.len() < wanted {
            buffer.resize(wanted, 0);
        }
        let mut came = 0;
        loop {
            match file.read(buffer) {
                Ok(0) => return Ok(()),
                Ok(read) => {
                    sink(buffer.get(..read).unwrap_or_default())?;
                    came += read as u64;
                    if came == size && read < buffer.len() {
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.io(path, error)),
            }
        }
    }

    fn regular_size(&self, file: &File, path: &GpoPath) -> Result<u64, SourceError> {
        let found = file.metadata().map_err(|e| self.io(path, e))?;
        if found.is_file() {
            Ok(found.len())
        } else {
            Err(invalid(self.label(path), what_it_is(found.file_type())))
        }
    }
}

fn invalid(label: String, message: impl Into<String>) -> SourceError {
    SourceError::new(SourceErrorKind::Invalid, label, message)
}

fn what_it_is(kind: FileType) -> &'static str {
    if kind.is_symlink() {
        "a link, which is not followed"
    } else if kind.is_dir() {
        "a folder, not a file"
    } else {
        "neither a file nor a folder (a device, a pipe, a socket)"
    }
}

/// A SYSVOL that is mounted or was copied: the folder that holds `Policies`.
impl Sysvol for FolderContents {}

impl Contents for FolderContents {
    fn walk(&self, folder: &GpoPath, visit: Visitor<'_>) -> Result<(), SourceError> {
        let root = self.folder(folder)?;
        self.walk_folder(&root, folder, 0, visit)
    }

    fn children(&self, folder: &GpoPath, visit: Visitor<'_>) -> Result<(), SourceError> {
        let root = self.folder(folder)?;
        self.list_folder(&root, folder, visit)
    }

    fn read(&self, path: &GpoPath, sink: Sink<'_>) -> Result<(), SourceError> {
        let folder = self.folder(&path.parent().unwrap_or_default())?;
        self.read_in(&folder, path, &mut Vec::new(), sink)
    }

    /// One file after the other; the folders on the way to the last one stay open, because the next
    /// is in one of them nearly always.
    fn read_many(
        &self,
        paths: &[GpoPath],
        _in_flight: usize,
        sink: &mut dyn FnMut(usize, Piece<'_>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let mut buffer = Vec::new();
        let mut trail = Trail::default();
        for (n, path) in paths.iter().enumerate() {
            Piece::give(n, sink, |sink| {
                let folder = trail.follow(self, path)?;
                self.read_in(folder, path, &mut buffer, sink)
            })?;
        }
        Ok(())
    }
}

/// The folders that lead to a file, open.
#[derive(Default)]
struct Trail {
    folders: Vec<(String, Dir)>,
}

impl Trail {
    /// The folder that this file is in.
    fn follow<'a>(
        &'a mut self,
        contents: &'a FolderContents,
        path: &GpoPath,
    ) -> Result<&'a Dir, SourceError> {
        let mut names = path.components();
        names.next_back();
        let known = self
            .folders
            .iter()
            .zip(names.clone())
            .take_while(|((known, _), name)| same_name(known, name))
            .count();
        self.folders.truncate(known);
        for name in names.skip(known) {
            let parent = self.folders.last().map_or(&contents.root, |(_, dir)| dir);
            let folder = open_folder(parent, name).map_err(|e| contents.io(path, e))?;
            self.folders.push((name.to_owned(), folder));
        }
        Ok(self.folders.last().map_or(&contents.root, |(_, dir)| dir))
    }
}
