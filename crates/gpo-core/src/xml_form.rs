//! What stands around the root element of an XML file.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use crate::error::Result;
use crate::text::{Encoding, Text};

/// How an XML file is stored, and what stands before and after its root element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XmlForm {
    /// The encoding of the bytes, whatever the declaration says.
    pub encoding: Encoding,
    /// Whether a byte order mark comes first.
    pub bom: bool,
    /// The text before the root element: declaration, comments, white space.
    pub prolog: String,
    /// The text after the root element.
    pub epilog: String,
}

impl XmlForm {
    /// UTF-8 without a byte order mark.
    pub(crate) fn new(prolog: &str, epilog: &str) -> Self {
        Self {
            encoding: Encoding::Utf8,
            bom: false,
            prolog: prolog.into(),
            epilog: epilog.into(),
        }
    }

    #[cfg(feature = "xml")]
    pub(crate) fn of(text: &Text<'_>, prolog: &str, epilog: &str) -> Self {
        let (encoding, bom) = (text.encoding(), text.has_bom());
        Self {
            encoding,
            bom,
            ..Self::new(prolog, epilog)
        }
    }

    /// How the lines of the file end, as far as those before the root element tell.
    pub(crate) fn line_end(&self) -> &'static str {
        if self.prolog.contains('\n') && !self.prolog.contains("\r\n") {
            "\n"
        } else {
            "\r\n"
        }
    }

    /// The bytes of the file with this root element.
    pub(crate) fn enclose(&self, root: String) -> Result<Vec<u8>> {
        let text = if self.prolog.is_empty() {
            root + &self.epilog
        } else {
            [&self.prolog, &root, &self.epilog]
                .map(String::as_str)
                .concat()
        };
        if (self.encoding, self.bom) == (Encoding::Utf8, false) {
            return Ok(text.into_bytes());
        }
        Text::new(Cow::Owned(text), self.encoding, self.bom).encode()
    }
}
