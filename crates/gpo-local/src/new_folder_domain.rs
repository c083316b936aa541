//! A domain in a folder that is being made.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use gpo_core::{SourceError, SourceErrorKind};

use crate::folder_domain::FolderDomain;
use crate::partial::{self, PartialFolder};

/// A domain that gets its place, a folder, only when it is whole. Dropping the value discards it.
///
/// ```
/// use gpo_core::DirectoryWrite;
/// use gpo_local::NewFolderDomain;
///
/// let place = tempfile::tempdir()?;
/// let new = NewFolderDomain::begin(place.path().join("domain"))?;
/// assert!(new.domain().is_vacant()?);
/// assert!(!place.path().join("domain").exists());
/// new.commit()?;
/// assert!(place.path().join("domain").is_dir());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct NewFolderDomain {
    path: PathBuf,
    parent: Dir,
    name: String,
    /// A hidden sibling of the place, with the domain in it.
    partial: PartialFolder,
    domain: FolderDomain,
}

/// The domain in the hidden folder, whose own lock is the maker's.
const DOMAIN: &str = "domain";

impl NewFolderDomain {
    /// Begins a domain for a place where nothing is, or an empty folder; what is above it is there.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::Exists`] where something is; any failure to write.
    pub fn begin(path: impl AsRef<Path>) -> Result<Self, SourceError> {
        let path = path.as_ref();
        let label = path.display().to_string();
        let io = |error| SourceError::io(label.as_str(), error);
        let (parent, name) = free_place(path)?;
        partial::remove_stale(&parent).map_err(io)?;
        let partial = partial::create_folder(&parent, &name).map_err(io)?;
        partial.folder.create_dir(DOMAIN).map_err(io)?;
        let root = partial.folder.open_dir(DOMAIN).map_err(io)?;
        Ok(Self {
            path: path.to_owned(),
            domain: FolderDomain::of(root, label.clone()),
            name,
            parent,
            partial,
        })
    }

    /// Whether a domain could begin at a place. Writes nothing.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::Exists`] where something is; any failure to read what is above it.
    pub fn check(path: impl AsRef<Path>) -> Result<(), SourceError> {
        free_place(path.as_ref()).map(|_| ())
    }

    /// The domain, to be filled.
    pub fn domain(&self) -> &FolderDomain {
        &self.domain
    }

    /// Gives it its place.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::Exists`] where something came to be there meanwhile; any failure to
    /// write. Then nothing of it is visible.
    pub fn commit(self) -> Result<(), SourceError> {
        let label = self.path.display().to_string();
        let io = |error| SourceError::io(label.as_str(), error);
        match self.parent.remove_dir(&self.name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io(error)),
            _ => {}
        }
        self.partial
            .folder
            .rename(DOMAIN, &self.parent, &self.name)
            .map_err(io)
    }
}

impl Drop for NewFolderDomain {
    fn drop(&mut self) {
        // What cannot be removed is removed by the next run. Its lock is held until it is gone.
        let _ = self.parent.remove_dir_all(&self.partial.name);
    }
}

/// The folder above a place where nothing is, and the name in it.
fn free_place(path: &Path) -> Result<(Dir, String), SourceError> {
    let label = path.display().to_string();
    let io = |error| SourceError::io(label.as_str(), error);
    let Some(name) = path.file_name().and_then(OsStr::to_str) else {
        let message = "this is no name of a new folder";
        return Err(SourceError::new(SourceErrorKind::Invalid, label, message));
    };
    let above = match path.parent() {
        Some(above) if !above.as_os_str().is_empty() => above,
        _ => Path::new("."),
    };
    let parent = Dir::open_ambient_dir(above, ambient_authority()).map_err(io)?;
    if !is_free(&parent, name).map_err(io)? {
        let message = "there is something already; a domain is put where nothing is";
        return Err(SourceError::new(SourceErrorKind::Exists, label, message));
    }
    Ok((parent, name.to_owned()))
}

/// Whether nothing has this name but perhaps an empty folder.
fn is_free(parent: &Dir, name: &str) -> io::Result<bool> {
    match parent.symlink_metadata(name) {
        Ok(found) if found.is_dir() => Ok(parent.read_dir(name)?.next().is_none()),
        Ok(_) => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}
