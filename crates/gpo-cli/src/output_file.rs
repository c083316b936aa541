//! Where a command puts the file that it makes.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::console::write_raw;
use crate::failure::Failure;
use crate::input_file::InputFile;

/// A file that is written, or standard output.
#[derive(Clone, Debug)]
pub(crate) enum OutputFile {
    /// A file.
    File(PathBuf),
    /// Standard output.
    Stdout,
}

impl From<PathBuf> for OutputFile {
    fn from(path: PathBuf) -> Self {
        if path == Path::new("-") {
            Self::Stdout
        } else {
            Self::File(path)
        }
    }
}

impl OutputFile {
    /// Where the user wants an edited file; without a word about it, where it was read from.
    pub(crate) fn or_input(output: Option<PathBuf>, input: &InputFile) -> Self {
        match (output, input.path()) {
            (Some(output), _) => output.into(),
            (None, Some(path)) => Self::File(path.to_owned()),
            (None, None) => Self::Stdout,
        }
    }

    /// The path; none for standard output.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Stdout => None,
        }
    }

    /// Writes it. A file that is there is replaced in one step, and keeps its permissions.
    pub(crate) fn write(&self, bytes: &[u8]) -> Result<(), Failure> {
        match self {
            Self::File(path) => {
                replace(path, bytes).map_err(|error| Failure::from(error).at(path.display()))
            }
            Self::Stdout => write_raw(bytes),
        }
    }
}

fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    // A link stays one: what it points to is replaced.
    let target = fs::canonicalize(path);
    let path = target.as_deref().unwrap_or(path);
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let mut partial = match fs::metadata(path) {
        // A device or a pipe takes what is written to it, and stays what it is.
        Ok(old) if !old.is_file() => {
            return fs::File::options().write(true).open(path)?.write_all(bytes);
        }
        Ok(old) => {
            let partial = NamedTempFile::new_in(folder)?;
            partial.as_file().set_permissions(old.permissions())?;
            partial
        }
        // With the permissions of any new file.
        Err(_) => Builder::new().make_in(folder, |path| fs::File::create_new(path))?,
    };
    partial.write_all(bytes)?;
    partial.persist(path)?;
    Ok(())
}
