//! A store by its path.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use gpo_core::{BackupStore, SourceError, SourceErrorKind};

use crate::folder_store::FolderStore;
use crate::zip_store::ZipStore;

/// Opens the store at a path: a folder or a zip archive, as its content says and not its name.
/// There are folders called `x.zip`.
///
/// # Errors
///
/// [`SourceErrorKind::Invalid`] for a file that is no archive, with what was found; any failure to
/// open it.
pub fn open_store(path: impl AsRef<Path>) -> Result<Box<dyn BackupStore>, SourceError> {
    let path = path.as_ref();
    let label = path.display().to_string();
    let io = |error: io::Error| SourceError::io(label.as_str(), error);
    let found = fs::metadata(path).map_err(io)?;
    if found.is_dir() {
        return Ok(Box::new(FolderStore::open(path)?));
    }
    let refuse = |what: String| {
        let message = format!("{what}; backups are in a folder or a zip archive");
        Err(SourceError::new(
            SourceErrorKind::Invalid,
            label.as_str(),
            message,
        ))
    };
    if !found.is_file() {
        return refuse("neither a file nor a folder (a device, a pipe, a socket)".into());
    }
    let mut start = Vec::new();
    let file = File::open(path).map_err(io)?;
    file.take(4).read_to_end(&mut start).map_err(io)?;
    match start.as_slice() {
        // A local file, or the end of an empty archive.
        b"PK\x03\x04" | b"PK\x05\x06" => Ok(Box::new(ZipStore::open(path)?)),
        [] => refuse("an empty file".into()),
        start => refuse(format!("a file that begins with {}", start.escape_ascii())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_decides_and_not_the_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("folder.zip")).unwrap();
        fs::write(
            path("archive.bin"),
            b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        )
        .unwrap();
        fs::write(path("text.zip"), b"hello").unwrap();
        fs::write(path("empty.zip"), b"").unwrap();
        fs::write(path("broken.zip"), b"PK\x03\x04").unwrap();
        for name in ["folder.zip", "archive.bin"] {
            assert_eq!(open_store(path(name)).unwrap().backups().unwrap(), []);
        }
        for (name, found) in [
            (
                "text.zip",
                "a file that begins with hell; backups are in a folder or a zip archive",
            ),
            (
                "empty.zip",
                "an empty file; backups are in a folder or a zip archive",
            ),
        ] {
            let error = open_store(path(name)).err().unwrap();
            assert_eq!(error.message(), found);
        }
        let error = open_store(path("broken.zip")).err().unwrap();
        assert_eq!(error.kind(), SourceErrorKind::Invalid, "{error}");
        let error = open_store(path("missing")).err().unwrap();
        assert_eq!(error.kind(), SourceErrorKind::NotFound);
    }
}
