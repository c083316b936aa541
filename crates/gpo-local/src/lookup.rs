//! Finding names in a folder as Windows does: without case, and without following links.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;

use cap_fs_ext::{DirExt, FollowSymlinks, OpenOptionsFollowExt, OpenOptionsSyncExt};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, OpenOptions};
use gpo_core::{SourceError, same_name};

/// Opens the folder that a caller names, by whatever links lead to it, and says what it is called
/// in messages.
pub(crate) fn open_root(path: &Path) -> Result<(Dir, String), SourceError> {
    let label = path.display().to_string();
    match Dir::open_ambient_dir(path, ambient_authority()) {
        Ok(root) => Ok((root, label)),
        Err(error) => Err(SourceError::io(label, error)),
    }
}

/// Opens the folder with this name.
pub(crate) fn open_folder(parent: &Dir, name: &str) -> io::Result<Dir> {
    find(parent, name, open_folder_as)
}

/// Opens the file with this name for reading.
///
/// Anything but a regular file is an error: a pipe would block, a device may do anything.
pub(crate) fn open_file(parent: &Dir, name: &str) -> io::Result<File> {
    find(parent, name, |parent, name| {
        let mut options = OpenOptions::new();
        // Without `nonblock`, opening a pipe waits for a writer.
        options
            .read(true)
            .follow(FollowSymlinks::No)
            .nonblock(cfg!(unix));
        parent
            .open_with(name, &options)
            .map_err(|error| no_link(parent, name, error))
    })
}

/// The name as the folder spells it: the exact one if it is there, else the first that is the same
/// on Windows.
pub(crate) fn spelling(parent: &Dir, name: &str) -> io::Result<Option<OsString>> {
    let mut found: Option<OsString> = None;
    for entry in parent.entries()? {
        let other = entry?.file_name();
        if other == OsStr::new(name) {
            return Ok(Some(other));
        }
        let same = other.to_str().is_some_and(|other| same_name(other, name));
        // The order of a folder is up to the file system; the result must not be.
        if same && found.as_ref().is_none_or(|first| other < *first) {
            found = Some(other);
        }
    }
    Ok(found)
}

/// Opens a folder by the name that it has.
pub(crate) fn open_folder_as(parent: &Dir, name: &OsStr) -> io::Result<Dir> {
    parent
        .open_dir_nofollow(name)
        .map_err(|error| no_link(parent, name, error))
}

fn find<T>(
    parent: &Dir,
    name: &str,
    open: impl Fn(&Dir, &OsStr) -> io::Result<T>,
) -> io::Result<T> {
    // The spelling is right nearly always, and then nothing has to be listed.
    match open(parent, OsStr::new(name)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => match spelling(parent, name)? {
            Some(spelling) => open(parent, &spelling),
            None => Err(error),
        },
        result => result,
    }
}

/// Systems say different things about a link that must not be followed; this says what it is.
fn no_link(parent: &Dir, name: &OsStr, error: io::Error) -> io::Error {
    let is_link = error.kind() != io::ErrorKind::NotFound
        && parent
            .symlink_metadata(name)
            .is_ok_and(|found| found.is_symlink());
    if is_link {
        io::Error::new(io::ErrorKind::InvalidData, "a link, which is not followed")
    } else {
        error
    }
}
