//! GPT.INI: the version of a GPO's files.

use alloc::format;
use core::fmt;

use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::extension_list::ExtensionList;
use crate::inf::InfDocument;
use crate::text::Encoding;

/// The version of a GPO: a counter for each half ([MS-GPOL] 2.2.4, `versionNumber`).
///
/// The user half counts in the high word, the computer half in the low one.
///
/// ```
/// use gpo_core::GpoVersion;
///
/// let version = GpoVersion::new(0x0003_0007);
/// assert_eq!((version.user(), version.machine()), (3, 7));
/// assert_eq!(GpoVersion::from_halves(3, 7), version);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct GpoVersion(u32);

impl GpoVersion {
    /// The version as one number.
    pub const fn new(value: u32) -> Self {
        Self(value)
    }

    /// The version from its halves.
    pub const fn from_halves(user: u16, machine: u16) -> Self {
        Self((user as u32) << 16 | machine as u32)
    }

    /// Both halves in one number.
    pub const fn value(self) -> u32 {
        self.0
    }

    /// How often the user half changed.
    pub const fn user(self) -> u16 {
        (self.0 >> 16) as u16
    }

    /// How often the computer half changed.
    #[expect(clippy::cast_possible_truncation, reason = "the low word is meant")]
    pub const fn machine(self) -> u16 {
        self.0 as u16
    }
}

impl fmt::Display for GpoVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// `GPT.INI` in a GPO's SYSVOL folder ([MS-GPOL] 2.2.4).
///
/// One section, `[General]`, with `Version`, the two [halves](GpoVersion) as one decimal number,
/// and often `displayName`, which no program reads: it says `New Group Policy Object` in most GPOs.
/// Local GPOs and hand-made ones also keep their extension lists here. The file is 8-bit text,
/// Windows-1252 here where it is not UTF-8. A backup leaves this file out.
///
/// # Limits
///
/// Any text is a GPT.INI; a version that is no number of 32 bits is an error of its accessor. Of a key
/// that comes twice the first counts.
///
/// ```
/// use gpo_core::{GptIni, GpoVersion};
///
/// let mut gpt = GptIni::parse(b"[General]\r\nVersion=65537\r\nmine=\xe9\r\n")?;
/// assert_eq!(gpt.version()?, GpoVersion::from_halves(1, 1));
/// gpt.set_version(GpoVersion::from_halves(1, 2))?;
/// assert_eq!(gpt.to_bytes()?, b"[General]\r\nVersion=65538\r\nmine=\xe9\r\n");
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GptIni {
    document: InfDocument,
}

const SECTION: &str = "General";
const VERSION: &str = "Version";
const DISPLAY_NAME: &str = "displayName";

text_file!(GptIni {
    document: InfDocument
});

impl GptIni {
    /// The file that Windows writes for a new GPO.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] for a name with a line break or blanks around it.
    pub fn new(version: GpoVersion, display_name: &str) -> Result<Self> {
        let mut document = InfDocument::new(Encoding::Utf8, false);
        document.push_section(SECTION)?;
        document.push_entry(VERSION, &format!("{version}"))?;
        document.push_entry(DISPLAY_NAME, display_name)?;
        Ok(Self { document })
    }

    /// The version.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Missing`] where there is none, [`ErrorKind::Value`] where it is no decimal
    /// number of 32 bits. Windows takes both for 0.
    pub fn version(&self) -> Result<GpoVersion> {
        let entry = self
            .document
            .entry(SECTION, VERSION)
            .ok_or_else(|| Error::new(ErrorKind::Missing, "GPT.INI has no Version in [General]"))?;
        entry.value.parse().map(GpoVersion).map_err(|_| {
            let message = format!(
                "{} is no version, a decimal number below 4294967296",
                Quoted::new(entry.value)
            );
            self.document
                .text()
                .error_at(entry.line, entry.value, message)
        })
    }

    /// Sets the version, and changes nothing else.
    ///
    /// # Errors
    ///
    /// None at present; edits of a document may fail.
    pub fn set_version(&mut self, version: GpoVersion) -> Result<()> {
        if self.version().is_ok_and(|own| own == version) {
            // It may be written with leading zeros.
            return Ok(());
        }
        self.document
            .set_value(SECTION, VERSION, &format!("{version}"))
    }

    /// The name in the file, not the GPO's.
    pub fn display_name(&self) -> Option<&str> {
        self.document.value(SECTION, DISPLAY_NAME)
    }

    /// The extensions of the computer half, in a local GPO's file.
    pub fn machine_extensions(&self) -> Option<ExtensionList> {
        self.document
            .value(SECTION, "gPCMachineExtensionNames")
            .map(ExtensionList::from_text)
    }

    /// The extensions of the user half, in a local GPO's file.
    pub fn user_extensions(&self) -> Option<ExtensionList> {
        self.document
            .value(SECTION, "gPCUserExtensionNames")
            .map(ExtensionList::from_text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use proptest::prelude::*;

    #[test]
    fn a_new_file_is_the_one_of_windows() {
        let gpt = GptIni::new(GpoVersion::new(65536), "New Group Policy Object").unwrap();
        assert_eq!(
            gpt.to_bytes().unwrap(),
            b"[General]\r\nVersion=65536\r\ndisplayName=New Group Policy Object\r\n"
        );
    }

    #[test]
    fn a_version_that_is_none_is_an_error_at_its_place() {
        for (file, message) in [
            ("[General]\nx=1\n", "GPT.INI has no Version in [General]"),
            (
                "[General]\nVersion = ??\n",
                "line 2, column 11 (byte 20): \"??\" is no version, a decimal number below 4294967296",
            ),
            (
                "[General]\r\nVersion=4294967296",
                "line 2, column 9 (byte 19): \"4294967296\" is no version, a decimal number below \
                 4294967296",
            ),
        ] {
            let gpt = GptIni::parse(file.as_bytes()).unwrap();
            assert_eq!(gpt.version().unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn the_name_is_read_in_its_encoding() {
        for name in [&b"\xe9"[..], b"\xc3\xa9"] {
            let file = [b"[General]\r\nVersion=1\r\ndisplayName=", name, b"\r\n"].concat();
            let gpt = GptIni::parse(&file).unwrap();
            assert_eq!(gpt.display_name(), Some("\u{e9}"));
            assert_eq!(gpt.to_bytes().unwrap(), file);
        }
    }

    proptest! {
        #[test]
        fn only_the_version_changes(old: u32, new: u32, zeros in "0{0,3}", junk in "[^\r\n\u{85}]{0,9}") {
            let file = |v: &str| format!("; {junk}\n[general]\r\nVERSION\t= {v} \n{junk}");
            let before = file(&format!("{zeros}{old}"));
            let mut gpt = GptIni::parse(before.as_bytes()).unwrap();
            gpt.set_version(GpoVersion::new(old)).unwrap();
            prop_assert_eq!(gpt.to_bytes().unwrap(), before.into_bytes());
            gpt.set_version(GpoVersion::new(new)).unwrap();
            prop_assert_eq!(gpt.version().unwrap(), GpoVersion::new(new));
            if new != old {
                prop_assert_eq!(gpt.to_bytes().unwrap(), file(&format!("{new}")).into_bytes());
            }
        }
    }
}
