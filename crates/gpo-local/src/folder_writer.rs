//! A new folder of files, being written.

use std::collections::HashMap;
use std::io::{self, Write};

use cap_fs_ext::DirExt;
use cap_std::fs::{Dir, File, OpenOptions};
use gpo_core::{GpoPath, SourceError, SourceErrorKind, TreeWriter, same_name};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
}

/// Writes into a folder that was empty before and that nobody else writes to.
///
/// The folder on disk may tell upper from lower case; this does not: what comes first gives the
/// spelling (census: 967 of 967 names on disk have the case of their first Location).
pub(crate) struct FolderWriter {
    root: Dir,
    /// What the folder is called in messages.
    label: String,
    written: HashMap<GpoPath, Kind>,
    /// The folder that was entered last, as spelled on disk, and the handles on the way to it.
    current: GpoPath,
    trail: Vec<Dir>,
    file: Option<(String, File)>,
    sync: bool,
}

impl FolderWriter {
    /// `sync`: [`finish`](Self::finish) waits until all is on disk.
    pub(crate) fn new(root: Dir, label: String, sync: bool) -> Self {
        Self {
            root,
            label,
            written: HashMap::new(),
            current: GpoPath::root(),
            trail: Vec::new(),
            file: None,
            sync,
        }
    }

    /// Finishes the last file and gives all handles back: Windows moves no folder that is open.
    pub(crate) fn finish(mut self) -> Result<(), SourceError> {
        self.finish_file()?;
        if self.sync {
            self.sync_folders()?;
        }
        Ok(())
    }

    fn label(&self, path: &GpoPath) -> String {
        format!("{}/{}", self.label, path.as_str().replace('\\', "/"))
    }

    fn finish_file(&mut self) -> Result<(), SourceError> {
        match self.file.take() {
            Some((label, file)) if self.sync => {
                file.sync_all().map_err(|e| SourceError::io(label, e))
            }
            _ => Ok(()),
        }
    }

    fn sync_folders(&mut self) -> Result<(), SourceError> {
        let mut folders: Vec<GpoPath> = self
            .written
            .iter()
            .filter(|(_, kind)| **kind == Kind::Folder)
            .map(|(path, _)| path.clone())
            .collect();
        folders.sort_unstable();
        for path in folders.iter().rev() {
            let folder = self.enter(path)?;
            sync_folder(folder).map_err(|e| SourceError::io(self.label(path), e))?;
        }
        sync_folder(&self.root).map_err(|e| SourceError::io(self.label.as_str(), e))
    }

    /// The handle of a folder, which is made where it is missing.
    fn enter(&mut self, folder: &GpoPath) -> Result<&Dir, SourceError> {
        let known = self
            .current
            .components()
            .zip(folder.components())
            .take_while(|(a, b)| same_name(a, b))
            .count();
        while self.trail.len() > known {
            self.trail.pop();
            self.current = self.current.parent().unwrap_or_default();
        }
        for name in folder.components().skip(known) {
            let path = self
                .current
                .join(name)
                .map_err(|e| SourceError::invalid(self.label(folder), e))?;
            let path = match self.written.get_key_value(&path) {
                Some((_, Kind::File)) => return Err(taken(self.label(&path))),
                Some((path, Kind::Folder)) => path.clone(),
                None => self.make(path)?,
            };
            let parent = self.trail.last().unwrap_or(&self.root);
            let name = path.file_name().unwrap_or_default();
            let opened = parent.open_dir_nofollow(name);
            let opened = opened.map_err(|e| SourceError::io(self.label(&path), e))?;
            self.trail.push(opened);
            self.current = path;
        }
        Ok(self.trail.last().unwrap_or(&self.root))
    }

    /// Makes a folder in the one that was entered last.
    fn make(&mut self, path: GpoPath) -> Result<GpoPath, SourceError> {
        let parent = self.trail.last().unwrap_or(&self.root);
        parent
            .create_dir(path.file_name().unwrap_or_default())
            .map_err(|e| SourceError::io(self.label(&path), e))?;
        self.written.insert(path.clone(), Kind::Folder);
        Ok(path)
    }
}

fn taken(label: String) -> SourceError {
    SourceError::new(
        SourceErrorKind::Exists,
        label,
        "a file with this name was written before",
    )
}

/// Waits until the entries of a folder are on disk. Windows has no such call.
pub(crate) fn sync_folder(folder: &Dir) -> io::Result<()> {
    if cfg!(unix) {
        folder.open(".")?.sync_all()?;
    }
    Ok(())
}

impl TreeWriter for FolderWriter {
    fn create_folder(&mut self, path: &GpoPath) -> Result<(), SourceError> {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Ok(());
        };
        match self.written.get(path) {
            Some(Kind::Folder) => return Ok(()),
            Some(Kind::File) => return Err(taken(self.label(path))),
            None => {}
        }
        // It is opened when something comes into it.
        self.enter(&parent)?;
        let path = self.current.join(name);
        self.make(path.map_err(|e| SourceError::invalid(self.label.as_str(), e))?)?;
        Ok(())
    }

    fn create_file(&mut self, path: &GpoPath) -> Result<(), SourceError> {
        self.finish_file()?;
        let label = self.label(path);
        let Some(name) = path.file_name() else {
            return Err(SourceError::new(
                SourceErrorKind::Invalid,
                label,
                "a file needs a name",
            ));
        };
        if self.written.contains_key(path) {
            return Err(taken(label));
        }
        let folder = self.enter(&path.parent().unwrap_or_default())?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        let file = folder
            .open_with(name, &options)
            .map_err(|e| SourceError::io(label.as_str(), e))?;
        self.written.insert(path.clone(), Kind::File);
        self.file = Some((label, file));
        Ok(())
    }

    fn append(&mut self, data: &[u8]) -> Result<(), SourceError> {
        let Some((label, file)) = &mut self.file else {
            return Err(SourceError::new(
                SourceErrorKind::Invalid,
                self.label.as_str(),
                "no file was begun",
            ));
        };
        file.write_all(data)
            .map_err(|e| SourceError::io(label.as_str(), e))
    }
}
