//! msiFileList: the files of a software package.

use alloc::format;
use core::fmt;

use crate::error::{Error, ErrorKind, Quoted, Result};

/// A value of `msiFileList`: the package at number 0, its transforms behind it.
///
/// The attribute of a `packageRegistration` object holds one such text for each file, in any order:
/// `0:\\server\share\app.msi`, number, colon, path. The path may also be local.
///
/// ```
/// use gpo_core::{MsiFile, unc_folder};
///
/// let file = MsiFile::parse(r"0:\\srv\laps$\LAPSx64.msi")?;
/// assert_eq!(file.number, 0);
/// assert_eq!(unc_folder(file.path), Some(r"\\srv\laps$"));
/// assert_eq!(file.to_string(), r"0:\\srv\laps$\LAPSx64.msi");
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MsiFile<'a> {
    /// The place in the list.
    pub number: u32,
    /// The path as written.
    pub path: &'a str,
}

impl<'a> MsiFile<'a> {
    /// Reads a value; what is read is written the same.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Value`] for text that does not start with a decimal number, without zeros in
    /// front of it, and a colon.
    pub fn parse(text: &'a str) -> Result<Self> {
        let read = || {
            let (number, path) = text.split_once(':')?;
            let canonical = number == "0" || number.starts_with(|c| matches!(c, '1'..='9'));
            let number = number.parse().ok().filter(|_| canonical)?;
            Some(Self { number, path })
        };
        read().ok_or_else(|| {
            let message = format!(
                "{} is no file of a package like 0:\\\\server\\share\\app.msi",
                Quoted::new(text)
            );
            Error::new(ErrorKind::Value, message)
        })
    }
}

impl fmt::Display for MsiFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.number, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_file_is_refused() {
        for text in [
            "",
            "x",
            ":x",
            "+1:x",
            "-1:x",
            "00:x",
            "01:x",
            "4294967296:x",
            " 0:x",
            "C:\\x",
        ] {
            assert_eq!(
                MsiFile::parse(text).unwrap_err().kind(),
                ErrorKind::Value,
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_file_is_read_again(number: u32, path in "\\PC{0,12}") {
            let file = MsiFile { number, path: &path };
            let text = file.to_string();
            prop_assert_eq!(MsiFile::parse(&text).unwrap(), file);
        }

        #[test]
        fn what_is_read_is_written_the_same(text in "[0-9]{0,3}:?\\PC{0,4}") {
            if let Ok(file) = MsiFile::parse(&text) {
                prop_assert_eq!(file.to_string(), text);
            }
        }
    }
}
