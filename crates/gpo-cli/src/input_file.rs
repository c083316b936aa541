//! FILE: a single file that a command reads.

use std::ffi::OsStr;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use gpo_core::{Half, LARGEST_SETTINGS_FILE, Text, same_name};

use crate::console::ListingFormat;
use crate::failure::Failure;

/// A file, or standard input.
#[derive(Args, Clone, Debug)]
pub(crate) struct InputFile {
    /// The file; - reads standard input
    #[arg(value_name = "FILE")]
    path: PathBuf,
}

/// A file whose content is listed.
#[derive(Args, Debug)]
pub(crate) struct ListedFile {
    #[command(flatten)]
    pub(crate) file: InputFile,

    /// How to print it
    #[arg(long, value_enum, default_value_t = ListingFormat::Text)]
    pub(crate) format: ListingFormat,
}

impl ListedFile {
    /// Reads a file of a format that takes any text, of which a line has to have a sign; a blank
    /// file says nothing, and is fine.
    pub(crate) fn parse<T>(
        &self,
        parse: impl FnOnce(&[u8]) -> gpo_core::Result<T>,
        is_sign: impl Fn(&str) -> bool,
        sign: &str,
    ) -> Result<T, Failure> {
        let bytes = self.file.read()?;
        let at = |error| Failure::from(error).at(&self.file);
        let text = Text::decode(&bytes).map_err(at)?;
        let parsed = parse(&bytes).map_err(at)?;
        let text = text.as_str();
        if text.trim().is_empty() || text.lines().any(is_sign) {
            return Ok(parsed);
        }
        let message = format!("this is another kind of file: it has no {sign}");
        Err(Failure::new(message).at(&self.file))
    }
}

impl InputFile {
    /// The file at a path; `-` is standard input.
    pub(crate) fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The path; none for standard input.
    pub(crate) fn path(&self) -> Option<&Path> {
        (self.path != Path::new("-")).then_some(&self.path)
    }

    /// Reads all of it.
    pub(crate) fn read(&self) -> Result<Vec<u8>, Failure> {
        let read = match self.path() {
            Some(path) => File::open(path).and_then(read_all),
            None => read_all(io::stdin().lock()),
        };
        read.map_err(|error| Failure::from(error).at(self))
    }

    /// Reads all of it as a file of some format.
    pub(crate) fn parse<T>(
        &self,
        parse: impl FnOnce(&[u8]) -> gpo_core::Result<T>,
    ) -> Result<T, Failure> {
        let bytes = self.read()?;
        parse(&bytes).map_err(|error| Failure::from(error).at(self))
    }

    /// The half of a GPO that the file belongs to, by the innermost folder called `Machine` or
    /// `User` that it lies in.
    pub(crate) fn half(&self) -> Option<Half> {
        let folders = self.path()?.parent()?;
        let mut names = folders.iter().rev().filter_map(OsStr::to_str);
        names.find_map(|name| {
            let mut halves = Half::BOTH.into_iter();
            halves.find(|half| same_name(half.name(), name))
        })
    }
}

impl fmt::Display for InputFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path() {
            Some(path) => path.display().fmt(f),
            None => f.write_str("standard input"),
        }
    }
}

fn read_all(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LARGEST_SETTINGS_FILE + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST_SETTINGS_FILE {
        let message = format!("larger than {LARGEST_SETTINGS_FILE} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folders_say_which_half_it_is() {
        for (path, half) in [
            ("GPO/Machine/registry.pol", Some(Half::Machine)),
            ("machine/x/USER/registry.pol", Some(Half::User)),
            ("User/Scripts/scripts.ini", Some(Half::User)),
            ("registry.pol", None),
            ("x/User", None),
            ("-", None),
        ] {
            let path = path.into();
            assert_eq!(InputFile { path }.half(), half);
        }
    }
}
